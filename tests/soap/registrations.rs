//! What is registered for a job: the access of its program, and who is told of it.

use super::app::{ADA, Broker, DATE, EVE, ROOT, escaped, sample};
use super::schema::Judge;
use grms::job::{Event, JobId, TaskId};
use grms::store::jobs::{self, ApplyError};
use grms::store::{attempts, notifications};
use std::time::Duration;

/// The texts of all elements with a name.
fn all(body: &str, local: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(body).unwrap();
    let found = document.descendants().filter(|node| node.tag_name().name() == local);
    found.map(|node| node.text().unwrap_or("").to_owned()).collect()
}

async fn said(broker: &Broker, operation: &str, members: &str, caller: &str) -> (String, String) {
    let answer = broker.call(operation, members, Some(caller)).await;
    (answer.text("code"), answer.body)
}

/// Calls an operation that must succeed.
async fn done(broker: &Broker, operation: &str, members: &str) -> String {
    let (code, body) = said(broker, operation, members, ADA).await;
    assert_eq!(code, "", "{body}");
    body
}

fn of(job: &JobId) -> String {
    format!("<jobId>{job}</jobId>")
}

fn access(job: &JobId, more: &str) -> String {
    format!("<jobId>{job}</jobId>{more}")
}

#[actix_web::test]
async fn a_running_program_registers_its_access_replaces_it_and_takes_it_back() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    assert_eq!(said(&broker, "getApplicationAccess", &of(&job), ADA).await.0, "305");
    assert_eq!(said(&broker, "unregisterApplicationAccess", &of(&job), ADA).await.0, "305");
    let first = "<serviceLocation>signal:SIGUSR1</serviceLocation><pid>4711</pid><protocol>SIGNAL</protocol>";
    done(&broker, "registerApplicationAccess", &access(&job, first)).await;
    let shown = done(&broker, "getApplicationAccess", &of(&job)).await;
    assert!(shown.contains("<serviceLocation>signal:USR1</serviceLocation><pid>4711</pid>"), "{shown}");
    let second = "<serviceLocation>https://node7:8080/ckpt</serviceLocation>";
    done(&broker, "registerApplicationAccess", &access(&job, second)).await;
    let shown = done(&broker, "getApplicationAccess", &of(&job)).await;
    assert_eq!((all(&shown, "serviceLocation"), all(&shown, "pid")), (vec!["https://node7:8080/ckpt".into()], vec![]));
    for operation in ["getJobInfo", "getJobHistory"] {
        let shown = done(&broker, operation, &of(&job)).await;
        assert_eq!(all(&shown, "applicationAccess"), ["https://node7:8080/ckpt"], "{operation}");
    }
    done(&broker, "unregisterApplicationAccess", &of(&job)).await;
    assert_eq!(said(&broker, "getApplicationAccess", &of(&job), ADA).await.0, "305");
    assert!(!done(&broker, "getJobInfo", &of(&job)).await.contains("applicationAccess"));
}

#[actix_web::test]
async fn access_is_for_programs_that_run_and_history_remembers_it() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let queued = done(&broker, "submitJob", &sample("submitJob", "")).await;
    let queued = JobId::parse(&all(&queued, "jobId")[0]).unwrap();
    let members = "<serviceLocation>exitcode:85</serviceLocation>";
    done(&broker, "registerApplicationAccess", &access(&job, members)).await;
    broker.fail(&job).await;
    for (job, status) in [(&queued, "QUEUED"), (&job, "FAILED")] {
        for operation in ["registerApplicationAccess", "getApplicationAccess", "unregisterApplicationAccess"] {
            let members = if operation.starts_with("register") { access(job, members) } else { of(job) };
            let (code, body) = said(&broker, operation, &members, ADA).await;
            assert_eq!(code, "306", "{operation}: {body}");
            assert!(body.contains(&format!("{job} is {status}")), "{operation}: {body}");
        }
    }
    assert_eq!(all(&done(&broker, "getJobHistory", &of(&job)).await, "applicationAccess"), ["exitcode:85"]);
}

#[actix_web::test]
async fn a_program_may_be_faster_than_the_brokers_next_look() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let (id, at) = (job.clone(), jiff::Timestamp::UNIX_EPOCH);
    let event = Event::LocallyQueued { reason: None };
    broker.store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &event, at)).await.unwrap();
    assert!(done(&broker, "getJobInfo", &of(&job)).await.contains("<status>PENDING</status>"));
    let members = access(&job, "<serviceLocation>file:ckpt/now</serviceLocation>");
    done(&broker, "registerApplicationAccess", &members).await;
    // Before the batch system was asked there is no program.
    let early = done(&broker, "submitJob", &sample("submitJob", "")).await;
    let early = JobId::parse(&all(&early, "jobId")[0]).unwrap();
    let (id, mut place) = (early.clone(), super::app::place());
    place.token = grms::job::Token::from_random(8);
    broker
        .store
        .write(move |tx| -> Result<(), ApplyError> {
            jobs::apply(tx, &id, &TaskId::main(), &Event::Placed, at)?;
            attempts::begin(tx, &id, &TaskId::main(), &place, at)?;
            jobs::apply(tx, &id, &TaskId::main(), &Event::StagedIn, at)?;
            Ok(())
        })
        .await
        .unwrap();
    let members = access(&early, "<serviceLocation>file:ckpt/now</serviceLocation>");
    assert_eq!(said(&broker, "registerApplicationAccess", &members, ADA).await.0, "306");
}

const MAIL: &str =
    "<notification><eventType>STATUS</eventType><protocol>MAIL</protocol><user>ada@example.org</user></notification>";
const EVERYTHING: &str = "<notification><eventType>REQUEST</eventType><eventType>STATUS</eventType><protocol>GASS</protocol>\
    <destination>https://p.example.org:20001/log</destination><user>ada</user><append>true</append><format>%t %s</format>\
    <state>FAILED</state><state>FINISHED</state><expires>2026-01-01T11:00:00.000Z</expires></notification>";

#[actix_web::test]
async fn a_registration_is_shown_as_it_was_made_until_it_is_taken_back() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let mut judge = Judge::new();
    let about_job = done(&broker, "registerNotification", &format!("{}{EVERYTHING}", of(&job))).await;
    let about_job = all(&about_job, "notificationId").remove(0);
    broker.clock.advance(Duration::from_secs(1));
    let about_all = all(&done(&broker, "registerNotification", MAIL).await, "notificationId").remove(0);
    assert_ne!(about_job, about_all);
    let list = |members: String| {
        let broker = &broker;
        async move { all(&done(broker, "getNotificationsList", &members).await, "notificationId") }
    };
    assert_eq!(list(of(&job)).await, [about_job.as_str()]);
    assert_eq!(list(String::new()).await, [about_job.clone(), about_all.clone()]);
    let id = |id: &str| format!("<notificationId>{id}</notificationId>");
    for (which, expected) in [(&about_job, format!("<jobId>{job}</jobId>{EVERYTHING}")), (&about_all, MAIL.to_owned())]
    {
        let answer = broker.call("getNotificationInformation", &id(which), Some(ADA)).await;
        assert!(answer.body.contains(&format!(">{expected}</g:")), "{}", answer.body);
        judge.take("getNotificationInformation", &answer);
    }
    judge.validate();
    done(&broker, "unregisterNotification", &id(&about_all)).await;
    assert_eq!(list(String::new()).await, [about_job.as_str()]);
    broker.clock.advance(Duration::from_secs(3600));
    assert!(list(String::new()).await.is_empty(), "it has expired");
    for gone in [&about_job, &about_all] {
        for operation in ["getNotificationInformation", "unregisterNotification"] {
            assert_eq!(said(&broker, operation, &id(gone), ADA).await.0, "302", "{operation}");
        }
    }
}

#[actix_web::test]
async fn a_registration_of_somebody_else_looks_like_none() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let id =
        all(&done(&broker, "registerNotification", &format!("{}{MAIL}", of(&job))).await, "notificationId").remove(0);
    for operation in ["getNotificationInformation", "unregisterNotification"] {
        let (code, foreign) = said(&broker, operation, &format!("<notificationId>{id}</notificationId>"), EVE).await;
        let (_, absent) = said(&broker, operation, "<notificationId>nobodys</notificationId>", EVE).await;
        assert_eq!((code.as_str(), foreign.replace(&id, "nobodys")), ("302", absent), "{operation}");
        let (code, _) = said(&broker, operation, "<notificationId>../x y</notificationId>", EVE).await;
        assert_eq!(code, "302", "{operation}");
    }
    assert!(all(&said(&broker, "getNotificationsList", "", EVE).await.1, "notificationId").is_empty());
    let members = format!("<notificationId>{id}</notificationId>");
    assert_eq!(said(&broker, "getNotificationInformation", &members, ROOT).await.0, "", "administrators see");
    assert_eq!(said(&broker, "unregisterNotification", &members, ROOT).await.0, "202", "and change nothing");
    assert_eq!(said(&broker, "registerNotification", &format!("{}{MAIL}", of(&job)), ROOT).await.0, "202");
    done(&broker, "unregisterNotification", &members).await;
}

#[actix_web::test]
async fn notifications_of_a_submission_are_kept_with_the_job_or_not_at_all() {
    let broker = Broker::new();
    let definition = format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    let with = |more: &str| format!("{definition}{more}");
    let key = "<requestId>monday</requestId>";
    let first = done(&broker, "submitJob", &with(&format!("{key}{MAIL}{EVERYTHING}"))).await;
    let job = JobId::parse(&all(&first, "jobId")[0]).unwrap();
    let listed = all(&done(&broker, "getNotificationsList", &of(&job)).await, "notificationId");
    assert_eq!(listed.len(), 2);
    let again = done(&broker, "submitJob", &with(&format!("{key}{MAIL}{EVERYTHING}"))).await;
    assert_eq!(all(&again, "jobId"), [job.to_string()], "the same content gives the first answer");
    assert_eq!(all(&done(&broker, "getNotificationsList", "").await, "notificationId").len(), 2);
    for other in [MAIL.to_owned(), MAIL.repeat(2)] {
        assert_eq!(said(&broker, "submitJob", &with(&format!("{key}{other}")), ADA).await.0, "310", "other content");
    }
    for (notifications, code, part) in [
        (MAIL.repeat(21), "205", "a job can have 20 here, not 21"),
        (format!("{MAIL}{}", MAIL.replace("MAIL", "SOCKET")), "702", "notification 2: protocol: SOCKET"),
        (format!("{MAIL}{}", MAIL.replace("<user>ada@example.org</user>", "")), "103", "notification 2: user: MAIL"),
    ] {
        let (found, body) = said(&broker, "submitJob", &with(&notifications), ADA).await;
        assert!(found == code && body.contains(part), "{body}");
    }
    assert_eq!(broker.count_jobs().await, 1);
    done(&broker, "submitJob", &with(&MAIL.repeat(20))).await;
}

#[actix_web::test]
async fn a_job_has_so_many_registrations_and_one_that_is_over_is_owed_its_state() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let members = format!("{}{MAIL}", of(&job));
    for _ in 0..20 {
        done(&broker, "registerNotification", &members).await;
    }
    let (code, body) = said(&broker, "registerNotification", &members, ADA).await;
    assert!(code == "205" && body.contains("20 notifications") && body.contains("SecurityFault"), "{body}");
    let first = all(&done(&broker, "getNotificationsList", &of(&job)).await, "notificationId").remove(0);
    done(&broker, "unregisterNotification", &format!("<notificationId>{first}</notificationId>")).await;
    broker.fail(&job).await;
    let late = all(&done(&broker, "registerNotification", &members).await, "notificationId").remove(0);
    let owed = broker.store.read(|tx| notifications::owed(tx, 99)).await.unwrap();
    assert_eq!(owed.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [late]);
}

#[actix_web::test]
async fn a_submission_under_a_key_gets_its_first_answer_after_its_notification_has_expired() {
    let broker = Broker::new();
    let submission = format!("{}<requestId>monday</requestId>{EVERYTHING}", sample("submitJob", ""));
    let first = all(&done(&broker, "submitJob", &submission).await, "jobId");
    broker.clock.advance(Duration::from_secs(2 * 3600));
    assert_eq!(all(&done(&broker, "submitJob", &submission).await, "jobId"), first);
    let (code, body) = said(&broker, "submitJob", &submission.replace("monday", "tuesday"), ADA).await;
    assert!(code == "103" && body.contains("notification 1: expires: it is over already"), "{body}");
    assert_eq!(broker.count_jobs().await, 1);
}

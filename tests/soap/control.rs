//! Requests on jobs: held and committed, suspended, resumed, moved; each once for its key, and nothing pretended.

use super::app::{ADA, Answer, Broker, DATE, EVE, ROOT, escaped, sample};
use grms::job::{ClusterName, Event, JobId, TaskId, Token};
use grms::store::attempts::{self, Placement};
use grms::store::jobs::{self, ApplyError};
use grms::store::tasks::{self, Reach};
use grms::store::{Duty, StoreError};

async fn ask(broker: &Broker, operation: &str, id: &JobId, more: &str) -> Answer {
    broker.call(operation, &format!("<jobId>{id}</jobId>{more}"), Some(ADA)).await
}

/// How many tasks matching would look at now.
async fn due(broker: &Broker) -> usize {
    let at = jiff::Timestamp::MAX - jiff::SignedDuration::from_hours(1);
    let claim = broker.store.write(move |tx| {
        let span = (at, at + jiff::SignedDuration::from_secs(1));
        let found = tasks::claim(tx, Duty::Match, &Reach::Everywhere, "test/1", 10, span)?;
        for one in &found {
            tasks::release(tx, one)?;
        }
        Ok::<_, StoreError>(found.len())
    });
    claim.await.unwrap()
}

fn definition(text: &str) -> String {
    format!("<jobDefinition>{}</jobDefinition>", escaped(text))
}

#[actix_web::test]
async fn a_held_job_waits_for_its_commit_and_is_never_due_before() {
    let broker = Broker::new();
    let answer = broker.call("submitJob", &format!("{}<hold>true</hold>", definition(DATE)), Some(ADA)).await;
    assert_eq!(answer.text("status"), "QUEUED");
    let id = JobId::parse(&answer.text("jobId")).unwrap();
    let info = ask(&broker, "getJobInfo", &id, "").await;
    assert_eq!((info.text("phase").as_str(), info.text("phaseNumber").as_str()), ("TASK_UNCOMMITTED", "4294967296"));
    assert!(info.text("statusDescription").contains("commitJob"), "{}", info.body);
    assert_eq!(due(&broker).await, 0);
    for operation in ["suspendJob", "resumeJob", "migrateJob"] {
        let refused = ask(&broker, operation, &id, "").await;
        assert_eq!(refused.text("code"), "306", "{operation}");
        assert!(refused.text("message").contains("commit it or cancel it"), "{}", refused.body);
    }
    assert_eq!(ask(&broker, "commitJob", &id, "").await.status, 200);
    assert_eq!(due(&broker).await, 1);
    assert_eq!(ask(&broker, "getJobInfo", &id, "").await.text("phase"), "TASK_QUEUED");
    assert_eq!(ask(&broker, "commitJob", &id, "").await.text("code"), "306", "once is enough");
}

#[actix_web::test]
async fn a_task_that_is_named_twice_is_committed_once() {
    let broker = Broker::new();
    let id = broker.queued_job(true).await;
    let twice = "<taskId>main</taskId><taskId> main </taskId>";
    assert_eq!(ask(&broker, "commitJob", &id, twice).await.status, 200);
    assert_eq!(due(&broker).await, 1);
}

#[actix_web::test]
async fn a_held_job_can_be_canceled() {
    let broker = Broker::new();
    let id = broker.queued_job(true).await;
    assert_eq!(ask(&broker, "cancelJob", &id, "").await.text("status"), "CANCELED");
    assert_eq!(ask(&broker, "commitJob", &id, "").await.text("code"), "306");
}

#[actix_web::test]
async fn a_queued_job_is_suspended_at_once_and_resumed() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    assert_eq!(ask(&broker, "suspendJob", &id, "").await.text("status"), "SUSPENDED");
    assert_eq!(due(&broker).await, 0);
    assert_eq!(ask(&broker, "suspendJob", &id, "").await.text("code"), "306");
    assert_eq!(ask(&broker, "migrateJob", &id, "").await.text("code"), "306");
    assert_eq!(ask(&broker, "resumeJob", &id, "").await.text("status"), "QUEUED");
    assert_eq!(due(&broker).await, 1);
    assert_eq!(ask(&broker, "resumeJob", &id, "").await.text("code"), "306");
}

/// Makes an attempt that fails, so that the job is queued again.
async fn fail_once(broker: &Broker, id: &JobId, token: u64) {
    let (id, now) = (id.clone(), "2026-01-01T10:05:00Z".parse().unwrap());
    let failure = || grms::job::Failure::new(grms::job::Code::StageInFailed, "no file");
    let retry = grms::job::Waiting {
        kind: grms::job::WaitingKind::Retry,
        reason: "attempt failed".to_owned(),
        next: None,
        looks: 0,
    };
    let place = Placement {
        cluster: ClusterName::parse("alpha").unwrap(),
        queue: None,
        host: "ce1".to_owned(),
        resource: None,
        token: Token::from_random(token.into()),
    };
    let made = broker.store.write(move |tx| {
        jobs::apply(tx, &id, &TaskId::main(), &Event::Placed, now)?;
        attempts::begin(tx, &id, &TaskId::main(), &place, now)?;
        attempts::close(tx, &place.token, grms::job::Outcome::Failed, Some(&failure()))?;
        jobs::apply(tx, &id, &TaskId::main(), &Event::AttemptFailed { failure: failure(), retry }, now)?;
        Ok::<_, ApplyError>(())
    });
    made.await.unwrap();
}

#[actix_web::test]
async fn every_attempt_shows_the_description_it_was_made_with() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let [second, third] = ["second", "third"].map(|name| DATE.replace("appid=\"date\"", &format!("appid=\"{name}\"")));
    assert_ne!(second, DATE);
    fail_once(&broker, &id, 1).await;
    // Replaced twice before the next attempt: the first of the two was never in force.
    assert_eq!(ask(&broker, "suspendJob", &id, &definition(&third)).await.text("status"), "SUSPENDED");
    assert_eq!(ask(&broker, "resumeJob", &id, &definition(&second)).await.text("status"), "QUEUED");
    fail_once(&broker, &id, 2).await;
    fail_once(&broker, &id, 3).await;
    assert_eq!(ask(&broker, "migrateJob", &id, &definition(&third)).await.text("status"), "QUEUED");
    fail_once(&broker, &id, 4).await;
    let history = ask(&broker, "getJobHistory", &id, "").await;
    let document = roxmltree::Document::parse(&history.body).unwrap();
    let shown: Vec<_> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "jobDescription")
        .map(|node| node.text().unwrap().to_owned())
        .collect();
    assert_eq!(shown, [DATE.to_owned(), second.clone(), second, third]);
}

#[actix_web::test]
async fn a_wrong_description_changes_nothing() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let refused = ask(&broker, "suspendJob", &id, &definition("<grmsjob appid='a'><simplejob/></grmsjob>")).await;
    assert_eq!(refused.text("code"), "112");
    assert_eq!(ask(&broker, "getJobInfo", &id, "").await.text("status"), "QUEUED");
}

#[actix_web::test]
async fn migrating_a_queued_job_looks_again_at_once_and_what_was_found_out_before_no_longer_counts() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let at = "2026-01-01T11:00:00Z".parse().unwrap();
    let until = at + jiff::SignedDuration::from_secs(60);
    let claim = broker
        .store
        .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "test/1", 1, (at, until)))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(ask(&broker, "migrateJob", &id, &definition(DATE)).await.text("status"), "QUEUED");
    let late = claim.clone();
    let placed = broker.store.write(move |tx| jobs::apply_as_claimed(tx, &late, &Event::Placed, at)).await;
    assert!(matches!(placed, Err(ApplyError::Illegal(grms::job::Illegal::Ignored))), "{placed:?}");
    broker.store.write(move |tx| tasks::release(tx, &claim)).await.unwrap();
    assert_eq!(due(&broker).await, 1);
}

#[actix_web::test]
async fn what_the_batch_system_has_is_not_suspended_and_nobody_says_so() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let states = [
        (Event::Placed, "PREPROCESSING", ["905", "306", "306"]),
        (Event::StagedIn, "PREPROCESSING", ["905", "306", "306"]),
        (Event::LocallyQueued { reason: None }, "PENDING", ["905", "306", "905"]),
        (Event::LocallyActive, "RUNNING", ["308", "306", "308"]),
        (Event::CancelRequested, "RUNNING", ["307", "306", "307"]),
    ];
    for (event, state, codes) in states {
        broker.happens(&id, event).await;
        for (operation, code) in ["suspendJob", "resumeJob", "migrateJob"].into_iter().zip(codes) {
            let refused = ask(&broker, operation, &id, "").await;
            assert_eq!(refused.text("code"), code, "{operation} in {state}: {}", refused.body);
            if code == "905" {
                assert!(refused.text("message").contains("cannot yet suspend or move"), "{}", refused.body);
            }
        }
        assert_eq!(ask(&broker, "getJobInfo", &id, "").await.text("status"), state);
    }
}

#[actix_web::test]
async fn a_checkpointable_program_is_told_what_is_missing_here() {
    let broker = Broker::new();
    let text = DATE.replacen("<executable", "<executable checkpointable=\"true\"", 1);
    let id = JobId::parse(&broker.call("submitJob", &definition(&text), Some(ADA)).await.text("jobId"));
    let Ok(id) = id else { panic!("not accepted") };
    for event in [Event::Placed, Event::StagedIn, Event::LocallyActive] {
        broker.happens(&id, event).await;
    }
    assert_eq!(ask(&broker, "suspendJob", &id, "").await.text("code"), "905");
}

#[actix_web::test]
async fn a_repeated_request_gets_its_first_answer_and_does_nothing() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let key = |text: &str| format!("<requestId>{text}</requestId>");
    let suspended = ask(&broker, "suspendJob", &id, &key("a")).await;
    let resumed = ask(&broker, "resumeJob", &id, &key("b")).await;
    assert_eq!((suspended.text("status").as_str(), resumed.text("status").as_str()), ("SUSPENDED", "QUEUED"));
    assert_eq!(ask(&broker, "suspendJob", &id, &key("a")).await.body, suspended.body);
    assert_eq!(ask(&broker, "getJobInfo", &id, "").await.text("status"), "QUEUED", "it was not suspended again");
    for (operation, more) in
        [("suspendJob", definition(DATE)), ("resumeJob", String::new()), ("cancelJob", String::new())]
    {
        let refused = ask(&broker, operation, &id, &format!("{more}{}", key("a"))).await;
        assert_eq!(refused.text("code"), "310", "{operation}: {}", refused.body);
    }
    // Somebody else's key is another one.
    let foreign = broker.call("cancelJob", &format!("<jobId>{id}</jobId>{}", key("a")), Some(ROOT)).await;
    assert_eq!(foreign.text("status"), "CANCELED", "{}", foreign.body);
    let stranger = broker.call("suspendJob", &format!("<jobId>{id}</jobId>{}", key("a")), Some(EVE)).await;
    assert_eq!(stranger.text("code"), "301");
}

#[actix_web::test]
async fn keys_of_submissions_and_of_other_requests_are_one_space() {
    let broker = Broker::new();
    let submit = async |key: &str| {
        broker.call("submitJob", &format!("{}<requestId>{key}</requestId>", sample("submitJob", "")), Some(ADA)).await
    };
    let id = JobId::parse(&submit("a").await.text("jobId")).unwrap();
    let refused = ask(&broker, "suspendJob", &id, "<requestId>a</requestId>").await;
    assert_eq!((refused.text("code"), refused.text("jobId")), ("310".to_owned(), id.to_string()));
    assert_eq!(ask(&broker, "suspendJob", &id, "<requestId>b</requestId>").await.text("status"), "SUSPENDED");
    assert_eq!(submit("b").await.text("code"), "310");
    assert_eq!(submit("a").await.text("jobId"), id.as_str());
}

#[actix_web::test]
async fn a_refused_request_leaves_its_key_free() {
    let broker = Broker::new();
    let id = broker.queued_job(true).await;
    assert_eq!(ask(&broker, "suspendJob", &id, "<requestId>a</requestId>").await.text("code"), "306");
    assert_eq!(ask(&broker, "commitJob", &id, "<requestId>a</requestId>").await.status, 200);
    assert_eq!(ask(&broker, "commitJob", &id, "<requestId>a</requestId>").await.status, 200, "the first answer");
}

#[actix_web::test]
async fn an_administrator_cancels_but_does_not_suspend_jobs_of_others() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let refused = broker.call("suspendJob", &format!("<jobId>{id}</jobId>"), Some(ROOT)).await;
    assert_eq!(refused.text("code"), "202");
    assert!(refused.text("message").contains("only its owner"), "{}", refused.body);
}

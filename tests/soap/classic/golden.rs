//! One request and one answer of every row of the table, in each version, as files: `tests/fixtures/classic/<version>/<operation>/`.
//!
//! `GRMS_WRITE_FIXTURES=1` writes them anew; read the difference before keeping it.

use super::super::app::{ADA, Broker, DATE, ROOT};
use super::super::golden::{steady, survey};
use super::contract::judge;
use super::{About, envelope, files, path, sample};
use grms::description::Rules;
use grms::job::{Event, JobId};
use grms::soap::Version;
use grms::soap::classic::Profile;
use grms::soap::classic::operations::of;
use std::fs;
use std::path::Path;

/// The job that an operation is about, where it stands when the request comes: every operation has something to do.
async fn prepare(broker: &Broker, operation: &str) -> JobId {
    match operation {
        "suspendJob" | "migrateJob" => broker.queued_job(false).await,
        "resumeJob" => {
            let id = broker.queued_job(false).await;
            broker.happens(&id, Event::SuspendRequested).await;
            id
        }
        "getProjectJobsList" | "getJobInfo" => {
            let mut job = broker.new_job(false);
            job.description = DATE.replace("appid=\"date\"", "appid=\"date\" project=\"grid\"");
            job.spec = grms::description::read(&job.description, &Rules::everything(job.at)).unwrap().spec;
            assert_eq!(job.spec.project.as_deref(), Some("grid"));
            broker.running(job).await
        }
        _ => broker.running_job().await,
    }
}

/// Gives the job a bit of everything that operations show: a registration, whose id is given, files, and an access point if it runs.
async fn furnish(broker: &Broker, job: &str, operation: &str) -> String {
    let file = if operation.starts_with("delete") { "frames" } else { "pictures" };
    let id = format!("<jobId>{job}</jobId>");
    let location = "<service_location>https://node7.example.org:7000/checkpoint</service_location><pid>4711</pid>";
    let destination = "https://portal.example.org/listener";
    let request = format!(
        "<request><eventType>STATUS</eventType><protocol>SOAP</protocol><destination>{destination}</destination></request>"
    );
    let mut calls = vec![("addOutputFileDirs", files(&[file])), ("addCheckpointFileDirs", files(&[file]))];
    if broker.classic("getJobInfo", &id).await.text("jobStatus") == "RUNNING" {
        calls.push(("registerApplicationAccess", location.to_owned()));
    }
    for (operation, more) in calls {
        let answer = broker.classic(operation, &format!("{id}{more}")).await;
        assert_eq!(answer.error_code(), "0", "{}", answer.body);
    }
    let answer = broker.classic("registerNotification", &format!("{id}{request}")).await;
    assert_eq!(answer.error_code(), "0", "{}", answer.body);
    answer.text("notificationId")
}

/// Without ids that are drawn by lot.
fn without_ids(text: &str, notification: &str) -> String {
    let text = text.replace(notification, "NOTIFICATION");
    match text.split_once("<notificationId xsi:type=\"xsd:string\">") {
        Some((before, rest)) if rest.len() > 36 && rest[36..].starts_with('<') => {
            format!("{before}<notificationId xsi:type=\"xsd:string\">NOTIFICATION{}", &rest[36..])
        }
        _ => text,
    }
}

#[actix_web::test]
async fn every_row_answers_as_its_fixture_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/classic");
    let writing = std::env::var_os("GRMS_WRITE_FIXTURES").is_some();
    let mut expected = Vec::new();
    for profile in Profile::ALL {
        for entry in of(profile) {
            let broker = Broker::new();
            let id = prepare(&broker, entry.name).await;
            survey(&broker).await;
            let notification = furnish(&broker, id.as_str(), entry.name).await;
            // The information is of a job that runs, the history of one that is over: times in both forms.
            if entry.name == "getJobHistory" {
                broker.fail(&id).await;
            }
            let name = format!("{}{}", entry.name, if entry.second { "1" } else { "" });
            let dir = root.join(profile.as_str()).join(&name);
            let (asked, answered) = (dir.join("request.xml"), dir.join("response.xml"));
            if writing {
                fs::create_dir_all(&dir).unwrap();
                let parts = sample(entry, profile, About { job: id.as_str(), notification: "NOTIFICATION" });
                fs::write(&asked, format!("{}\n", envelope(entry.name, &parts).replace("><", ">\n<"))).unwrap();
            }
            let request = fs::read_to_string(&asked).unwrap().replace("NOTIFICATION", &notification);
            let caller = if entry.name == "getAllJobsList" { ROOT } else { ADA };
            let answer = broker.post_to(path(profile), Version::V11, request, Some(caller)).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            judge(entry, profile, &answer);
            let shown = format!("{}\n", steady(&without_ids(&answer.body, &notification)).replace("><", ">\n<"));
            if writing {
                fs::write(&answered, &shown).unwrap();
            }
            assert_eq!(shown, fs::read_to_string(&answered).unwrap(), "{name} of {profile}");
            let refused =
                shown.contains("<errorCode ") && !shown.contains("<errorCode xsi:type=\"xsd:int\">0</errorCode>");
            assert!(!refused, "{name} of {profile} is not served: {shown}");
            expected.push(dir);
        }
        let there = fs::read_dir(root.join(profile.as_str())).unwrap();
        let stale: Vec<_> = there.map(|dir| dir.unwrap().path()).filter(|dir| !expected.contains(dir)).collect();
        assert!(stale.is_empty(), "fixtures of no operation: {stale:?}");
    }
}

//! One request and one answer of every operation, in both versions of SOAP, as files: `tests/fixtures/soap/<operation>/`.
//!
//! `GRMS_WRITE_FIXTURES=1` writes the answers anew; read the difference before keeping it.

use super::app::{ADA, Broker, DATE, ROOT, escaped, sample};
use super::schema::Judge;
use grms::job::{ClusterName, Event, JobId};
use grms::matchmaking::{Candidate, Facts};
use grms::operations::ALL;
use grms::soap::Version;
use grms::store::surveys;
use std::fs;
use std::path::Path;

/// An envelope as people read it.
fn request(version: Version, operation: &str, members: &str) -> String {
    let namespace = version.namespace();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"{namespace}\">\n  <soap:Body>\n    \
         <g:{operation} xmlns:g=\"urn:grms:2\">\n      {members}\n    </g:{operation}>\n  </soap:Body>\n</soap:Envelope>\n"
    )
}

fn members(operation: &str, job: &str) -> String {
    let description = escaped(DATE);
    match operation {
        "submitJob" => format!("<jobDefinition>{description}</jobDefinition>\n      <requestId>monday-1</requestId>"),
        "testJobDescription" => {
            let wrong = escaped("<grmsjob appid=\"x\"><simplejob><executable type=\"tripple\"/></simplejob></grmsjob>");
            format!("<jobDefinition>{wrong}</jobDefinition>\n      <dialect>GJD1</dialect>")
        }
        "findResources" => format!("<jobDefinition>{description}</jobDefinition>\n      <explain>true</explain>"),
        "getJobsList" => "<limit>10</limit>\n      <status>RUNNING</status>\n      <status>QUEUED</status>".to_owned(),
        "getAllJobsList" => format!("<userDn>{ADA}</userDn>"),
        "submitJobs" => format!(
            "<job>\n        <jobDefinition>{description}</jobDefinition>\n        <requestId>monday-2</requestId>\n      </job>\n      \
             <job>\n        <jobDefinition>{}</jobDefinition>\n      </job>",
            escaped("<html/>")
        ),
        "cancelJob" | "resumeJob" => format!("<jobId>{job}</jobId>\n      <requestId>monday-3</requestId>"),
        "suspendJob" | "migrateJob" => format!(
            "<jobId>{job}</jobId>\n      <jobDefinition>{description}</jobDefinition>\n      <requestId>monday-4</requestId>"
        ),
        "commitJob" => format!("<jobId>{job}</jobId>\n      <taskId>main</taskId>"),
        "getJobInfoList" | "cancelJobs" | "suspendJobs" | "resumeJobs" | "migrateJobs" | "deleteJobs" => {
            format!("<jobId>{job}</jobId>\n      <jobId>1_none_0001</jobId>")
        }
        "waitForJobs" => format!(
            "<jobId>{job}</jobId>\n      <state>RUNNING</state>\n      <mode>ANY</mode>\n      \
             <afterVersion>1</afterVersion>\n      <timeoutSeconds>5</timeoutSeconds>"
        ),
        "waitForEvents" => format!("<jobId>{job}</jobId>\n      <timeoutSeconds>5</timeoutSeconds>"),
        other => sample(other, job),
    }
}

fn candidate(cluster: &str, queue: &str, usable: Result<(), String>) -> Candidate {
    Candidate {
        cluster: ClusterName::parse(cluster).unwrap(),
        host: format!("{cluster}.example.org:2119"),
        kind: "slurm".to_owned(),
        queue: Some(queue.to_owned()),
        facts: Facts { slots: Some(8), free_slots: Some(4), waiting: Some(0), ..Facts::default() },
        observed: "2026-01-01T10:04:00Z".parse().unwrap(),
        usable,
    }
}

async fn survey(broker: &Broker) {
    let candidates =
        vec![candidate("alpha", "short", Ok(())), candidate("alpha", "old", Err("the queue is closed".to_owned()))];
    let text = serde_json::to_string(&candidates).unwrap();
    let at = "2026-01-01T10:04:00Z".parse().unwrap();
    let name = ClusterName::parse("alpha").unwrap();
    broker.store.write(move |tx| surveys::keep(tx, &name, &text, at)).await.unwrap();
}

/// Without what changes from run to run and from release to release.
fn steady(text: &str) -> String {
    let mut text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    if let Some(at) = text.find("_date_") {
        text.replace_range(at..at + 10, "_date_0001");
    }
    if let Some(at) = text.find("<cursor>") {
        text.replace_range(at + 8..at + 20, "0123456789ab");
    }
    text
}

/// The job that an operation is about: where it stands when the request comes.
async fn prepare(broker: &Broker, operation: &str) -> JobId {
    match operation {
        "commitJob" => broker.queued_job(true).await,
        "suspendJob" | "suspendJobs" | "migrateJob" | "migrateJobs" => broker.queued_job(false).await,
        "resumeJob" | "resumeJobs" => {
            let id = broker.queued_job(false).await;
            broker.happens(&id, Event::SuspendRequested).await;
            id
        }
        _ => {
            let id = broker.running_job().await;
            if ["getJobInfo", "getJobInfoList", "getJobHistory", "deleteJobs"].contains(&operation) {
                broker.fail(&id).await;
            }
            if operation == "deleteJobs" {
                broker.sweep(&id).await;
            }
            id
        }
    }
}

#[actix_web::test]
async fn every_operation_answers_as_its_fixture_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/soap");
    let writing = std::env::var_os("GRMS_WRITE_FIXTURES").is_some();
    let mut judge = Judge::new();
    for operation in ALL {
        let name = operation.contract().name;
        let dir = root.join(name);
        for (version, suffix) in [(Version::V11, ""), (Version::V12, "-1.2")] {
            let broker = Broker::new();
            let id = prepare(&broker, name).await;
            survey(&broker).await;
            let (asked, answered) =
                (dir.join(format!("request{suffix}.xml")), dir.join(format!("response{suffix}.xml")));
            if writing {
                fs::create_dir_all(&dir).unwrap();
                fs::write(&asked, request(version, name, &members(name, id.as_str()))).unwrap();
            }
            let caller = if name == "getAllJobsList" { ROOT } else { ADA };
            let answer = broker.post(version, fs::read(&asked).unwrap(), Some(caller)).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            assert_eq!(answer.header("content-type"), version.content_type());
            let shown = format!("{}\n", steady(&answer.body).replace("><", ">\n<"));
            if writing {
                fs::write(&answered, &shown).unwrap();
            }
            assert_eq!(shown, fs::read_to_string(&answered).unwrap(), "{name}, {version:?}");
            judge.take(name, &answer);
        }
    }
    judge.validate();
}

//! What is somebody else's, held against what is not there: whatever is asked, in either contract, the answers are the same to the
//! letter, and nothing is changed. One loop over every operation there is, so that a new one is asked, too.

use super::app::{ADA, Broker, EVE, REGISTERED, ROOT, sample};
use super::classic;
use grms::job::JobId;
use grms::operations::{ALL, Occurs};
use grms::soap::classic::Profile;
use grms::soap::classic::operations::of;

/// Keys that Ada used: one for a submission, one for a control request.
const KEYS: [&str; 2] = ["ada-1", "ada-2"];

/// A broker in which Ada has a running job with everything that can be registered for one.
async fn furnished() -> (Broker, JobId) {
    let broker = Broker::new();
    let id = broker.running_job().await;
    broker.register(&id).await;
    for operation in ["registerApplicationAccess", "addOutputFileDirs", "addCheckpointFileDirs"] {
        let answer = broker.call(operation, &sample(operation, id.as_str()), Some(ADA)).await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
    }
    let keyed = |key: &str| format!("<requestId>{key}</requestId>");
    let second = broker.call("submitJob", &format!("{}{}", sample("submitJob", ""), keyed(KEYS[0])), Some(ADA)).await;
    let second = format!("<jobId>{}</jobId>{}", second.text("jobId"), keyed(KEYS[1]));
    assert_eq!(broker.call("suspendJob", &second, Some(ADA)).await.text("status"), "SUSPENDED");
    (broker, id)
}

/// The requests of an operation: a right one, the same under keys that Ada used, and the same without what may be left out.
fn requests(operation: &'static dyn grms::operations::Operation, id: &str) -> Vec<String> {
    let contract = operation.contract();
    let whole = sample(contract.name, id);
    let named = format!("<jobId>{id}</jobId>");
    let mut all = vec![whole.clone()];
    let has = |name: &str, some: &[Occurs]| {
        contract.request.iter().any(|member| member.name == name && some.contains(&member.occurs))
    };
    if has("requestId", &[Occurs::Maybe]) {
        all.extend(KEYS.map(|key| format!("{whole}<requestId>{key}</requestId>")));
    }
    if has("jobId", &[Occurs::Maybe, Occurs::Many]) {
        all.push(whole.replace(&named, ""));
    }
    if has("cursor", &[Occurs::Maybe]) && !has("timeoutSeconds", &[Occurs::Once]) {
        all.push(format!("{}<cursor>{id}</cursor>", whole.replace(&named, "")));
    }
    if has("userDn", &[Occurs::Maybe]) {
        all.push(format!("{whole}<userDn>{ADA}</userDn>"));
    }
    all
}

/// An answer without what is made by chance.
fn steady(text: &str) -> String {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    let mut shown = String::new();
    for piece in text.split_inclusive(|character| !is_part(character)) {
        let token = piece.trim_end_matches(|character| !is_part(character));
        let dashes = token.matches('-').count();
        let is_cursor = dashes == 1 && token.find('-') == Some(12);
        shown.push_str(match token {
            _ if token.contains("_date_") => "JOB",
            _ if token.len() == 36 && dashes == 4 => "NOTIFICATION",
            _ if is_cursor => "CURSOR",
            _ => token,
        });
        shown.push_str(&piece[token.len()..]);
    }
    shown
}

/// Everything that Ada sees of what is hers.
async fn seen(broker: &Broker, id: &JobId) -> Vec<String> {
    let mut all = Vec::new();
    for operation in ALL.iter().map(|operation| operation.contract().name).filter(|name| name.starts_with("get")) {
        all.push(format!(
            "{operation}: {}",
            broker.call(operation, &sample(operation, id.as_str()), Some(ADA)).await.body
        ));
    }
    let registered = all.iter().filter(|answer| answer.contains("<protocol>GASS</protocol>")).count();
    assert_eq!(registered, 1, "what is looked at has everything: {all:?}");
    all
}

#[actix_web::test]
async fn who_asks_for_what_is_anothers_is_told_and_changes_what_is_told_and_changed_where_there_is_nothing() {
    let ((broker, id), empty) = (furnished().await, Broker::new());
    let before = seen(&broker, &id).await;
    for operation in ALL {
        let name = operation.contract().name;
        for members in requests(*operation, id.as_str()) {
            let told = broker.call(name, &members, Some(EVE)).await;
            let nothing = empty.call(name, &members, Some(EVE)).await;
            assert_eq!(told.status, nothing.status, "{name}");
            assert_eq!(steady(&told.body), steady(&nothing.body), "{name} {members}");
            assert_eq!(told.headers, nothing.headers, "{name}");
        }
        assert_eq!(seen(&broker, &id).await, before, "{name}");
    }
}

#[actix_web::test]
async fn who_asks_by_the_classic_contract_learns_and_changes_as_little() {
    let ((broker, id), empty) = (furnished().await, Broker::new());
    let before = seen(&broker, &id).await;
    let about = classic::About { job: id.as_str(), notification: REGISTERED };
    for profile in Profile::ALL {
        for entry in of(profile) {
            let parts = classic::sample(entry, profile, about);
            let told = broker.classic_at(classic::path(profile), entry.name, &parts, Some(EVE)).await;
            let nothing = empty.classic_at(classic::path(profile), entry.name, &parts, Some(EVE)).await;
            assert_eq!(steady(&told.body), steady(&nothing.body), "{} of {profile}", entry.name);
            assert_eq!(seen(&broker, &id).await, before, "{} of {profile}", entry.name);
        }
    }
}

#[actix_web::test]
async fn a_limited_proxy_changes_nothing_and_an_administrator_cancels_only() {
    let (broker, id) = furnished().await;
    let before = seen(&broker, &id).await;
    for operation in ALL {
        let name = operation.contract().name;
        for members in requests(*operation, id.as_str()) {
            broker.call_limited(name, &members, ADA).await;
            assert_eq!(seen(&broker, &id).await, before, "{name} with a limited proxy");
            broker.call_limited(name, &members, ROOT).await;
            if !["cancelJob", "cancelJobs"].contains(&name) {
                broker.call(name, &members, Some(ROOT)).await;
            }
            assert_eq!(seen(&broker, &id).await, before, "{name} by an administrator");
        }
    }
    let canceled = broker.call("cancelJob", &sample("cancelJob", id.as_str()), Some(ROOT)).await;
    assert_eq!(canceled.status, 200, "{}", canceled.body);
    assert_ne!(seen(&broker, &id).await, before);
}

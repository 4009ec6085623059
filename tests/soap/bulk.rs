//! Many items in one request: each with a result of its own, in order, numbered from 1.

use super::app::{ADA, Answer, Broker, DATE, EVE, ROOT, escaped, sample};
use grms::job::{Event, JobId};

/// `errorCode` of every result, in order; checks the numbering and the count of errors.
fn codes(answer: &Answer) -> Vec<u16> {
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let results: Vec<_> = document.descendants().filter(|node| node.tag_name().name() == "result").collect();
    let member = |node: &roxmltree::Node<'_, '_>, name: &str| {
        let found = node.children().find(|child| child.tag_name().name() == name);
        found.and_then(|child| child.text()).map(str::to_owned)
    };
    for (at, result) in results.iter().enumerate() {
        assert_eq!(member(result, "index"), Some((at + 1).to_string()));
        let failed = member(result, "errorCode").unwrap() != "0";
        for name in ["errorName", "errorMessage", "retryable"] {
            assert_eq!(member(result, name).is_some(), failed, "{name}: {}", answer.body);
        }
    }
    let codes: Vec<u16> = results.iter().map(|result| member(result, "errorCode").unwrap().parse().unwrap()).collect();
    let errors = codes.iter().filter(|code| **code != 0).count();
    assert_eq!(answer.text("errors"), errors.to_string(), "{}", answer.body);
    codes
}

fn ids(answer: &Answer) -> Vec<String> {
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let found = document.descendants().filter(|node| node.tag_name().name() == "jobId");
    found.filter_map(|node| node.text()).map(str::to_owned).collect()
}

fn jobs(documents: &[(&str, &str)]) -> String {
    let one = |(text, key): &(&str, &str)| {
        let key = if key.is_empty() { String::new() } else { format!("<requestId>{key}</requestId>") };
        format!("<job><jobDefinition>{}</jobDefinition>{key}</job>", escaped(text))
    };
    documents.iter().map(one).collect()
}

#[actix_web::test]
async fn each_submission_is_accepted_or_refused_by_itself() {
    let broker = Broker::new();
    let long = "k".repeat(201);
    let items = jobs(&[(DATE, "a"), ("<html/>", ""), (DATE, ""), (DATE, &long), (DATE, "a"), ("", "a")]);
    let answer = broker.call("submitJobs", &items, Some(ADA)).await;
    assert_eq!(codes(&answer), [0, 111, 0, 103, 0, 110], "{}", answer.body);
    let ids = ids(&answer);
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[0], ids[2], "the same request twice");
    assert_eq!(broker.count_jobs().await, 2);
    let again = broker.call("submitJobs", &items, Some(ADA)).await;
    assert_eq!(codes(&again), [0, 111, 0, 103, 0, 310], "the key has other content by now: {}", again.body);
    assert_eq!(broker.count_jobs().await, 3, "only the one without a key is new");
}

#[actix_web::test]
async fn an_atomic_submission_is_accepted_whole_or_not_at_all() {
    let broker = Broker::new();
    let atomic = |items: &str| format!("{items}<atomic>true</atomic>");
    let half = broker.call("submitJobs", &atomic(&jobs(&[(DATE, "a"), ("<html/>", ""), (DATE, "")])), Some(ADA)).await;
    assert_eq!(codes(&half), [111, 111, 111], "{}", half.body);
    assert!(half.body.contains("because job 2 was refused"), "{}", half.body);
    assert_eq!((ids(&half).len(), broker.count_jobs().await), (0, 0));
    let whole = broker.call("submitJobs", &atomic(&jobs(&[(DATE, "a"), (DATE, "")])), Some(ADA)).await;
    assert_eq!(codes(&whole), [0, 0]);
    assert_eq!(broker.count_jobs().await, 2);
}

#[actix_web::test]
async fn a_thousand_jobs_are_submitted_canceled_read_and_deleted_in_one_request_each() {
    let broker = Broker::new();
    let answer = broker.call("submitJobs", &jobs(&vec![(DATE, ""); 1000]), Some(ADA)).await;
    assert_eq!(codes(&answer), vec![0; 1000]);
    let ids = ids(&answer);
    let named: String = ids.iter().map(|id| format!("<jobId>{id}</jobId>")).collect();
    let infos = broker.call("getJobInfoList", &named, Some(ADA)).await;
    assert_eq!(infos.body.matches("<jobInfo>").count(), 1000);
    assert_eq!(codes(&broker.call("cancelJobs", &named, Some(ADA)).await), vec![0; 1000]);
    assert_eq!(codes(&broker.call("deleteJobs", &named, Some(ADA)).await), vec![307; 1000], "not swept yet");
    for id in &ids {
        broker.sweep(&JobId::parse(id).unwrap()).await;
    }
    assert_eq!(codes(&broker.call("deleteJobs", &named, Some(ADA)).await), vec![0; 1000]);
    assert_eq!(broker.count_jobs().await, 0);
    let refused = broker.call("submitJobs", &jobs(&vec![(DATE, ""); 1001]), Some(ADA)).await;
    assert_eq!(refused.text("code"), "104", "{}", refused.body);
    assert_eq!(broker.count_jobs().await, 0);
}

#[actix_web::test]
async fn a_refused_item_stops_no_other() {
    let broker = Broker::new();
    let foreign = broker.call("submitJob", &sample("submitJob", ""), Some(EVE)).await.text("jobId");
    let own = broker.queued_job(false).await;
    let named = format!("<jobId>{foreign}</jobId><jobId>no id</jobId><jobId>{own}</jobId>");
    for (operation, expected) in [
        ("suspendJobs", [301, 301, 0]),
        ("suspendJobs", [301, 301, 306]),
        ("resumeJobs", [301, 301, 0]),
        ("migrateJobs", [301, 301, 0]),
        ("deleteJobs", [301, 301, 306]),
        ("cancelJobs", [301, 301, 0]),
        ("cancelJobs", [301, 301, 306]),
    ] {
        let answer = broker.call(operation, &named, Some(ADA)).await;
        assert_eq!(codes(&answer), expected, "{operation}: {}", answer.body);
    }
    assert_eq!(codes(&broker.call("getJobInfoList", &named, Some(ADA)).await), [301, 301, 0]);
    let of_eve = broker.call("getJobInfo", &format!("<jobId>{foreign}</jobId>"), Some(EVE)).await;
    assert_eq!(of_eve.text("status"), "QUEUED");
}

#[actix_web::test]
async fn a_deleted_job_is_gone_with_everything_that_was_known_of_it() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    broker.fail(&id).await;
    broker.sweep(&id).await;
    let named = format!("<jobId>{id}</jobId>");
    assert_eq!(codes(&broker.call("deleteJobs", &named, Some(ROOT)).await), [202], "not even an administrator");
    assert_eq!(codes(&broker.call("deleteJobs", &named, Some(ADA)).await), [0]);
    assert_eq!(codes(&broker.call("deleteJobs", &named, Some(ADA)).await), [301]);
    for operation in ["getJobInfo", "getJobHistory", "cancelJob"] {
        assert_eq!(broker.call(operation, &named, Some(ADA)).await.text("code"), "301", "{operation}");
    }
    let (lines, attempts) = broker
        .store
        .read(move |tx| {
            Ok::<_, grms::store::StoreError>((
                grms::store::history::list(tx, &id)?.len(),
                grms::store::attempts::list(tx, &id, None)?.len(),
            ))
        })
        .await
        .unwrap();
    assert_eq!((lines, attempts), (0, 0));
}

#[actix_web::test]
async fn job_infos_are_filtered_and_paged_as_lists_are() {
    let broker = Broker::new();
    let ids: Vec<String> =
        ids(&broker.call("submitJobs", &jobs(&[(DATE, ""), (DATE, ""), (DATE, "")]), Some(ADA)).await);
    broker.happens(&JobId::parse(&ids[1]).unwrap(), Event::CancelRequested).await;
    let queued = broker.call("getJobInfoList", "<status>QUEUED</status><limit>1</limit>", Some(ADA)).await;
    assert_eq!(codes(&queued), Vec::<u16>::new());
    let newest = queued.text("jobId");
    let next = format!("<status>QUEUED</status><limit>1</limit><cursor>{}</cursor>", queued.text("cursor"));
    let second = broker.call("getJobInfoList", &next, Some(ADA)).await;
    assert_eq!(second.text("cursor"), "", "{}", second.body);
    let mut seen = [newest, second.text("jobId")];
    seen.sort();
    let mut expected = [ids[0].clone(), ids[2].clone()];
    expected.sort();
    assert_eq!(seen, expected);
    assert!(!broker.call("getJobInfoList", "", Some(EVE)).await.body.contains("<jobInfo>"));
}

#[actix_web::test]
async fn the_jobs_of_a_project_are_the_own_ones_and_for_administrators_all() {
    let broker = Broker::new();
    let project = |name: &str| DATE.replacen("<grmsjob ", &format!("<grmsjob project=\"{name}\" "), 1);
    let mut submitted = Vec::new();
    for (owner, name) in [(ADA, "clocks"), (EVE, "clocks"), (ADA, "bells")] {
        let members = format!("<jobDefinition>{}</jobDefinition>", escaped(&project(name)));
        let answer = broker.call("submitJob", &members, Some(owner)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        submitted.push(answer.text("jobId"));
    }
    let clocks = "<project>clocks</project>";
    assert_eq!(ids(&broker.call("getProjectJobsList", clocks, Some(ADA)).await), [submitted[0].clone()]);
    let mut all = ids(&broker.call("getProjectJobsList", clocks, Some(ROOT)).await);
    all.sort();
    let mut expected = submitted[..2].to_vec();
    expected.sort();
    assert_eq!(all, expected);
    assert_eq!(ids(&broker.call("getJobsList", "<project>bells</project>", Some(ADA)).await), [submitted[2].clone()]);
    let none = broker.call("getJobsList", "<since>2026-01-01T10:04:06Z</since>", Some(ADA)).await;
    assert_eq!(ids(&none), Vec::<String>::new());
    let since = broker.call("getJobsList", "<since>2026-01-01T10:04:05Z</since>", Some(ADA)).await;
    assert_eq!(ids(&since).len(), 2);
}

#[actix_web::test]
async fn a_job_that_was_there_before_an_atomic_submission_is_there_when_another_is_refused() {
    let broker = Broker::new();
    let first = ids(&broker.call("submitJobs", &jobs(&[(DATE, "a")]), Some(ADA)).await);
    let items = format!("{}<atomic>true</atomic>", jobs(&[(DATE, "a"), (DATE, ""), ("<html/>", "")]));
    let again = broker.call("submitJobs", &items, Some(ADA)).await;
    assert_eq!(codes(&again), [0, 111, 111], "{}", again.body);
    assert_eq!(ids(&again), first);
    assert_eq!(broker.count_jobs().await, 1);
}

//! Waiting: an answer as soon as there is something to tell, and at the end of the time the same without it.

use super::app::{ADA, Answer, Broker, EVE, ROOT, sample};
use grms::job::{Event, JobId};
use std::collections::BTreeSet;

/// Asks, lets something happen once the request waits, and gives the answer.
async fn meanwhile(broker: &Broker, operation: &str, members: &str, event: impl AsyncFnOnce()) -> Answer {
    let asked = broker.call(operation, members, Some(ADA));
    let happens = async {
        while broker.store.changes().watching() == 0 {
            tokio::task::yield_now().await;
        }
        event().await;
    };
    futures_util::future::join(asked, happens).await.0
}

fn values(answer: &Answer, name: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let found = document.descendants().filter(|node| node.tag_name().name() == name);
    found.filter_map(|node| node.text()).map(str::to_owned).collect()
}

#[actix_web::test]
async fn who_waits_for_a_state_is_answered_when_the_job_is_in_it() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let members = format!("<jobId>{id}</jobId><timeoutSeconds>60</timeoutSeconds>");
    let answer =
        meanwhile(&broker, "waitForJobs", &members, async || broker.happens(&id, Event::CancelRequested).await).await;
    assert_eq!((answer.text("timedOut").as_str(), answer.text("status").as_str()), ("false", "CANCELED"));
    assert_eq!(broker.store.changes().watching(), 0, "nobody waits any more");
    let at_once = broker.call("waitForJobs", &members, Some(ADA)).await;
    assert_eq!(at_once.text("timedOut"), "false", "it is so already");
}

#[actix_web::test]
async fn without_a_change_the_answer_comes_at_the_end_of_the_time_and_is_no_fault() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let answer =
        broker.call("waitForJobs", &format!("<jobId>{id}</jobId><timeoutSeconds>0</timeoutSeconds>"), Some(ADA)).await;
    assert_eq!((answer.status.as_u16(), answer.text("timedOut").as_str()), (200, "true"));
    assert_eq!(answer.text("jobId"), id.as_str(), "and shows the job all the same");
}

#[actix_web::test]
async fn all_or_any_of_the_jobs_and_only_changes_after_a_version() {
    let broker = Broker::new();
    let first = broker.queued_job(false).await;
    let second =
        JobId::parse(&broker.call("submitJob", &sample("submitJob", ""), Some(ADA)).await.text("jobId")).unwrap();
    broker.happens(&second, Event::CancelRequested).await;
    let wait = async |more: &str| {
        let members = format!("<jobId>{first}</jobId><jobId>{second}</jobId>{more}<timeoutSeconds>0</timeoutSeconds>");
        broker.call("waitForJobs", &members, Some(ADA)).await.text("timedOut")
    };
    assert_eq!(wait("").await, "true");
    assert_eq!(wait("<mode>ANY</mode>").await, "false");
    assert_eq!(wait("<mode>ANY</mode><state>QUEUED</state>").await, "false");
    assert_eq!(wait("<state>QUEUED</state>").await, "true");
    assert_eq!(wait("<state>QUEUED</state><state>CANCELED</state>").await, "false");
    assert_eq!(wait("<mode>ANY</mode><afterVersion>1</afterVersion>").await, "false");
    assert_eq!(wait("<mode>ANY</mode><afterVersion>2</afterVersion>").await, "true", "version 2 was seen");
    let foreign = broker
        .call("waitForJobs", &format!("<jobId>{first}</jobId><timeoutSeconds>0</timeoutSeconds>"), Some(EVE))
        .await;
    assert_eq!(foreign.text("code"), "301");
}

#[actix_web::test]
async fn a_job_that_is_deleted_meanwhile_is_said_to_be_gone() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    broker.happens(&id, Event::CancelRequested).await;
    broker.sweep(&id).await;
    let members = format!("<jobId>{id}</jobId><state>RUNNING</state><timeoutSeconds>1</timeoutSeconds>");
    let answer = meanwhile(&broker, "waitForJobs", &members, async || {
        broker.call("deleteJobs", &format!("<jobId>{id}</jobId>"), Some(ADA)).await;
    })
    .await;
    assert_eq!(answer.text("code"), "301", "{}", answer.body);
}

#[actix_web::test]
async fn events_come_in_order_each_once_in_pages_of_any_size() {
    let broker = Broker::new();
    let id = broker.running_job().await;
    broker.fail(&id).await;
    let whole = broker.call("waitForEvents", &sample("waitForEvents", id.as_str()), Some(ADA)).await;
    let numbers = values(&whole, "sequence");
    assert!(numbers.len() >= 12, "{}", whole.body);
    let parsed: Vec<i64> = numbers.iter().map(|number| number.parse().unwrap()).collect();
    assert!(parsed.is_sorted_by(|a, b| a < b), "{parsed:?}");
    for limit in 1..=4 {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let from = if cursor.is_empty() { String::new() } else { format!("<cursor>{cursor}</cursor>") };
            let members = format!("{from}<jobId>{id}</jobId><limit>{limit}</limit><timeoutSeconds>0</timeoutSeconds>");
            let page = broker.call("waitForEvents", &members, Some(ADA)).await;
            let found = values(&page, "sequence");
            cursor = page.text("cursor");
            if found.is_empty() {
                break;
            }
            assert!(found.len() <= limit);
            seen.extend(found);
        }
        assert_eq!(seen, numbers, "limit {limit}");
    }
    let states = broker
        .call(
            "waitForEvents",
            &sample("waitForEvents", id.as_str()).replace("<timeout", "<eventType>STATUS</eventType><timeout"),
            Some(ADA),
        )
        .await;
    assert_eq!(
        values(&states, "newValue"),
        ["QUEUED", "PREPROCESSING", "RUNNING", "STOPPED", "POSTPROCESSING", "FAILED"]
    );
    let kinds: BTreeSet<_> = values(&whole, "eventType").into_iter().collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["REQUEST", "STATUS"]);
}

#[actix_web::test]
async fn without_a_cursor_and_jobs_only_what_happens_from_now_on_to_the_own_jobs_is_told() {
    let broker = Broker::new();
    let id = broker.queued_job(false).await;
    let first = broker.call("waitForEvents", "<timeoutSeconds>0</timeoutSeconds>", Some(ADA)).await;
    assert_eq!(values(&first, "sequence").len(), 0, "{}", first.body);
    let cursor = first.text("cursor");
    broker.call("submitJob", &sample("submitJob", ""), Some(EVE)).await;
    let members = format!("<cursor>{cursor}</cursor><timeoutSeconds>60</timeoutSeconds>");
    let answer =
        meanwhile(&broker, "waitForEvents", &members, async || broker.happens(&id, Event::SuspendRequested).await)
            .await;
    assert_eq!(values(&answer, "newValue"), ["SUSPENDED", "MIGRATE_STAGE_OUT_DONE"], "{}", answer.body);
    assert_eq!(values(&answer, "jobId"), [id.to_string(), id.to_string()]);
    // An administrator sees the events of others when asking for the job.
    let all = broker.call("waitForEvents", "<timeoutSeconds>0</timeoutSeconds>", Some(ROOT)).await;
    assert_eq!(values(&all, "sequence").len(), 0);
    let asked = broker.call("waitForEvents", &sample("waitForEvents", id.as_str()), Some(ROOT)).await;
    assert_eq!(values(&asked, "newValue").len(), 4, "{}", asked.body);
}

#[actix_web::test]
async fn a_cursor_before_events_that_are_gone_is_refused_with_the_oldest_usable_one() {
    let broker = Broker::new();
    let old = broker.call("waitForEvents", "<timeoutSeconds>0</timeoutSeconds>", Some(ADA)).await.text("cursor");
    let id = broker.queued_job(false).await;
    broker.happens(&id, Event::CancelRequested).await;
    broker.sweep(&id).await;
    let ask = async |cursor: &str| {
        let members = format!("<cursor>{cursor}</cursor><timeoutSeconds>0</timeoutSeconds>");
        broker.call("waitForEvents", &members, Some(ADA)).await
    };
    assert_eq!(values(&ask(&old).await, "newValue").len(), 4);
    broker.call("deleteJobs", &format!("<jobId>{id}</jobId>"), Some(ADA)).await;
    let refused = ask(&old).await;
    assert_eq!(refused.text("code"), "311", "{}", refused.body);
    let usable = refused.text("message").split('`').nth(1).unwrap().to_owned();
    let next = broker.call("submitJob", &sample("submitJob", ""), Some(ADA)).await.text("jobId");
    assert_eq!(values(&ask(&usable).await, "jobId"), [next.clone(), next], "and that one is good");
    // A place that this database has not reached is not its own.
    let (mark, _) = old.split_once('-').unwrap();
    assert_eq!(ask(&format!("{mark}-ffffff")).await.text("code"), "311");
    let members = format!("<cursor>{old}</cursor><timeoutSeconds>0</timeoutSeconds>");
    let of_eve = broker.call("waitForEvents", &members, Some(EVE)).await;
    assert_eq!(of_eve.status, 200, "what Ada deleted is no gap for others");
}

#[actix_web::test]
async fn the_stop_of_the_broker_answers_everybody_who_waits() {
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let broker = Broker::stopped_by(stopping);
    let id = broker.queued_job(false).await;
    let members = format!("<jobId>{id}</jobId><timeoutSeconds>60</timeoutSeconds>");
    let jobs = meanwhile(&broker, "waitForJobs", &members, async || stop.send(true).unwrap()).await;
    assert_eq!((jobs.status.as_u16(), jobs.text("timedOut").as_str()), (200, "true"));
    let events = broker.call("waitForEvents", "<timeoutSeconds>60</timeoutSeconds>", Some(ADA)).await;
    assert_eq!(events.status, 200, "{}", events.body);
}

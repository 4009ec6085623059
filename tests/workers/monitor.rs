//! Watching: only records end jobs.

use crate::rig::{Rig, local};
use grms::batch::{Cancelled, Found, NativeState};
use grms::job::{Code, Ending, Event, Exit, Failure, JobId, Outcome, State, Status};
use grms::workers::dispatch::Dispatch;
use grms::workers::monitor::Monitor;
use std::sync::Arc;

/// A job that the batch system has.
async fn pending(rig: &Rig, serial: u32, local_id: &str) -> JobId {
    let id = rig.staged(serial).await;
    rig.script(|script| script.submit.push_back(Ok(local(local_id))));
    rig.run(&Dispatch::default()).await;
    assert_eq!(rig.job(&id).await.status, Status::Pending);
    rig.calls();
    id
}

fn monitor(rig: &Rig) -> Monitor {
    Monitor::new(Arc::clone(&rig.ctx), Arc::clone(&rig.cluster))
}

fn ended(outcome: Outcome, exit: Option<Exit>, code: Option<Code>) -> NativeState {
    NativeState::Ended(Ending {
        at: "2026-01-01T11:00:00Z".parse().unwrap(),
        outcome,
        exit,
        failure: code.map(|code| Failure::new(code, "why")),
        evidence: "test".to_owned(),
    })
}

#[tokio::test]
async fn a_run_is_followed_to_its_end_and_the_same_line_twice_says_nothing_new() {
    let rig = Rig::new().await;
    let id = pending(&rig, 1, "7").await;
    let mut monitor = monitor(&rig);
    let running = rig.line(&id, "7", NativeState::Running).await;
    rig.script(|script| script.listing = Some(vec![running.clone(), running]));
    monitor.look(true).await.unwrap();
    monitor.look(true).await.unwrap();
    assert_eq!(rig.job(&id).await.status, Status::Running);
    let over = rig.line(&id, "7", ended(Outcome::Done, Some(Exit::Code(0)), None)).await;
    rig.script(|script| (script.listing, script.account) = (Some(Vec::new()), vec![over]));
    monitor.look(true).await.unwrap();
    monitor.look(true).await.unwrap();
    let events = rig.events(&id).await;
    assert_eq!(events[3..], ["locally queued", "locally active", "locally ended"]);
}

#[tokio::test]
async fn no_answer_unknown_words_and_jobs_of_others_change_nothing() {
    let rig = Rig::new().await;
    let id = pending(&rig, 1, "7").await;
    let mut monitor = monitor(&rig);
    monitor.look(true).await.unwrap();
    assert!(rig.job(&id).await.silence.is_some(), "users see that nobody answers");
    let unknown = rig.line(&id, "7", NativeState::Unknown("DREAMING".to_owned())).await;
    // Somebody gave a job of his own the same name.
    let foreign = rig.line(&id, "8", NativeState::Running).await;
    rig.script(|script| script.listing = Some(vec![unknown, foreign]));
    monitor.look(true).await.unwrap();
    let job = rig.job(&id).await;
    assert_eq!((job.status, job.silence), (Status::Pending, None));
}

#[tokio::test]
async fn a_job_without_a_trace_is_lost_after_its_time_and_not_before() {
    let rig = Rig::new().await;
    let id = pending(&rig, 1, "7").await;
    let mut monitor = monitor(&rig);
    rig.script(|script| script.listing = Some(Vec::new()));
    for wait in [0, 3500, 3500] {
        rig.later(wait);
        monitor.look(true).await.unwrap();
        assert_eq!(rig.job(&id).await.status, Status::Pending, "after {wait} s");
    }
    rig.later(200);
    monitor.look(true).await.unwrap();
    let State::Stopped { ending, .. } = rig.state(&id).await else { panic!("it is lost") };
    assert_eq!((ending.outcome, ending.failure.unwrap().code), (Outcome::Lost, Code::ResourceLost));
}

#[tokio::test]
async fn a_failed_node_makes_a_new_attempt_and_old_news_do_not_touch_it() {
    let rig = Rig::new().await;
    let id = pending(&rig, 1, "7").await;
    let (mut first, mut second) = (monitor(&rig), monitor(&rig));
    rig.script(|script| script.listing = Some(Vec::new()));
    second.look(true).await.unwrap();
    let failed = rig.line(&id, "7", ended(Outcome::Failed, None, Some(Code::ResourceLost))).await;
    rig.script(|script| script.account = vec![failed]);
    first.look(true).await.unwrap();
    assert_eq!(rig.job(&id).await.status, Status::Queued);
    rig.later(1);
    rig.run(&grms::workers::matching::Matching::default()).await;
    rig.run(&grms::workers::staging_in::StagingIn::new(1)).await;
    rig.script(|script| script.submit.push_back(Ok(local("9"))));
    rig.run(&Dispatch::default()).await;
    // A monitor that still has the first attempt on its list reads the same record.
    second.look(true).await.unwrap();
    let job = rig.job(&id).await;
    assert_eq!((job.status, job.tasks[0].attempts), (Status::Pending, 2));
}

#[tokio::test]
async fn a_cancel_is_repeated_until_the_batch_system_says_what_became_of_it() {
    let rig = Rig::new().await;
    let (first, second) = (pending(&rig, 1, "7").await, pending(&rig, 2, "8").await);
    let mut monitor = monitor(&rig);
    for id in [&first, &second] {
        rig.request(id, Event::CancelRequested).await;
    }
    rig.script(|script| script.cancel.push_back(vec![Cancelled::Refused("no".to_owned()); 2]));
    monitor.look(false).await.unwrap();
    monitor.look(false).await.unwrap();
    assert_eq!(rig.calls().len(), 1, "not again before its time");
    rig.later(31);
    rig.script(|script| {
        script.cancel.push_back(vec![Cancelled::Unknown; 2]);
        script.look_up.extend([Ok(Found::Absent), Ok(Found::NotYet)]);
    });
    monitor.look(false).await.unwrap();
    let mut left = Vec::new();
    for id in [&first, &second] {
        left.push(rig.job(id).await.status);
    }
    left.sort_by_key(|status| status.as_str());
    assert_eq!(left, [Status::Pending, Status::Stopped], "one is nowhere, the other may still appear");
}

#[tokio::test]
async fn a_program_that_ended_before_the_cancel_is_reported_as_ended() {
    let rig = Rig::new().await;
    let (done, killed) = (pending(&rig, 1, "7").await, pending(&rig, 2, "8").await);
    let mut monitor = monitor(&rig);
    let over = [
        rig.line(&done, "7", ended(Outcome::Done, Some(Exit::Code(0)), None)).await,
        rig.line(&killed, "8", ended(Outcome::Failed, Some(Exit::Signal(15)), Some(Code::LrmError))).await,
    ];
    for id in [&done, &killed] {
        rig.request(id, Event::CancelRequested).await;
    }
    rig.script(|script| (script.listing, script.account) = (Some(Vec::new()), over.to_vec()));
    monitor.look(true).await.unwrap();
    let outcome = |state: State| match state {
        State::Stopped { ending, .. } => ending.outcome,
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome(rig.state(&done).await), Outcome::Done);
    assert_eq!(outcome(rig.state(&killed).await), Outcome::Canceled);
}

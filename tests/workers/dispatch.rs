//! Handing over: once, whatever becomes of the answer.

use crate::rig::{Rig, alpha, local, silent};
use grms::batch::{BatchError, Found};
use grms::job::{Control, Event, Outcome, State, Status};
use grms::workers::dispatch::Dispatch;
use grms::workers::matching::Matching;
use grms::workers::monitor::Monitor;
use grms::workers::staging_in::StagingIn;
use std::sync::Arc;
use tokio::sync::Notify;

/// A submission whose answer was lost.
async fn unclear(rig: &Rig) -> grms::job::JobId {
    let id = rig.staged(1).await;
    assert_eq!(rig.run(&Dispatch::default()).await, 1);
    assert_eq!(rig.calls(), ["submit 1"]);
    assert!(matches!(rig.state(&id).await, State::Preprocessing { .. }));
    rig.later(60);
    id
}

#[tokio::test]
async fn an_accepted_submission_is_pending_with_its_id() {
    let rig = Rig::new().await;
    let id = rig.staged(1).await;
    rig.script(|script| script.submit.push_back(Ok(local("7"))));
    assert_eq!(rig.run(&Dispatch::default()).await, 1);
    assert_eq!(rig.run(&Dispatch::default()).await, 0);
    let job = rig.job(&id).await;
    assert_eq!((job.status, job.last_attempt.unwrap().local_id), (Status::Pending, Some(local("7"))));
    assert_eq!(rig.calls(), ["submit 1"]);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_submitted_again() {
    let rig = Rig::new().await;
    let id = unclear(&rig).await;
    for answer in [Ok(Found::NotYet), Err(silent()), Ok(Found::Jobs(Vec::new()))] {
        rig.script(|script| script.look_up.push_back(answer));
        assert_eq!(rig.run(&Dispatch::default()).await, 1);
        assert!(matches!(rig.state(&id).await, State::Preprocessing { .. }));
        assert!(rig.job(&id).await.tasks[0].note.is_some(), "whoever asks is told why it stays");
        rig.later(120);
    }
    rig.script(|script| script.look_up.push_back(Ok(Found::Jobs(vec![local("7")]))));
    rig.run(&Dispatch::default()).await;
    assert_eq!(rig.calls(), ["look up"; 4]);
    assert_eq!(rig.job(&id).await.last_attempt.unwrap().local_id, Some(local("7")));
}

#[tokio::test]
async fn of_several_batch_jobs_with_one_token_the_first_is_kept() {
    let rig = Rig::new().await;
    let id = unclear(&rig).await;
    rig.script(|script| script.look_up.push_back(Ok(Found::Jobs(vec![local("7"), local("8"), local("9")]))));
    rig.run(&Dispatch::default()).await;
    assert_eq!(rig.calls(), ["look up", "cancel 8 9"]);
    assert_eq!(rig.job(&id).await.last_attempt.unwrap().local_id, Some(local("7")));
}

#[tokio::test]
async fn an_absent_token_makes_a_new_attempt_on_the_same_cluster() {
    let rig = Rig::new().await;
    let id = unclear(&rig).await;
    let first = rig.job(&id).await.last_attempt.unwrap().token;
    rig.script(|script| script.look_up.push_back(Ok(Found::Absent)));
    rig.run(&Dispatch::default()).await;
    assert_eq!(rig.job(&id).await.status, Status::Queued);
    rig.later(600);
    rig.run(&Matching::default()).await;
    rig.run(&StagingIn::new(1)).await;
    rig.script(|script| script.submit.push_back(Ok(local("8"))));
    rig.run(&Dispatch::default()).await;
    let attempt = rig.job(&id).await.last_attempt.unwrap();
    assert_eq!((attempt.number, attempt.local_id), (2, Some(local("8"))));
    assert_ne!(attempt.token, first, "one token is one submission");
    assert_eq!(rig.calls(), ["look up", "submit 2"]);
}

#[tokio::test]
async fn a_refusal_by_the_only_cluster_ends_the_job_with_its_words() {
    let rig = Rig::new().await;
    let id = rig.staged(1).await;
    let refusal = BatchError::Rejected { cluster: alpha(), why: "too much memory".to_owned() };
    rig.script(|script| script.submit.push_back(Err(refusal)));
    rig.run(&Dispatch::default()).await;
    rig.later(600);
    rig.run(&Matching::default()).await;
    let job = rig.job(&id).await;
    assert_eq!(job.status, Status::Failed);
    assert!(job.failure().unwrap().to_string().contains("too much memory"), "{:?}", job.failure());
}

#[tokio::test]
async fn a_cancel_while_the_answer_is_lost_waits_until_nothing_is_left() {
    let rig = Rig::new().await;
    let id = unclear(&rig).await;
    rig.request(&id, Event::CancelRequested).await;
    rig.script(|script| script.look_up.push_back(Ok(Found::NotYet)));
    rig.run(&Dispatch::default()).await;
    assert_eq!(rig.state(&id).await.control(), Some(Control::Cancel));
    rig.later(120);
    rig.script(|script| script.look_up.push_back(Ok(Found::Absent)));
    rig.run(&Dispatch::default()).await;
    let State::Stopped { ending, .. } = rig.state(&id).await else { panic!("nothing is left of it") };
    assert_eq!(ending.outcome, Outcome::Canceled);
}

#[tokio::test]
async fn a_cancel_beside_a_submission_waits_for_its_answer_and_is_then_carried_out() {
    let rig = Rig::new().await;
    let id = rig.staged(1).await;
    let gate = Arc::new(Notify::new());
    *rig.fake.gate.lock().unwrap() = Some(Arc::clone(&gate));
    rig.script(|script| script.submit.push_back(Ok(local("7"))));
    let dispatch = Dispatch::default();
    let canceling = async {
        while rig.fake.script.lock().unwrap().calls.is_empty() {
            tokio::task::yield_now().await;
        }
        rig.request(&id, Event::CancelRequested).await;
        assert_eq!(rig.run(&Dispatch::default()).await, 0, "two steps at once");
        gate.notify_one();
    };
    tokio::join!(rig.run(&dispatch), canceling);
    assert!(matches!(rig.state(&id).await, State::Pending { control: Some(Control::Cancel), .. }));
    Monitor::new(Arc::clone(&rig.ctx), Arc::clone(&rig.cluster)).look(false).await.unwrap();
    assert_eq!(rig.calls(), ["submit 1", "cancel 7"]);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_attempt_was_given_up_leaves_no_batch_job_behind() {
    let rig = Rig::new().await;
    let id = rig.staged(1).await;
    let gate = Arc::new(Notify::new());
    *rig.fake.gate.lock().unwrap() = Some(Arc::clone(&gate));
    rig.script(|script| {
        script.submit.push_back(Ok(local("7")));
        script.look_up.push_back(Ok(Found::Absent));
    });
    let slow = Dispatch::default();
    let others = async {
        while rig.fake.script.lock().unwrap().calls.is_empty() {
            tokio::task::yield_now().await;
        }
        // The lease ends while the submission hangs, and another broker goes on.
        rig.later(3600);
        assert_eq!(rig.run(&Dispatch::default()).await, 1);
        rig.later(600);
        rig.run(&Matching::default()).await;
        rig.run(&StagingIn::new(1)).await;
        gate.notify_one();
    };
    tokio::join!(rig.run(&slow), others);
    assert_eq!(rig.calls(), ["submit 1", "look up", "cancel 7"]);
    let job = rig.job(&id).await;
    assert_eq!(job.status, Status::Preprocessing, "the second attempt was not submitted yet");
    assert_eq!(job.last_attempt.unwrap().local_id, None);
}

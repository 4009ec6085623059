//! Matching, staging in and sweeping.

use crate::rig::{Rig, local};
use grms::job::State;
use grms::job::{Event, Status, WaitingKind};
use grms::store::Duty;
use grms::store::tasks::Claimed;
use grms::workers::dispatch::Dispatch;
use grms::workers::driver::Step;
use grms::workers::matching::{self, Matching};
use grms::workers::staging_in::StagingIn;
use grms::workers::sweep::Sweep;
use grms::workers::{Context, StepError};

#[tokio::test]
async fn a_task_is_placed_once() {
    let rig = Rig::new().await;
    let id = rig.submit(1).await;
    assert_eq!(rig.run(&Matching::default()).await, 1);
    assert_eq!(rig.run(&Matching::default()).await, 0, "nothing is due twice");
    let job = rig.job(&id).await;
    assert_eq!((job.status, job.tasks[0].attempts), (Status::Preprocessing, 1));
}

#[tokio::test]
async fn a_full_cluster_lets_tasks_wait_and_a_free_slot_wakes_one() {
    let rig = Rig::with(Some(1)).await;
    let (first, second) = (rig.submit(1).await, rig.submit(2).await);
    assert_eq!(rig.run(&Matching::default()).await, 2);
    let State::Queued { waiting: Some(waiting) } = rig.state(&second).await else { panic!("it has no slot") };
    assert_eq!((waiting.kind, waiting.next), (WaitingKind::Full, None));
    matching::wake_parked(&rig.ctx).await.unwrap();
    assert_eq!(rig.run(&Matching::default()).await, 0, "no slot, no look");
    // The slot of a task that is canceled before the batch system was asked is free at once.
    rig.request(&first, Event::CancelRequested).await;
    matching::wake_parked(&rig.ctx).await.unwrap();
    assert_eq!(rig.run(&Matching::default()).await, 1);
    assert_eq!(rig.job(&second).await.status, Status::Preprocessing);
}

#[tokio::test]
async fn staging_that_cannot_be_done_is_put_off_with_its_reason_and_then_done() {
    let rig = Rig::new().await;
    let id = rig.submit(1).await;
    rig.run(&Matching::default()).await;
    std::fs::remove_dir(&rig.area).unwrap();
    std::fs::write(&rig.area, "in the way").unwrap();
    assert_eq!(rig.run(&StagingIn::new(1)).await, 1);
    assert_eq!(rig.run(&StagingIn::new(1)).await, 0, "not before its time");
    let note = rig.job(&id).await.tasks[0].note.clone().unwrap_or_default();
    assert!(note.contains("working area"), "{note}");
    std::fs::remove_file(&rig.area).unwrap();
    rig.later(60);
    assert_eq!(rig.run(&StagingIn::new(1)).await, 1);
    let root = rig.area.join(format!("{id}.main.1"));
    assert_eq!(std::fs::read_to_string(root.join("streams/stdin")).unwrap(), "content");
    // Canceled before anything was submitted: nothing is asked of the batch system, and nothing stays.
    rig.request(&id, Event::CancelRequested).await;
    assert_eq!(rig.run(&Dispatch::default()).await, 1);
    assert_eq!(rig.calls(), [""; 0]);
    assert!(matches!(rig.state(&id).await, State::Stopped { .. }));
}

#[tokio::test]
async fn sweeping_twice_is_harmless_and_a_directory_that_cannot_go_is_tried_again() {
    let rig = Rig::new().await;
    let id = rig.submit(1).await;
    rig.run(&Matching::default()).await;
    let root = rig.area.join(format!("{id}.main.1"));
    std::fs::create_dir_all(root.join("work")).unwrap();
    rig.request(&id, Event::CancelRequested).await;
    assert_eq!(rig.run(&Sweep).await, 1);
    assert!(!root.exists());
    assert_eq!(rig.run(&Sweep).await, 0);
}

#[tokio::test]
async fn a_canceled_task_in_the_batch_system_keeps_its_slot_until_it_has_ended_there() {
    let rig = Rig::with(Some(1)).await;
    let first = rig.staged(1).await;
    rig.script(|script| script.submit.push_back(Ok(local("1"))));
    rig.run(&Dispatch::default()).await;
    let second = rig.submit(2).await;
    rig.run(&Matching::default()).await;
    rig.request(&first, Event::CancelRequested).await;
    matching::wake_parked(&rig.ctx).await.unwrap();
    assert_eq!(rig.run(&Matching::default()).await, 0);
    assert_eq!(rig.job(&second).await.status, Status::Queued);
}

struct Panics;

#[async_trait::async_trait]
impl Step for Panics {
    fn duty(&self) -> Duty {
        Duty::Match
    }

    fn at_once(&self) -> usize {
        1
    }

    async fn step(&self, _: &Context, _: &Claimed) -> Result<(), StepError> {
        panic!("on purpose")
    }
}

#[tokio::test]
async fn a_step_that_panics_is_put_off_with_a_note() {
    let rig = Rig::new().await;
    let id = rig.submit(1).await;
    assert_eq!(rig.run(&Panics).await, 1);
    assert_eq!(rig.run(&Panics).await, 0);
    assert!(rig.job(&id).await.tasks[0].note.clone().unwrap_or_default().contains("inside the broker"));
}

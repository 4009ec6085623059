//! What one record of a batch system means for one task. Pure.

use crate::batch::{NativeRecord, NativeState};
use crate::job::{
    Code, Control, Ending, Event, Exit, JobId, Outcome, State, TaskId, Token, Usage, Waiting, WaitingKind,
};
use crate::store::attempts::Watched;
use jiff::Timestamp;

/// A change of one task, with what is to be kept of the attempt.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) job: JobId,
    pub(super) task: TaskId,
    pub(super) token: Token,
    pub(super) attempt: u32,
    pub(super) event: Event,
    /// The executing host and when it started.
    pub(super) started: Option<(Option<String>, Timestamp)>,
    /// How it ended, when it started, and what it used.
    pub(super) ended: Option<(Ending, Option<Timestamp>, Usage)>,
}

impl Change {
    fn new(watched: &Watched, event: Event) -> Self {
        Self {
            job: watched.job.clone(),
            task: watched.task.clone(),
            token: watched.attempt.token.clone(),
            attempt: watched.attempt.number,
            event,
            started: None,
            ended: None,
        }
    }

    pub(super) fn ended(watched: &Watched, ending: Ending, started: Option<Timestamp>, usage: Usage) -> Self {
        Self { ended: Some((ending.clone(), started, usage)), ..Self::new(watched, Event::LocallyEnded(ending)) }
    }
}

/// What a record means; `None` when it says nothing new.
pub(super) fn judge(watched: &Watched, record: &NativeRecord, max_attempts: u32, now: Timestamp) -> Option<Change> {
    match &record.state {
        NativeState::Pending { reason } => queued(watched, reason.clone()),
        NativeState::Held { reason } => queued(watched, Some(format!("held: {reason}"))),
        NativeState::Running | NativeState::Suspended => active(watched, record, now),
        NativeState::Ended(ending) => Some(ended(watched, record, ending, max_attempts, now)),
        NativeState::Unknown(_) => None,
    }
}

fn queued(watched: &Watched, reason: Option<String>) -> Option<Change> {
    match &watched.state {
        State::Pending { reason: known, .. } if *known == reason => None,
        _ => Some(Change::new(watched, Event::LocallyQueued { reason })),
    }
}

fn active(watched: &Watched, record: &NativeRecord, now: Timestamp) -> Option<Change> {
    if matches!(watched.state, State::Running { .. }) {
        return None;
    }
    let mut change = Change::new(watched, Event::LocallyActive);
    change.started = Some((record.host.clone(), record.started.unwrap_or(now)));
    Some(change)
}

fn ended(watched: &Watched, record: &NativeRecord, ending: &Ending, max_attempts: u32, now: Timestamp) -> Change {
    let mut ending = ending.clone();
    // A program that was asked to stop and died of it was canceled; one that ended by itself before was not.
    let stopped = watched.state.control() == Some(Control::Cancel)
        && ending.outcome != Outcome::Done
        && matches!(ending.exit, Some(Exit::Signal(_)) | None);
    if stopped {
        ending.outcome = Outcome::Canceled;
        ending.failure = None;
    }
    let lost_by_site = ending.failure.as_ref().is_some_and(|failure| failure.code == Code::ResourceLost);
    let mut change = Change::ended(watched, ending.clone(), record.started, record.usage);
    change.started = record.started.map(|started| (record.host.clone(), started));
    if let (true, Outcome::Failed, Some(failure)) = (lost_by_site, ending.outcome, ending.failure)
        && watched.attempt.number < max_attempts
        && watched.state.control().is_none()
    {
        let reason = format!("attempt {} was lost by its cluster: {}", watched.attempt.number, failure.message);
        let retry = Waiting { kind: WaitingKind::Retry, reason, next: Some(now), looks: 0 };
        change.event = Event::AttemptFailed { failure, retry };
    }
    change
}

//! What can happen to a task.

use super::{Ending, Failure, Waiting};
use serde::{Deserialize, Serialize};

/// A request that has to be carried out at the batch system before the state can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Stop for good.
    Cancel,
    /// Stop and keep.
    Suspend,
    /// Stop here, go on elsewhere.
    Migrate,
}

/// What happened. Workers and operations report events; [`super::transition`] decides what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The owner commits a task that was submitted on hold.
    Committed,
    /// Matching found no place yet.
    Waits(Waiting),
    /// Matching chose a cluster; a new attempt begins.
    Placed,
    /// Every input is there.
    StagedIn,
    /// The batch system has it in its queue.
    LocallyQueued {
        /// Why it waits there, translated for people.
        reason: Option<String>,
    },
    /// The batch system started it.
    LocallyActive,
    /// The run is over, with evidence.
    LocallyEnded(Ending),
    /// The attempt failed before or while it ran, and a new one may be made.
    AttemptFailed {
        /// Why.
        failure: Failure,
        /// What the next attempt waits for.
        retry: Waiting,
    },
    /// The attempt failed before it ran, and no new one is made.
    GaveUp(Failure),
    /// Collecting begins.
    CollectionBegan,
    /// Everything was delivered.
    CollectionDone,
    /// Something could not be delivered.
    CollectionFailed(Failure),
    /// The owner or an administrator asks for the end.
    CancelRequested,
    /// The owner asks for a pause.
    SuspendRequested,
    /// The owner asks to go on after a pause.
    ResumeRequested,
    /// The owner asks for another place.
    MigrateRequested,
    /// A suspend or migrate request failed; the program goes on.
    ControlFailed,
    /// No start is possible any more.
    WindowClosed(Failure),
}

impl Event {
    /// The name in the history.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Waits(_) => "waits",
            Self::Placed => "placed",
            Self::StagedIn => "staged in",
            Self::LocallyQueued { .. } => "locally queued",
            Self::LocallyActive => "locally active",
            Self::LocallyEnded(_) => "locally ended",
            Self::AttemptFailed { .. } => "attempt failed",
            Self::GaveUp(_) => "gave up",
            Self::CollectionBegan => "collection began",
            Self::CollectionDone => "collection done",
            Self::CollectionFailed(_) => "collection failed",
            Self::CancelRequested => "cancel requested",
            Self::SuspendRequested => "suspend requested",
            Self::ResumeRequested => "resume requested",
            Self::MigrateRequested => "migrate requested",
            Self::ControlFailed => "control failed",
            Self::WindowClosed(_) => "window closed",
        }
    }
}

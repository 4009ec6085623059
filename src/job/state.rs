//! The states of a task. GRMS' ten words, with the data each state has; what the words cannot say (a cancel under
//! way, the step of the preparation) is inside the variants, never beside them.

use super::{Control, Failure, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// GRMS' ten words, as every client sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Accepted, waits to be served.
    Queued,
    /// The broker does what must precede the start.
    Preprocessing,
    /// Waits in the batch system.
    Pending,
    /// The program is being executed.
    Running,
    /// The program has ended, its files are not collected yet.
    Stopped,
    /// The broker collects output and cleans up.
    Postprocessing,
    /// Everything is complete.
    Finished,
    /// Stopped on request, waits for resume.
    Suspended,
    /// Could not be carried out, or the program or a transfer failed.
    Failed,
    /// Removed by its owner or an administrator.
    Canceled,
}

impl Status {
    /// All ten, in the order of the WSDL.
    pub const ALL: &'static [Self] = &[
        Self::Queued,
        Self::Preprocessing,
        Self::Pending,
        Self::Running,
        Self::Stopped,
        Self::Postprocessing,
        Self::Finished,
        Self::Suspended,
        Self::Failed,
        Self::Canceled,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Preprocessing => "PREPROCESSING",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Stopped => "STOPPED",
            Self::Postprocessing => "POSTPROCESSING",
            Self::Finished => "FINISHED",
            Self::Suspended => "SUSPENDED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The status with this word; letter case counts.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == word)
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Canceled)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// How a run ended, with the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// What the attempt came to.
    pub outcome: Outcome,
    /// Exit code or signal; absent when nobody knows.
    pub exit: Option<Exit>,
    /// Why, unless the program ended with code 0 or was canceled.
    pub failure: Option<Failure>,
    /// Where this is known from: `exit record`, `sacct`, `wait`.
    pub evidence: String,
}

/// What a task waits for before it can be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingKind {
    /// No known cluster satisfies the requirements.
    NoMatch,
    /// A cluster fits, but has no free slot.
    Full,
    /// A cluster fits, but cannot be reached.
    Unavailable,
    /// The time for the start has not come.
    NotYet,
    /// The previous attempt failed; the next one starts later.
    Retry,
    /// It was submitted on hold, and nobody has committed it.
    Held,
}

/// Why a queued task is not being served yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The kind of reason.
    pub kind: WaitingKind,
    /// One sentence for people.
    pub reason: String,
    /// When the broker looks again; absent: when a slot becomes free.
    pub next: Option<Timestamp>,
    /// How often it has looked in vain for this kind of reason.
    #[serde(default)]
    pub looks: u32,
}

impl Waiting {
    /// What a task waits for that was submitted on hold: it is never due.
    #[must_use]
    pub fn for_commit() -> Self {
        let reason = "held until it is committed (commitJob)".to_owned();
        Self { kind: WaitingKind::Held, reason, next: None, looks: 0 }
    }
}

/// The step inside PREPROCESSING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// Files are being fetched.
    StagingIn,
    /// The batch job is being handed over. It may exist already.
    Submitting,
}

/// Where a task stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Waits to be placed.
    Queued {
        /// Why it still waits, once matching has looked at it.
        waiting: Option<Waiting>,
    },
    /// Has a cluster; is being prepared.
    Preprocessing {
        /// What is being done.
        step: Preparation,
        /// A control request that has to wait for the batch system's answer.
        control: Option<Control>,
    },
    /// Waits in the batch system.
    Pending {
        /// The batch system's own reason, translated for people; absent when it gave none.
        reason: Option<String>,
        /// A control request being carried out.
        control: Option<Control>,
    },
    /// Runs.
    Running {
        /// A control request being carried out.
        control: Option<Control>,
    },
    /// Has ended; nothing collected yet.
    Stopped {
        /// How it ended.
        ending: Ending,
        /// The control request that ended it.
        control: Option<Control>,
    },
    /// Output is being delivered.
    Postprocessing {
        /// How it ended.
        ending: Ending,
        /// The control request that ended it.
        control: Option<Control>,
    },
    /// Complete.
    Finished {
        /// Since when.
        at: Timestamp,
    },
    /// Stopped on request, waits for resume.
    Suspended {
        /// Since when.
        at: Timestamp,
    },
    /// Failed.
    Failed {
        /// Since when.
        at: Timestamp,
        /// Why.
        failure: Failure,
    },
    /// Canceled.
    Canceled {
        /// Since when.
        at: Timestamp,
    },
}

impl State {
    /// The word for it.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Queued { .. } => Status::Queued,
            Self::Preprocessing { .. } => Status::Preprocessing,
            Self::Pending { .. } => Status::Pending,
            Self::Running { .. } => Status::Running,
            Self::Stopped { .. } => Status::Stopped,
            Self::Postprocessing { .. } => Status::Postprocessing,
            Self::Finished { .. } => Status::Finished,
            Self::Suspended { .. } => Status::Suspended,
            Self::Failed { .. } => Status::Failed,
            Self::Canceled { .. } => Status::Canceled,
        }
    }

    /// The control request that is being carried out or was carried out on this attempt.
    #[must_use]
    pub const fn control(&self) -> Option<Control> {
        match self {
            Self::Preprocessing { control, .. }
            | Self::Pending { control, .. }
            | Self::Running { control }
            | Self::Stopped { control, .. }
            | Self::Postprocessing { control, .. } => *control,
            _ => None,
        }
    }

    /// Whether it waits for a commit.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        matches!(self, Self::Queued { waiting: Some(Waiting { kind: WaitingKind::Held, .. }) })
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.status().is_final()
    }

    /// One status for a job of several tasks: the final word when all are final, else the most advanced word
    /// of those still at work.
    #[must_use]
    pub fn summary(states: impl IntoIterator<Item = Status>) -> Status {
        const ADVANCED: [Status; 7] = [
            Status::Running,
            Status::Stopped,
            Status::Postprocessing,
            Status::Pending,
            Status::Preprocessing,
            Status::Suspended,
            Status::Queued,
        ];
        const LAST: [Status; 3] = [Status::Failed, Status::Canceled, Status::Finished];
        let states: Vec<_> = states.into_iter().collect();
        ADVANCED.into_iter().chain(LAST).find(|status| states.contains(status)).unwrap_or(Status::Queued)
    }
}

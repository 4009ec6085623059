//! One try of a task on one cluster. A retry, a migration or a resume makes a new attempt of the same task.

use super::{ApplicationAccess, ClusterName, Exit, Failure, LocalJobId, Token};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How an attempt ended, in the words of `getJobHistory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The program ended with code 0.
    Done,
    /// Anything that was not intended.
    Failed,
    /// It was stopped after writing a checkpoint.
    Checkpointed,
    /// Its owner, or an administrator, stopped it.
    Canceled,
    /// It disappeared without a trace.
    Lost,
}

impl Outcome {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "DONE",
            Self::Failed => "FAILED",
            Self::Checkpointed => "CHECKPOINTED",
            Self::Canceled => "CANCELED",
            Self::Lost => "LOST",
        }
    }
}

/// What a run used, as far as it was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Elapsed time.
    pub wall: Option<Duration>,
    /// Processor time in user mode.
    pub user: Option<Duration>,
    /// Processor time in the kernel.
    pub system: Option<Duration>,
    /// Largest resident set, bytes.
    pub max_rss: Option<u64>,
}

/// One attempt. The numbers count from 1; an attempt never changes after its outcome is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// 1, 2, 3, …
    pub number: u32,
    /// Where.
    pub cluster: ClusterName,
    /// In which queue, when one was chosen.
    pub queue: Option<String>,
    /// The executing host: the cluster's contact at first, the node once it is known.
    pub host: String,
    /// Which of the task's alternative resources the place satisfies, counted from 0.
    pub resource: Option<usize>,
    /// The mark that travels into the batch system.
    pub token: Token,
    /// The batch system's id, once known.
    pub local_id: Option<LocalJobId>,
    /// The broker began.
    pub started: Timestamp,
    /// The intent to submit was written down. From here on the token must be looked up before any submission.
    pub submit_intended: Option<Timestamp>,
    /// The batch system accepted it.
    pub local_submitted: Option<Timestamp>,
    /// The program started.
    pub local_started: Option<Timestamp>,
    /// The program ended.
    pub local_finished: Option<Timestamp>,
    /// Exit code or signal.
    pub exit: Option<Exit>,
    /// What it used.
    pub usage: Usage,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why, unless it ended well.
    pub failure: Option<Failure>,
    /// Where the program can be asked for a checkpoint, once it said so.
    pub access: Option<ApplicationAccess>,
}

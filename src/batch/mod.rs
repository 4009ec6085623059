//! Batch systems: which command submits, lists, accounts and cancels, and what the answers mean.
//!
//! One file a system. "Absent from the queue" is never an outcome, a failed or partial listing changes nothing, an
//! unknown native state is data. Where commands run is the shell's matter; when they run is the workers'.

pub mod fork;
mod process;
pub mod records;
pub mod script;
pub mod slurm;
mod slurm_words;

use crate::job::{
    ClusterName, Ending, Exit, JobId, Launch, Layout, Limits, LocalJobId, ProcessLimit, TaskId, Token, Usage,
};
use crate::shell::{LocalUser, Shell};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// One configured cluster, as its driver sees it.
#[derive(Clone)]
pub struct Site {
    /// Its name.
    pub cluster: ClusterName,
    /// Where its commands run.
    pub shell: Arc<dyn Shell>,
    /// The working area that holds the directories of its jobs. Accounts that jobs run as must be able to pass
    /// through it.
    pub area: PathBuf,
    /// How long a stopped program may take before it is killed.
    pub grace: Duration,
}

/// The directories of one attempt, on the cluster. `control` belongs to the broker, `work` and `streams` to the job.
///
/// ```text
/// <area>/<job>.<task>.<attempt>/      the broker's, accounts may pass through
///   work/                             the job's account's: made, filled and handed over by the workers
///   streams/                          the same, for standard input, output and error
///   control/                          the broker's, accounts may pass through
///     cancel                          there since the broker asked for the end
///     records/                        the job's account's: made and handed over when the attempt is submitted
///       job.sh                        the wrapper script
///       start.json                    who started the program; the fence: made once, by a script or by the broker
///       payload                       the program's process group and its start time
///       exit.json                     how it ended
///       wrapper.log, wrapper.out      complaints of the script and of the batch system
/// ```
///
/// What lies in `records` was written by an account: it is read with a size limit, never through a link, and believed
/// only about that account's own job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// The job's working directory.
    pub work: PathBuf,
    /// Script and records.
    pub control: PathBuf,
    /// Standard input, output and error of the program.
    pub streams: PathBuf,
}

impl Workplace {
    /// The directories of an attempt below the cluster's working area.
    #[must_use]
    pub fn of(area: &std::path::Path, job: &JobId, task: &TaskId, attempt: u32) -> Self {
        let root = area.join(format!("{job}.{task}.{attempt}"));
        Self { work: root.join("work"), control: root.join("control"), streams: root.join("streams") }
    }

    /// The directory that holds both.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.control.parent().unwrap_or(&self.control).to_path_buf()
    }
}

/// Everything a driver needs to submit one attempt.
#[derive(Debug, Clone)]
pub struct BatchJob {
    /// The mark that must be found again in the batch system.
    pub token: Token,
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// The attempt.
    pub attempt: u32,
    /// Where it runs.
    pub place: Workplace,
    /// Whom it runs as; absent: the broker's own account.
    pub user: Option<LocalUser>,
    /// The queue; absent: the cluster's default.
    pub queue: Option<String>,
    /// How processes are started.
    pub launch: Launch,
    /// How many.
    pub count: u32,
    /// How they are laid out over hosts and processors.
    pub layout: Layout,
    /// The program: an absolute path, or a path relative to the working directory beginning with `./`.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables, the broker's first, the user's after them.
    pub environment: Vec<(String, String)>,
    /// Path of the file fed to standard input; absent: empty.
    pub stdin: Option<PathBuf>,
    /// Path of standard output.
    pub stdout: PathBuf,
    /// Path of standard error.
    pub stderr: PathBuf,
    /// Limits of the run.
    pub limits: Limits,
    /// Memory for one node, bytes.
    pub memory: Option<u64>,
    /// Limits of every process; of two on one thing the stricter counts.
    pub process_limits: Vec<(ProcessLimit, u64)>,
}

/// Neutral states of a batch job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NativeState {
    /// Known, not started.
    Pending {
        /// The system's reason, translated for people.
        reason: Option<String>,
    },
    /// Will not start until it is released.
    Held {
        /// Who or why.
        reason: String,
    },
    /// Started.
    Running,
    /// Started, its processes stopped, its allocation kept.
    Suspended,
    /// Over.
    Ended(Ending),
    /// A word this driver does not know: an alarm, not an error.
    Unknown(String),
}

/// One line of a listing or of the accounting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeRecord {
    /// The system's id.
    pub id: LocalJobId,
    /// The token it carries, when it carries one of ours.
    pub token: Option<Token>,
    /// The state.
    pub state: NativeState,
    /// The executing host or hosts.
    pub host: Option<String>,
    /// When the batch system took it.
    pub submitted: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// What it used.
    pub usage: Usage,
}

/// A complete listing. Lines that could not be read are counted and harm only their own job.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The jobs.
    pub records: Vec<NativeRecord>,
    /// Lines that were not understood, for the metric and the log.
    pub unreadable: Vec<String>,
}

/// An attempt whose fate is asked for by its records.
#[derive(Debug, Clone)]
pub struct Vanished {
    /// The system's id, when it is known.
    pub id: Option<LocalJobId>,
    /// Its token.
    pub token: Token,
    /// Its directories.
    pub place: Workplace,
}

/// What a search for a token found.
///
/// An answer other than `Jobs` is given only after the attempt's fence was taken: no script with this token can start
/// its program afterwards, so another try needs another attempt with a token of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// In the queue, in the accounting, or as a record of the wrapper. More than one id: a duplicate to cancel.
    Jobs(Vec<LocalJobId>),
    /// Definitely nowhere, and no job with this token can start any more.
    Absent,
    /// Not found, but it may still appear: ask again later.
    NotYet,
}

/// What became of a request to cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// Accepted; the end will be seen in a listing or the accounting.
    Asked,
    /// The system does not know the job any more.
    Unknown,
    /// Refused, with its words.
    Refused(String),
}

/// A queue as the system describes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueFacts {
    /// Its name.
    pub name: String,
    /// Whether jobs can start there.
    pub open: bool,
    /// Whether it is the default.
    pub default: bool,
    /// All slots.
    pub slots: Option<u32>,
    /// Free slots.
    pub free_slots: Option<u32>,
    /// Running and waiting jobs.
    pub running: Option<u32>,
    /// Waiting jobs.
    pub waiting: Option<u32>,
    /// The longest wall clock time allowed.
    pub max_wall: Option<Duration>,
    /// Memory of its smallest node, bytes.
    pub memory: Option<u64>,
    /// Memory free now, bytes.
    pub free_memory: Option<u64>,
    /// Processors of its smallest node.
    pub cpus_per_node: Option<u32>,
}

/// What a survey found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Product and version: `slurm 22.05.8`.
    pub product: String,
    /// Operating system name, type (architecture), version and release of the executing machines, when known.
    pub os_name: Option<String>,
    /// Architecture.
    pub architecture: Option<String>,
    /// Kernel release.
    pub os_release: Option<String>,
    /// Free disk space in the working area, bytes.
    pub free_disk: Option<u64>,
    /// The queues.
    pub queues: Vec<QueueFacts>,
}

/// Why a batch system gave no usable answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BatchError {
    /// It understood and refused: trying the same again there is useless.
    #[error("{cluster} refused: {why}")]
    Rejected {
        /// The cluster.
        cluster: ClusterName,
        /// In its own words.
        why: String,
    },
    /// It gave no answer. Whatever was asked may have happened.
    #[error("{cluster} cannot be reached: {why}")]
    Unreachable {
        /// The cluster.
        cluster: ClusterName,
        /// What was tried and what came back.
        why: String,
    },
    /// It answered something this driver cannot read. Whatever was asked may have happened.
    #[error("{cluster} answered something unexpected: {output}")]
    Unintelligible {
        /// The cluster.
        cluster: ClusterName,
        /// The answer, shortened.
        output: String,
    },
}

/// What a driver can do beyond the necessary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether the system has a queue of its own. Without one the broker hands over no more jobs than there are slots.
    pub queues_by_itself: bool,
    /// Whether ended jobs can be asked for after they left the queue.
    pub accounting: bool,
}

/// A configured batch system.
#[async_trait]
pub trait BatchSystem: Send + Sync {
    /// Its kind: the word of `localrmname`.
    fn kind(&self) -> &'static str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// How many jobs it may have at once, when it has no queue of its own.
    fn slots(&self) -> Option<u32>;

    /// Product and version, as proof that it answers.
    async fn ping(&self) -> Result<String, BatchError>;

    /// Hands over one attempt. The intent is already on disk; after any error but [`BatchError::Rejected`] the token
    /// must be looked up before another try.
    async fn submit(&self, job: &BatchJob) -> Result<LocalJobId, BatchError>;

    /// Every job of ours the system knows, with one command.
    async fn list(&self, known: &[Vanished]) -> Result<Listing, BatchError>;

    /// The fate of attempts that left the listing, from accounting and the wrapper's records. Those without evidence
    /// are not in the answer.
    async fn account(&self, gone: &[Vanished]) -> Result<Vec<NativeRecord>, BatchError>;

    /// Searches an attempt by its token.
    async fn look_up(&self, attempt: &Vanished) -> Result<Found, BatchError>;

    /// Asks for the end of jobs. Asking twice is harmless.
    async fn cancel(&self, jobs: &[(LocalJobId, Workplace)]) -> Result<Vec<Cancelled>, BatchError>;

    /// Queues, limits and load.
    async fn survey(&self) -> Result<Survey, BatchError>;

    /// Signalled when a listing is likely to show something new; absent where nobody can tell. A hint, never proof.
    fn wakeups(&self) -> Option<Arc<tokio::sync::Notify>> {
        None
    }
}

/// A kind of batch system: reads its own settings and opens a cluster.
pub trait Kind: Sync {
    /// The word in the configuration and in `localrmname`.
    fn name(&self) -> &'static str;

    /// Reads the settings this kind adds to `[[cluster]]` and makes the driver.
    ///
    /// # Errors
    /// A text that names the key and what was expected.
    fn open(&self, site: Site, settings: toml::Table) -> Result<Arc<dyn BatchSystem>, String>;
}

/// Every kind of batch system.
pub static ALL: &[&dyn Kind] = &[&fork::Fork, &slurm::Slurm];

/// The exit of a program as the shell reports it: 128 + n means signal n.
#[must_use]
pub fn exit_from_shell(code: i32) -> Exit {
    if code > 128 && code <= 128 + 64 { Exit::Signal(code - 128) } else { Exit::Code(code) }
}

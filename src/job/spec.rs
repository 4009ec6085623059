//! The validated description of a job, free of any dialect: a graph of tasks. Version 1 documents make one task.

use super::{Limits, Location, Preferences, RelativeName, ResourceRequest, Sweep, TaskId, Trigger};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The language a description was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    /// GRMS Job Description 1 (`simplejob`).
    #[serde(rename = "GJD1")]
    Gjd1,
    /// GRMS Job Description 2: tasks with `taskid`.
    #[serde(rename = "GJD2")]
    Gjd2,
    /// GRMS Job Description 3 (`appId`, `taskId`): the canonical one.
    #[serde(rename = "GJD3")]
    Gjd3,
    /// Job Submission Description Language 1.0.
    #[serde(rename = "JSDL")]
    Jsdl,
    /// A shell script with `#QCG` directives.
    #[serde(rename = "QCG_SIMPLE")]
    QcgSimple,
}

impl Dialect {
    /// Whether a job described in this dialect may go on with a description in the other one.
    #[must_use]
    pub const fn is_of_family(self, other: Self) -> bool {
        use Dialect as D;
        match self {
            D::Gjd1 | D::Gjd2 | D::Gjd3 => matches!(other, D::Gjd1 | D::Gjd2 | D::Gjd3),
            D::Jsdl => matches!(other, D::Jsdl),
            D::QcgSimple => matches!(other, D::QcgSimple),
        }
    }

    /// The dialects this broker reads.
    pub const ALL: &'static [Self] = &[Self::Gjd1, Self::Gjd2, Self::Gjd3, Self::Jsdl, Self::QcgSimple];

    /// The name clients see.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gjd1 => "GJD1",
            Self::Gjd2 => "GJD2",
            Self::Gjd3 => "GJD3",
            Self::Jsdl => "JSDL",
            Self::QcgSimple => "QCG_SIMPLE",
        }
    }
}

/// What a job is, once its description has been accepted. Never changes afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The language of the description.
    pub dialect: Dialect,
    /// The user's label; may be empty, need not be unique.
    pub app_id: String,
    /// The project for accounting and lists.
    pub project: Option<String>,
    /// A note for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Notes with names, for people and portals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<(Option<String>, String)>,
    /// Whether the job waits for a commit before it is served.
    #[serde(default)]
    pub commit_wait: bool,
    /// A hint: more is more urgent.
    #[serde(default)]
    pub priority: i32,
    /// The outer bound on when tasks may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time: Option<ExecutionTime>,
    /// At least one task.
    pub tasks: Vec<TaskSpec>,
}

impl Spec {
    /// A job with this label and nothing else yet.
    #[must_use]
    pub const fn new(dialect: Dialect, app_id: String) -> Self {
        Self {
            dialect,
            app_id,
            project: None,
            description: None,
            annotations: Vec::new(),
            commit_wait: false,
            priority: 0,
            execution_time: None,
            tasks: Vec::new(),
        }
    }

    /// The task with this id.
    #[must_use]
    pub fn task(&self, id: &TaskId) -> Option<&TaskSpec> {
        self.tasks.iter().find(|task| task.id == *id)
    }
}

/// One executable unit of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// Its name in the job.
    pub id: TaskId,
    /// What to start.
    pub program: Program,
    /// How processes are started.
    pub launch: Launch,
    /// How many processes.
    pub count: u32,
    /// The argument vector, one entry an argument.
    pub arguments: Vec<String>,
    /// Environment variables in the order of the document.
    pub environment: Vec<(String, String)>,
    /// Fed to the program.
    pub stdin: Option<Location>,
    /// Where standard output goes; absent: lost with the working directory.
    pub stdout: Option<Location>,
    /// Where standard error goes.
    pub stderr: Option<Location>,
    /// Files and directories moved before and after.
    pub staging: Vec<Staged>,
    /// Files of a checkpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoint: Vec<Checkpoint>,
    /// Whether the program can be checkpointed on demand.
    #[serde(default)]
    pub checkpointable: bool,
    /// Whether the working directory is kept after the end.
    #[serde(default)]
    pub persistent: bool,
    /// Acceptable places; empty: any.
    pub resources: Vec<ResourceRequest>,
    /// When it may run and how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time: Option<ExecutionTime>,
    /// The 1.9.0 form of a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Reservation>,
    /// How processes are laid out over hosts and threads.
    #[serde(default, skip_serializing_if = "Layout::is_free")]
    pub layout: Layout,
    /// What is better among the places that satisfy it; absent: the broker's own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// Limits of every process, as `ulimit` sets them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub process_limits: Vec<(ProcessLimit, u64)>,
    /// A note for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the job fails when this task does.
    #[serde(default = "yes")]
    pub crucial: bool,
    /// Whether the task waits for a commit of its own.
    #[serde(default)]
    pub commit_wait: bool,
    /// A hint: more is more urgent.
    #[serde(default)]
    pub priority: i32,
    /// What must have happened to other tasks before; absent: ready at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The values for which the task is repeated; absent: it runs once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
}

const fn yes() -> bool {
    true
}

impl TaskSpec {
    /// A task that starts this program once, anywhere, with nothing else said.
    #[must_use]
    pub const fn new(id: TaskId, program: Program) -> Self {
        Self {
            id,
            program,
            launch: Launch::Single,
            count: 1,
            arguments: Vec::new(),
            environment: Vec::new(),
            stdin: None,
            stdout: None,
            stderr: None,
            staging: Vec::new(),
            checkpoint: Vec::new(),
            checkpointable: false,
            persistent: false,
            resources: Vec::new(),
            execution_time: None,
            reservation: None,
            layout: Layout { per_host: None, threads: None },
            preferences: None,
            process_limits: Vec::new(),
            description: None,
            crucial: true,
            commit_wait: false,
            priority: 0,
            trigger: None,
            sweep: None,
        }
    }

    /// What is started at one of its acceptable places.
    #[must_use]
    pub fn program_at<'a>(&'a self, resource: Option<&'a ResourceRequest>) -> &'a Program {
        resource.and_then(|resource| resource.program.as_ref()).unwrap_or(&self.program)
    }

    /// The strictest wall clock limit of the task on one of its acceptable places.
    #[must_use]
    pub fn limits(&self, resource: Option<&ResourceRequest>) -> Limits {
        let mut limits = resource.map(|r| r.limits).unwrap_or_default();
        if limits.wall.is_none() {
            limits.wall = limits.time.or(self.execution_time.as_ref().map(|t| t.duration));
        }
        limits
    }
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// A binary or script: its local name, and where it comes from.
    File {
        /// The name in the working directory.
        name: RelativeName,
        /// Where it is. A `file:` location is run where it lies.
        location: Location,
    },
    /// An application the cluster has installed.
    Application {
        /// Its name in the cluster's catalogue.
        name: String,
        /// Its version.
        version: Option<String>,
    },
}

/// How processes are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Launch {
    /// Once; `count` processors are asked for.
    Single,
    /// `count` identical copies.
    Multiple,
    /// `count` processes by the MPI launcher.
    Mpi,
    /// `count` processes over several hosts (MPICH-G2).
    MpichG,
    /// `count` processes by the launcher of Open MPI.
    OpenMpi,
    /// One process with `count` threads (OpenMP).
    OpenMp,
}

impl Launch {
    /// The word of the job description.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Multiple => "multiple",
            Self::Mpi => "mpi",
            Self::MpichG => "mpichg",
            Self::OpenMpi => "open_mpi",
            Self::OpenMp => "open_mp",
        }
    }
}

/// How processes are laid out. What is absent is left to the batch system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Processes on each host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_host: Option<u32>,
    /// Threads, and so processors, of each process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
}

impl Layout {
    /// Whether nothing is asked for.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        self.per_host.is_none() && self.threads.is_none()
    }
}

/// A limit that the system enforces on every process. Sizes are bytes, times seconds, the others counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProcessLimit {
    /// Processor time.
    CpuTime,
    /// Size of a file written.
    FileSize,
    /// Size of a core dump.
    CoreDump,
    /// Size of the data segment.
    DataSegment,
    /// Memory that may be locked.
    LockedMemory,
    /// Resident memory.
    Memory,
    /// Open descriptors.
    OpenDescriptors,
    /// Size of a pipe's buffer.
    PipeSize,
    /// Size of the stack.
    StackSize,
    /// Processes of the user.
    Processes,
    /// Virtual memory.
    VirtualMemory,
    /// Threads of the process.
    Threads,
}

/// File or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// One file.
    File,
    /// A directory with everything in it.
    Directory,
}

/// Which way a file moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Fetched before the start.
    In,
    /// Delivered after the end.
    Out,
    /// Both, from and to the same place.
    InOut,
}

impl Direction {
    /// Whether it is fetched before the start.
    #[must_use]
    pub const fn is_in(self) -> bool {
        matches!(self, Self::In | Self::InOut)
    }

    /// Whether it is delivered after the end.
    #[must_use]
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Out | Self::InOut)
    }
}

/// One file or directory to be staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// Its name in the working directory.
    pub name: RelativeName,
    /// File or directory.
    pub kind: FileKind,
    /// Which way.
    pub direction: Direction,
    /// Where outside.
    pub location: Location,
    /// Whether the task fails when it is missing.
    #[serde(default = "yes")]
    pub required: bool,
    /// What happens to a target that exists.
    #[serde(default)]
    pub creation: CreationFlag,
    /// Permissions in the working directory, the nine bits of `chmod`; absent: as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<u32>,
}

impl Staged {
    /// A required file or directory that replaces what is there.
    #[must_use]
    pub const fn new(name: RelativeName, kind: FileKind, direction: Direction, location: Location) -> Self {
        Self { name, kind, direction, location, required: true, creation: CreationFlag::Overwrite, permissions: None }
    }
}

/// What happens to a target that exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreationFlag {
    /// It is replaced.
    #[default]
    Overwrite,
    /// The content is added to it.
    Append,
    /// It stays, and the transfer fails.
    DontOverwrite,
}

/// One file or directory of a checkpoint: `out` is saved, `in` is put back before a restart.
pub type Checkpoint = Staged;

/// Deadline and earliest start of a 1.9.0 document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// Must have ended by then.
    pub deadline: Option<Timestamp>,
    /// Must not start earlier.
    pub earliest_start: Option<Timestamp>,
    /// Amount of data to move, MB.
    pub data_size: Option<f64>,
}

/// When the program may be started, and how long it is expected to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExecutionTime {
    /// Daily window for the start.
    pub slot: Option<TimeSlot>,
    /// Expected run time.
    pub duration: Duration,
    /// Overall period.
    pub period: Option<Calendar>,
}

/// A daily window in which the program may be started. An end earlier than the start means past midnight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimeSlot {
    /// Opening time.
    pub start: civil::Time,
    /// The zone of both times, minutes east of UTC; absent: the broker's own zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_minutes: Option<i16>,
    /// How the end is given.
    pub end: SlotEnd,
}

/// How the end of a daily window is given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotEnd {
    /// At this time of day.
    At(civil::Time),
    /// So long after the start.
    After(Duration),
}

/// How the end of a period is given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodEnd {
    /// At this moment.
    At(Timestamp),
    /// So long after its start.
    After(Duration),
}

/// A period with named days. A date beats a weekday.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Begin; absent: the submission.
    pub start: Option<Timestamp>,
    /// End.
    pub end: PeriodEnd,
    /// Days on which no start is allowed.
    pub excluding: Vec<Day>,
    /// Days on which a start is allowed; empty: all.
    pub including: Vec<Day>,
}

/// A day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// A day of the week, 1 = Monday … 7 = Sunday.
    Week(i8),
    /// One date.
    Date(civil::Date),
}

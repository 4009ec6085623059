//! What a task needs of a machine, in one form for every dialect: a list of clauses that must all hold.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A fact about a cluster or queue that a clause can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// Operating system name, such as `Linux`.
    OsName,
    /// Operating system family.
    OsType,
    /// Operating system version.
    OsVersion,
    /// Operating system release.
    OsRelease,
    /// Processor architecture, such as `x86_64`.
    CpuArchitecture,
    /// Host name or contact.
    HostName,
    /// Local resource manager: `fork`, `slurm`, …
    LocalManager,
    /// Queue or partition.
    Queue,
    /// Total memory of a node, MB (1,048,576 bytes).
    Memory,
    /// Memory free now, MB.
    FreeMemory,
    /// Number of processors.
    CpuCount,
    /// Number of processors free now.
    FreeCpus,
    /// Number of GPUs.
    GpuCount,
    /// Clock, MHz.
    CpuSpeed,
    /// Disk space, MB.
    DiskSpace,
    /// Disk space free now, MB.
    FreeDiskSpace,
}

impl Attribute {
    /// The word of the job description language, with which refusals name the clause.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OsName => "osname",
            Self::OsType => "ostype",
            Self::OsVersion => "osversion",
            Self::OsRelease => "osrelease",
            Self::CpuArchitecture => "cpuarch",
            Self::HostName => "hostname",
            Self::LocalManager => "localrmname",
            Self::Queue => "queue",
            Self::Memory => "memory",
            Self::FreeMemory => "freememory",
            Self::CpuCount => "cpucount",
            Self::FreeCpus => "freecpus",
            Self::GpuCount => "gpucount",
            Self::CpuSpeed => "cpuspeed",
            Self::DiskSpace => "diskspace",
            Self::FreeDiskSpace => "freediskspace",
        }
    }
}

/// When a clause holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The text equals one of these; letter case does not count.
    OneOf(Vec<String>),
    /// The number is at least this.
    AtLeast(f64),
    /// The number is at most this.
    AtMost(f64),
    /// The number lies between these, ends included.
    Between(f64, f64),
}

/// One hard condition on one fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// The fact.
    pub attribute: Attribute,
    /// What it must be.
    pub condition: Condition,
}

/// A measure of the network between two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkMeasure {
    /// At least so many MB/s.
    Bandwidth,
    /// At most so many milliseconds.
    Latency,
    /// At least so many MB/s altogether.
    Capacity,
}

/// A condition on the network between the cluster and another host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkClause {
    /// What is measured.
    pub measure: NetworkMeasure,
    /// The bound, in the unit of the measure.
    pub value: f64,
    /// The other end; absent: the broker.
    pub host: Option<String>,
}

/// An application that must be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRequirement {
    /// Its name.
    pub name: String,
    /// Its version, exact unless it ends in `*`.
    pub version: Option<String>,
    /// How many licences or instances are needed.
    pub instances: Option<u32>,
}

/// One acceptable kind of place. A task lists several as alternatives, or, for `mpichg`, as the parts of one run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ResourceRequest {
    /// All of these must hold.
    pub clauses: Vec<Clause>,
    /// All of these must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<NetworkClause>,
    /// All of these must be installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<ApplicationRequirement>,
    /// The number of processes this part of an `mpichg` run gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tile_size: Option<u32>,
    /// Limits handed to the batch system.
    #[serde(default)]
    pub limits: Limits,
}

impl ResourceRequest {
    /// The texts asked for one attribute; empty when it is not asked for.
    #[must_use]
    pub fn texts(&self, attribute: Attribute) -> &[String] {
        self.clauses
            .iter()
            .find_map(|clause| match &clause.condition {
                Condition::OneOf(texts) if clause.attribute == attribute => Some(texts.as_slice()),
                _ => None,
            })
            .unwrap_or(&[])
    }
}

/// Limits of one run. Absent means the queue's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall clock or processor time, whichever the batch system counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Duration>,
    /// Wall clock time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall: Option<Duration>,
    /// Processor time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<Duration>,
}

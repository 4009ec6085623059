//! What a task needs of a machine, in one form for every dialect: a list of clauses that must all hold.

use super::Program;
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
    /// The interface by which jobs reach the cluster.
    SubmissionInterface,
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
            Self::SubmissionInterface => "remoteSubmissionInterface",
        }
    }
}

/// One end of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether the number itself lies outside.
    #[serde(default)]
    pub exclusive: bool,
}

/// Numbers between two ends. An absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub least: Option<Bound>,
    /// The upper end.
    pub most: Option<Bound>,
}

impl Interval {
    /// This number and no other.
    #[must_use]
    pub const fn exactly(value: f64) -> Self {
        let bound = Some(Bound { value, exclusive: false });
        Self { least: bound, most: bound }
    }

    /// From this number on.
    #[must_use]
    pub const fn at_least(value: f64) -> Self {
        Self { least: Some(Bound { value, exclusive: false }), most: None }
    }

    /// Up to this number.
    #[must_use]
    pub const fn at_most(value: f64) -> Self {
        Self { least: None, most: Some(Bound { value, exclusive: false }) }
    }

    /// Whether a number lies inside.
    #[must_use]
    pub fn contains(&self, number: f64) -> bool {
        let above = self.least.is_none_or(|b| if b.exclusive { number > b.value } else { number >= b.value });
        let below = self.most.is_none_or(|b| if b.exclusive { number < b.value } else { number <= b.value });
        above && below
    }

    /// Whether no number lies inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (self.least, self.most) {
            (Some(a), Some(b)) => a.value > b.value || (a.value >= b.value && (a.exclusive || b.exclusive)),
            _ => false,
        }
    }
}

/// When a clause holds: at least one of `any` (all values, when it is empty), and none of `none`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// On a text; letter case does not count.
    Text {
        /// Equal to one of these.
        any: Vec<String>,
        /// Equal to none of these.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        none: Vec<String>,
    },
    /// On a number.
    Number {
        /// Inside one of these.
        any: Vec<Interval>,
        /// Inside none of these.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        none: Vec<Interval>,
    },
}

impl Condition {
    /// The text equals one of these.
    #[must_use]
    pub const fn one_of(texts: Vec<String>) -> Self {
        Self::Text { any: texts, none: Vec::new() }
    }

    /// The number lies in this interval.
    #[must_use]
    pub fn within(interval: Interval) -> Self {
        Self::Number { any: vec![interval], none: Vec::new() }
    }

    /// The number is at least this.
    #[must_use]
    pub fn at_least(least: f64) -> Self {
        Self::within(Interval::at_least(least))
    }

    /// Whether it holds for a number.
    #[must_use]
    pub fn holds_for_number(&self, number: f64) -> bool {
        match self {
            Self::Number { any, none } => {
                (any.is_empty() || any.iter().any(|one| one.contains(number)))
                    && !none.iter().any(|one| one.contains(number))
            }
            Self::Text { .. } => self.holds_for_text(&number.to_string()),
        }
    }

    /// Whether it holds for a text. A condition on numbers holds for no text.
    #[must_use]
    pub fn holds_for_text(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let same = |one: &String| one.trim().to_lowercase() == text;
        match self {
            Self::Text { any, none } => (any.is_empty() || any.iter().any(same)) && !none.iter().any(same),
            Self::Number { .. } => false,
        }
    }

    /// The least number that is asked for, where there is one: what a batch system is asked to provide.
    #[must_use]
    pub fn least_number(&self) -> Option<f64> {
        match self {
            Self::Number { any, .. } => {
                let least = any.iter().map(|one| one.least.map(|bound| bound.value)).collect::<Option<Vec<_>>>()?;
                least.into_iter().min_by(f64::total_cmp)
            }
            Self::Text { .. } => None,
        }
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = |bound: Bound, exclusive: &'static str| if bound.exclusive { exclusive } else { "" };
        match (self.least, self.most) {
            (Some(a), Some(b)) if a == b => write!(f, "{}", a.value),
            (Some(a), Some(b)) => {
                write!(f, "{}{} to {}{}", word(a, "more than "), a.value, word(b, "less than "), b.value)
            }
            (Some(a), None) => write!(f, "{}{}", word(a, "more than "), a.value),
            (None, Some(b)) => write!(f, "{}{}", if b.exclusive { "less than " } else { "at most " }, b.value),
            (None, None) => f.write_str("any number"),
        }
    }
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
    /// The numbers allowed, in the unit of the measure.
    pub condition: Condition,
    /// The other end; absent: the broker.
    pub host: Option<String>,
}

/// A condition on something that this broker has no word for: a parameter of the site's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OtherClause {
    /// The parameter.
    pub name: String,
    /// What it must be.
    pub condition: Condition,
    /// The other end, for a parameter of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// All of these must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherClause>,
    /// All of these must be installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<ApplicationRequirement>,
    /// What is started here instead of the task's program: a binary for this kind of place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
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
                Condition::Text { any, .. } if clause.attribute == attribute => Some(any.as_slice()),
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

//! A place where a task could run: a cluster, or one of its queues, with what is known about it.

use crate::job::{Attribute, ClusterName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A cluster, or one of its queues.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The cluster.
    pub cluster: ClusterName,
    /// `host` or `host:port`, as the site publishes it.
    pub host: String,
    /// The kind of its batch system: the word of `localrmname`.
    pub kind: String,
    /// The queue; absent where there are none.
    pub queue: Option<String>,
    /// What is known.
    pub facts: Facts,
    /// When that was seen.
    pub observed: Timestamp,
    /// Whether it takes jobs now, and if not, why.
    pub usable: Result<(), String>,
}

/// What is known about a candidate. What is absent is unknown, not zero.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Texts: operating system, architecture.
    pub texts: BTreeMap<Attribute, String>,
    /// Numbers, in the units of [`Attribute`].
    pub numbers: BTreeMap<Attribute, f64>,
    /// Installed applications.
    pub applications: Vec<InstalledApplication>,
    /// The longest wall clock time allowed; absent: no limit known.
    pub max_wall: Option<Duration>,
    /// All slots.
    pub slots: Option<u32>,
    /// Free slots.
    pub free_slots: Option<u32>,
    /// Waiting jobs.
    pub waiting: Option<u32>,
}

/// An application a cluster has installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledApplication {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// How many may run at once; absent: not limited or not known.
    pub instances: Option<u32>,
    /// The program on the cluster; absent: its name, found through `PATH`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Facts {
    /// The program of an installed application: its path, or its name, to be found through `PATH`.
    #[must_use]
    pub fn application_program(&self, name: &str, version: Option<&str>) -> Option<String> {
        let fits = |one: &&InstalledApplication| one.name == name && is_version(version, one);
        let found = self.applications.iter().find(fits)?;
        Some(found.path.clone().unwrap_or_else(|| found.name.clone()))
    }
}

/// What the survey of a cluster published, as the store keeps it. A cluster that does not answer any more takes no jobs, and its old facts
/// stay. Text that this version cannot read counts as no survey.
#[must_use]
pub fn published(survey: Option<&str>, failure: Option<&(String, Timestamp)>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = survey.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    if let Some((why, since)) = failure {
        for candidate in &mut candidates {
            candidate.usable = Err(format!("it has not answered since {since}: {why}"));
        }
    }
    candidates
}

impl Candidate {
    /// The contact under which a description may name it: `host[:port]/jobmanager-kind`.
    #[must_use]
    pub fn contact(&self) -> String {
        format!("{}/jobmanager-{}", self.host, self.kind)
    }

    /// The host without the port.
    pub(super) fn host_name(&self) -> &str {
        split_port(&self.host).0
    }

    /// A number; processors are slots where nothing else is published.
    pub(super) fn number(&self, attribute: Attribute) -> Option<f64> {
        let slots = match attribute {
            Attribute::CpuCount => self.facts.slots,
            Attribute::FreeCpus => self.facts.free_slots,
            _ => None,
        };
        self.facts.numbers.get(&attribute).copied().or(slots.map(f64::from))
    }

    /// A text.
    pub(super) fn text(&self, attribute: Attribute) -> Option<&str> {
        match attribute {
            Attribute::HostName => Some(&self.host),
            Attribute::LocalManager => Some(&self.kind),
            Attribute::Queue => self.queue.as_deref(),
            _ => self.facts.texts.get(&attribute).map(String::as_str),
        }
    }

    /// How old the facts are.
    pub(super) fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.observed)).unwrap_or_default()
    }
}

/// `host:port` in two; the colons of a bracketed address are no port.
pub(super) fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    }
}

/// A version is exact unless it ends in `*`.
pub(super) fn is_version(wanted: Option<&str>, installed: &InstalledApplication) -> bool {
    let Some(wanted) = wanted else { return true };
    let offered = installed.version.as_deref();
    match wanted.strip_suffix('*') {
        Some(start) => start.is_empty() || offered.is_some_and(|version| version.starts_with(start)),
        None => offered == Some(wanted),
    }
}

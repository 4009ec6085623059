//! The configuration: one TOML file, read whole, every fault told at once with line, column and a suggestion.
//!
//! Relative paths are relative to the file. Unknown keys are faults, except inside `[[cluster]]`, where the batch
//! system's driver takes what this room does not know; [`Config::explain`] gives its complaint the place in the file.

mod check;
mod read;
mod reader;
mod values;

pub use check::{CheckLine, Report};
pub use reader::{Fault, Place};

use crate::identity::{Subject, TlsSettings};
use crate::job::{Attribute, ClusterName};
use crate::soap::classic;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything an administrator can say.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub file: PathBuf,
    /// `[server]`.
    pub server: Server,
    /// `[classic]`: the service for clients of GRMS 1.9.
    pub classic: classic::Settings,
    /// `[database]`.
    pub database: DatabaseUrl,
    /// `[users]`: the grid-mapfile.
    pub users: Option<PathBuf>,
    /// `[broker]`.
    pub broker: Broker,
    /// `[transfers]`.
    pub transfers: Transfers,
    /// `[descriptions]`: namespaces whose elements in a JSDL document are passed over with a warning.
    pub ignore_namespaces: Vec<String>,
    /// `[[cluster]]`, in the order of the file.
    pub clusters: Vec<Cluster>,
}

/// The door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Where connections are awaited.
    pub listen: SocketAddr,
    /// What the world calls this server, without path or slash at the end: `https://grid.example.org:8443`.
    pub url: String,
    /// Certificates.
    pub tls: TlsSettings,
    /// How often certificates and revocation lists are read again.
    pub reload_every: Duration,
    /// Who sees and cancels everybody's jobs.
    pub administrators: Vec<Subject>,
    /// The longest request, bytes.
    pub max_body: u64,
    /// The longest job description, bytes.
    pub max_description: u64,
    /// Unfinished jobs one user may have; absent: any number.
    pub max_jobs_per_user: Option<u32>,
    /// The most items of one bulk request.
    pub max_bulk: u32,
    /// The longest that a caller who waits for a change is kept waiting.
    pub longest_wait: Duration,
}

/// Times and bounds of the broker's own work.
#[derive(Debug, Clone, PartialEq)]
pub struct Broker {
    /// How long a claim on a task lasts without being renewed.
    pub lease: Duration,
    /// The longest a worker sleeps without a signal.
    pub tick: Duration,
    /// Attempts of a task before the broker gives up.
    pub max_attempts: u32,
    /// A batch job younger than this is not missed in a listing.
    pub settle: Duration,
    /// A batch job without a trace for so long is lost.
    pub lost_after: Duration,
    /// The time between two surveys of a cluster.
    pub survey_every: Duration,
    /// How long a stopping broker waits for steps under way.
    pub drain: Duration,
    /// The zone in which times of day in job descriptions are meant.
    pub time_zone: TimeZone,
}

/// Bounds of staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfers {
    /// Transfers at once, for each cluster.
    pub at_once: u32,
    /// Tries of one transfer before it has failed.
    pub tries: u32,
    /// A transfer that moves no byte for so long has failed.
    pub stall: Duration,
    /// A transfer that failed is tried again after so long, then after twice as long, and so on.
    pub retry_after: Duration,
}

/// Whom jobs run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunAs {
    /// The account that the grid-mapfile gives to the job's owner.
    Mapped,
    /// The broker's own account.
    Broker,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// Its batch system: `fork`, `slurm`, …
    pub kind: String,
    /// The working area, on the cluster.
    pub work_dir: PathBuf,
    /// Its contact host, which users see and ask for; absent: the broker's own host.
    pub contact: Option<String>,
    /// Whom its jobs run as; absent: mapped accounts when the broker is root, the broker's own otherwise.
    pub run_as: Option<RunAs>,
    /// The least time between two looks at its jobs.
    pub poll: Duration,
    /// How long a stopped program may take before it is killed.
    pub grace: Duration,
    /// `[cluster.facts]`: what a survey cannot find out, by the words of the job description language.
    pub facts: BTreeMap<Attribute, String>,
    /// `[[cluster.application]]`.
    pub applications: Vec<Application>,
    /// Everything else, for the batch system's driver.
    pub settings: toml::Table,
    /// Where it begins.
    pub place: Place,
    /// Where the driver's keys are.
    pub setting_places: BTreeMap<String, Place>,
}

/// An installed application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its name in job descriptions.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// The program.
    pub path: Option<PathBuf>,
}

/// Where the database is. Debug and Display hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole URL: `sqlite:PATH` with an absolute path, or `postgres://…`, password included.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.0.strip_prefix("sqlite:").map(Path::new)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The parameters after a question mark may hold a password too.
        let shown = self.0.split('?').next().unwrap_or_default();
        match (shown.split_once("://"), shown.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, host))) => write!(f, "{scheme}://…@{host}"),
            _ => f.write_str(shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the environment says in place of the file.
#[derive(Clone, Default)]
pub struct Overrides {
    /// `GRMS_DATABASE_URL`.
    pub database_url: Option<String>,
}

impl Overrides {
    /// Reads the environment of this process.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { database_url: std::env::var("GRMS_DATABASE_URL").ok().filter(|url| !url.is_empty()) }
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file.
    #[error(
        "cannot read the configuration {path}: make a site with `grmsd init --dir DIR`, or name a file with --config"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Its content: every fault, one a line, each with its place.
    #[error("{}", list(.path, .faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// In the order of the file.
        faults: Vec<Fault>,
    },
}

fn list(path: &Path, faults: &[Fault]) -> String {
    let separator = |fault: &Fault| if fault.place.is_some() { ":" } else { ": " };
    let lines: Vec<_> = faults.iter().map(|fault| format!("{}{}{fault}", path.display(), separator(fault))).collect();
    lines.join("\n")
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault of the file.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let read_error = |source| ConfigError::Read { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(read_error)?;
        let path = std::path::absolute(path).map_err(read_error)?;
        Self::parse(&text, &path, overrides).map_err(|faults| ConfigError::Faults { path, faults })
    }

    /// Reads the text of the file `path`, an absolute path.
    ///
    /// # Errors
    /// Every fault, in the order of the file.
    pub fn parse(text: &str, path: &Path, overrides: &Overrides) -> Result<Self, Vec<Fault>> {
        read::read(text, path, overrides).0
    }

    /// Faults that depend on the machine: the batch systems that this program has, and whether it runs as root.
    #[must_use]
    pub fn faults(&self, kinds: &[&str], root: bool) -> Vec<Fault> {
        self.clusters.iter().flat_map(|cluster| read::cluster_faults(self, cluster, kinds, root)).collect()
    }

    /// The complaint of a batch system's driver, with its place: that of the first key it names in backquotes, or the
    /// cluster's.
    #[must_use]
    pub fn explain(&self, cluster: &Cluster, complaint: &str) -> ConfigError {
        ConfigError::Faults { path: self.file.clone(), faults: vec![read::explain(cluster, complaint)] }
    }
}

impl Cluster {
    /// Whom its jobs run as.
    #[must_use]
    pub fn run_as(&self, root: bool) -> RunAs {
        self.run_as.unwrap_or(if root { RunAs::Mapped } else { RunAs::Broker })
    }
}

#[cfg(test)]
mod tests;

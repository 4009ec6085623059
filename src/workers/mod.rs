//! What the broker does by itself. One file a duty.
//!
//! Workers take no input but the store: signals only wake them earlier, so a start, a restart and a hint all take the same path.
//! Every step may run twice. The intent is written down before the outside is touched.

pub mod deliver;
pub mod dispatch;
pub mod driver;
pub mod follow;
pub mod matching;
pub mod monitor;
mod paths;
pub mod staging_in;
pub mod staging_out;
pub mod survey;
pub mod sweep;
mod transport;
mod work;

use crate::batch::BatchSystem;
use crate::clock::Clock;
use crate::job::{ClusterName, Failure, JobId};
use crate::shell::{LocalUser, Shell};
use crate::store::{Store, StoreError};
use crate::transfer::Protocols;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Whom a job of an owner runs as on a cluster: `None` is the broker's own account.
pub type AccountOf = Arc<dyn Fn(&str) -> Result<Option<LocalUser>, Failure> + Send + Sync>;

/// One cluster, as the workers use it.
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// Its contact host.
    pub host: String,
    /// The working area.
    pub area: PathBuf,
    /// Where its commands run and its files are.
    pub shell: Arc<dyn Shell>,
    /// Its batch system.
    pub system: Arc<dyn BatchSystem>,
    /// Whom jobs run as.
    pub account: AccountOf,
    /// What its administrator says of it.
    pub facts: crate::matchmaking::Facts,
    /// The least time between two looks.
    pub poll: Duration,
}

/// Times and bounds of the workers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a claim on a task lasts without being renewed.
    pub lease: Duration,
    /// The longest a worker sleeps without a signal.
    pub tick: Duration,
    /// Attempts of a task before the broker gives up.
    pub max_attempts: u32,
    /// Tries of one transfer before it has failed.
    pub transfer_tries: u32,
    /// A transfer that moves no byte for so long has failed.
    pub transfer_stall: Duration,
    /// The first wait before a transfer or an attempt is tried again; doubled with every try.
    pub retry_after: Duration,
    /// Transfers at once, for each cluster.
    pub transfers_at_once: usize,
    /// A batch job younger than this is not missed in a listing.
    pub settle: Duration,
    /// A batch job without a trace for so long is lost.
    pub lost_after: Duration,
    /// The time between two surveys of a cluster.
    pub survey_every: Duration,
    /// How long a stopping broker waits for steps under way.
    pub drain: Duration,
    /// The zone in which times of day are meant.
    pub zone: jiff::tz::TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            tick: Duration::from_secs(1),
            max_attempts: 3,
            transfer_tries: 6,
            transfer_stall: Duration::from_secs(120),
            retry_after: Duration::from_secs(2),
            transfers_at_once: 16,
            settle: Duration::from_secs(20),
            lost_after: Duration::from_secs(3600),
            survey_every: Duration::from_secs(60),
            drain: Duration::from_secs(20),
            zone: jiff::tz::TimeZone::UTC,
        }
    }
}

/// Everything the workers share.
pub struct Context {
    /// The store.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The clusters.
    pub clusters: Vec<Arc<Cluster>>,
    /// The transfer protocols.
    pub protocols: Protocols,
    /// Directory of trusted certificate authorities, for transfers.
    pub authorities: Option<PathBuf>,
    /// Finds the credential of an owner for a job.
    pub credentials: CredentialOf,
    /// Times and bounds.
    pub settings: Settings,
    /// This broker's name in leases: host, process and a random part.
    pub name: String,
    /// The address that jobs are told in `GRMS_SERVICE_URL`: of the classic service, which programs call to register themselves.
    pub service_url: String,
    /// Told of every announcement, in order for each job.
    pub announce: Announce,
}

/// Finds the file with an owner's credential.
pub type CredentialOf = Arc<dyn Fn(&str) -> Option<PathBuf> + Send + Sync>;

/// Told of every announcement.
pub type Announce = Arc<dyn Fn(&crate::store::outbox::Announcement) + Send + Sync>;

impl Context {
    /// The cluster with this name, if it is still configured.
    #[must_use]
    pub fn cluster(&self, name: &ClusterName) -> Option<&Arc<Cluster>> {
        self.clusters.iter().find(|cluster| cluster.name == *name)
    }
}

/// Why a step came to no end.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// It is to be tried again.
    #[error("{why}")]
    Later {
        /// After so long.
        after: Duration,
        /// Why.
        why: String,
    },
    /// What it worked on is gone or has moved on.
    #[error("nothing to do any more")]
    Gone,
    /// The store's own failure.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<crate::store::jobs::ApplyError> for StepError {
    fn from(error: crate::store::jobs::ApplyError) -> Self {
        match error {
            crate::store::jobs::ApplyError::Store(error) => Self::Store(error),
            crate::store::jobs::ApplyError::NotFound | crate::store::jobs::ApplyError::Illegal(_) => Self::Gone,
        }
    }
}

/// Back-off: doubling from `first`, at most `most`, spread by up to a quarter so that jobs of one moment do not come back together.
#[must_use]
pub fn back_off(first: Duration, most: Duration, tries: u32, job: &JobId) -> Duration {
    let doubled = first.saturating_mul(1_u32 << tries.min(16)).min(most);
    let spread: u32 = job.as_str().bytes().fold(tries, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    doubled + doubled.mul_f64(f64::from(spread % 256) / 1024.0)
}

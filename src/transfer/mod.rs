//! Transfer protocols: how one file or directory gets from a location to a cluster's working directory, or back.
//!
//! One file a protocol. A file appears under its final name only when it is whole. A transfer may be tried again at any time.

mod data;
mod failure;
mod file;
mod gridftp;
mod http;
mod landing;
mod outgoing;
mod protocols;
mod tools;

pub use protocols::{Protocols, Settings};

use crate::job::{Code, FileKind, Scheme, Url};
use crate::shell::{LocalUser, Shell};
use async_trait::async_trait;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The cluster's side of a transfer.
#[derive(Clone)]
pub struct Landing {
    /// Where the path is.
    pub shell: Arc<dyn Shell>,
    /// Whose rights reading or writing of the *other* side needs when it is on the same machine (`file:`).
    pub user: Option<LocalUser>,
    /// The file or directory on the cluster.
    pub path: PathBuf,
    /// File or directory.
    pub kind: FileKind,
}

/// What a transfer may use.
#[derive(Clone)]
pub struct Access {
    /// PEM file with the user's proxy, or certificate and key; owned by the broker, mode 0600.
    pub credential: Option<PathBuf>,
    /// Directory of trusted certificate authorities in hashed form.
    pub authorities: Option<PathBuf>,
    /// A transfer that moves no byte for so long has failed.
    pub stall: Duration,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of a file's content in lower-case hexadecimal; absent for directories and where the bytes were not seen.
    pub sha256: Option<String>,
}

/// Why a transfer failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct TransferError {
    /// What kind of failure: 503 missing, 504 forbidden, 505 stalled, 507 full, 501 or 502 anything else.
    pub code: Code,
    /// One sentence that names the URL.
    pub message: String,
    /// The other side's words.
    pub site_text: Option<String>,
    /// Whether the same transfer may succeed later.
    pub transient: bool,
}

/// A protocol.
#[async_trait]
pub trait TransferProtocol: Send + Sync {
    /// The schemes it serves.
    fn schemes(&self) -> &'static [Scheme];

    /// Whether it moves whole directories.
    fn moves_directories(&self) -> bool;

    /// Brings what is at `from` to the landing.
    async fn fetch(&self, from: &Url, to: &Landing, access: &Access) -> Result<Moved, TransferError>;

    /// Delivers the landing to `to`.
    async fn push(&self, from: &Landing, to: &Url, access: &Access) -> Result<Moved, TransferError>;
}

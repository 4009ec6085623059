//! Credentials of users on the broker's disk, for transfers with their rights: one PEM file an owner, mode 0600, named by a digest of
//! the subject, so that a subject never becomes a path.

use crate::config::Config;
use crate::identity::Peer;
use crate::workers::CredentialOf;
use jiff::Timestamp;
use openssl::pkey::PKey;
use openssl::x509::X509;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a credential was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// A file.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Its content.
    #[error(
        "{path} is no credential: {why}; expected PEM with a proxy certificate, its key and the certificates above it"
    )]
    Content {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
}

fn directory(config: &Config) -> PathBuf {
    config.file.parent().unwrap_or(Path::new("/")).join("credentials")
}

fn file_of(directory: &Path, owner: &str) -> PathBuf {
    let mut name = String::with_capacity(68);
    for byte in Sha256::digest(owner.as_bytes()) {
        let _ = write!(name, "{byte:02x}");
    }
    directory.join(name + ".pem")
}

/// Finds the credential that was kept for an owner.
pub(super) fn finder(config: &Config) -> CredentialOf {
    let directory = directory(config);
    Arc::new(move |owner| Some(file_of(&directory, owner)).filter(|path| path.exists()))
}

/// Keeps a proxy for transfers of its owner's jobs, in place of the one before. Gives the owner and when it runs out.
///
/// # Errors
/// [`CredentialError`] tells what is wrong with the file.
pub fn add_credential(config: &Config, proxy: &Path, now: Timestamp) -> Result<(String, Timestamp), CredentialError> {
    let text = std::fs::read(proxy).map_err(|source| CredentialError::File {
        action: "read",
        path: proxy.to_owned(),
        source,
    })?;
    let bad = |why: String| CredentialError::Content { path: proxy.to_owned(), why };
    let chain = X509::stack_from_pem(&text).map_err(|error| bad(error.to_string()))?;
    let first = chain.first().ok_or_else(|| bad("it holds no certificate".to_owned()))?;
    let key =
        PKey::private_key_from_pem(&text).map_err(|_| bad("it holds no private key without a password".to_owned()))?;
    let same = first.public_key().is_ok_and(|public| public.public_eq(&key));
    if !same {
        return Err(bad("the key does not belong to the first certificate".to_owned()));
    }
    let peer = Peer::from_chain(chain.iter().map(AsRef::as_ref)).map_err(|error| bad(error.to_string()))?;
    peer.check(now).map_err(|error| bad(error.to_string()))?;
    let directory = directory(config);
    let kept = file_of(&directory, peer.subject.as_str());
    let failed = |source| CredentialError::File { action: "write", path: kept.clone(), source };
    std::fs::create_dir_all(&directory).map_err(failed)?;
    let part = kept.with_extension("part");
    let _ = std::fs::remove_file(&part);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?;
    file.write_all(&text)
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(&part, &kept))
        .map_err(failed)?;
    Ok((peer.subject.to_string(), peer.not_after))
}

//! The cluster's side of a transfer: the name under which half a file lies, and what a landing holds.

use super::{Landing, TransferError};
use crate::job::Code;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Lower-case hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A name beside `path`, in a directory of one attempt, for the half-written file: always the same one, so that a repeated transfer
/// overwrites what a crash left, and of plain short characters whatever the name is.
pub(super) fn temporary(path: &Path) -> PathBuf {
    half_beside(path, Sha256::new())
}

/// A name beside `target`, where several jobs may deliver at once, for the half-written copy of `source`. It is as stable as that of
/// [`temporary`], and another one for each source: the path of an output holds its job, task and attempt.
pub(super) fn delivery(target: &Path, source: &Path) -> PathBuf {
    // No path has the NUL that ends it here.
    half_beside(target, Sha256::new().chain_update(source.as_os_str().as_encoded_bytes()).chain_update([0]))
}

fn half_beside(path: &Path, digest: Sha256) -> PathBuf {
    let digest = digest.chain_update(path.file_name().unwrap_or_default().as_encoded_bytes()).finalize();
    path.with_file_name(format!(".grms-{}.part", hexadecimal(&digest[..8])))
}

/// A path as an argument.
pub(super) fn text(path: &Path) -> Result<String, TransferError> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let message = format!("the path {} is not valid UTF-8", path.display());
        TransferError::permanent(Code::StageInFailed, message)
    })
}

/// How long a local copy of so many bytes may take, at 1 MiB/s, a rate that only a broken disk falls below.
pub(super) fn patience(stall: Duration, bytes: u64) -> Duration {
    stall + Duration::from_secs(bytes >> 20)
}

impl Landing {
    /// Makes the directories above the landing, which a name such as `sub/x` needs.
    pub(super) async fn make_room(&self, doing: &str) -> Result<(), TransferError> {
        let Some(parent) = self.path.parent() else { return Ok(()) };
        let failed = |error| TransferError::shell(doing, Code::StageInFailed, &error);
        self.shell.make_directory(parent).await.map_err(failed)
    }

    /// The path through which the broker itself writes or reads the landing.
    pub(super) fn reachable(&self, otherwise: Code) -> Result<PathBuf, TransferError> {
        self.shell.local_path(&self.path).ok_or_else(|| {
            let message = format!(
                "{} on {} cannot be reached from the broker's machine; use a file: location there",
                self.path.display(),
                self.shell.host()
            );
            TransferError::permanent(otherwise, message)
        })
    }
}

/// The content of a directory in bytes, links not followed.
pub(super) fn size_of_tree(root: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let found = entry.metadata()?;
            if found.is_dir() {
                waiting.push(entry.path());
            } else {
                bytes += found.len();
            }
        }
    }
    Ok(bytes)
}

/// Length and SHA-256 of a file.
pub(super) fn digest_of(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = std::fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok((bytes, hexadecimal(&digest.finalize())));
        }
        digest.update(&block[..count]);
        bytes += count as u64;
    }
}

/// Runs a long file operation where it does not hold up other transfers.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temporary_name_is_plain_and_always_the_same() {
        let name = temporary(Path::new("/w/-rf ünï \"'\\"));
        assert_eq!(name, temporary(Path::new("/w/-rf ünï \"'\\")));
        assert_ne!(name, temporary(Path::new("/w/other")));
        assert_eq!(name.parent(), Some(Path::new("/w")));
        let last = name.file_name().and_then(|name| name.to_str()).unwrap();
        assert!(last.starts_with(".grms-") && last.len() == 27, "{last}");
        assert_eq!(temporary(Path::new(&format!("/w/{}", "x".repeat(255)))).file_name().unwrap().len(), 27);
    }

    #[test]
    fn deliveries_to_one_place_have_a_name_for_each_source() {
        let (target, one, other) = (Path::new("/home/out"), Path::new("/w/1/out"), Path::new("/w/2/out"));
        let name = delivery(target, one);
        assert_eq!(name, delivery(target, one), "the next try finds what the last one left");
        assert_eq!((name.parent(), name.file_name().map(|name| name.len())), (Some(Path::new("/home")), Some(27)));
        assert_ne!(name, delivery(target, other));
        assert_ne!(name, delivery(Path::new("/home/err"), one));
        assert_ne!(name, temporary(target));
    }

    #[test]
    fn a_digest_is_the_sha_256_of_the_content() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest_of(&path).unwrap(), (3, expected.to_owned()));
        assert_eq!(size_of_tree(directory.path()).unwrap(), 3);
    }
}

//! Whom the caller trusts: the certificate authorities of the grid, one hashed file each.

use crate::failure::Failure;
use openssl::x509::X509;
use std::path::{Path, PathBuf};

const USUAL: &str = "/etc/grid-security/certificates";

/// The directory to use: `X509_CERT_DIR`, else the usual one if it exists, else `None` for the system's own store.
pub(crate) fn locate(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("X509_CERT_DIR").or_else(|| Some(PathBuf::from(USUAL)).filter(|usual| usual.is_dir()))
}

/// Every authority in the directory, from files named `<hash>.<digit>`.
pub(crate) fn load(directory: &Path) -> Result<Vec<X509>, Failure> {
    let shown = directory.display();
    let entries = std::fs::read_dir(directory).map_err(|error| {
        Failure::not_authenticated(format!("the certificate directory {shown} cannot be read: {error}"))
    })?;
    let mut files: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|file| is_hashed(file)).collect();
    files.sort();
    let pems = files.iter().filter_map(|file| std::fs::read(file).ok());
    let authorities: Vec<_> = pems.filter_map(|pem| X509::stack_from_pem(&pem).ok()).flatten().collect();
    if authorities.is_empty() {
        return Err(Failure::not_authenticated(format!(
            "the certificate directory {shown} has no certificate authority: files named like 1a2b3c4d.0 are expected \
             (openssl rehash {shown} makes them); check X509_CERT_DIR"
        )));
    }
    Ok(authorities)
}

fn is_hashed(file: &Path) -> bool {
    let hash = file.file_stem().and_then(|stem| stem.to_str());
    let digit = file.extension().and_then(|extension| extension.to_str());
    hash.is_some_and(|hash| hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && digit.is_some_and(|digit| digit.len() == 1 && digit.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_files_are_authorities_and_revocation_lists_are_not() {
        assert!(is_hashed(Path::new("/d/1a2b3c4d.0")));
        for other in ["1a2b3c4d.r0", "1a2b3c4d.signing_policy", "ca.pem", "short.0", "1a2b3c4d"] {
            assert!(!is_hashed(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_directory_without_authorities_is_refused_with_advice() {
        let directory = tempfile::tempdir().expect("a directory");
        let error = load(directory.path()).expect_err("empty").to_string();
        assert!(error.contains("openssl rehash"), "{error}");
    }
}

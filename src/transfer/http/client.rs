//! The HTTP client of one transfer: the user's credential, the grid's authorities beside the system's, no cookies, no redirects of
//! its own and no proxy from the environment.

use crate::job::Code;
use crate::transfer::failure::with_causes;
use crate::transfer::{Access, TransferError};
use openssl::pkey::PKey;
use reqwest::{Certificate, Client, Identity};
use std::path::Path;
use std::time::Duration;

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(30);

/// A client for one transfer.
pub(super) async fn open(access: &Access, secure: bool, otherwise: Code) -> Result<Client, TransferError> {
    let mut builder = Client::builder()
        .user_agent(concat!("grms/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // Grid servers ask for the client's certificate after the request is known, which HTTP/2 forbids.
        .http1_only()
        .connect_timeout(access.stall.min(CONNECT));
    if secure {
        if let Some(directory) = &access.authorities {
            builder = builder.tls_certs_merge(authorities(directory, otherwise).await?);
        }
        if let Some(path) = &access.credential {
            builder = builder.identity(identity(path).await?);
        }
    }
    builder.build().map_err(|error| {
        let message = format!("the HTTP client cannot be set up: {}", with_causes(&error));
        TransferError::permanent(otherwise, message)
    })
}

/// Every certificate in the files `*.0` of a directory in hashed form. A file that is none is left out: it must not make
/// every transfer fail.
async fn authorities(directory: &Path, otherwise: Code) -> Result<Vec<Certificate>, TransferError> {
    let failed = |error: &std::io::Error| {
        TransferError::io(&format!("reading the authorities in {}", directory.display()), otherwise, error)
    };
    let mut found = Vec::new();
    let mut entries = tokio::fs::read_dir(directory).await.map_err(|error| failed(&error))?;
    while let Some(entry) = entries.next_entry().await.map_err(|error| failed(&error))? {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "0") {
            continue;
        }
        let certificates = tokio::fs::read(&path).await.ok().and_then(|pem| Certificate::from_pem_bundle(&pem).ok());
        match certificates {
            Some(certificates) => found.extend(certificates),
            None => tracing::warn!(path = %path.display(), "not a certificate of an authority; left out"),
        }
    }
    Ok(found)
}

/// The user's identity: the first certificate, those after it as its chain, and the key wherever it stands in the file.
async fn identity(path: &Path) -> Result<Identity, TransferError> {
    let unusable = |why: String| {
        let message = format!("the delegated credential cannot be used: {why}; delegate it again");
        TransferError::permanent(Code::DelegationRequired, message)
    };
    let pem = tokio::fs::read(path).await.map_err(|error| unusable(error.to_string()))?;
    let key = PKey::private_key_from_pem(&pem)
        .and_then(|key| key.private_key_to_pem_pkcs8())
        .map_err(|error| unusable(error.to_string()))?;
    Identity::from_pkcs8_pem(&pem, &key).map_err(|error| unusable(with_causes(&error)))
}

//! The server's side of TLS: client certificates and RFC 3820 proxies verified by OpenSSL, with revocation, without
//! resumption, and with authorities, revocation lists and the host's own certificate exchanged while running.
//!
//! Every setting closes a hole that was seen open. `CRL_CHECK` alone accepts a proxy of a revoked certificate, because
//! OpenSSL then looks at the leaf only. A resumed session has no chain, so sessions are never resumed. A store caches
//! what it has read, so each [`TlsIdentity::reload`] begins with an empty one.

use arc_swap::ArcSwap;
use openssl::error::ErrorStack;
use openssl::ssl::{
    AlpnError, ClientHelloResponse, SslAcceptor, SslAcceptorBuilder, SslContext, SslFiletype, SslMethod, SslOptions,
    SslSessionCacheMode, SslVerifyMode, SslVersion, select_next_proto,
};
use openssl::x509::store::{X509Lookup, X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509PurposeId, X509StoreContextRef, X509VerifyResult};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `X509_V_ERR_UNABLE_TO_GET_CRL`: the authority has no list in the directory.
pub(super) const UNABLE_TO_GET_CRL: i32 = 3;

/// The protocols offered by ALPN. HTTP/2 would cut off an oversize request without the fault that explains it.
const PROTOCOLS: &[u8] = b"\x08http/1.1";

/// Where certificates are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// The host's certificate, PEM, followed by intermediate authorities.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
    /// Directory of trusted authorities in hashed form: `<hash>.0`, revocation lists as `<hash>.r0`.
    pub authorities: PathBuf,
    /// Whether an authority without a revocation list is refused. A list that exists is always obeyed, and one that has
    /// run out refuses everybody.
    pub require_crl: bool,
}

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file or directory cannot be read.
    #[error("cannot read {what} {path}")]
    Read {
        /// What it is.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is there and is no use.
    #[error("{what} {path} cannot be used: {why}")]
    Content {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The two do not belong together.
    #[error("the key {key} does not belong to the host certificate {certificate}")]
    Mismatch {
        /// The key.
        key: PathBuf,
        /// The certificate.
        certificate: PathBuf,
    },
    /// OpenSSL refused a setting.
    #[error("OpenSSL refused to {action}")]
    OpenSsl {
        /// What was being set.
        action: &'static str,
        /// Its words.
        #[source]
        source: ErrorStack,
    },
}

fn openssl(action: &'static str) -> impl FnOnce(ErrorStack) -> TlsError {
    move |source| TlsError::OpenSsl { action, source }
}

/// The server's TLS, whose certificates can be read again while connections come in.
#[derive(Clone)]
pub struct TlsIdentity {
    settings: Arc<TlsSettings>,
    current: Arc<ArcSwap<Trust>>,
}

/// What one reading of the files gave.
pub(super) struct Trust {
    context: SslContext,
    pub(super) with_lists: X509Store,
    pub(super) without_lists: X509Store,
    /// Counts the readings, from 1.
    pub(super) generation: u64,
}

impl Trust {
    fn read(settings: &TlsSettings, generation: u64) -> Result<Self, TlsError> {
        let context = builder(settings)?.build().into_context();
        let with_lists = store(&settings.authorities, flags())?;
        let without_lists = store(&settings.authorities, X509VerifyFlags::ALLOW_PROXY_CERTS)?;
        Ok(Self { context, with_lists, without_lists, generation })
    }
}

impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsIdentity").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl TlsIdentity {
    /// Reads certificate, key and authorities.
    ///
    /// # Errors
    /// [`TlsError`] names the file.
    pub fn open(settings: TlsSettings) -> Result<Self, TlsError> {
        let trust = Trust::read(&settings, 1)?;
        Ok(Self { settings: Arc::new(settings), current: Arc::new(ArcSwap::from_pointee(trust)) })
    }

    /// Where the certificates are.
    #[must_use]
    pub fn settings(&self) -> &TlsSettings {
        &self.settings
    }

    /// An acceptor whose every handshake uses what the last [`reload`](Self::reload) read. A certificate of the client
    /// is asked for, verified when it comes and not demanded: who may do what without one is decided behind the
    /// handshake.
    ///
    /// # Errors
    /// [`TlsError`] names the file.
    pub fn acceptor_builder(&self) -> Result<SslAcceptorBuilder, TlsError> {
        let mut builder = builder(&self.settings)?;
        let current = Arc::clone(&self.current);
        builder.set_client_hello_callback(move |ssl, _| {
            ssl.set_ssl_context(&current.load().context)?;
            Ok(ClientHelloResponse::SUCCESS)
        });
        Ok(builder)
    }

    /// Reads everything again. New handshakes use it at once, open connections at their next
    /// request ([`peer`](Self::peer)). Called by one task at a time.
    ///
    /// # Errors
    /// [`TlsError`] names the file; what was read before stays in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        let trust = Trust::read(&self.settings, self.current.load().generation + 1)?;
        self.current.store(Arc::new(trust));
        Ok(())
    }

    pub(super) fn trust(&self) -> arc_swap::Guard<Arc<Trust>> {
        self.current.load()
    }
}

/// A complete server context. The first one of a connection gives verify mode, callback, flags and options; the one it
/// is exchanged for gives certificate, key, trust and ALPN. Both come from here, so it does not matter which gives
/// what.
fn builder(settings: &TlsSettings) -> Result<SslAcceptorBuilder, TlsError> {
    let mut builder =
        SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).map_err(openssl("make a server context"))?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(openssl("demand TLS 1.2"))?;
    set_certificate(&mut builder, settings)?;
    forbid_resumption(&mut builder)?;
    builder.set_cert_store(store(&settings.authorities, flags())?);
    builder.verify_param_mut().set_flags(flags()).map_err(openssl("check proxies and revocation lists"))?;
    let require_crl = settings.require_crl;
    builder.set_verify_callback(SslVerifyMode::PEER, move |ok, context| ok || tolerate(require_crl, context));
    builder.set_alpn_select_callback(|_, offered| select_next_proto(PROTOCOLS, offered).ok_or(AlpnError::NOACK));
    Ok(builder)
}

fn flags() -> X509VerifyFlags {
    X509VerifyFlags::ALLOW_PROXY_CERTS | X509VerifyFlags::CRL_CHECK | X509VerifyFlags::CRL_CHECK_ALL
}

fn set_certificate(builder: &mut SslAcceptorBuilder, settings: &TlsSettings) -> Result<(), TlsError> {
    let TlsSettings { certificate, key, .. } = settings;
    for (what, path) in [("host certificate", certificate), ("host key", key)] {
        std::fs::File::open(path).map_err(|source| TlsError::Read { what, path: path.clone(), source })?;
    }
    builder
        .set_certificate_chain_file(certificate)
        .map_err(|error| unusable("host certificate", certificate, &error))?;
    // OpenSSL compares the two while it reads the key, but only when they are of the same kind.
    let mismatch = || TlsError::Mismatch { key: key.clone(), certificate: certificate.clone() };
    builder.set_private_key_file(key, SslFiletype::PEM).map_err(|error| {
        let reasons = error.errors().iter().filter_map(|e| e.reason()).collect::<Vec<_>>();
        let differ = reasons.iter().any(|reason| reason.contains("mismatch"));
        if differ { mismatch() } else { unusable("host key", key, &error) }
    })?;
    builder.check_private_key().map_err(|_| mismatch())
}

fn unusable(what: &'static str, path: &Path, error: &ErrorStack) -> TlsError {
    let why = error.errors().first().and_then(|e| e.reason()).unwrap_or("it is not PEM");
    TlsError::Content { what, path: path.to_owned(), why: why.to_owned() }
}

/// A resumed session shows no chain, and a ticket would outlive a revocation.
fn forbid_resumption(builder: &mut SslAcceptorBuilder) -> Result<(), TlsError> {
    builder.set_options(SslOptions::NO_TICKET | SslOptions::NO_RENEGOTIATION);
    builder.set_num_tickets(0).map_err(openssl("send no tickets"))?;
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_session_id_context(b"grms").map_err(openssl("name its sessions"))
}

fn store(authorities: &Path, flags: X509VerifyFlags) -> Result<X509Store, TlsError> {
    let what = "directory of authorities";
    std::fs::read_dir(authorities).map_err(|source| TlsError::Read { what, path: authorities.to_owned(), source })?;
    let name = authorities.to_str().filter(|name| !name.contains([':', '\0'])).ok_or_else(|| {
        let why = "its path is not UTF-8 or contains a colon".to_owned();
        TlsError::Content { what, path: authorities.to_owned(), why }
    })?;
    let mut store = X509StoreBuilder::new().map_err(openssl("make a store"))?;
    store.set_purpose(X509PurposeId::SSL_CLIENT).map_err(openssl("verify clients"))?;
    store.set_flags(flags).map_err(openssl("check proxies and revocation lists"))?;
    let lookup = store.add_lookup(X509Lookup::hash_dir()).map_err(openssl("look up authorities"))?;
    lookup.add_dir(name, SslFiletype::PEM).map_err(openssl("look up authorities"))?;
    Ok(store.build())
}

/// Decides about one error of the verification; the log is where an administrator finds out who was refused and why.
fn tolerate(require_crl: bool, context: &mut X509StoreContextRef) -> bool {
    let error = context.error();
    if error.as_raw() == UNABLE_TO_GET_CRL && !require_crl {
        context.set_error(X509VerifyResult::OK);
        return true;
    }
    let subject = context.current_cert().map(|certificate| super::Subject::of(certificate.subject_name()));
    let subject = match subject {
        Some(Ok(subject)) => subject.to_string(),
        Some(Err(bad)) => bad.to_string(),
        None => "nobody".to_owned(),
    };
    tracing::info!(%subject, depth = context.error_depth(), why = error.error_string(), "client certificate refused");
    false
}

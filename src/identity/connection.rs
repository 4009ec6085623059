//! The client of one connection, asked again at every request: a connection that is kept open outlives proxies,
//! revocation lists and authorities.

use super::peer::{IdentityError, Peer};
use super::signing_policy;
use super::tls::{TlsIdentity, TlsSettings, Trust, UNABLE_TO_GET_CRL};
use jiff::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::ssl::SslRef;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreRef;
use openssl::x509::{CrlStatus, X509, X509Crl, X509StoreContext, X509VerifyResult};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a connection showed when it was opened.
#[derive(Debug)]
pub struct Connection {
    peer: Result<Peer, IdentityError>,
    chain: Vec<X509>,
    /// The reload after which the chain was last verified.
    verified: AtomicU64,
}

impl Connection {
    /// Whom it identified when it was opened, for logs; requests ask [`TlsIdentity::peer`].
    ///
    /// # Errors
    /// [`IdentityError`] tells why nobody.
    pub fn opened_by(&self) -> Result<&Peer, IdentityError> {
        self.peer.as_ref().map_err(Clone::clone)
    }
}

impl TlsIdentity {
    /// Reads what a finished handshake showed.
    #[must_use]
    pub fn connection(&self, ssl: &SslRef) -> Connection {
        let chain: Vec<X509> = ssl.verified_chain().into_iter().flatten().map(|member| member.to_owned()).collect();
        let peer = Peer::from_chain(chain.iter().map(AsRef::as_ref));
        // The handshake may have used what was read before the last reload, so nothing is taken for verified yet.
        Connection { peer, chain, verified: AtomicU64::new(0) }
    }

    /// Who is asking now. The chain must not have run out; at the first request and after each [`reload`](Self::reload)
    /// it is verified again, together with the signing policies of its authorities.
    ///
    /// # Errors
    /// [`IdentityError`] tells why nobody.
    pub fn peer<'c>(&self, connection: &'c Connection, now: Timestamp) -> Result<&'c Peer, IdentityError> {
        let peer = connection.opened_by()?;
        peer.check(now)?;
        let trust = self.trust();
        if connection.verified.load(Ordering::Acquire) != trust.generation {
            let TlsSettings { authorities, require_crl, .. } = self.settings();
            verify(&trust, *require_crl, authorities, &connection.chain)
                .and_then(|()| {
                    let members = connection.chain.iter().skip(usize::try_from(peer.proxies).unwrap_or(usize::MAX));
                    signing_policy::check(authorities, members.map(AsRef::as_ref))
                })
                .map_err(|why| IdentityError::NotTrusted { subject: peer.subject.clone(), why })?;
            connection.verified.store(trust.generation, Ordering::Release);
        }
        Ok(peer)
    }
}

fn verify(trust: &Trust, require_crl: bool, authorities: &Path, chain: &[X509]) -> Result<(), String> {
    let broken = |error: ErrorStack| format!("OpenSSL could not verify it: {error}");
    let result = verify_in(&trust.with_lists, chain).map_err(broken)?;
    if result.as_raw() == UNABLE_TO_GET_CRL && !require_crl {
        // Outside a handshake OpenSSL cannot be asked to go on after this error, so the lists that exist are read here.
        let result = verify_in(&trust.without_lists, chain).map_err(broken)?;
        return told(result).and_then(|()| look_up(authorities, chain));
    }
    told(result)
}

fn told(result: X509VerifyResult) -> Result<(), String> {
    if result == X509VerifyResult::OK { Ok(()) } else { Err(result.error_string().to_owned()) }
}

fn verify_in(store: &X509StoreRef, chain: &[X509]) -> Result<X509VerifyResult, ErrorStack> {
    let mut others = Stack::new()?;
    for member in &chain[1..] {
        others.push(member.clone())?;
    }
    X509StoreContext::new()?.init(store, &chain[0], &others, |context| {
        let good = context.verify_cert()?;
        Ok(if good { X509VerifyResult::OK } else { context.error() })
    })
}

/// Looks for every member in the lists of its issuer.
fn look_up(authorities: &Path, chain: &[X509]) -> Result<(), String> {
    for pair in chain.windows(2) {
        let [member, issuer] = pair else { continue };
        for number in 0..100 {
            let path = authorities.join(format!("{:08x}.r{number}", issuer.subject_name_hash()));
            let Ok(pem) = std::fs::read(&path) else { break };
            let unreadable = |_| format!("the revocation list {} cannot be read", path.display());
            let list = X509Crl::from_pem(&pem).map_err(unreadable)?;
            let key = issuer.public_key().map_err(unreadable)?;
            if !list.verify(&key).map_err(unreadable)? {
                continue;
            }
            let present = Asn1Time::days_from_now(0).map_err(unreadable)?;
            if list.next_update().is_some_and(|end| *end < *present) {
                return Err("CRL has expired".to_owned());
            }
            if let CrlStatus::Revoked(_) = list.get_by_cert(member) {
                return Err("certificate revoked".to_owned());
            }
        }
    }
    Ok(())
}

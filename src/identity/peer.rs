//! The caller behind a verified certificate chain.
//!
//! OpenSSL has already checked signatures, dates, revocation and the proxy rules it knows. What it leaves open is
//! decided here: a limited proxy marks the whole chain, a proxy that inherits nothing identifies nobody.

use super::der::{self, Reader, tag};
use super::subject::{BadSubject, Subject};
use jiff::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::x509::X509Ref;

/// proxyCertInfo, 1.3.6.1.5.5.7.1.14 (RFC 3820, 3.8).
const PROXY_CERT_INFO: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x0E];
/// The draft that Globus 3 used before the RFC, 1.3.6.1.4.1.3536.1.222.
const DRAFT_PROXY_CERT_INFO: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x9B, 0x50, 0x01, 0x81, 0x5E];
/// id-ppl-inheritAll, 1.3.6.1.5.5.7.21.1.
const INHERIT_ALL: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x15, 0x01];
/// id-ppl-independent, 1.3.6.1.5.5.7.21.2.
const INDEPENDENT: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x15, 0x02];
/// Globus' limited proxy, 1.3.6.1.4.1.3536.1.1.1.9.
const LIMITED: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x9B, 0x50, 0x01, 0x01, 0x01, 0x09];

/// Who is on the other side of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Subject of the end-entity certificate.
    pub subject: Subject,
    /// How many proxy certificates stand before it.
    pub proxies: u32,
    /// Whether any of them is a limited proxy.
    pub limited: bool,
    /// When the first certificate of the chain runs out.
    pub not_after: Timestamp,
}

/// Why a verified chain identifies nobody, or does not any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The connection carries no certificate.
    #[error("the connection has no client certificate: connect with a certificate or a proxy of a trusted authority")]
    NoCertificate,
    /// Only proxies, or only authorities.
    #[error("the chain of {members} certificates has no end-entity certificate before its authority")]
    NoEndEntity {
        /// Its length.
        members: usize,
    },
    /// The end-entity certificate's subject.
    #[error("the certificate's subject cannot be used: {0}")]
    Subject(#[from] BadSubject),
    /// proxyCertInfo is not what RFC 3820 describes.
    #[error("proxy certificate {number} of the chain has an unreadable proxyCertInfo extension")]
    UnreadableProxy {
        /// Position in the chain, from 1.
        number: usize,
    },
    /// The proxy says that it inherits no rights.
    #[error("proxy certificate {number} of the chain is independent and inherits no rights: make an ordinary proxy")]
    IndependentProxy {
        /// Position in the chain, from 1.
        number: usize,
    },
    /// A policy language nobody here can evaluate; RFC 3820 then wants a refusal.
    #[error(
        "proxy certificate {number} of the chain restricts its rights in an unknown language: make an ordinary proxy"
    )]
    UnknownPolicy {
        /// Position in the chain, from 1.
        number: usize,
    },
    /// A form from before RFC 3820.
    #[error("proxy certificate {number} of the chain is older than RFC 3820: make one with `grid-proxy-init -rfc`")]
    LegacyProxy {
        /// Position in the chain, from 1.
        number: usize,
    },
    /// A date that cannot be represented.
    #[error("the end of validity of certificate {number} of the chain cannot be read")]
    Date {
        /// Position in the chain, from 1.
        number: usize,
    },
    /// It was valid when the connection began.
    #[error("the certificate or proxy of {subject} ran out at {not_after}: renew it and connect again")]
    Expired {
        /// Whose.
        subject: Subject,
        /// When.
        not_after: Timestamp,
    },
    /// It was good enough for the handshake.
    #[error("the certificate of {subject} is not trusted: {why}")]
    NotTrusted {
        /// Whose.
        subject: Subject,
        /// OpenSSL's reason, or the signing policy's.
        why: String,
    },
}

impl Peer {
    /// Reads a verified chain, leaf first, authorities last: `ssl().verified_chain()`.
    ///
    /// # Errors
    /// [`IdentityError`] tells which member was wrong.
    pub fn from_chain<'a>(chain: impl IntoIterator<Item = &'a X509Ref>) -> Result<Self, IdentityError> {
        let chain: Vec<&X509Ref> = chain.into_iter().collect();
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        let mut proxies = 0;
        let mut limited = false;
        let mut subject = None;
        for (index, certificate) in chain.iter().enumerate() {
            match proxy_kind(certificate, index + 1)? {
                Some(kind) => {
                    proxies += 1;
                    limited |= kind == ProxyKind::Limited;
                }
                None => {
                    subject = Some(Subject::of(certificate.subject_name())?);
                    break;
                }
            }
        }
        let subject = subject.ok_or(IdentityError::NoEndEntity { members: chain.len() })?;
        let mut not_after = Timestamp::MAX;
        for (index, certificate) in chain.iter().enumerate() {
            let end = timestamp(certificate.not_after()).ok_or(IdentityError::Date { number: index + 1 })?;
            not_after = not_after.min(end);
        }
        Ok(Self { subject, proxies, limited, not_after })
    }

    /// Whether the chain is still valid: a kept-open connection outlives its proxy.
    ///
    /// # Errors
    /// [`IdentityError::Expired`].
    pub fn check(&self, now: Timestamp) -> Result<(), IdentityError> {
        if now < self.not_after {
            return Ok(());
        }
        Err(IdentityError::Expired { subject: self.subject.clone(), not_after: self.not_after })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProxyKind {
    Full,
    Limited,
}

/// What kind of proxy a certificate is; `None` for every other certificate.
fn proxy_kind(certificate: &X509Ref, number: usize) -> Result<Option<ProxyKind>, IdentityError> {
    let der = certificate.to_der().map_err(|_| IdentityError::UnreadableProxy { number })?;
    if der::extension(&der, DRAFT_PROXY_CERT_INFO).is_some() {
        return Err(IdentityError::LegacyProxy { number });
    }
    let Some(info) = der::extension(&der, PROXY_CERT_INFO) else { return Ok(None) };
    match policy_language(info) {
        Some(INHERIT_ALL) => Ok(Some(ProxyKind::Full)),
        Some(LIMITED) => Ok(Some(ProxyKind::Limited)),
        Some(INDEPENDENT) => Err(IdentityError::IndependentProxy { number }),
        Some(_) => Err(IdentityError::UnknownPolicy { number }),
        None => Err(IdentityError::UnreadableProxy { number }),
    }
}

/// `ProxyCertInfo ::= SEQUENCE { pCPathLenConstraint INTEGER OPTIONAL, proxyPolicy SEQUENCE { policyLanguage OID, … }
/// }`.
fn policy_language(info: &[u8]) -> Option<&[u8]> {
    let mut fields = Reader::new(info).enter(tag::SEQUENCE)?;
    let _path_length = fields.expect(tag::INTEGER);
    fields.enter(tag::SEQUENCE)?.expect(tag::OBJECT)
}

fn timestamp(time: &Asn1TimeRef) -> Option<Timestamp> {
    let since = Asn1Time::from_unix(0).ok()?.diff(time).ok()?;
    Timestamp::from_second(i64::from(since.days) * 86_400 + i64::from(since.secs)).ok()
}

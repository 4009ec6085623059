//! A small certificate authority of the grid kind: one self-signed authority, host and user certificates, a revocation
//! list and a signing policy, in the hashed directory layout that OpenSSL and Globus read.
//!
//! Made for trying things out and for tests. Keys are RSA 2048, which every grid tool takes.

use jiff::Timestamp;
use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::stack::Stack;
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{
    X509, X509Builder, X509Crl, X509CrlBuilder, X509Extension, X509Name, X509NameRef, X509RevokedBuilder,
};
use std::time::Duration;

/// How long authorities and their revocation lists are valid.
pub const AUTHORITY_VALIDITY: Duration = Duration::from_secs(3650 * 86_400);

/// How long host and user certificates are valid.
pub const CERTIFICATE_VALIDITY: Duration = Duration::from_secs(365 * 86_400);

/// Clocks of different machines disagree; certificates begin this long before they were made.
const SKEW: i64 = 300;

/// A certificate and its key.
#[derive(Clone)]
pub struct Identity {
    /// The certificate.
    pub certificate: X509,
    /// Its key.
    pub key: PKey<Private>,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// A server reached under these names and addresses.
    Host {
        /// DNS names.
        names: &'a [&'a str],
        /// IP addresses.
        addresses: &'a [&'a str],
    },
    /// A person.
    User,
}

/// A certificate that the authority takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Serial number in hexadecimal digits.
    pub serial: String,
    /// When, seconds since 1970.
    pub at: i64,
}

/// A certificate authority.
#[derive(Clone)]
pub struct Authority(Identity);

/// A new RSA key of 2048 bits.
///
/// # Errors
/// OpenSSL's words.
pub fn key() -> Result<PKey<Private>, ErrorStack> {
    PKey::from_rsa(Rsa::generate(2048)?)
}

/// A name from attributes in order, such as `[("O", "GRMS Test"), ("CN", "Ada")]`.
///
/// # Errors
/// OpenSSL's words, for an unknown attribute or a value that is too long.
pub fn name(attributes: &[(&str, &str)]) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    for (attribute, value) in attributes {
        builder.append_entry_by_text(attribute, value)?;
    }
    Ok(builder.build())
}

impl Authority {
    /// A new authority, valid for [`AUTHORITY_VALIDITY`].
    ///
    /// # Errors
    /// OpenSSL's words.
    pub fn create(name: &X509NameRef, key: PKey<Private>, now: Timestamp) -> Result<Self, ErrorStack> {
        let mut builder = certificate(name, name, &key, now, AUTHORITY_VALIDITY)?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self(Identity { certificate: builder.build(), key }))
    }

    /// An authority made earlier.
    #[must_use]
    pub fn open(identity: Identity) -> Self {
        Self(identity)
    }

    /// Its certificate and key.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0
    }

    /// Signs a certificate that begins at `now`.
    ///
    /// # Errors
    /// OpenSSL's words.
    pub fn issue(
        &self,
        name: &X509NameRef,
        purpose: Purpose<'_>,
        key: PKey<Private>,
        now: Timestamp,
        validity: Duration,
    ) -> Result<Identity, ErrorStack> {
        let issuer = &self.0.certificate;
        let mut builder = certificate(name, issuer.subject_name(), &key, now, validity)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().key_encipherment().build()?)?;
        let usage = match purpose {
            // Globus services also act as clients with the host's certificate.
            Purpose::Host { .. } => ExtendedKeyUsage::new().server_auth().client_auth().build()?,
            Purpose::User => ExtendedKeyUsage::new().client_auth().build()?,
        };
        builder.append_extension(usage)?;
        if let Purpose::Host { names, addresses } = purpose {
            let mut alternatives = SubjectAlternativeName::new();
            for name in names {
                alternatives.dns(name);
            }
            for address in addresses {
                alternatives.ip(address);
            }
            let alternatives = alternatives.build(&builder.x509v3_context(Some(issuer), None))?;
            builder.append_extension(alternatives)?;
        }
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(Some(issuer), None))?;
        builder.append_extension(identifier)?;
        if issuer.subject_key_id().is_some() {
            let context = builder.x509v3_context(Some(issuer), None);
            let identifier = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
            builder.append_extension(identifier)?;
        }
        builder.sign(&self.0.key, MessageDigest::sha256())?;
        Ok(Identity { certificate: builder.build(), key })
    }

    /// The revocation list, valid from `now` for [`AUTHORITY_VALIDITY`]. `number` must grow from list to list.
    ///
    /// # Errors
    /// OpenSSL's words.
    pub fn revocation_list(&self, revoked: &[Revocation], number: u32, now: Timestamp) -> Result<X509Crl, ErrorStack> {
        let Identity { certificate, key } = &self.0;
        let mut builder = X509CrlBuilder::new()?;
        builder.set_issuer_name(certificate.subject_name())?;
        builder.set_last_update(&*time(now.as_second() - SKEW)?)?;
        builder.set_next_update(&*time(now.as_second() + seconds(AUTHORITY_VALIDITY))?)?;
        for revocation in revoked {
            let mut entry = X509RevokedBuilder::new()?;
            let serial = BigNum::from_hex_str(&revocation.serial)?.to_asn1_integer()?;
            entry.set_serial_number(&serial)?;
            entry.set_revocation_date(&*time(revocation.at)?)?;
            builder.add_revoked(entry.build())?;
        }
        builder.sort()?;
        if let Some(identifier) = certificate.subject_key_id() {
            builder.append_extension(extension("2.5.29.35", &key_identifier(identifier.as_slice()))?)?;
        }
        builder.append_extension(extension("2.5.29.20", &integer(number))?)?;
        builder.sign(key, MessageDigest::sha256())?;
        builder.build()
    }

    /// The file name, without ending, under which OpenSSL since 1.0 looks for this authority.
    #[must_use]
    pub fn hash(&self) -> String {
        format!("{:08x}", self.0.certificate.subject_name_hash())
    }

    /// The file name under which OpenSSL before 1.0 and old Globus look for it; none where MD5 is switched off.
    #[must_use]
    pub fn old_hash(&self) -> Option<String> {
        let der = self.0.certificate.subject_name().to_der().ok()?;
        let digest = openssl::hash::hash(MessageDigest::md5(), &der).ok()?;
        Some(format!("{:08x}", u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])))
    }
}

/// The signing policy with which Globus believes `authority` only for subjects below `subjects`, such as `/O=GRMS
/// Test`.
#[must_use]
pub fn signing_policy(authority: &str, subjects: &str) -> String {
    format!(
        "access_id_CA      X509    '{authority}'\n\
         pos_rights        globus  CA:sign\n\
         cond_subjects     globus  '\"{subjects}/*\"'\n"
    )
}

/// The serial number of a certificate in hexadecimal digits.
///
/// # Errors
/// OpenSSL's words.
pub fn serial(certificate: &X509) -> Result<String, ErrorStack> {
    Ok(certificate.serial_number().to_bn()?.to_hex_str()?.to_string())
}

/// Certificate, key and authority as PKCS#12, in the algorithms that OpenSSL 3 and present browsers read.
///
/// # Errors
/// OpenSSL's words.
pub fn pkcs12(identity: &Identity, authority: &X509, label: &str, password: &str) -> Result<Vec<u8>, ErrorStack> {
    let mut chain = Stack::new()?;
    chain.push(authority.clone())?;
    openssl::pkcs12::Pkcs12::builder()
        .name(label)
        .pkey(&identity.key)
        .cert(&identity.certificate)
        .ca(chain)
        .key_algorithm(Nid::AES_256_CBC)
        .cert_algorithm(Nid::AES_256_CBC)
        .mac_md(MessageDigest::sha256())
        .build2(password)?
        .to_der()
}

fn certificate(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKey<Private>,
    now: Timestamp,
    validity: Duration,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*random_serial()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*time(now.as_second() - SKEW)?)?;
    builder.set_not_after(&*time(now.as_second() + seconds(validity))?)?;
    Ok(builder)
}

fn random_serial() -> Result<Asn1Integer, ErrorStack> {
    let mut number = BigNum::new()?;
    number.rand(127, MsbOption::ONE, false)?;
    number.to_asn1_integer()
}

fn time(second: i64) -> Result<Asn1Time, ErrorStack> {
    Asn1Time::from_unix(second)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 2)
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] OCTET STRING }`; identifiers are SHA-1 digests, 20 bytes.
fn key_identifier(identifier: &[u8]) -> Vec<u8> {
    let length = u8::try_from(identifier.len()).expect("a key identifier is a digest");
    [&[0x30, length + 2, 0x80, length], identifier].concat()
}

/// DER of a non-negative integer: as few bytes as possible, and the first bit is the sign.
fn integer(number: u32) -> Vec<u8> {
    let bytes = u64::from(number).to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len() - 1);
    let first = if bytes[first] >= 0x80 { first - 1 } else { first };
    let bytes = &bytes[first..];
    [&[0x02, u8::try_from(bytes.len()).expect("at most five bytes")], bytes].concat()
}

fn extension(oid: &str, der: &[u8]) -> Result<X509Extension, ErrorStack> {
    X509Extension::new_from_der(&*Asn1Object::from_str(oid)?, false, &*Asn1OctetString::new_from_bytes(der)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_as_short_as_der_demands() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(3), [2, 1, 3]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
        assert_eq!(integer(u32::MAX), [2, 5, 0, 255, 255, 255, 255]);
    }
}

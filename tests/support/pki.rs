//! Certificates that only tests need: proxies of every kind, and directories of authorities.

use grms::init::pki::{Authority, Identity, Revocation};
use jiff::Timestamp;
use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Extension, X509Name};
use std::path::Path;
use std::time::Duration;

/// DER of id-ppl-inheritAll.
pub(crate) const INHERIT_ALL: &[u8] = &[6, 8, 0x2B, 6, 1, 5, 5, 7, 0x15, 1];
/// DER of id-ppl-independent.
pub(crate) const INDEPENDENT: &[u8] = &[6, 8, 0x2B, 6, 1, 5, 5, 7, 0x15, 2];
/// DER of Globus' limited proxy.
pub(crate) const LIMITED: &[u8] = &[6, 11, 0x2B, 6, 1, 4, 1, 0x9B, 0x50, 1, 1, 1, 9];
/// DER of a policy language nobody knows, 1.3.6.1.4.1.99999.1.
pub(crate) const STRANGE: &[u8] = &[6, 9, 0x2B, 6, 1, 4, 1, 0x86, 0x8D, 0x1F, 1];

/// An RFC 3820 proxy to be made.
pub(crate) struct Proxy<'a> {
    /// Policy language, DER.
    pub(crate) language: &'a [u8],
    /// When it begins.
    pub(crate) now: Timestamp,
    /// How long it lasts.
    pub(crate) validity: Duration,
    /// How many proxies may follow; absent: any number.
    pub(crate) path_length: Option<u8>,
    /// Its subject; absent: the issuer's and one CN, as the standard demands.
    pub(crate) subject: Option<X509Name>,
}

impl Default for Proxy<'_> {
    fn default() -> Self {
        Self {
            language: INHERIT_ALL,
            now: present(),
            validity: Duration::from_secs(3600),
            path_length: None,
            subject: None,
        }
    }
}

impl Proxy<'_> {
    /// Makes it, signed by `issuer`: a user's identity or another proxy.
    pub(crate) fn sign(self, issuer: &Identity) -> Identity {
        let key = elliptic_key();
        let mut builder = X509::builder().unwrap();
        let mut serial = BigNum::new().unwrap();
        serial.rand(62, MsbOption::ONE, false).unwrap();
        let subject = self.subject.unwrap_or_else(|| with_common_name(issuer, &serial.to_dec_str().unwrap()));
        builder.set_version(2).unwrap();
        builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(issuer.certificate.subject_name()).unwrap();
        builder.set_pubkey(&key).unwrap();
        let begin = self.now.as_second();
        let end = begin + i64::try_from(self.validity.as_secs()).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(begin - 300).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(end).unwrap()).unwrap();
        builder.append_extension(KeyUsage::new().critical().digital_signature().build().unwrap()).unwrap();
        let path_length = self.path_length.map_or(Vec::new(), |length| vec![2, 1, length]);
        let info = sequence(&[path_length, sequence(self.language)].concat());
        let oid = Asn1Object::from_str("1.3.6.1.5.5.7.1.14").unwrap();
        let info = Asn1OctetString::new_from_bytes(&info).unwrap();
        builder.append_extension(X509Extension::new_from_der(&oid, true, &info).unwrap()).unwrap();
        builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
        Identity { certificate: builder.build(), key }
    }
}

/// The machine's time.
pub(crate) fn present() -> Timestamp {
    use grms::clock::Clock as _;
    grms::clock::SystemClock.now()
}

/// A fresh key on P-256, made in no time.
pub(crate) fn elliptic_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// Writes an authority's certificate, and its revocation list when there is one, as OpenSSL looks for them.
pub(crate) fn install(directory: &Path, authority: &Authority, revoked: Option<&[Revocation]>) {
    let certificate = authority.identity().certificate.to_pem().unwrap();
    std::fs::write(directory.join(format!("{}.0", authority.hash())), certificate).unwrap();
    if let Some(revoked) = revoked {
        let list = authority.revocation_list(revoked, 1, present()).unwrap();
        std::fs::write(directory.join(format!("{}.r0", authority.hash())), list.to_pem().unwrap()).unwrap();
    }
}

/// An authority whose certificate `issuer` signed.
pub(crate) fn sub_authority(issuer: &Authority, subject: &X509Name) -> Authority {
    let key = elliptic_key();
    let mut builder = X509::builder().unwrap();
    let Identity { certificate, key: issuer_key } = issuer.identity();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(77).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(subject).unwrap();
    builder.set_issuer_name(certificate.subject_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let now = present().as_second();
    builder.set_not_before(&Asn1Time::from_unix(now - 300).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(now + 86_400).unwrap()).unwrap();
    builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build().unwrap()).unwrap();
    let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(identifier).unwrap();
    builder.sign(issuer_key, MessageDigest::sha256()).unwrap();
    Authority::open(Identity { certificate: builder.build(), key })
}

fn with_common_name(issuer: &Identity, value: &str) -> X509Name {
    let mut name = X509Name::builder().unwrap();
    for entry in issuer.certificate.subject_name().entries() {
        name.append_entry(entry).unwrap();
    }
    name.append_entry_by_nid(Nid::COMMONNAME, value).unwrap();
    name.build()
}

fn sequence(content: &[u8]) -> Vec<u8> {
    [&[0x30, u8::try_from(content.len()).unwrap()], content].concat()
}

//! A certificate authority with a host, a user and RFC 3820 proxies of that user.

use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Extension, X509Name, X509NameRef};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Certificate and key.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) certificate: X509,
    pub(crate) key: PKey<Private>,
}

pub(crate) struct Authority(Holder);

const HOUR: i64 = 3600;

fn ec_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).expect("a curve");
    PKey::from_ec_key(EcKey::generate(&group).expect("a key")).expect("a key")
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the end of time")
}

fn name(parts: &[(&str, &str)]) -> X509Name {
    let mut name = X509Name::builder().expect("a name");
    for (key, value) in parts {
        name.append_entry_by_text(key, value).expect("a part");
    }
    name.build()
}

/// A certificate that is valid for `seconds` around now, `(from, to)`.
fn certificate(
    subject: &X509NameRef,
    key: &PKey<Private>,
    issuer: Option<&Holder>,
    (from, to): (i64, i64),
    extensions: Vec<X509Extension>,
) -> X509 {
    let mut builder: X509Builder = X509::builder().expect("a builder");
    builder.set_version(2).expect("version 3");
    let mut serial = BigNum::new().expect("a number");
    serial.rand(64, openssl::bn::MsbOption::MAYBE_ZERO, false).expect("random");
    builder.set_serial_number(&serial.to_asn1_integer().expect("a serial")).expect("set");
    builder.set_subject_name(subject).expect("set");
    builder.set_issuer_name(issuer.map_or(subject, |issuer| issuer.certificate.subject_name())).expect("set");
    builder.set_not_before(&Asn1Time::from_unix(now() + from).expect("a time")).expect("set");
    builder.set_not_after(&Asn1Time::from_unix(now() + to).expect("a time")).expect("set");
    builder.set_pubkey(key).expect("set");
    for extension in extensions {
        builder.append_extension(extension).expect("set");
    }
    builder.sign(issuer.map_or(key, |issuer| &issuer.key), MessageDigest::sha256()).expect("signed");
    builder.build()
}

impl Authority {
    pub(crate) fn new(common_name: &str) -> Self {
        let key = ec_key();
        let extensions = vec![
            BasicConstraints::new().critical().ca().build().expect("an extension"),
            KeyUsage::new().critical().key_cert_sign().crl_sign().build().expect("an extension"),
        ];
        let subject = name(&[("O", "Grid"), ("CN", common_name)]);
        let certificate = certificate(&subject, &key, None, (-HOUR, 24 * HOUR), extensions);
        Self(Holder { certificate, key })
    }

    pub(crate) fn certificate(&self) -> &X509 {
        &self.0.certificate
    }

    /// Writes the authority the way a grid does.
    pub(crate) fn write_to(&self, directory: &Path) {
        std::fs::create_dir_all(directory).expect("a directory");
        let file = format!("{:08x}.0", self.0.certificate.subject_name_hash());
        std::fs::write(directory.join(file), self.0.certificate.to_pem().expect("PEM")).expect("written");
    }

    pub(crate) fn host(&self, address: &str) -> Holder {
        let key = ec_key();
        let context = X509::builder().expect("a builder");
        let names = SubjectAlternativeName::new().ip(address).build(&context.x509v3_context(None, None));
        let subject = name(&[("O", "Grid"), ("CN", "broker")]);
        let names = vec![names.expect("an extension")];
        let certificate = certificate(&subject, &key, Some(&self.0), (-HOUR, HOUR), names);
        Holder { certificate, key }
    }

    /// A user with this kind of key.
    pub(crate) fn user(&self, common_name: &str, validity: (i64, i64), key: Option<PKey<Private>>) -> Holder {
        let key = key.unwrap_or_else(ec_key);
        let usage = KeyUsage::new().critical().digital_signature().build().expect("an extension");
        let subject = name(&[("O", "Grid"), ("CN", common_name)]);
        let certificate = certificate(&subject, &key, Some(&self.0), validity, vec![usage]);
        Holder { certificate, key }
    }
}

impl Holder {
    /// An RFC 3820 proxy of this holder that inherits all rights.
    pub(crate) fn proxy(&self, serial: &str, validity: (i64, i64)) -> Self {
        let mut subject = X509Name::builder().expect("a name");
        for entry in self.certificate.subject_name().entries() {
            let value = String::from_utf8_lossy(entry.data().as_slice()).into_owned();
            subject.append_entry_by_nid(entry.object().nid(), &value).expect("a part");
        }
        subject.append_entry_by_text("CN", serial).expect("a part");
        // SEQUENCE { SEQUENCE { OBJECT id-ppl-inheritAll } }
        let inherit_all = [0x30, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 0x15, 1];
        let content = Asn1OctetString::new_from_bytes(&inherit_all).expect("bytes");
        let proxy_cert_info = Asn1Object::from_str("1.3.6.1.5.5.7.1.14").expect("an object");
        let extensions = vec![
            X509Extension::new_from_der(&proxy_cert_info, true, &content).expect("an extension"),
            KeyUsage::new().critical().digital_signature().build().expect("an extension"),
        ];
        let key = ec_key();
        let certificate = certificate(&subject.build(), &key, Some(self), validity, extensions);
        Self { certificate, key }
    }

    pub(crate) fn pem(&self) -> String {
        String::from_utf8(self.certificate.to_pem().expect("PEM")).expect("text")
    }

    pub(crate) fn key_pem(&self) -> String {
        String::from_utf8(self.key.private_key_to_pem_pkcs8().expect("PEM")).expect("text")
    }
}

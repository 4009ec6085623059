//! Who the caller is: finds the certificate and key where grid tools keep them, checks them before any connection is
//! made, and says in plain words what is wrong with them.
//!
//! A proxy file holds certificate, key and chain in one; all of its certificates are sent, because a broker can only
//! follow an RFC 3820 proxy back to its user with the whole chain. The key is never shown.

use crate::failure::Failure;
use crate::time;
use jiff::Timestamp;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use std::path::{Path, PathBuf};

const MAKE_ONE: &str = "make a proxy with grid-proxy-init, or read the variables of your site: . DIR/client.env";

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    certificate: PathBuf,
    key: PathBuf,
    named_by: &'static str,
}

/// Certificate, key and chain, ready for TLS.
#[derive(Clone)]
pub(crate) struct Credential {
    chain: Vec<X509>,
    key: PKey<Private>,
    place: Place,
}

/// The first of: `X509_USER_PROXY`; `X509_USER_CERT` with `X509_USER_KEY`; `/tmp/x509up_u<uid>`; `~/.globus`.
pub(crate) fn locate(variable: impl Fn(&str) -> Option<PathBuf>, uid: u32) -> Result<Place, Failure> {
    if let Some(proxy) = variable("X509_USER_PROXY") {
        return Ok(Place { certificate: proxy.clone(), key: proxy, named_by: "X509_USER_PROXY" });
    }
    match (variable("X509_USER_CERT"), variable("X509_USER_KEY")) {
        (Some(certificate), Some(key)) => return Ok(Place { certificate, key, named_by: "X509_USER_CERT" }),
        (Some(_), None) => return Err(half("X509_USER_CERT", "X509_USER_KEY")),
        (None, Some(_)) => return Err(half("X509_USER_KEY", "X509_USER_CERT")),
        (None, None) => {}
    }
    let proxy = PathBuf::from(format!("/tmp/x509up_u{uid}"));
    if proxy.exists() {
        return Ok(Place { certificate: proxy.clone(), key: proxy, named_by: "the usual place" });
    }
    let globus = variable("HOME").map(|home| home.join(".globus"));
    if let Some(globus) = globus.filter(|globus| globus.join("usercert.pem").exists()) {
        let (certificate, key) = (globus.join("usercert.pem"), globus.join("userkey.pem"));
        return Ok(Place { certificate, key, named_by: "the usual place" });
    }
    Err(Failure::not_authenticated(format!(
        "no credential found: X509_USER_PROXY, X509_USER_CERT and X509_USER_KEY are not set, {} and \
         ~/.globus/usercert.pem do not exist; {MAKE_ONE}",
        proxy.display()
    )))
}

fn half(set: &str, missing: &str) -> Failure {
    Failure::not_authenticated(format!("{set} is set but {missing} is not; set both, or X509_USER_PROXY alone"))
}

impl Credential {
    /// Reads and checks what `locate` found.
    pub(crate) fn load(place: Place) -> Result<Self, Failure> {
        let certificates = read(&place.certificate, &place)?;
        let chain = X509::stack_from_pem(&certificates).unwrap_or_default();
        if chain.is_empty() {
            return Err(place.wrong(&place.certificate, "holds no certificate in PEM form"));
        }
        let key = if place.key == place.certificate { certificates } else { read(&place.key, &place)? };
        if String::from_utf8_lossy(&key).lines().any(|line| line.contains("ENCRYPTED")) {
            let problem = "is protected by a passphrase; make a proxy from it with grid-proxy-init";
            return Err(place.wrong(&place.key, problem));
        }
        let key = PKey::private_key_from_pem(&key)
            .map_err(|_| place.wrong(&place.key, "holds no private key in PEM form"))?;
        if !chain[0].public_key().is_ok_and(|public| public.public_eq(&key)) {
            let problem = format!("does not belong to the certificate in {}", place.certificate.display());
            return Err(place.wrong(&place.key, &problem));
        }
        Ok(Self { chain, key, place })
    }

    /// Refuses what is not valid at this moment, whichever member of the chain it is.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), Failure> {
        let (file, by) = (self.place.certificate.display(), self.place.named_by);
        for certificate in &self.chain {
            if let Some(end) = timestamp(certificate.not_after()).filter(|end| *end <= now) {
                let (clock, age) = (time::render(end), time::age(end, now));
                let problem = format!("the credential in {file} ({by}) expired {age}, at {clock}; {MAKE_ONE}");
                return Err(Failure::expired(problem));
            }
            if let Some(start) = timestamp(certificate.not_before()).filter(|start| *start > now) {
                let (clock, age) = (time::render(start), time::age(start, now));
                return Err(Failure::not_authenticated(format!(
                    "the credential in {file} ({by}) becomes valid {age}, at {clock}; is the clock of this machine right?"
                )));
            }
        }
        Ok(())
    }

    /// All certificates, the caller's own first, in PEM.
    pub(crate) fn chain_pem(&self) -> Result<Vec<u8>, Failure> {
        let mut pem = Vec::new();
        for certificate in &self.chain {
            pem.extend(certificate.to_pem().map_err(|error| self.unusable(&error))?);
        }
        Ok(pem)
    }

    /// The key as PKCS#8, whatever form the file has.
    pub(crate) fn key_pem(&self) -> Result<Vec<u8>, Failure> {
        self.key.private_key_to_pem_pkcs8().map_err(|error| self.unusable(&error))
    }

    /// Says that TLS cannot use it.
    pub(crate) fn unusable(&self, error: &dyn std::error::Error) -> Failure {
        self.place.wrong(&self.place.certificate, &format!("cannot be used for TLS: {error}"))
    }

    /// Where it came from, for messages.
    pub(crate) fn source(&self) -> String {
        format!("{} ({})", self.place.certificate.display(), self.place.named_by)
    }
}

impl Place {
    fn wrong(&self, file: &Path, problem: &str) -> Failure {
        Failure::not_authenticated(format!("{} ({}) {problem}", file.display(), self.named_by))
    }
}

fn read(file: &Path, place: &Place) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| place.wrong(file, &format!("cannot be read: {error}; {MAKE_ONE}")))
}

fn timestamp(at: &Asn1TimeRef) -> Option<Timestamp> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let distance = epoch.diff(at).ok()?;
    Timestamp::from_second(i64::from(distance.days) * 86_400 + i64::from(distance.secs)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)]) -> Result<Place, Failure> {
        let value = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| PathBuf::from(value));
        locate(value, 4_000_000_001)
    }

    #[test]
    fn a_proxy_wins_over_certificate_and_key() {
        let place = found(&[("X509_USER_CERT", "/c"), ("X509_USER_KEY", "/k"), ("X509_USER_PROXY", "/p")]);
        assert_eq!(place.expect("found").certificate, PathBuf::from("/p"));
        let place = found(&[("X509_USER_CERT", "/c"), ("X509_USER_KEY", "/k")]).expect("found");
        assert_eq!((place.certificate, place.key), (PathBuf::from("/c"), PathBuf::from("/k")));
    }

    #[test]
    fn half_a_setting_and_none_at_all_are_explained() {
        let error = found(&[("X509_USER_CERT", "/c")]).expect_err("half").to_string();
        assert!(error.contains("X509_USER_KEY is not"), "{error}");
        let error = found(&[("HOME", "/nowhere")]).expect_err("nothing").to_string();
        assert!(error.contains("/tmp/x509up_u4000000001") && error.contains("client.env"), "{error}");
    }

    #[test]
    fn the_globus_directory_is_the_last_resort() {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(home.path().join(".globus")).expect("made");
        std::fs::write(home.path().join(".globus/usercert.pem"), "").expect("written");
        let place = found(&[("HOME", home.path().to_str().expect("UTF-8"))]).expect("found");
        assert_eq!(place.key, home.path().join(".globus/userkey.pem"));
    }
}

//! `https:`: trust in both directions, with an RFC 3820 proxy as the user's credential.

use crate::server::Server;
use crate::{Place, access, url};
use grms::job::{Code, FileKind, Scheme};
use grms::transfer::{Access, Moved, TransferError};
use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{SslAcceptor, SslAcceptorBuilder, SslMethod, SslVerifyMode};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyFlags;
use openssl::x509::{X509, X509Extension, X509Name};
use std::path::{Path, PathBuf};

type Pair = (X509, PKey<Private>);

/// A certificate for `names`, the words of its subject, signed by `issuer` or by itself.
fn certificate(names: &[(&str, &str)], issuer: Option<&Pair>, extensions: Vec<X509Extension>) -> Pair {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509Name::builder().unwrap();
    for (field, value) in names {
        subject.append_entry_by_text(field, value).unwrap();
    }
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(names.len() as u32 + 1).unwrap().to_asn1_integer().unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |(certificate, _)| certificate.subject_name())).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    for extension in extensions {
        builder.append_extension(extension).unwrap();
    }
    builder.sign(issuer.map_or(&key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    (builder.build(), key)
}

/// A small grid: an authority in a hashed directory, a server that demands certificates, a user's proxy.
struct Grid {
    directory: tempfile::TempDir,
    server: Pair,
    authority: X509,
}

impl Grid {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let signing = KeyUsage::new().key_cert_sign().crl_sign().build().unwrap();
        let authority =
            certificate(&[("CN", "CA")], None, vec![BasicConstraints::new().critical().ca().build().unwrap(), signing]);
        let mut names = SubjectAlternativeName::new();
        names.dns("localhost");
        let mut builder = X509::builder().unwrap();
        builder.set_issuer_name(authority.0.subject_name()).unwrap();
        let names = names.build(&builder.x509v3_context(Some(&authority.0), None)).unwrap();
        let server = certificate(&[("CN", "server")], Some(&authority), vec![names]);
        let user = certificate(&[("O", "Grid"), ("CN", "Jan")], Some(&authority), Vec::new());
        // SEQUENCE { SEQUENCE { id-ppl-inheritAll } }
        let inherit_all = [0x30, 0x0c, 0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x15, 1];
        let proxy_information = X509Extension::new_from_der(
            &Asn1Object::from_str("1.3.6.1.5.5.7.1.14").unwrap(),
            true,
            &Asn1OctetString::new_from_bytes(&inherit_all).unwrap(),
        )
        .unwrap();
        let proxy = certificate(&[("O", "Grid"), ("CN", "Jan"), ("CN", "42")], Some(&user), vec![proxy_information]);
        let certificates = directory.path().join("certificates");
        std::fs::create_dir(&certificates).unwrap();
        std::fs::write(certificates.join("0a0b0c0d.0"), authority.0.to_pem().unwrap()).unwrap();
        std::fs::write(certificates.join("ffffffff.0"), "not a certificate").unwrap();
        std::fs::write(certificates.join("0a0b0c0d.signing_policy"), "").unwrap();
        // The order of a Globus proxy file: proxy, its key in the old form, the user's certificate.
        let key = proxy.1.rsa().unwrap().private_key_to_pem().unwrap();
        let pem = [proxy.0.to_pem().unwrap(), key, user.0.to_pem().unwrap()].concat();
        std::fs::write(directory.path().join("proxy.pem"), pem).unwrap();
        Self { directory, server, authority: authority.0 }
    }

    fn acceptor(&self) -> SslAcceptorBuilder {
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
        acceptor.set_certificate(&self.server.0).unwrap();
        acceptor.set_private_key(&self.server.1).unwrap();
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(self.authority.clone()).unwrap();
        store.set_flags(X509VerifyFlags::ALLOW_PROXY_CERTS).unwrap();
        acceptor.set_cert_store(store.build());
        acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        acceptor
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.path().join(name))
    }
}

async fn fetch(server: &Server, path: &str, access: &Access) -> Result<Moved, TransferError> {
    let place = Place::new();
    let protocol = place.protocols.for_scheme(Scheme::Https).unwrap();
    let from = url(&format!("https://{}/{path}", server.address));
    protocol.fetch(&from, &place.landing("x", FileKind::File), access).await
}

#[tokio::test]
async fn a_proxy_with_its_chain_opens_a_server_of_the_grid() {
    let grid = Grid::new();
    let server = Server::start(Some(grid.acceptor()));
    let access = Access { credential: grid.path("proxy.pem"), authorities: grid.path("certificates"), ..access() };
    assert_eq!(fetch(&server, "hello", &access).await.unwrap().bytes, 6);

    let place = Place::new();
    std::fs::write(place.path("x"), "abc").unwrap();
    let protocol = place.protocols.for_scheme(Scheme::Https).unwrap();
    let to = url(&format!("https://{}/store/x", server.address));
    protocol.push(&place.landing("x", FileKind::File), &to, &access).await.unwrap();
    assert_eq!(server.stored.lock().unwrap()["x"].0, 3);

    let failure = fetch(&server, "open", &access).await.unwrap_err();
    assert!(!failure.transient && failure.message.contains("from https to http"), "{failure}");
}

#[tokio::test]
async fn without_trust_on_either_side_nothing_is_tried_again() {
    let grid = Grid::new();
    let server = Server::start(Some(grid.acceptor()));
    let anonymous = Access { authorities: grid.path("certificates"), ..access() };
    let failure = fetch(&server, "hello", &anonymous).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure:?}");
    assert!(failure.message.contains("delegate"), "{failure}");

    let unknown = Access { credential: grid.path("proxy.pem"), ..access() };
    let failure = fetch(&server, "hello", &unknown).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure:?}");
    assert!(failure.message.contains("not trusted"), "{failure}");

    for broken in [Path::new("none.pem"), Path::new("certificates/ffffffff.0")] {
        let access = Access {
            credential: Some(grid.directory.path().join(broken)),
            authorities: grid.path("certificates"),
            ..access()
        };
        let failure = fetch(&server, "hello", &access).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (Code::DelegationRequired, false), "{failure:?}");
    }
}

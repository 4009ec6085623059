//! A server that is nothing but the broker's TLS, and clients that knock at it.

use crate::pki::{elliptic_key, install, present};
use grms::identity::{Connection, IdentityError, Peer, TlsIdentity, TlsSettings};
use grms::init::pki::{Authority, Identity, Purpose, name, serial};
use jiff::Timestamp;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{HandshakeError, SslAcceptor, SslConnector, SslMethod, SslVerifyMode, SslVersion};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

/// One key for everything whose key does not matter.
pub(crate) fn shared_key() -> PKey<Private> {
    static KEY: OnceLock<PKey<Private>> = OnceLock::new();
    KEY.get_or_init(|| grms::init::pki::key().unwrap()).clone()
}

/// An authority that no door knows.
pub(crate) fn stranger() -> Authority {
    let subject = name(&[("O", "Elsewhere"), ("CN", "CA")]).unwrap();
    Authority::create(&subject, elliptic_key(), present()).unwrap()
}

/// A site's TLS with its own authority.
pub(crate) struct Door {
    directory: TempDir,
    pub(crate) authority: Authority,
    pub(crate) identity: TlsIdentity,
    pub(crate) acceptor: SslAcceptor,
}

impl Door {
    /// With an empty revocation list.
    pub(crate) fn open() -> Self {
        Self::build(false, Some(()))
    }

    pub(crate) fn build(require_crl: bool, list: Option<()>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let subject = name(&[("O", "GRMS Test"), ("CN", "CA")]).unwrap();
        let authority = Authority::create(&subject, shared_key(), present()).unwrap();
        let authorities = directory.path().join("certificates");
        std::fs::create_dir(&authorities).unwrap();
        install(&authorities, &authority, list.map(|()| &[][..]));
        let settings = TlsSettings {
            certificate: directory.path().join("hostcert.pem"),
            key: directory.path().join("hostkey.pem"),
            authorities,
            require_crl,
        };
        write_host(&settings, &authority);
        let identity = TlsIdentity::open(settings).unwrap();
        let acceptor = identity.acceptor_builder().unwrap().build();
        Self { directory, authority, identity, acceptor }
    }

    pub(crate) fn authorities(&self) -> PathBuf {
        self.identity.settings().authorities.clone()
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    pub(crate) fn user(&self, common_name: &str) -> Identity {
        self.issue(common_name, present(), Duration::from_secs(86_400))
    }

    pub(crate) fn issue(&self, common_name: &str, now: Timestamp, validity: Duration) -> Identity {
        let subject = name(&[("O", "GRMS Test"), ("CN", common_name)]).unwrap();
        self.authority.issue(&subject, Purpose::User, elliptic_key(), now, validity).unwrap()
    }

    pub(crate) fn renew_host(&self) {
        write_host(self.identity.settings(), &self.authority);
    }
}

fn write_host(settings: &TlsSettings, authority: &Authority) {
    let subject = name(&[("O", "GRMS Test"), ("CN", "localhost")]).unwrap();
    let purpose = Purpose::Host { names: &["localhost"], addresses: &["127.0.0.1"] };
    let host = authority.issue(&subject, purpose, shared_key(), present(), Duration::from_secs(86_400)).unwrap();
    std::fs::write(&settings.certificate, host.certificate.to_pem().unwrap()).unwrap();
    std::fs::write(&settings.key, host.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
}

/// What a client brings.
pub(crate) struct Offer<'a> {
    /// Leaf first; the leaf's key is used.
    pub(crate) chain: Vec<&'a Identity>,
    pub(crate) protocols: Option<&'static [u8]>,
    pub(crate) version: SslVersion,
}

impl<'a> Offer<'a> {
    pub(crate) fn of(chain: &[&'a Identity]) -> Self {
        Self { chain: chain.to_vec(), protocols: None, version: SslVersion::TLS1_3 }
    }
}

/// The answer of the server's side: whom it sees, or why it refused the handshake. Both versions of TLS must agree.
pub(crate) fn knock(acceptor: &SslAcceptor, offer: &Offer<'_>) -> Result<Result<Peer, IdentityError>, String> {
    let [new, old] = [SslVersion::TLS1_3, SslVersion::TLS1_2].map(|version| {
        let offer = Offer { chain: offer.chain.clone(), protocols: offer.protocols, version };
        shake(acceptor, &offer).map(|(peer, _, _)| peer)
    });
    match (&new, &old) {
        (Ok(new), Ok(old)) => assert_eq!(new, old),
        (Err(_), Err(_)) => {}
        _ => panic!("TLS 1.3: {new:?}, TLS 1.2: {old:?}"),
    }
    new
}

/// The protocol that ALPN chose.
pub(crate) fn protocol(acceptor: &SslAcceptor, offer: &Offer<'_>) -> Option<String> {
    shake(acceptor, offer).unwrap().1
}

/// Serial number of the host certificate that the client saw.
pub(crate) fn host_serial(acceptor: &SslAcceptor, offer: &Offer<'_>) -> String {
    shake(acceptor, offer).unwrap().2
}

type Shaken = (Result<Peer, IdentityError>, Option<String>, String);

fn shake(acceptor: &SslAcceptor, offer: &Offer<'_>) -> Result<Shaken, String> {
    let (ours, theirs) = UnixStream::pair().unwrap();
    for stream in [&ours, &theirs] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    std::thread::scope(|scope| {
        let server = scope.spawn(|| serve(acceptor, ours));
        let client = connect(offer, theirs);
        let peer = server.join().expect("server thread")?;
        let (protocol, serial) = client.expect("the server was content, the client must be");
        Ok((peer, protocol, serial))
    })
}

fn serve(acceptor: &SslAcceptor, stream: UnixStream) -> Result<Result<Peer, IdentityError>, String> {
    let mut stream = acceptor.accept(stream).map_err(|error| match error {
        // The verification's own words are more telling than the alert.
        HandshakeError::Failure(stream) => format!("{} ({})", stream.error(), stream.ssl().verify_result()),
        other => other.to_string(),
    })?;
    let peer = Peer::from_chain(stream.ssl().verified_chain().into_iter().flatten());
    stream.write_all(b"!").map_err(|error| error.to_string())?;
    let _ = stream.shutdown();
    Ok(peer)
}

fn connect(offer: &Offer<'_>, stream: UnixStream) -> Result<(Option<String>, String), String> {
    let mut builder = SslConnector::builder(SslMethod::tls_client()).unwrap();
    builder.set_verify(SslVerifyMode::NONE);
    builder.set_min_proto_version(Some(offer.version)).unwrap();
    builder.set_max_proto_version(Some(offer.version)).unwrap();
    if let Some((leaf, rest)) = offer.chain.split_first() {
        builder.set_certificate(&leaf.certificate).unwrap();
        builder.set_private_key(&leaf.key).unwrap();
        for member in rest {
            builder.add_extra_chain_cert(member.certificate.clone()).unwrap();
        }
    }
    if let Some(protocols) = offer.protocols {
        builder.set_alpn_protos(protocols).unwrap();
    }
    let mut stream = builder.build().connect("localhost", stream).map_err(|error| error.to_string())?;
    stream.read_exact(&mut [0]).map_err(|error| error.to_string())?;
    let protocol = stream.ssl().selected_alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    Ok((protocol, serial(&stream.ssl().peer_certificate().unwrap()).unwrap()))
}

/// A connection of `chain` that stays open.
pub(crate) fn keep_open(door: &Door, chain: &[&Identity]) -> Connection {
    let (ours, theirs) = UnixStream::pair().unwrap();
    for stream in [&ours, &theirs] {
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    std::thread::scope(|scope| {
        let client = scope.spawn(|| connect(&Offer::of(chain), theirs));
        let mut stream = door.acceptor.accept(ours).unwrap();
        stream.write_all(b"!").unwrap();
        client.join().unwrap().unwrap();
        door.identity.connection(stream.ssl())
    })
}

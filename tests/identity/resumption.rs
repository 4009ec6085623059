//! A client is given nothing to resume, so its whole chain is seen at every connection.

use crate::handshake::Door;
use crate::pki::Proxy;
use grms::identity::Peer;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// One connection of `openssl s_client`; the server's view of it and the client's report.
fn visit(door: &Door, version: &str, credential: &Path, session: &Path) -> (Peer, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    #[expect(clippy::disallowed_methods, reason = "a client outside the broker")]
    let mut client = Command::new("openssl");
    client.args(["s_client", "-connect", &address, version, "-ign_eof"]);
    client.arg("-cert").arg(credential).arg("-key").arg(credential).arg("-cert_chain").arg(credential);
    if session.exists() {
        client.arg("-sess_in").arg(session);
    }
    client.arg("-sess_out").arg(session);
    let client = client.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = door.acceptor.accept(stream).unwrap();
    let peer = Peer::from_chain(stream.ssl().verified_chain().into_iter().flatten()).unwrap();
    stream.write_all(b"welcome\n").unwrap();
    let _ = stream.shutdown();
    drop(stream);
    let output = client.wait_with_output().unwrap();
    (peer, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_returning_client_has_no_session_to_offer_and_shows_its_whole_chain_again() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let proxy = Proxy::default().sign(&ada);
    let credential = door.directory().join("proxy.pem");
    let parts = [
        proxy.certificate.to_pem().unwrap(),
        proxy.key.private_key_to_pem_pkcs8().unwrap(),
        ada.certificate.to_pem().unwrap(),
    ];
    std::fs::write(&credential, parts.concat()).unwrap();
    for version in ["-tls1_2", "-tls1_3"] {
        let session = door.directory().join(format!("session{version}"));
        for round in 1..=3 {
            let (peer, report) = visit(&door, version, &credential, &session);
            assert_eq!((peer.subject.common_name(), peer.proxies), (Some("Ada Nowak"), 1), "{version}, round {round}");
            assert!(report.contains("New, TLSv1"), "{version}, round {round}: {report}");
            assert!(!report.contains("Reused, "), "{version}, round {round}: {report}");
        }
        assert!(!session.exists(), "{version}: the client got a session");
    }
}

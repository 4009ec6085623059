//! Who the caller is, as a server sees it; and what people read when that fails.

use crate::support::pki::{Authority, Holder};
use crate::support::responder::Responder;
use crate::support::transcript::{Site, fixture};
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

const INFO: &str = "info 1767261845123_tar_0417";

/// Makes a proxy file the user's credential: certificate, key, then the rest of the chain.
fn use_proxy(site: &mut Site, chain: &[&Holder]) {
    let rest: String = chain[1..].iter().map(|holder| holder.pem()).collect();
    let text = format!("{}{}{rest}", chain[0].pem(), chain[0].key_pem());
    let file = site.write("proxy", &text).display().to_string();
    site.set("X509_USER_PROXY", &file);
}

#[test]
fn the_whole_chain_of_a_proxy_reaches_the_server() {
    let mut site = Site::answering("running");
    let user = site.user.clone();
    let proxy = user.proxy("1234", (-60, 600));
    let second = proxy.proxy("5678", (-60, 600));
    use_proxy(&mut site, &[&proxy, &user]);
    assert_eq!(site.run(INFO).status.code(), Some(0));
    use_proxy(&mut site, &[&second, &proxy, &user]);
    assert_eq!(site.run(INFO).status.code(), Some(0));
    let jan = "/O=Grid/CN=Jan Kowalski".to_owned();
    let chains: Vec<_> = site.asked().into_iter().map(|asked| asked.chain).collect();
    assert_eq!(chains[0], [format!("{jan}/CN=1234"), jan.clone()]);
    assert_eq!(chains[1], [format!("{jan}/CN=1234/CN=5678"), format!("{jan}/CN=1234"), jan]);
}

#[test]
fn every_usual_form_of_a_key_is_read() {
    let mut site = Site::answering("running");
    let rsa = Rsa::generate(2048).expect("a key");
    let user = site.authority.user("Jan Kowalski", (-60, 600), Some(PKey::from_rsa(rsa.clone()).expect("a key")));
    let text = |pem: Vec<u8>| String::from_utf8(pem).expect("text");
    let certificate = site.write("rsa.pem", &user.pem()).display().to_string();
    for (pem, header) in
        [(text(rsa.private_key_to_pem().expect("PEM")), "BEGIN RSA PRIVATE KEY"), (user.key_pem(), "BEGIN PRIVATE KEY")]
    {
        assert!(pem.contains(header));
        let key = site.write("rsa.key", &pem).display().to_string();
        site.set("X509_USER_CERT", &certificate).set("X509_USER_KEY", &key);
        assert_eq!(site.run(INFO).status.code(), Some(0), "{header}");
    }
    let ec = text(site.user.key.ec_key().expect("EC").private_key_to_pem().expect("PEM"));
    assert!(ec.contains("BEGIN EC PRIVATE KEY"));
    let key = site.write("ec.key", &ec).display().to_string();
    let certificate = site.directory.path().join("usercert.pem").display().to_string();
    site.set("X509_USER_CERT", &certificate).set("X509_USER_KEY", &key);
    assert_eq!(site.run(INFO).status.code(), Some(0));
}

#[test]
fn an_expired_credential_is_told_before_anything_is_sent() {
    let mut site = Site::answering("running");
    let proxy = site.user.proxy("1", (-10_000, -7260));
    let user = site.user.clone();
    use_proxy(&mut site, &[&proxy, &user]);
    site.transcript("expired_proxy", INFO);
    let old = site.authority.user("Jan Kowalski", (-10_000, -7260), None);
    let fresh = old.proxy("2", (-60, 600));
    use_proxy(&mut site, &[&fresh, &old]);
    site.transcript("expired_user_of_a_fresh_proxy", INFO);
    let future = site.user.proxy("3", (7230, 10_000));
    use_proxy(&mut site, &[&future, &user]);
    site.transcript("future_proxy", INFO);
    assert!(site.asked().is_empty());
}

#[test]
fn broken_credentials_are_explained() {
    let mut site = Site::answering("running");
    site.set("X509_USER_PROXY", "/nowhere/proxy");
    site.transcript("missing_proxy", INFO);
    let empty = site.write("empty", "nothing\n").display().to_string();
    site.set("X509_USER_PROXY", &empty);
    site.transcript("not_a_proxy", INFO);
    let alone = site.write("alone", &site.user.pem()).display().to_string();
    site.set("X509_USER_PROXY", &alone);
    site.transcript("proxy_without_key", INFO);
    site.unset("X509_USER_PROXY");
    let cipher = openssl::symm::Cipher::aes_128_cbc();
    let locked = site.user.key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").expect("PEM");
    let locked = site.write("locked", &String::from_utf8(locked).expect("text")).display().to_string();
    site.set("X509_USER_KEY", &locked);
    site.transcript("encrypted_key", INFO);
    let other = site.authority.user("Other", (-60, 600), None);
    let other = site.write("other", &other.key_pem()).display().to_string();
    site.set("X509_USER_KEY", &other);
    site.transcript("foreign_key", INFO);
    site.unset("X509_USER_KEY");
    site.transcript("half_a_setting", INFO);
    assert!(site.asked().is_empty());
}

#[test]
fn a_certificate_that_the_server_does_not_trust_is_an_authentication_failure() {
    let mut site = Site::answering("running");
    let stranger = Authority::new("Strange Authority").user("Eve", (-60, 600), None);
    let certificate = site.write("eve.pem", &stranger.pem()).display().to_string();
    let key = site.write("eve.key", &stranger.key_pem()).display().to_string();
    site.set("X509_USER_CERT", &certificate).set("X509_USER_KEY", &key);
    site.transcript("bad_certificate", INFO);
}

#[test]
fn a_server_that_the_user_does_not_trust_is_an_authentication_failure() {
    let mut site = Site::answering("running");
    let strange = Authority::new("Strange Authority");
    strange.write_to(&site.directory.path().join("strange"));
    let directory = site.directory.path().join("strange").display().to_string();
    site.set("X509_CERT_DIR", &directory);
    site.transcript("untrusted_server", INFO);
    let empty = site.directory.path().join("empty");
    std::fs::create_dir(&empty).expect("made");
    site.set("X509_CERT_DIR", &empty.display().to_string());
    site.transcript("no_authorities", INFO);
    assert!(site.asked().is_empty());
}

#[test]
fn a_server_with_another_name_is_not_trusted() {
    let mut site = Site::answering("running");
    let host = site.authority.host("127.0.0.2");
    let other = Responder::start(&site.authority, &host, vec![fixture("running")]);
    site.set("GRMS_ENDPOINT", &other.url());
    let seen = site.run(INFO);
    let message = String::from_utf8(seen.stderr).expect("UTF-8");
    assert_eq!(seen.status.code(), Some(4), "{message}");
    assert!(message.contains("is not trusted: IP address mismatch"), "{message}");
}

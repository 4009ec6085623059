//! Proxies made by Globus from a new site's certificates.

use crate::handshake::{Offer, knock};
use crate::pki::present;
use grms::config::{Config, Overrides};
use grms::identity::TlsIdentity;
use grms::init::pki::Identity;
use grms::init::site;
use openssl::pkey::PKey;
use openssl::x509::X509;
use std::process::Command;

#[test]
#[ignore = "needs grid-proxy-init of the Debian package globus-proxy-utils"]
fn proxies_of_grid_proxy_init_are_accepted_and_limited_ones_are_recognised() {
    let directory = tempfile::tempdir().unwrap();
    let site = site(directory.path(), 4433, present()).unwrap();
    let config = Config::load(&site.config, &Overrides::default()).unwrap();
    let acceptor = TlsIdentity::open(config.server.tls).unwrap().acceptor_builder().unwrap().build();
    for (option, limited) in [("-rfc", false), ("-limited", true)] {
        let file = directory.path().join("proxy.pem");
        #[expect(clippy::disallowed_methods, reason = "a tool outside the broker")]
        let mut command = Command::new("grid-proxy-init");
        command.env("X509_CERT_DIR", &site.authorities).args(["-verify", "-bits", "2048", "-valid", "1:00", option]);
        command.arg("-cert").arg(&site.user.certificate).arg("-key").arg(&site.user.key).arg("-out").arg(&file);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        let pem = std::fs::read(&file).unwrap();
        let key = PKey::private_key_from_pem(&pem).unwrap();
        let chain = X509::stack_from_pem(&pem).unwrap();
        let chain: Vec<_> = chain.into_iter().map(|certificate| Identity { certificate, key: key.clone() }).collect();
        let peer = knock(&acceptor, &Offer::of(&chain.iter().collect::<Vec<_>>())).unwrap().unwrap();
        assert_eq!((&peer.subject, peer.proxies, peer.limited), (&site.user.subject, 1, limited));
    }
}

//! Who may come in over TLS, and as whom: real handshakes with certificates and proxies of every kind, and with those
//! of a new site.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene fails there and then")]

#[path = "../support/pki.rs"]
mod pki;

mod globus;
mod handshake;
mod new_site;
mod open_connections;
mod resumption;
mod under_actix;

use grms::identity::{IdentityError, Peer};
use grms::init::pki::{Identity, Purpose, Revocation, name, serial};
use handshake::{Door, Offer, knock, shared_key, stranger};
use pki::{INDEPENDENT, LIMITED, Proxy, STRANGE, install, present};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const ADA: &str = "/O=GRMS Test/CN=Ada Nowak";

fn accepted(door: &Door, chain: &[&Identity]) -> Peer {
    knock(&door.acceptor, &Offer::of(chain)).expect("handshake").expect("identity")
}

fn refused(door: &Door, chain: &[&Identity]) -> String {
    match knock(&door.acceptor, &Offer::of(chain)) {
        Err(why) => why,
        Ok(peer) => panic!("the handshake succeeded: {peer:?}"),
    }
}

fn not_identified(door: &Door, chain: &[&Identity]) -> IdentityError {
    knock(&door.acceptor, &Offer::of(chain)).expect("handshake").expect_err("the peer was identified")
}

fn revoked(identity: &Identity) -> Revocation {
    Revocation { serial: serial(&identity.certificate).unwrap(), at: present().as_second() - 60 }
}

#[test]
fn a_user_certificate_identifies_its_subject() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let peer = accepted(&door, &[&ada]);
    assert_eq!((peer.subject.as_str(), peer.proxies, peer.limited), (ADA, 0, false));
}

#[test]
fn proxies_identify_the_subject_of_the_certificate_behind_them() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let first = Proxy::default().sign(&ada);
    let peer = accepted(&door, &[&first, &ada]);
    assert_eq!((peer.subject.as_str(), peer.proxies, peer.limited), (ADA, 1, false));
    let second = Proxy { path_length: Some(0), ..Proxy::default() }.sign(&first);
    let peer = accepted(&door, &[&second, &first, &ada]);
    assert_eq!((peer.subject.as_str(), peer.proxies, peer.limited), (ADA, 2, false));
}

#[test]
fn a_limited_proxy_anywhere_limits_the_whole_chain() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let limited = Proxy { language: LIMITED, ..Proxy::default() }.sign(&ada);
    assert!(accepted(&door, &[&limited, &ada]).limited);
    let full_behind = Proxy::default().sign(&limited);
    let peer = accepted(&door, &[&full_behind, &limited, &ada]);
    assert_eq!((peer.proxies, peer.limited), (2, true));
}

#[test]
fn proxies_that_inherit_nothing_or_by_unknown_rules_identify_nobody() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let independent = Proxy { language: INDEPENDENT, ..Proxy::default() }.sign(&ada);
    assert_eq!(not_identified(&door, &[&independent, &ada]), IdentityError::IndependentProxy { number: 1 });
    let first = Proxy::default().sign(&ada);
    let strange = Proxy { language: STRANGE, ..Proxy::default() }.sign(&first);
    assert_eq!(not_identified(&door, &[&strange, &first, &ada]), IdentityError::UnknownPolicy { number: 1 });
    let behind = Proxy::default().sign(&strange);
    let error = not_identified(&door, &[&behind, &strange, &first, &ada]);
    assert_eq!(error, IdentityError::UnknownPolicy { number: 2 });
}

#[test]
fn a_proxy_must_be_named_after_its_issuer_and_keep_to_its_path_length() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let eve = Some(name(&[("O", "GRMS Test"), ("CN", "Eve"), ("CN", "1")]).unwrap());
    let misnamed = Proxy { subject: eve, ..Proxy::default() }.sign(&ada);
    refused(&door, &[&misnamed, &ada]);
    let last = Proxy { path_length: Some(0), ..Proxy::default() }.sign(&ada);
    let beyond = Proxy::default().sign(&last);
    refused(&door, &[&beyond, &last, &ada]);
}

#[test]
fn a_user_certificate_signed_by_a_user_is_refused() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let false_authority = grms::init::pki::Authority::open(ada.clone());
    let eve = name(&[("O", "GRMS Test"), ("CN", "Eve")]).unwrap();
    let eve = false_authority.issue(&eve, Purpose::User, shared_key(), present(), DAY).unwrap();
    refused(&door, &[&eve, &ada]);
    let proxy = Proxy::default().sign(&ada);
    let false_authority = grms::init::pki::Authority::open(proxy.clone());
    let eve = name(&[("O", "GRMS Test"), ("CN", "Eve")]).unwrap();
    let eve = false_authority.issue(&eve, Purpose::User, shared_key(), present(), DAY).unwrap();
    refused(&door, &[&eve, &proxy, &ada]);
}

#[test]
fn the_validity_is_that_of_the_shortest_lived_member() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let now = present();
    let short = Proxy { validity: Duration::from_secs(600), now, ..Proxy::default() }.sign(&ada);
    let long = Proxy { validity: Duration::from_secs(6000), now, ..Proxy::default() }.sign(&short);
    let peer = accepted(&door, &[&long, &short, &ada]);
    assert_eq!(peer.not_after.as_second(), now.as_second() + 600);
    assert_eq!(peer.check(now), Ok(()));
    let later = now + jiff::SignedDuration::from_secs(600);
    let told = peer.check(later).unwrap_err().to_string();
    assert!(told.contains(ADA) && told.contains("renew"), "{told}");
}

#[test]
fn expired_certificates_and_proxies_are_refused() {
    let door = Door::open();
    let past = present() - jiff::SignedDuration::from_hours(48);
    let old = door.issue("Ada Nowak", past, DAY);
    assert!(refused(&door, &[&old]).contains("certificate has expired"));
    let ada = door.user("Ada Nowak");
    let old = Proxy { now: past, ..Proxy::default() }.sign(&ada);
    assert!(refused(&door, &[&old, &ada]).contains("certificate has expired"));
}

#[test]
fn a_revoked_certificate_is_refused_directly_and_behind_proxies() {
    let door = Door::open();
    let (ada, eve) = (door.user("Ada Nowak"), door.user("Eve"));
    install(&door.authorities(), &door.authority, Some(&[revoked(&ada)]));
    assert!(refused(&door, &[&ada]).contains("certificate revoked"));
    let first = Proxy::default().sign(&ada);
    let second = Proxy::default().sign(&first);
    assert!(refused(&door, &[&first, &ada]).contains("certificate revoked"));
    assert!(refused(&door, &[&second, &first, &ada]).contains("certificate revoked"));
    accepted(&door, &[&Proxy::default().sign(&eve), &eve]);
}

#[test]
fn an_overwritten_revocation_list_counts_after_a_reload() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let proxy = Proxy::default().sign(&ada);
    accepted(&door, &[&proxy, &ada]);
    install(&door.authorities(), &door.authority, Some(&[revoked(&ada)]));
    accepted(&door, &[&proxy, &ada]);
    door.identity.reload().unwrap();
    assert!(refused(&door, &[&proxy, &ada]).contains("certificate revoked"));
}

#[test]
fn authorities_come_at_once_and_go_with_a_reload() {
    let door = Door::open();
    let other = stranger();
    let bob = name(&[("O", "Elsewhere"), ("CN", "Bob")]).unwrap();
    let bob = other.issue(&bob, Purpose::User, shared_key(), present(), DAY).unwrap();
    refused(&door, &[&bob]);
    install(&door.authorities(), &other, Some(&[]));
    assert_eq!(accepted(&door, &[&bob]).subject.as_str(), "/O=Elsewhere/CN=Bob");
    std::fs::remove_file(door.authorities().join(format!("{}.0", other.hash()))).unwrap();
    door.identity.reload().unwrap();
    refused(&door, &[&bob]);
    accepted(&door, &[&door.user("Ada Nowak")]);
}

#[test]
fn an_authority_without_a_revocation_list_is_refused_only_where_lists_are_demanded() {
    let relaxed = Door::build(false, None);
    accepted(&relaxed, &[&relaxed.user("Ada Nowak")]);
    let strict = Door::build(true, None);
    let ada = strict.user("Ada Nowak");
    assert!(refused(&strict, &[&ada]).contains("certificate verify failed"));
    install(&strict.authorities(), &strict.authority, Some(&[]));
    accepted(&strict, &[&ada]);
}

#[test]
fn a_revocation_list_that_ran_out_refuses_everybody() {
    let door = Door::build(false, None);
    let long_ago = present() - jiff::SignedDuration::from_hours(24 * 3700);
    let list = door.authority.revocation_list(&[], 1, long_ago).unwrap();
    std::fs::write(door.authorities().join(format!("{}.r0", door.authority.hash())), list.to_pem().unwrap()).unwrap();
    refused(&door, &[&door.user("Ada Nowak")]);
}

#[test]
fn without_a_certificate_the_connection_opens_and_identifies_nobody() {
    let door = Door::open();
    let told = not_identified(&door, &[]);
    assert_eq!(told, IdentityError::NoCertificate);
}

#[test]
fn http_1_is_spoken_also_with_clients_that_offer_http_2() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let offer = |protocols: &'static [u8]| Offer { protocols: Some(protocols), ..Offer::of(&[&ada]) };
    assert_eq!(handshake::protocol(&door.acceptor, &offer(b"\x02h2\x08http/1.1")).as_deref(), Some("http/1.1"));
    assert_eq!(handshake::protocol(&door.acceptor, &offer(b"\x08http/1.1")).as_deref(), Some("http/1.1"));
    assert_eq!(handshake::protocol(&door.acceptor, &offer(b"\x03foo")), None);
}

#[test]
fn a_new_host_certificate_is_shown_after_a_reload_and_a_bad_one_leaves_the_old_in_force() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let before = handshake::host_serial(&door.acceptor, &Offer::of(&[&ada]));
    door.renew_host();
    door.identity.reload().unwrap();
    let after = handshake::host_serial(&door.acceptor, &Offer::of(&[&ada]));
    assert_ne!(before, after);
    std::fs::write(&door.identity.settings().key, pki::elliptic_key().private_key_to_pem_pkcs8().unwrap()).unwrap();
    let error = door.identity.reload().unwrap_err().to_string();
    assert!(error.contains("does not belong to the host certificate"), "{error}");
    std::fs::write(&door.identity.settings().key, "nonsense").unwrap();
    let error = door.identity.reload().unwrap_err().to_string();
    assert!(error.starts_with("host key ") && error.contains("cannot be used"), "{error}");
    std::fs::remove_file(&door.identity.settings().certificate).unwrap();
    let error = door.identity.reload().unwrap_err().to_string();
    assert!(error.starts_with("cannot read host certificate "), "{error}");
    assert_eq!(handshake::host_serial(&door.acceptor, &Offer::of(&[&ada])), after);
}

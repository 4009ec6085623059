//! A connection that stays open is believed no longer than a new one would be.

use crate::handshake::{Door, keep_open};
use crate::pki::{Proxy, elliptic_key, install, present, sub_authority};
use crate::{DAY, refused, revoked};
use grms::identity::IdentityError;
use grms::init::pki::{Purpose, name, signing_policy};
use std::time::Duration;

fn why(error: IdentityError) -> String {
    match error {
        IdentityError::NotTrusted { why, .. } => why,
        other => panic!("{other}"),
    }
}

#[test]
fn a_proxy_that_runs_out_ends_the_trust_in_its_connection() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let now = present();
    let proxy = Proxy { validity: Duration::from_secs(60), now, ..Proxy::default() }.sign(&ada);
    let connection = keep_open(&door, &[&proxy, &ada]);
    assert_eq!(door.identity.peer(&connection, now).unwrap().subject.common_name(), Some("Ada Nowak"));
    let later = now + jiff::SignedDuration::from_secs(60);
    assert!(matches!(door.identity.peer(&connection, later), Err(IdentityError::Expired { .. })));
}

#[test]
fn a_revocation_reaches_open_connections_with_the_next_reload() {
    let door = Door::open();
    let (ada, eve) = (door.user("Ada Nowak"), door.user("Eve"));
    let proxy = Proxy::default().sign(&ada);
    let connections = [keep_open(&door, &[&ada]), keep_open(&door, &[&proxy, &ada])];
    let unharmed = keep_open(&door, &[&eve]);
    for connection in &connections {
        door.identity.peer(connection, present()).unwrap();
    }
    install(&door.authorities(), &door.authority, Some(&[revoked(&ada)]));
    door.identity.reload().unwrap();
    for connection in &connections {
        assert_eq!(why(door.identity.peer(connection, present()).unwrap_err()), "certificate revoked");
    }
    door.identity.peer(&unharmed, present()).unwrap();
}

#[test]
fn an_authority_that_goes_takes_its_open_connections_with_it() {
    let door = Door::open();
    let connection = keep_open(&door, &[&door.user("Ada Nowak")]);
    std::fs::remove_file(door.authorities().join(format!("{}.0", door.authority.hash()))).unwrap();
    door.identity.reload().unwrap();
    let why = why(door.identity.peer(&connection, present()).unwrap_err());
    assert!(why.contains("certificate"), "{why}");
}

#[test]
fn without_a_list_open_connections_stay_until_a_list_names_them() {
    let door = Door::build(false, None);
    let ada = door.user("Ada Nowak");
    let proxy = Proxy::default().sign(&ada);
    let connection = keep_open(&door, &[&proxy, &ada]);
    door.identity.peer(&connection, present()).unwrap();
    door.identity.reload().unwrap();
    door.identity.peer(&connection, present()).unwrap();
    install(&door.authorities(), &door.authority, Some(&[revoked(&ada)]));
    door.identity.reload().unwrap();
    assert_eq!(why(door.identity.peer(&connection, present()).unwrap_err()), "certificate revoked");
}

#[test]
fn a_list_is_obeyed_even_where_another_authority_of_the_chain_has_none() {
    let door = Door::build(false, None);
    let subject = name(&[("O", "GRMS Test"), ("CN", "Middle CA")]).unwrap();
    let middle = sub_authority(&door.authority, &subject);
    let ada = name(&[("O", "GRMS Test"), ("CN", "Ada Nowak")]).unwrap();
    let ada = middle.issue(&ada, Purpose::User, elliptic_key(), present(), DAY).unwrap();
    let chain = [&ada, middle.identity()];
    let connection = keep_open(&door, &chain);
    door.identity.peer(&connection, present()).unwrap();
    // OpenSSL stops at the missing list of the lower authority, before it comes to the upper one's.
    install(&door.authorities(), &door.authority, Some(&[revoked(middle.identity())]));
    door.identity.reload().unwrap();
    assert_eq!(why(door.identity.peer(&connection, present()).unwrap_err()), "certificate revoked");
    assert!(refused(&door, &chain).contains("certificate revoked"));
}

#[test]
fn an_authority_is_believed_only_for_the_subjects_of_its_signing_policy() {
    let door = Door::open();
    let ada = door.user("Ada Nowak");
    let proxy = Proxy::default().sign(&ada);
    let file = door.authorities().join(format!("{}.signing_policy", door.authority.hash()));
    let granted = |subjects: &str| {
        std::fs::write(&file, signing_policy("/O=GRMS Test/CN=CA", subjects)).unwrap();
        let connection = keep_open(&door, &[&proxy, &ada]);
        door.identity.peer(&connection, present()).map(|peer| peer.subject.clone())
    };
    assert!(granted("/O=GRMS Test").is_ok());
    let refused = why(granted("/O=Elsewhere").unwrap_err());
    assert!(
        refused.ends_with("does not let the authority /O=GRMS Test/CN=CA sign /O=GRMS Test/CN=Ada Nowak"),
        "{refused}"
    );
}

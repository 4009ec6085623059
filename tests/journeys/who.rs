//! Who may do what to whose job, and whose certificates are taken.

use crate::pki::{LIMITED, Proxy, present};
use crate::scene::{Job, Scene, member};
use crate::support::portal::{Answer, Credential, Portal};
use grms::init::pki::{Authority, Identity, Purpose, key, name};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use openssl::pkey::PKey;
use openssl::x509::X509;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn grmsd(arguments: &[&str], scene: &Scene) {
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    let output = Command::new(env!("CARGO_BIN_EXE_grmsd"))
        .arg(arguments[0])
        .arg("--dir")
        .arg(scene.site.path())
        .args(&arguments[1..])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn credential_of(scene: &Scene, user: &str) -> Credential {
    let place = scene.site.path().join("users").join(user);
    let Credential { authority, .. } = Credential::of(&scene.site);
    Credential { certificate: place.join("usercert.pem"), key: place.join("userkey.pem"), authority }
}

fn portal_of(scene: &Scene, credential: &Credential) -> Portal {
    Portal::connect_as(scene.site.address(), Some(credential)).unwrap()
}

/// Whether the site answers somebody with this credential.
fn is_served(scene: &Scene, credential: &Credential) -> bool {
    let portal = Portal::connect_as(scene.site.address(), Some(credential));
    portal.and_then(|mut portal| list(&mut portal)).is_ok_and(|answer| answer.status == 200)
}

fn list(portal: &mut Portal) -> std::io::Result<Answer> {
    portal.call("getJobsList", "")
}

fn identity(certificate: &Path, key: &Path) -> Identity {
    Identity {
        certificate: X509::from_pem(&fs::read(certificate).unwrap()).unwrap(),
        key: PKey::private_key_from_pem(&fs::read(key).unwrap()).unwrap(),
    }
}

/// Writes a certificate, those above it, and its key.
fn keep(scene: &Scene, file: &str, identity: &Identity, above: &[&X509]) -> Credential {
    let mut chain = identity.certificate.to_pem().unwrap();
    for certificate in above {
        chain.extend(certificate.to_pem().unwrap());
    }
    let place = scene.site.dir.path();
    let (certificate, key) = (place.join(format!("{file}.pem")), place.join(format!("{file}.key")));
    fs::write(&certificate, chain).unwrap();
    fs::write(&key, identity.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    Credential { certificate, key, authority: Credential::of(&scene.site).authority }
}

#[test]
fn a_job_is_its_owners_and_the_administrators() {
    let mut scene = Scene::with("");
    for user in ["eve", "boss"] {
        grmsd(&["add-user", user], &scene);
    }
    let administrators = "[server]\nadministrators = [\"/O=GRMS Test/CN=boss\"]";
    scene.site.configure(|text| text.replace("[server]", administrators));
    scene.site.start();
    let mut owner = scene.portal();
    let id = owner.submit(&Job::sh("sleep 60").text());
    owner.wait_for(&id, &["RUNNING"]);
    let mut eve = portal_of(&scene, &credential_of(&scene, "eve"));
    let about = format!("<jobId>{id}</jobId>");
    for operation in ["getJobInfo", "getJobHistory", "cancelJob"] {
        let answer = eve.call(operation, &about).unwrap();
        assert_eq!(answer.fault_code(), Some(301), "{operation}: {}", answer.body);
        let unknown = eve.call(operation, "<jobId>1_none_0001</jobId>").unwrap();
        let same = |text: &str, id: &str| text.replace(id, "ID");
        assert_eq!(
            same(&answer.body, &id),
            same(&unknown.body, "1_none_0001"),
            "{operation} tells that the job exists"
        );
    }
    assert!(!list(&mut eve).unwrap().body.contains(&id));
    assert!(list(&mut owner).unwrap().body.contains(&id));
    let mut boss = portal_of(&scene, &credential_of(&scene, "boss"));
    assert_eq!(boss.status(&id), "RUNNING");
    let answer = boss.call("cancelJob", &about).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(member(&owner.wait_end(&id).body, "status"), "CANCELED");
}

#[test]
fn a_revoked_certificate_is_refused_after_the_next_reading() {
    let mut scene = Scene::with("");
    grmsd(&["add-user", "eve"], &scene);
    scene.site.start();
    let eve = credential_of(&scene, "eve");
    assert!(is_served(&scene, &eve));
    grmsd(&["revoke-user", "eve"], &scene);
    let broker = Pid::from_raw(i32::try_from(scene.site.pid()).unwrap());
    kill(broker, Signal::SIGHUP).unwrap();
    crate::scene::wait_until("eve is refused", || !is_served(&scene, &eve));
    assert!(is_served(&scene, &Credential::of(&scene.site)), "{}", scene.site.log_text());
}

#[test]
fn expired_certificates_and_proxies_are_refused_and_fresh_proxies_taken() {
    let scene = Scene::new();
    let ca = scene.site.path().join("ca");
    let authority = Authority::open(identity(&ca.join("ca-cert.pem"), &ca.join("ca-key.pem")));
    let before = present() - jiff::SignedDuration::from_hours(48);
    let subject = name(&[("O", "GRMS Test"), ("CN", "old")]).unwrap();
    let old = authority.issue(&subject, Purpose::User, key().unwrap(), before, HOUR).unwrap();
    assert!(!is_served(&scene, &keep(&scene, "old", &old, &[])));
    let user = Credential::of(&scene.site);
    let user = identity(&user.certificate, &user.key);
    let expired = Proxy { now: before, validity: HOUR, ..Proxy::default() }.sign(&user);
    assert!(!is_served(&scene, &keep(&scene, "expired", &expired, &[&user.certificate])));
    let fresh = Proxy::default().sign(&user);
    let mut portal = portal_of(&scene, &keep(&scene, "fresh", &fresh, &[&user.certificate]));
    Job::sh("true").run(&mut portal, "FINISHED");
}

#[test]
fn a_limited_proxy_reads_and_neither_submits_nor_cancels() {
    let scene = Scene::new();
    let id = scene.portal().submit(&Job::sh("sleep 60").text());
    let user = Credential::of(&scene.site);
    let user = identity(&user.certificate, &user.key);
    let limited = Proxy { language: LIMITED, ..Proxy::default() }.sign(&user);
    let mut portal = portal_of(&scene, &keep(&scene, "limited", &limited, &[&user.certificate]));
    assert!(list(&mut portal).unwrap().body.contains(&id));
    portal.wait_for(&id, &["RUNNING"]);
    let refused = portal.try_submit(&Job::sh("true").text(), None).unwrap();
    assert_eq!(refused.fault_code(), Some(202), "{}", refused.body);
    assert!(refused.body.contains("limited proxy"), "{}", refused.body);
    let refused = portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
    assert_eq!(refused.fault_code(), Some(202), "{}", refused.body);
    let mut portal = scene.portal();
    portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
    assert_eq!(member(&portal.wait_end(&id).body, "status"), "CANCELED");
}

//! What `grmsd init` makes works with the broker's own TLS, with OpenSSL's tools and with a shell.

use crate::handshake::{Offer, knock};
use crate::pki::{Proxy, present};
use grms::config::{Config, Overrides, Report};
use grms::identity::{GridMap, IdentityError, Peer, TlsIdentity};
use grms::init::pki::Identity;
use grms::init::{InitError, Site, User, add_user, revoke_user, site};
use openssl::pkey::PKey;
use openssl::x509::X509;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;
use tempfile::TempDir;

fn make() -> (TempDir, Site) {
    let directory = tempfile::tempdir().unwrap();
    let made = site(&directory.path().join("it's a site"), 4433, present()).unwrap();
    (directory, made)
}

fn run(program: &str, arguments: &[&str]) -> Output {
    #[expect(clippy::disallowed_methods, reason = "tools outside the broker")]
    let mut command = Command::new(program);
    command.env_remove("X509_CERT_DIR").args(arguments).output().unwrap()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn credential(user: &User) -> Identity {
    Identity {
        certificate: X509::from_pem(&std::fs::read(&user.certificate).unwrap()).unwrap(),
        key: PKey::private_key_from_pem(&std::fs::read(&user.key).unwrap()).unwrap(),
    }
}

fn load(site: &Site) -> Config {
    Config::load(&site.config, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn visit(identity: &TlsIdentity, user: &User) -> Result<Result<Peer, IdentityError>, String> {
    let user = credential(user);
    let proxy = Proxy::default().sign(&user);
    knock(&identity.acceptor_builder().unwrap().build(), &Offer::of(&[&proxy, &user]))
}

#[test]
fn a_site_is_made_in_about_a_second_and_its_configuration_is_short_and_whole() {
    let began = Instant::now();
    let (_directory, site) = make();
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    let config = load(&site);
    let root = nix::unistd::geteuid().is_root();
    assert_eq!(config.faults(&["fork"], root), []);
    let report = Report::of(&config, root);
    assert!(report.ok(), "{report}");
    let lines = std::fs::read_to_string(&site.config).unwrap().lines().filter(|line| !line.is_empty()).count();
    assert!(lines < 20, "{lines} lines");
    assert_eq!(site.endpoint, "https://localhost:4433/services/grms");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:4433");
    assert_eq!(config.server.administrators, []);
    assert_eq!(config.clusters[0].kind, "fork");
    assert!(config.clusters[0].work_dir.is_dir());
    assert!(config.database.file().unwrap().parent().unwrap().is_dir());
    assert_eq!(config.users.is_some(), root);
    if let Some(map) = &config.users {
        let account = GridMap::load(map).unwrap().account(&site.user.subject).map(str::to_owned);
        assert_eq!(account, site.user.account);
        assert_ne!(account.as_deref(), Some("root"));
    }
}

#[test]
fn keys_and_state_are_the_owners_alone() {
    let (_directory, site) = make();
    let mode = |path: &str| {
        let path = site.directory.join(path);
        path.metadata().unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
    };
    let user = format!("users/{}", site.user.name);
    for directory in ["ca", "host", "users", &user, "state"] {
        assert_eq!(mode(directory), 0o700, "{directory}");
    }
    for key in
        ["ca/ca-key.pem", "host/hostkey.pem", &format!("{user}/userkey.pem"), &format!("{user}/user.p12.password")]
    {
        assert_eq!(mode(key), 0o400, "{key}");
    }
    assert_eq!((mode("grms.toml"), mode(&format!("{user}/user.p12"))), (0o600, 0o600));
    assert_eq!((mode("."), mode("work"), mode("certificates")), (0o711, 0o711, 0o755));
}

#[test]
fn a_site_that_exists_is_never_touched() {
    let (_directory, made) = make();
    let before = std::fs::read(&made.config).unwrap();
    let told = site(&made.directory, 1, present()).unwrap_err();
    assert!(matches!(&told, InitError::Exists { path } if *path == made.config), "{told}");
    assert_eq!(std::fs::read(&made.config).unwrap(), before);
    std::fs::remove_file(&made.config).unwrap();
    let told = site(&made.directory, 1, present()).unwrap_err().to_string();
    assert!(told.contains("client.env exists already"), "{told}");
}

#[test]
fn the_shell_reads_the_settings_and_openssl_believes_the_chain() {
    let (_directory, site) = make();
    let env = site.directory.join("client.env");
    let script = format!(
        "set -eu; . '{}'; echo \"$GRMS_ENDPOINT\"; \
         openssl verify -purpose sslclient -CApath \"$X509_CERT_DIR\" -crl_check_all \"$X509_USER_CERT\"; \
         openssl x509 -noout -subject -nameopt compat -in \"$X509_USER_CERT\"; \
         openssl pkey -noout -in \"$X509_USER_KEY\" && echo key",
        text(&env).replace('\'', r"'\''")
    );
    let said = said("sh", &["-c", &script]);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "https://localhost:4433/services/grms");
    assert!(lines[1].ends_with("usercert.pem: OK"), "{said}");
    assert_eq!(lines[2], format!("subject={}", site.user.subject));
    assert_eq!(lines[3], "key");
}

#[test]
fn openssl_opens_the_file_for_browsers_with_the_password_beside_it() {
    let (_directory, site) = make();
    let password = format!("file:{}", text(&site.user.password));
    let said = said("openssl", &["pkcs12", "-in", text(&site.user.pkcs12), "-passin", &password, "-nodes"]);
    assert_eq!(said.matches("BEGIN CERTIFICATE").count(), 2, "{said}");
    assert!(said.contains("BEGIN PRIVATE KEY") && said.contains("friendlyName"), "{said}");
    assert!(
        !run("openssl", &["pkcs12", "-in", text(&site.user.pkcs12), "-passin", "pass:", "-nodes"]).status.success()
    );
}

#[test]
fn the_authority_lies_where_openssl_and_old_globus_look_with_policy_and_list() {
    let (_directory, site) = make();
    let authority = site.directory.join("ca/ca-cert.pem");
    for option in ["-subject_hash", "-subject_hash_old"] {
        let hash = said("openssl", &["x509", "-noout", option, "-in", text(&authority)]);
        for suffix in ["0", "r0", "signing_policy"] {
            let file = site.authorities.join(format!("{}.{suffix}", hash.trim()));
            assert!(file.exists(), "{} is missing", file.display());
        }
        let policy = std::fs::read_to_string(site.authorities.join(format!("{}.signing_policy", hash.trim()))).unwrap();
        let subject = said("openssl", &["x509", "-noout", "-subject", "-nameopt", "compat", "-in", text(&authority)]);
        let subject = subject.trim().trim_start_matches("subject=");
        assert!(policy.contains(&format!("access_id_CA      X509    '{subject}'")), "{policy}");
        assert!(policy.contains("'\"/O=GRMS Test/*\"'"), "{policy}");
    }
}

#[test]
fn users_come_in_until_they_are_revoked_and_come_back_with_a_new_certificate() {
    let (_directory, site) = make();
    let identity = TlsIdentity::open(load(&site).server.tls).unwrap();
    let ada = add_user(&site.directory, "Ada Nowak", present()).unwrap();
    let eve = add_user(&site.directory, "Eve", present()).unwrap();
    assert_eq!(visit(&identity, &ada).unwrap().unwrap().subject.as_str(), "/O=GRMS Test/CN=Ada Nowak");
    assert!(matches!(add_user(&site.directory, "Ada Nowak", present()), Err(InitError::UserExists { .. })));
    revoke_user(&site.directory, "Eve", present()).unwrap();
    assert_eq!(revoke_user(&site.directory, "Ada Nowak", present()).unwrap(), ada.subject);
    assert!(matches!(revoke_user(&site.directory, "Ada Nowak", present()), Err(InitError::AlreadyRevoked { .. })));
    identity.reload().unwrap();
    assert!(visit(&identity, &ada).unwrap_err().contains("certificate revoked"));
    assert!(visit(&identity, &eve).unwrap_err().contains("certificate revoked"));
    let again = add_user(&site.directory, "Ada Nowak", present()).unwrap();
    identity.reload().unwrap();
    assert_eq!(visit(&identity, &again).unwrap().unwrap().subject, ada.subject);
    assert!(visit(&identity, &eve).unwrap_err().contains("certificate revoked"));
    assert_eq!(visit(&identity, &site.user).unwrap().unwrap().subject, site.user.subject);
    let mut files = std::fs::read_dir(&site.authorities).unwrap().map(|entry| entry.unwrap().path());
    let list = files.find(|path| path.extension().is_some_and(|suffix| suffix == "r0")).unwrap();
    let number = said("openssl", &["crl", "-noout", "-crlnumber", "-in", text(&list)]);
    assert!(number.trim().ends_with('3'), "{number}");
}

#[test]
fn names_and_directories_that_cannot_be_are_refused_with_what_to_do() {
    let (directory, site) = make();
    for name in ["", "../eve", ".eve", "a/b", "Ada\n", "Ada ", "Zażółć", &"a".repeat(65)] {
        let told = add_user(&site.directory, name, present()).unwrap_err();
        assert!(matches!(told, InitError::BadName { .. }), "{name}: {told}");
    }
    assert!(matches!(revoke_user(&site.directory, "Nobody", present()), Err(InitError::NoUser { .. })));
    let told = add_user(directory.path(), "Eve", present()).unwrap_err().to_string();
    assert!(told.contains("no site made by `grmsd init`"), "{told}");
}

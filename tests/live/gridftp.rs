//! GridFTP against a real server, with real proxies. Before: `scripts/components/users.sh start`, `gsi_ca.sh start`, `gridftp.sh
//! install`, `gridftp.sh start a 18300`, `gridftp.sh proxy grmstest1`, and the variables of `gridftp.sh env grmstest1 18300`.

#![expect(clippy::unwrap_used, reason = "a test panics when something is not as it should be")]

use grms::job::{Code, FileKind, Scheme, Url};
use grms::shell::{LocalShell, LocalUser};
use grms::transfer::{Access, Landing, Moved, Protocols, Settings, TransferError};
use openssl::asn1::{Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Extension, X509Name};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run `scripts/components/users.sh start; scripts/components/gsi_ca.sh start; \
             scripts/components/gridftp.sh install; scripts/components/gridftp.sh start a 18300; \
             scripts/components/gridftp.sh proxy grmstest1; eval \"$(scripts/components/gridftp.sh env grmstest1 18300)\"` \
             as root first"
        )
    })
}

/// A working directory here and one on the server, both gone afterwards.
struct Place {
    directory: tempfile::TempDir,
    protocols: Protocols,
    remote: String,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings { spool: directory.path().join("spool"), ..Settings::default() };
        let name = directory.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_owned();
        let remote = format!("{}/grms-live-{name}", variable("GRMS_TEST_GRIDFTP_URL"));
        std::fs::create_dir(directory.path().join("work")).unwrap();
        Self { protocols: Protocols::new(&settings), directory, remote }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("work").join(name)
    }

    fn landing(&self, name: &str, kind: FileKind) -> Landing {
        Landing { shell: Arc::new(LocalShell::new()), user: None, path: self.path(name), kind }
    }

    fn url(&self, name: &str) -> Url {
        Url::parse(&format!("{}/{name}", self.remote)).unwrap()
    }

    async fn fetch(&self, from: &Url, name: &str, kind: FileKind, access: &Access) -> Result<Moved, TransferError> {
        let protocol = self.protocols.for_scheme(Scheme::Gsiftp).unwrap();
        protocol.fetch(from, &self.landing(name, kind), access).await
    }

    async fn push(&self, name: &str, kind: FileKind, to: &Url, access: &Access) -> Result<Moved, TransferError> {
        let protocol = self.protocols.for_scheme(Scheme::Gsiftp).unwrap();
        protocol.push(&self.landing(name, kind), to, access).await
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(self.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The server runs on this machine, so its files can be removed without it.
impl Drop for Place {
    fn drop(&mut self) {
        let path = self.remote.splitn(4, '/').nth(3).unwrap_or_default();
        let _ = std::fs::remove_dir_all(Path::new("/").join(path.trim_start_matches('/')));
    }
}

fn access() -> Access {
    Access {
        credential: Some(variable("X509_USER_PROXY").into()),
        authorities: Some(variable("X509_CERT_DIR").into()),
        stall: Duration::from_secs(20),
    }
}

/// A proxy made of the user's proxy that ran out yesterday.
fn expired_proxy(path: &Path) {
    let pem = std::fs::read(variable("X509_USER_PROXY")).unwrap();
    let chain = X509::stack_from_pem(&pem).unwrap();
    let issuer_key = PKey::private_key_from_pem(&pem).unwrap();
    let key = Rsa::generate(2048).unwrap();
    let mut subject = X509Name::builder().unwrap();
    for entry in chain[0].subject_name().entries() {
        let field = entry.object().nid().short_name().unwrap();
        subject.append_entry_by_text(field, entry.data().to_string().unwrap().as_ref()).unwrap();
    }
    subject.append_entry_by_text("CN", "7").unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject.build()).unwrap();
    builder.set_issuer_name(chain[0].subject_name()).unwrap();
    builder.set_pubkey(&PKey::from_rsa(key.clone()).unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::from_str("20200101000000Z").unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_str("20200102000000Z").unwrap()).unwrap();
    // SEQUENCE { SEQUENCE { id-ppl-inheritAll } }
    let inherit_all = [0x30, 0x0c, 0x30, 0x0a, 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x15, 1];
    let information = X509Extension::new_from_der(
        &Asn1Object::from_str("1.3.6.1.5.5.7.1.14").unwrap(),
        true,
        &Asn1OctetString::new_from_bytes(&inherit_all).unwrap(),
    );
    builder.append_extension(information.unwrap()).unwrap();
    builder.sign(&issuer_key, MessageDigest::sha256()).unwrap();
    let mut file = [builder.build().to_pem().unwrap(), key.private_key_to_pem().unwrap()].concat();
    for certificate in chain {
        file.extend(certificate.to_pem().unwrap());
    }
    std::fs::write(path, file).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_file_goes_out_and_comes_back_whatever_its_name() {
    let place = Place::new();
    for (number, name) in
        ["plain", "-rf%20x", "%C3%BCn%C3%AF", "ünï*[1]", "new/deep/x", "a%25%3F%23"].iter().enumerate()
    {
        let (sent, got) = (format!("-ü *[{number}] \"'"), format!("got ?{number}%20"));
        std::fs::write(place.path(&sent), format!("content {number}\n")).unwrap();
        let pushed = place.push(&sent, FileKind::File, &place.url(name), &access()).await.unwrap();
        let fetched = place.fetch(&place.url(name), &got, FileKind::File, &access()).await.unwrap();
        assert_eq!(pushed, fetched, "{name}");
        assert_eq!((fetched.bytes, fetched.sha256.unwrap().len()), (10, 64));
        assert_eq!(std::fs::read(place.path(&sent)).unwrap(), std::fs::read(place.path(&got)).unwrap());
    }
    assert_eq!(place.names().len(), 12, "nothing but the files is left: {:?}", place.names());
}

#[tokio::test]
async fn the_three_forms_of_a_path_lead_to_the_same_file() {
    let place = Place::new();
    std::fs::write(place.path("x"), "abc").unwrap();
    place.push("x", FileKind::File, &place.url("x"), &access()).await.unwrap();
    let (server, path) =
        place.remote.split_once("//home/").map(|(server, rest)| (server, format!("home/{rest}"))).unwrap();
    let relative = path.splitn(3, '/').nth(2).unwrap();
    for form in [format!("{server}//{path}/x"), format!("{server}/{path}/x"), format!("{server}/~/{relative}/x")] {
        let moved = place.fetch(&Url::parse(&form).unwrap(), "y", FileKind::File, &access()).await;
        assert_eq!(moved.unwrap().bytes, 3, "{form}");
    }
}

#[tokio::test]
async fn a_directory_goes_out_and_comes_back() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("d/sub dir")).unwrap();
    std::fs::write(place.path("d/-a"), "abc").unwrap();
    std::fs::write(place.path("d/sub dir/ü"), "de").unwrap();
    let pushed = place.push("d", FileKind::Directory, &place.url("up/d"), &access()).await.unwrap();
    let fetched = place.fetch(&place.url("up/d/"), "e", FileKind::Directory, &access()).await.unwrap();
    assert_eq!((&pushed, &fetched), (&Moved { bytes: 5, sha256: None }, &pushed));
    assert_eq!(std::fs::read(place.path("e/-a")).unwrap(), b"abc");
    assert_eq!(std::fs::read(place.path("e/sub dir/ü")).unwrap(), b"de");
    assert_eq!(place.names(), ["d", "e"]);
    std::fs::create_dir(place.path("empty")).unwrap();
    assert_eq!(place.push("empty", FileKind::Directory, &place.url("empty"), &access()).await.unwrap().bytes, 0);
}

#[tokio::test]
async fn failures_have_their_code_and_leave_nothing_behind() {
    let place = Place::new();
    let expired = place.directory.path().join("expired.pem");
    expired_proxy(&expired);
    let no_authorities = place.directory.path().join("no-authorities");
    std::fs::create_dir(&no_authorities).unwrap();
    let server = variable("GRMS_TEST_GRIDFTP_URL").split("//").nth(1).unwrap().to_owned();
    let (missing, forbidden) = (place.url("none"), Url::parse(&format!("gsiftp://{server}//etc/shadow")).unwrap());
    let closed = Url::parse("gsiftp://localhost:1//x").unwrap();
    let nowhere = Url::parse("gsiftp://no-such-host.invalid//x").unwrap();
    let good = access();
    let expired = Access { credential: Some(expired), ..access() };
    let wrong = Access { authorities: Some(no_authorities), ..access() };
    let none = Access { credential: Some("/none/such".into()), ..access() };
    for (from, kind, access, code, transient) in [
        (&missing, FileKind::File, &good, Code::FileNotFound, false),
        (&missing, FileKind::Directory, &good, Code::FileNotFound, false),
        (&forbidden, FileKind::File, &good, Code::FileAccessDenied, false),
        (&closed, FileKind::File, &good, Code::StageInFailed, true),
        (&nowhere, FileKind::File, &good, Code::StageInFailed, true),
        (&missing, FileKind::File, &expired, Code::CredentialExpired, false),
        (&missing, FileKind::File, &wrong, Code::FileAccessDenied, false),
        (&missing, FileKind::File, &none, Code::DelegationRequired, false),
    ] {
        let failure = place.fetch(from, "x", kind, access).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (code, transient), "{failure:?}");
        assert!(failure.message.contains(&from.to_string()) && failure.site_text.is_some(), "{failure:?}");
        assert!(place.names().is_empty(), "{:?}", place.names());
    }
    std::fs::write(place.path("x"), "abc").unwrap();
    let failure = place.push("x", FileKind::File, &forbidden, &good).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("gsiftp://localhost:{}//x", listener.local_addr().unwrap().port())).unwrap();
    let impatient = Access { stall: Duration::from_secs(2), ..access() };
    let failure = Place::new().fetch(&url, "x", FileKind::File, &impatient).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::TransferTimeout, true), "{failure:?}");
}

#[tokio::test]
async fn links_of_another_account_do_not_lead_out_of_its_directory() {
    let place = Place::new();
    std::fs::set_permissions(place.directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(place.path("d")).unwrap();
    std::fs::write(place.path("d/good"), "abc").unwrap();
    symlink("good", place.path("d/inside")).unwrap();
    symlink("/etc/shadow", place.path("d/outside")).unwrap();
    let mut landing = place.landing("d", FileKind::Directory);
    landing.user = Some(LocalUser { name: "grmstest1".into() });
    let protocol = place.protocols.for_scheme(Scheme::Gsiftp).unwrap();
    let failure = protocol.push(&landing, &place.url("d"), &access()).await.unwrap_err();
    assert!(!failure.transient && failure.message.contains("outside"), "{failure}");
    place.fetch(&place.url("d"), "e", FileKind::Directory, &access()).await.unwrap();
    assert!(place.path("e/good").is_file() && place.path("e/inside").is_file() && !place.path("e/outside").exists());
}

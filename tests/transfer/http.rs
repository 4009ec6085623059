//! `http:`: good servers, bad servers, large files.

use crate::server::{BIG, Server, raw};
use crate::{Place, access, another_user, names, url};
use grms::job::{Code, FileKind, Scheme};
use grms::transfer::{Moved, TransferError};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::Duration;

async fn fetch(place: &Place, from: &str) -> Result<Moved, TransferError> {
    let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
    protocol.fetch(&url(from), &place.landing("-x ü", FileKind::File), &access()).await
}

async fn push(place: &Place, to: &str) -> Result<Moved, TransferError> {
    let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
    protocol.push(&place.landing("-x ü", FileKind::File), &url(to), &access()).await
}

/// The most memory this process has held since [`forget_memory`], in MiB.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}

fn forget_memory() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[tokio::test]
async fn a_file_is_fetched_with_its_checksum_also_through_a_redirect() {
    let server = Server::start(None);
    for path in ["hello", "to-hello"] {
        let place = Place::new();
        let moved = fetch(&place, &format!("http://{}/{path}", server.address)).await.unwrap();
        let expected = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        assert_eq!(moved, Moved { bytes: 6, sha256: Some(expected.into()) });
        assert_eq!(std::fs::read(place.path("-x ü")).unwrap(), b"hello\n");
        assert_eq!(place.names(), ["-x ü"]);
    }
}

#[tokio::test]
async fn a_name_in_a_directory_makes_the_directory() {
    let (server, place) = (Server::start(None), Place::new());
    let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
    let from = url(&format!("http://{}/hello", server.address));
    protocol.fetch(&from, &place.landing("sub/deep/x", FileKind::File), &access()).await.unwrap();
    let from = url(&format!("file:///{}", place.path("sub/deep/x").display()));
    let protocol = place.protocols.for_scheme(Scheme::File).unwrap();
    protocol.fetch(&from, &place.landing("other/x", FileKind::File), &access()).await.unwrap();
    assert_eq!(std::fs::read(place.path("other/x")).unwrap(), b"hello\n");
}

#[tokio::test]
async fn strange_names_reach_the_server_unchanged() {
    let server = Server::start(None);
    for path in ["echo/-a%20ü", "echo/-a%20%C3%BC"] {
        let place = Place::new();
        fetch(&place, &format!("http://{}/{path}", server.address)).await.unwrap();
        assert_eq!(std::fs::read_to_string(place.path("-x ü")).unwrap(), "-a ü");
    }
}

#[tokio::test]
async fn refusals_have_their_code_and_leave_nothing_behind() {
    let server = Server::start(None);
    for (path, code, transient) in [
        ("missing?sig=verysecret", Code::FileNotFound, false),
        ("forbidden", Code::FileAccessDenied, false),
        ("busy", Code::StageInFailed, true),
        ("to-file", Code::StageInFailed, false),
        ("circle", Code::StageInFailed, false),
        ("wrong-digest", Code::ChecksumMismatch, true),
    ] {
        let place = Place::new();
        let failure = fetch(&place, &format!("http://{}/{path}", server.address)).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (code, transient), "{path}: {failure}");
        assert!(failure.message.contains(&server.address), "{failure}");
        assert!(!format!("{failure:?}").contains("verysecret"), "{failure:?}");
        assert!(place.names().is_empty(), "{path}: {:?}", place.names());
    }
}

#[tokio::test]
async fn a_refusal_keeps_the_servers_words() {
    let server = Server::start(None);
    let failure = fetch(&Place::new(), &format!("http://{}/none", server.address)).await.unwrap_err();
    assert_eq!(failure.site_text.as_deref(), Some("Nothing at /none"));
}

#[tokio::test]
async fn a_body_that_is_cut_off_never_gets_the_final_name() {
    let address = raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true).await;
    let place = Place::new();
    std::fs::write(place.path("-x ü"), "old").unwrap();
    let failure = fetch(&place, &format!("http://{address}/x")).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::StageInFailed, true), "{failure}");
    assert_eq!(std::fs::read(place.path("-x ü")).unwrap(), b"old");
    assert_eq!(place.names(), ["-x ü"]);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left() {
    for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", ""] {
        let address = raw(answer, false).await;
        let place = Place::new();
        let access = grms::transfer::Access { stall: Duration::from_millis(200), ..access() };
        let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
        let landing = place.landing("x", FileKind::File);
        let failure = protocol.fetch(&url(&format!("http://{address}/x")), &landing, &access).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (Code::TransferTimeout, true), "{failure}");
        assert!(place.names().is_empty());

        std::fs::File::create(place.path("x")).unwrap().set_len(32 << 20).unwrap();
        let silent = raw("", false).await;
        let failure = protocol.push(&landing, &url(&format!("http://{silent}/x")), &access).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (Code::TransferTimeout, true), "{failure}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come_back() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = fetch(&Place::new(), &format!("http://{address}/x?sig=verysecret")).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::StageInFailed, true), "{failure}");
    assert!(failure.site_text.as_deref().unwrap().contains("refused"), "{failure:?}");
    assert!(!format!("{failure:?}").contains("verysecret"), "{failure:?}");
}

#[tokio::test]
async fn a_file_is_delivered_with_its_checksum_also_through_a_redirect() {
    let server = Server::start(None);
    let place = Place::new();
    std::fs::write(place.path("-x ü"), "abc").unwrap();
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for path in ["store/one", "elsewhere/two"] {
        let moved = push(&place, &format!("http://{}/{path}", server.address)).await.unwrap();
        assert_eq!(moved, Moved { bytes: 3, sha256: Some(digest.into()) });
    }
    let stored = server.stored.lock().unwrap().clone();
    assert_eq!((&stored["one"], &stored["two"]), (&(3, digest.into()), &(3, digest.into())));
}

#[tokio::test]
async fn a_delivery_that_cannot_be_made_says_why() {
    let server = Server::start(None);
    let place = Place::new();
    let failure = push(&place, &format!("http://{}/store/x", server.address)).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileNotFound, false), "{failure}");
    std::fs::write(place.path("-x ü"), "abc").unwrap();
    let failure = push(&place, &format!("http://{}/full", server.address)).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::StorageFull, true), "{failure}");
    let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
    let directory = place.landing("", FileKind::Directory);
    let failure = protocol.push(&directory, &url("http://localhost/x"), &access()).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::StageOutFailed, false), "{failure}");
}

#[tokio::test]
async fn large_files_are_streamed_in_both_directions() {
    let server = Server::start(None);
    let place = Place::new();
    forget_memory();
    let before = most_memory();
    let fetched = fetch(&place, &format!("http://{}/big", server.address)).await.unwrap();
    let pushed = push(&place, &format!("http://{}/store/big", server.address)).await.unwrap();
    let grown = most_memory().saturating_sub(before);
    assert_eq!(fetched.bytes, BIG as u64);
    assert_eq!(fetched, pushed);
    assert_eq!(server.stored.lock().unwrap()["big"], (BIG, pushed.sha256.unwrap()));
    assert!(grown < 50, "{grown} MiB of memory for a file of 100 MiB");
}

#[tokio::test]
async fn outputs_of_another_account_are_read_with_its_rights_and_no_copy_stays() {
    let Some(user) = another_user() else { return };
    let server = Server::start(None);
    let place = Place::new();
    std::fs::set_permissions(place.directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let secret = place.directory.path().join("secret");
    std::fs::write(&secret, "abc").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(place.path("good"), "abc").unwrap();
    symlink(&secret, place.path("bad")).unwrap();
    let protocol = place.protocols.for_scheme(Scheme::Http).unwrap();
    let to = url(&format!("http://{}/store/out", server.address));
    let mut landing = place.landing("bad", FileKind::File);
    landing.user = Some(user);
    let failure = protocol.push(&landing, &to, &access()).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure}");
    assert!(server.stored.lock().unwrap().is_empty());
    landing.path = place.path("good");
    assert_eq!(protocol.push(&landing, &to, &access()).await.unwrap().bytes, 3);
    assert!(names(&place.directory.path().join("spool")).is_empty());
}

//! `file:`: copies with the rights of the job's account.

use crate::{Place, access, another_user, names, url};
use grms::job::{Code, FileKind, Scheme, Url};
use grms::transfer::{Landing, Moved, TransferError};
use sha2::{Digest as _, Sha256};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

async fn fetch(place: &Place, from: &Url, landing: &Landing) -> Result<Moved, TransferError> {
    place.protocols.for_scheme(Scheme::File).unwrap().fetch(from, landing, &access()).await
}

async fn push(place: &Place, landing: &Landing, to: &Url) -> Result<Moved, TransferError> {
    place.protocols.for_scheme(Scheme::File).unwrap().push(landing, to, &access()).await
}

fn location(path: &Path) -> Url {
    url(&format!("file:///{}", path.display().to_string().replace(' ', "%20")))
}

#[tokio::test]
async fn a_file_goes_in_and_out_with_its_checksum_whatever_its_name() {
    for name in ["plain", "with blank", "-rf", "ünï", "sub/deep/x", "a'b\"c\\d$e"] {
        let place = Place::new();
        let source = place.directory.path().join("source");
        std::fs::write(&source, "abc").unwrap();
        let inside = place.landing("-in ü", FileKind::File);
        let expected =
            Moved { bytes: 3, sha256: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()) };
        assert_eq!(fetch(&place, &location(&source), &inside).await.unwrap(), expected);
        let target = place.directory.path().join("target").join(name);
        assert_eq!(push(&place, &inside, &location(&target)).await.unwrap(), expected, "{name}");
        assert_eq!(std::fs::read(&target).unwrap(), b"abc");
        assert_eq!(names(target.parent().unwrap()).len(), 1, "nothing but the file is left");
        assert_eq!(place.names(), ["-in ü"]);
    }
}

#[tokio::test]
async fn a_link_is_fetched_as_the_file_it_leads_to() {
    let place = Place::new();
    let source = place.directory.path().join("source");
    std::fs::write(&source, "abc").unwrap();
    symlink(&source, place.directory.path().join("link")).unwrap();
    fetch(&place, &location(&place.directory.path().join("link")), &place.landing("x", FileKind::File)).await.unwrap();
    assert!(place.path("x").symlink_metadata().unwrap().is_file());
}

#[tokio::test]
async fn a_missing_source_is_permanent_and_named() {
    let place = Place::new();
    let failure = fetch(&place, &url("file:////none/such"), &place.landing("x", FileKind::File)).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileNotFound, false));
    assert!(failure.message.contains("file:////none/such"), "{failure}");
    let failure = push(&place, &place.landing("x", FileKind::File), &location(&place.path("y"))).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileNotFound, false));
    assert!(place.names().is_empty());
}

#[tokio::test]
async fn devices_and_the_wrong_kind_are_refused() {
    let place = Place::new();
    for (source, kind, word) in [
        ("file:////dev/zero", FileKind::File, "character special file"),
        ("file:////tmp", FileKind::File, "directory"),
        ("file:////etc/passwd", FileKind::Directory, "regular file"),
    ] {
        let failure = fetch(&place, &url(source), &place.landing("x", kind)).await.unwrap_err();
        assert_eq!((failure.code, failure.transient), (Code::StageInFailed, false), "{source}");
        assert!(failure.message.contains(word), "{failure}");
    }
}

#[tokio::test]
async fn nowhere_is_empty_and_swallows_everything() {
    let place = Place::new();
    let landing = place.landing("x", FileKind::File);
    assert_eq!(fetch(&place, &url("file:////dev/null"), &landing).await.unwrap().bytes, 0);
    assert_eq!(std::fs::read(place.path("x")).unwrap(), b"");
    std::fs::write(place.path("x"), "abc").unwrap();
    assert_eq!(push(&place, &landing, &url("file:////dev/null")).await.unwrap().bytes, 3);
    assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
}

#[tokio::test]
async fn a_directory_keeps_what_is_already_there() {
    let place = Place::new();
    let source = place.directory.path().join("source");
    std::fs::create_dir_all(source.join("sub")).unwrap();
    std::fs::write(source.join("sub/-a"), "new").unwrap();
    std::fs::write(source.join(".hidden"), "new").unwrap();
    let landing = place.landing("d", FileKind::Directory);
    for _ in 0..2 {
        let moved = fetch(&place, &location(&source), &landing).await.unwrap();
        assert_eq!(moved, Moved { bytes: 6, sha256: None });
    }
    let target = place.directory.path().join("target");
    std::fs::create_dir_all(target.join("sub")).unwrap();
    std::fs::write(target.join("sub/-a"), "old").unwrap();
    std::fs::write(target.join("sub/kept"), "old").unwrap();
    push(&place, &landing, &location(&target)).await.unwrap();
    assert_eq!(std::fs::read(target.join("sub/-a")).unwrap(), b"new");
    assert_eq!(names(&target), [".hidden", "sub"]);
    assert_eq!(names(&target.join("sub")), ["-a", "kept"]);
    assert_eq!(place.names(), ["d"]);
}

#[tokio::test]
async fn outputs_that_arrive_at_one_place_at_once_arrive_whole() {
    let place = Place::new();
    let target = place.directory.path().join("target");
    let sources: Vec<_> = (b'a'..=b'h').map(|letter| (letter, vec![letter; 1 << 20])).collect();
    let deliveries = sources.iter().map(|(letter, content)| {
        let name = format!("out-{}", char::from(*letter));
        std::fs::write(place.path(&name), content).unwrap();
        let landing = place.landing(&name, FileKind::File);
        let (place, to) = (&place, location(&target));
        async move { push(place, &landing, &to).await }
    });
    for (moved, (letter, content)) in futures_util::future::join_all(deliveries).await.into_iter().zip(&sources) {
        let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(moved.unwrap(), Moved { bytes: 1 << 20, sha256: Some(sha256) }, "{}", char::from(*letter));
    }
    let arrived = std::fs::read(&target).unwrap();
    assert!(sources.iter().any(|(_, content)| *content == arrived), "one of them, not a mixture");
    let beside: Vec<_> = names(place.directory.path()).into_iter().filter(|name| name.contains(".part")).collect();
    assert_eq!(beside, Vec::<String>::new());
}

#[tokio::test]
async fn an_unresolved_variable_is_never_a_path() {
    let place = Place::new();
    let failure = fetch(&place, &url("file:///${HOME}/x"), &place.landing("x", FileKind::File)).await.unwrap_err();
    assert!(!failure.transient && failure.message.contains("variable"), "{failure}");
}

#[tokio::test]
async fn another_account_reads_and_writes_only_what_it_may() {
    let Some(user) = another_user() else { return };
    let place = Place::new();
    std::fs::set_permissions(place.directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let secret = place.directory.path().join("secret");
    std::fs::write(&secret, "abc").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut landing = place.landing("x", FileKind::File);
    landing.user = Some(user);
    let failure = fetch(&place, &location(&secret), &landing).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure}");

    std::fs::write(place.path("x"), "abc").unwrap();
    let forbidden = place.directory.path().join("target");
    let failure = push(&place, &landing, &location(&forbidden)).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure}");
    assert!(!forbidden.exists());

    // A link among the outputs leads only where the account itself may read.
    symlink(&secret, place.path("y")).unwrap();
    landing.path = place.path("y");
    let failure = push(&place, &landing, &location(Path::new("/tmp/grms-never"))).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::FileAccessDenied, false), "{failure}");
}

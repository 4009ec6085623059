//! `data:`: content that lies in the description.

use crate::{Place, access, url};
use grms::job::{Code, FileKind, Scheme, Url};
use grms::transfer::Moved;

#[tokio::test]
async fn content_of_the_description_becomes_a_file_of_the_brokers_own() {
    let place = Place::new();
    let protocol = place.protocols.for_scheme(Scheme::Data).unwrap();
    let landing = place.landing("sub/deep/x", FileKind::File);
    let expected =
        Moved { bytes: 3, sha256: Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into()) };
    for text in ["data:,abc", "data:;base64,YWJj"] {
        assert_eq!(protocol.fetch(&url(text), &landing, &access()).await.unwrap(), expected, "{text}");
        assert_eq!(std::fs::read(place.path("sub/deep/x")).unwrap(), b"abc");
    }
    let empty = protocol.fetch(&url("data:,"), &landing, &access()).await.unwrap();
    assert_eq!((empty.bytes, std::fs::read(place.path("sub/deep/x")).unwrap()), (0, Vec::new()));
}

#[tokio::test]
async fn nothing_is_delivered_into_a_description_and_nothing_of_it_is_shown() {
    let place = Place::new();
    std::fs::write(place.path("x"), "abc").unwrap();
    let protocol = place.protocols.for_scheme(Scheme::Data).unwrap();
    let inline = Url::inline("text/plain", &[b'a'; 300]);
    let hidden = String::from(inline.clone())[40..80].to_owned();
    let failure = protocol.push(&place.landing("x", FileKind::File), &inline, &access()).await.unwrap_err();
    assert_eq!((failure.code, failure.transient), (Code::StageOutFailed, false));
    assert!(failure.message.contains("input only") && failure.message.contains("(300 bytes)"), "{failure}");
    assert!(!failure.message.contains(&hidden), "{failure}");
    let failure = protocol.fetch(&inline, &place.landing("d", FileKind::Directory), &access()).await.unwrap_err();
    assert!(!failure.transient && failure.message.contains("declare it as file"), "{failure}");
    assert!(!place.path("d").exists());
}

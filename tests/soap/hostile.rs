//! Hostile input: endless bodies, slow bodies, random bytes. Nothing is buffered beyond the limit, nothing panics.

use super::app::{ADA, Broker, envelope, sample};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use futures_util::stream;
use grms::soap::{PATH, Settings, Version};
use grms::xml::Limits;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn streamed(chunks: impl stream::Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
    Payload::Stream { payload: Box::pin(chunks) }
}

fn post() -> TestRequest {
    TestRequest::post().uri(PATH).insert_header(("content-type", "text/xml"))
}

#[actix_web::test]
async fn a_body_of_100_megabytes_is_refused_after_the_limit_and_not_kept() {
    const CHUNK: usize = 64 * 1024;
    let broker = Broker::new();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let chunks = (0..1600).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, PayloadError>(Bytes::from(vec![b' '; CHUNK]))
    });
    let (request, _) = post().to_request().replace_payload(streamed(stream::iter(chunks)));
    let answer = broker.send_raw(request, Some(ADA)).await;
    assert_eq!((answer.status, answer.text("code").as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "104"));
    assert!(taken.load(Ordering::Relaxed) <= Limits::default().bytes / CHUNK + 1, "the whole body was read");
    let announced = post().set_payload("x").insert_header(("content-length", "104857600"));
    let answer = broker.send(announced, Some(ADA)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    let broker = Broker::with(Settings { patience: Duration::from_millis(50), ..Settings::default() });
    let (request, _) = post().to_request().replace_payload(streamed(stream::pending()));
    let answer = broker.send_raw(request, Some(ADA)).await;
    assert_eq!((answer.status, answer.text("code").as_str()), (StatusCode::REQUEST_TIMEOUT, "906"));
}

/// A right request with a piece replaced by random bytes.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let requests: Vec<String> = grms::operations::ALL
        .iter()
        .map(|operation| operation.contract().name)
        .flat_map(|name| Version::ALL.map(|version| envelope(version, name, &sample(name, "1_x_0001"))))
        .collect();
    let noise = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..20),
        "(<|>|/|&|;|a|:|'|\"|=|!|\\[|\\]|-|\\?| |#|x){0,20}".prop_map(String::into_bytes),
    ];
    (proptest::sample::select(requests), any::<prop::sample::Index>(), 0..30_usize, noise).prop_map(
        |(request, at, length, noise)| {
            let bytes = request.into_bytes();
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            [&bytes[..at], &noise, &bytes[end..]].concat()
        },
    )
}

#[test]
fn no_bytes_make_the_service_panic_or_answer_something_that_is_no_envelope() {
    let system = actix_web::rt::System::new();
    let broker = system.block_on(async { Broker::new() });
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let strategy = prop_oneof![1 => proptest::collection::vec(any::<u8>(), 0..200), 4 => damaged()];
    runner
        .run(&strategy, |bytes| {
            let answer = system.block_on(broker.post(Version::V11, bytes, Some(ADA)));
            let document =
                roxmltree::Document::parse(&answer.body).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(document.root_element().tag_name().name(), "Envelope");
            prop_assert!(answer.status == 200 || answer.status == 500 || answer.status == 400);
            Ok(())
        })
        .unwrap();
}

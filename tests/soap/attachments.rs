//! Messages of several parts, as MTOM sends them, and those that lie about their parts.

use super::app::{ADA, Answer, Broker, DATE, envelope, escaped, sample};
use actix_web::test::TestRequest;
use grms::soap::{CLASSIC_PATH, PATH, Settings, Version};
use grms::xml::Limits;

const XOP: &str = "xmlns:x=\"http://www.w3.org/2004/08/xop/include\"";

/// A part: header lines, content.
fn part(head: &str, content: impl AsRef<[u8]>) -> Vec<u8> {
    let head = if head.is_empty() { String::new() } else { format!("{}\r\n", head.replace('\n', "\r\n")) };
    [b"--b1\r\n", head.as_bytes(), b"\r\n", content.as_ref(), b"\r\n"].concat()
}

fn root(content: impl AsRef<[u8]>) -> Vec<u8> {
    part("Content-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\nContent-ID: <root@x>", content)
}

fn whole(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--b1--\r\n".to_vec()].concat()
}

/// A call whose description is in the part with this address.
fn test_of(href: &str) -> String {
    envelope(
        Version::V11,
        "testJobDescription",
        &format!("<jobDefinition><x:Include {XOP} href=\"{href}\"/></jobDefinition>"),
    )
}

async fn send(broker: &Broker, parameters: &str, body: Vec<u8>) -> Answer {
    send_to(broker, PATH, parameters, body).await
}

async fn send_to(broker: &Broker, path: &str, parameters: &str, body: Vec<u8>) -> Answer {
    let media = format!(
        "multipart/related; type=\"application/xop+xml\"; start-info=\"text/xml\"; boundary=\"b1\"{parameters}"
    );
    let request = TestRequest::post().uri(path).insert_header(("content-type", media));
    broker.send(request.set_payload(body), Some(ADA)).await
}

#[actix_web::test]
async fn a_text_may_come_as_an_attachment() {
    let broker = Broker::new();
    let start = "; start=\"<root@x>\"";
    let plain = |id: &str| part(&format!("Content-ID: <{id}>\nContent-Transfer-Encoding: binary"), DATE);
    let base64 = openssl::base64::encode_block(DATE.as_bytes());
    let lines: Vec<&str> = base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(DATE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let folded = part("Content-ID:\n <a@x>\nContent-Type: text/plain", DATE);
    let rows: Vec<(&str, &str, Vec<u8>)> = vec![
        ("behind the root", start, whole(&[root(test_of("cid:a@x")), plain("a@x")])),
        ("before the root", start, whole(&[plain("a@x"), root(test_of("cid:a@x"))])),
        ("without start", "", whole(&[root(test_of("cid:a@x")), plain("a@x")])),
        ("start without brackets", "; start=root@x", whole(&[plain("a@x"), root(test_of("cid:a@x"))])),
        ("an encoded address", start, whole(&[root(test_of("cid:a%40x%3d")), plain("a@x=")])),
        ("an encoded address and id", start, whole(&[root(test_of("cid:a%40x")), plain("a%40x")])),
        (
            "in base64",
            start,
            whole(&[
                root(test_of("cid:a@x")),
                part("content-id: <a@x>\ncontent-transfer-encoding: BASE64", lines.join("\r\n")),
            ]),
        ),
        (
            "the root in base64",
            start,
            whole(&[
                part(
                    "Content-ID: <root@x>\nContent-Transfer-Encoding: base64",
                    openssl::base64::encode_block(test_of("cid:a@x").as_bytes()),
                ),
                plain("a@x"),
            ]),
        ),
        ("in UTF-16", start, whole(&[root(test_of("cid:a@x")), part("Content-ID: <a@x>", utf16)])),
        ("a folded header", start, whole(&[root(test_of("cid:a@x")), folded])),
        (
            "a preamble and an end without a line",
            start,
            [b"hello\r\n".to_vec(), whole(&[root(test_of("cid:a@x")), plain("a@x")]), b"bye".to_vec()].concat(),
        ),
        (
            "no attachment used",
            start,
            whole(&[
                root(envelope(Version::V11, "testJobDescription", &sample("testJobDescription", ""))),
                plain("a@x"),
            ]),
        ),
    ];
    for (name, parameters, body) in rows {
        let answer = send(&broker, parameters, body).await;
        assert_eq!((answer.status.as_u16(), answer.text("valid").as_str()), (200, "true"), "{name}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8", "the answer is plain");
    }
    let twelve = test_of("cid:a@x").replace(Version::V11.namespace(), Version::V12.namespace());
    let answer = send(&broker, start, whole(&[root(twelve), plain("a@x")])).await;
    assert_eq!((answer.header("content-type"), answer.text("valid").as_str()), (Version::V12.content_type(), "true"));
}

#[actix_web::test]
async fn a_message_that_lies_about_its_parts_is_refused() {
    let broker = Broker::new();
    let start = "; start=\"<root@x>\"";
    let other = || part("Content-ID: <a@x>", DATE);
    let call = || root(test_of("cid:a@x"));
    let inside = |inside: &str| {
        root(envelope(Version::V11, "testJobDescription", &format!("<jobDefinition>{inside}</jobDefinition>")))
    };
    let include = |href: &str| format!("<x:Include {XOP} {href}/>");
    let encoded = |encoding: &str| part(&format!("Content-ID: <a@x>\nContent-Transfer-Encoding: {encoding}"), "%%%");
    let rows: Vec<(&str, &str, Vec<u8>, u16, &str)> = vec![
        ("no such part", start, whole(&[root(test_of("cid:b@x")), other()]), 500, "there are: a@x"),
        ("the root itself", start, whole(&[root(test_of("cid:root@x"))]), 500, "there are: none"),
        (
            "an address outside",
            start,
            whole(&[root(test_of("http://x/a")), other()]),
            500,
            "is no part of this message",
        ),
        ("a file", start, whole(&[root(test_of("file:///etc/passwd")), other()]), 500, "is no part of this message"),
        ("no address", start, whole(&[inside(&include("")), other()]), 500, "has no href"),
        (
            "an attachment and text",
            start,
            whole(&[inside(&format!("x{}", include("href=\"cid:a@x\""))), other()]),
            500,
            "expected one of them",
        ),
        (
            "two attachments",
            start,
            whole(&[inside(&include("href=\"cid:a@x\"").repeat(2)), other()]),
            500,
            "expected one of them",
        ),
        (
            "a value in the Include",
            start,
            whole(&[inside(&format!("<x:Include {XOP} href=\"cid:a@x\">y</x:Include>")), other()]),
            500,
            "expected one of them",
        ),
        (
            "bytes that are no text",
            start,
            whole(&[call(), part("Content-ID: <a@x>", b"\xFF\xFE\x00\xD8")]),
            500,
            "is no text",
        ),
        (
            "a wrong start",
            "; start=\"<nobody>\"",
            whole(&[call(), other()]),
            415,
            "start names the Content-ID `nobody`",
        ),
        ("two roots", start, whole(&[call(), call()]), 415, "two parts have the Content-ID `root@x`"),
        ("two of one id", start, whole(&[call(), other(), other()]), 415, "two parts have the Content-ID `a@x`"),
        (
            "another boundary",
            "; boundary=b2",
            b"--b2\r\n\r\n<a/>\r\n--b2--".to_vec(),
            415,
            "no part with this boundary",
        ),
        ("no part", start, b"--b1--\r\n".to_vec(), 415, "start names"),
        ("nothing", "", Vec::new(), 415, "no part with this boundary"),
        ("no end", start, [call(), other()].concat(), 415, "does not end"),
        ("no empty line", "", b"--b1\r\nContent-ID: <a>\r\n--b1--".to_vec(), 415, "no empty line"),
        ("no base64", start, whole(&[call(), encoded("base64")]), 415, "is said to be base64"),
        ("an unknown encoding", start, whole(&[call(), encoded("uuencode")]), 415, "`uuencode` is not understood"),
        (
            "a header that is no text",
            start,
            whole(&[call(), [b"--b1\r\nContent-ID: \xFF\r\n\r\nx\r\n".to_vec()].concat()]),
            415,
            "is no text",
        ),
        (
            "too many parts",
            start,
            whole(&[vec![call()], (0..200).map(|at| part(&format!("Content-ID: <{at}>"), "x")).collect()].concat()),
            415,
            "more than 100 parts",
        ),
        ("a root that is no envelope", "", whole(&[other(), call()]), 500, "expected a SOAP Envelope"),
    ];
    for (name, parameters, body, status, said) in rows {
        let answer = send(&broker, parameters, body).await;
        assert_eq!((answer.status.as_u16(), answer.text("code").as_str()), (status, "101"), "{name}: {}", answer.body);
        assert!(answer.text("faultstring").contains(said), "{name}: {}", answer.text("faultstring"));
        assert!(!answer.body.contains("root:x"), "{name}");
    }
}

#[actix_web::test]
async fn attachments_count_against_the_limits_of_a_message() {
    let limits = Limits { bytes: 10_000, ..Limits::default() };
    let broker = Broker::with(Settings { limits, ..Settings::default() });
    let start = "; start=\"<root@x>\"";
    let large = |size: usize| part("Content-ID: <a@x>", "x".repeat(size));
    let too_large = send(&broker, start, whole(&[root(test_of("cid:a@x")), large(20_000)])).await;
    assert_eq!((too_large.status.as_u16(), too_large.text("code").as_str()), (413, "104"));
    let once = format!("<a><x:Include {XOP} href=\"cid:a@x\"/></a>");
    let many = envelope(Version::V11, "testJobDescription", &once.repeat(20));
    let answer = send(&broker, start, whole(&[root(many), large(1000)])).await;
    assert_eq!((answer.status.as_u16(), answer.text("code").as_str()), (500, "104"), "{}", answer.body);
    let single = send(&broker, start, whole(&[root(test_of("cid:a@x")), large(1000)])).await;
    assert_eq!(single.text("valid"), "false", "the text was read: {}", single.body);
}

#[actix_web::test]
async fn the_classic_service_reads_the_root_and_takes_no_attachments() {
    let broker = Broker::new();
    let call = |part: &str| {
        format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><g:testJobDescription xmlns:g=\"urn:grms\">{part}\
             </g:testJobDescription></s:Body></s:Envelope>"
        )
    };
    let other = || part("Content-ID: <a@x>", DATE);
    let inline = call(&format!("<JobDescription>{}</JobDescription>", escaped(DATE)));
    let answer = send_to(&broker, CLASSIC_PATH, "; start=\"<root@x>\"", whole(&[other(), root(inline)])).await;
    assert_eq!((answer.status.as_u16(), answer.text("errorCode").as_str()), (200, "0"), "{}", answer.body);
    let attached = call("<JobDescription href=\"cid:a@x\"/>");
    let refused = send_to(&broker, CLASSIC_PATH, "; start=\"<root@x>\"", whole(&[other(), root(attached)])).await;
    assert_eq!(refused.status, 500);
    assert!(refused.text("faultstring").contains("send the value in place"), "{}", refused.body);
}

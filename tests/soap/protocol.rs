//! The protocol's own rules: methods, media types, versions, headers, addressing, the served contract.

use super::app::{ADA, Broker, DATE, envelope, escaped, sample};
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use grms::soap::{PATH, Settings, Version};

fn with_header(version: Version, header: &str) -> String {
    let body = envelope(version, "getJobsList", "");
    body.replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>"))
}

#[actix_web::test]
async fn only_post_is_served_and_the_contract_is_there_for_the_asking() {
    let broker = Broker::new();
    for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete(), TestRequest::patch()] {
        let answer = broker.send(request.uri(PATH), Some(ADA)).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "POST");
    }
    for query in ["wsdl", "WSDL", "singleWsdl", "wsdl=1"] {
        let request =
            TestRequest::get().uri(&format!("{PATH}?{query}")).insert_header(("host", "broker.example.org:8443"));
        let answer = broker.send(request, None).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "text/xml; charset=utf-8"));
        assert_eq!(answer.body.matches("location=\"http://broker.example.org:8443/services/grms\"").count(), 2);
        roxmltree::Document::parse(&answer.body).unwrap();
    }
}

#[actix_web::test]
async fn forwarded_headers_count_only_when_trusted_and_a_bad_host_changes_nothing() {
    let get = |host: &str, forwarded: &str| {
        TestRequest::get()
            .uri(&format!("{PATH}?wsdl"))
            .insert_header(("host", host.to_owned()))
            .insert_header(("x-forwarded-host", forwarded.to_owned()))
            .insert_header(("x-forwarded-proto", "https"))
    };
    let plain = Broker::new().send(get("in.example.org", "out.example.org"), None).await;
    assert!(plain.body.contains("\"http://in.example.org/services/grms\""));
    let trusting = Broker::with(Settings { trust_forwarded: true, ..Settings::default() });
    let behind = trusting.send(get("in.example.org", "out.example.org"), None).await;
    assert!(behind.body.contains("\"https://out.example.org/services/grms\""));
    let bad = trusting.send(get("in.example.org", "\"/><evil/>"), None).await;
    assert!(!bad.body.contains("evil"));
}

#[actix_web::test]
async fn the_media_type_must_be_one_of_soap() {
    let broker = Broker::new();
    let send = async |media: &str, body: Vec<u8>| {
        let request = TestRequest::post().uri(PATH).insert_header(("content-type", media.to_owned()));
        broker.send(request.set_payload(body), Some(ADA)).await
    };
    let body = envelope(Version::V11, "getJobsList", "");
    for media in ["application/json", "text/plain", "", "text/xml; charset=latin1", "multipart/related"] {
        let answer = send(media, body.clone().into_bytes()).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}: {}", answer.body);
        assert_eq!(answer.text("code"), "101");
    }
    for media in ["text/xml", "TEXT/XML; charset=\"UTF-8\"", "application/soap+xml; action=urn:grms:2/getJobsList"] {
        assert_eq!(send(media, body.clone().into_bytes()).await.status, StatusCode::OK, "{media}");
    }
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(body.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(send("text/xml; charset=utf-16", utf16).await.status, StatusCode::OK);
    let zipped = TestRequest::post().uri(PATH).insert_header(("content-type", "text/xml"));
    let zipped = broker.send(zipped.insert_header(("content-encoding", "gzip")).set_payload(body), Some(ADA)).await;
    assert_eq!(zipped.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[actix_web::test]
async fn the_action_header_decides_nothing() {
    let broker = Broker::new();
    for action in ["\"urn:grms:2/cancelJob\"", "urn:grms:2/getJobsList", "\"\"", ""] {
        let request = TestRequest::post().uri(PATH).insert_header(("content-type", "text/xml"));
        let request =
            request.insert_header(("soapaction", action)).set_payload(envelope(Version::V11, "getJobsList", ""));
        let answer = broker.send(request, Some(ADA)).await;
        assert!(answer.body.contains("getJobsListResponse"), "{action}: {}", answer.body);
    }
}

#[actix_web::test]
async fn an_unknown_version_is_told_which_ones_are_known() {
    let broker = Broker::new();
    let body = envelope(Version::V11, "getJobsList", "").replace("schemas.xmlsoap.org/soap", "example.org/soap");
    let old = broker.post(Version::V11, body.clone(), Some(ADA)).await;
    assert_eq!(
        (old.status, old.text("faultcode").as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "soap:VersionMismatch")
    );
    assert!(!old.body.contains("detail"));
    let new = broker.post(Version::V12, body, Some(ADA)).await;
    assert_eq!((new.status, new.text("Value").as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "soap:VersionMismatch"));
    assert_eq!(new.body.matches("SupportedEnvelope qname=").count(), 2);
}

#[actix_web::test]
async fn headers_that_must_be_understood_are_or_the_request_is_refused() {
    let broker = Broker::new();
    let block = |demand: &str| format!("<t:tx xmlns:t=\"urn:t\" s:mustUnderstand=\"{demand}\"/>");
    let old = broker.post(Version::V11, with_header(Version::V11, &block("1")), Some(ADA)).await;
    assert_eq!(
        (old.status, old.text("faultcode").as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "soap:MustUnderstand")
    );
    assert!(old.text("faultstring").contains("{urn:t}tx") && !old.body.contains("<detail>"));
    let new = broker.post(Version::V12, with_header(Version::V12, &block("true")), Some(ADA)).await;
    assert_eq!(new.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(new.body.contains("<soap:NotUnderstood qname=\"h:tx\" xmlns:h=\"urn:t\"/>"), "{}", new.body);
    let served = [
        (Version::V11, block("0")),
        (Version::V12, block("false")),
        (Version::V11, "<t:tx xmlns:t=\"urn:t\" s:mustUnderstand=\"1\" s:actor=\"urn:else\"/>".to_owned()),
        (Version::V12, "<t:tx xmlns:t=\"urn:t\" s:mustUnderstand=\"true\" s:role=\"urn:else\"/>".to_owned()),
    ];
    for (version, header) in served {
        let answer = broker.post(version, with_header(version, &header), Some(ADA)).await;
        assert_eq!(answer.status, StatusCode::OK, "{header}");
    }
}

#[actix_web::test]
async fn an_addressed_request_gets_an_addressed_answer_on_its_own_connection_only() {
    let broker = Broker::new();
    let header = |reply: &str| {
        format!(
            "<w:MessageID xmlns:w=\"http://www.w3.org/2005/08/addressing\" s:mustUnderstand=\"1\">urn:uuid:1&amp;2</w:MessageID>\
             <w:ReplyTo xmlns:w=\"http://www.w3.org/2005/08/addressing\"><w:Address>{reply}</w:Address></w:ReplyTo>"
        )
    };
    let send =
        async |reply: &str| broker.post(Version::V11, with_header(Version::V11, &header(reply)), Some(ADA)).await;
    let answer = send("http://www.w3.org/2005/08/addressing/anonymous").await;
    assert_eq!(
        (answer.text("RelatesTo").as_str(), answer.text("Action").as_str()),
        ("urn:uuid:1&2", "urn:grms:2/getJobsListResponse")
    );
    assert!(!answer.body.contains("mustUnderstand"));
    let silent = send("http://www.w3.org/2005/08/addressing/none").await;
    assert_eq!((silent.status, silent.body.as_str()), (StatusCode::ACCEPTED, ""));
    let elsewhere = send("http://169.254.169.254/").await;
    assert_eq!(elsewhere.text("Action"), "http://www.w3.org/2005/08/addressing/fault");
    assert!(elsewhere.text("faultstring").contains("on the connection only"));
}

#[actix_web::test]
async fn children_may_be_qualified_in_any_order_typed_or_nil() {
    let broker = Broker::new();
    let members = format!(
        "<g:requestId xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"1\"/><!-- a comment -->\
         <hold xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xsi:type=\"xsd:boolean\"> 0 </hold>\n<g:jobDefinition><![CDATA[{DATE}]]></g:jobDefinition>"
    );
    let answer = broker.call("submitJob", &members, Some(ADA)).await;
    assert_eq!(answer.text("status"), "QUEUED", "{}", answer.body);
}

#[actix_web::test]
async fn a_repeated_submission_gives_the_first_job_and_other_content_a_conflict() {
    let broker = Broker::new();
    let submit = async |text: &str, key: &str| {
        let members = format!("<jobDefinition>{}</jobDefinition><requestId>{key}</requestId>", escaped(text));
        broker.call("submitJob", &members, Some(ADA)).await
    };
    let first = submit(DATE, "k1").await.text("jobId");
    assert_eq!(submit(DATE, "k1").await.text("jobId"), first);
    let conflict = submit(&DATE.replace("date", "true"), "k1").await;
    assert_eq!((conflict.text("code").as_str(), conflict.text("jobId")), ("310", first.clone()));
    assert_ne!(submit(DATE, "k2").await.text("jobId"), first);
    assert_eq!(broker.count_jobs().await, 2);
}

#[actix_web::test]
async fn lists_come_in_pages_that_a_cursor_continues() {
    let broker = Broker::new();
    let mut submitted = Vec::new();
    for _ in 0..5 {
        broker.clock.advance(std::time::Duration::from_millis(5));
        submitted.push(broker.call("submitJob", &sample("submitJob", ""), Some(ADA)).await.text("jobId"));
    }
    submitted.reverse();
    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    while pages < 5 {
        let next = if cursor.is_empty() { String::new() } else { format!("<cursor>{cursor}</cursor>") };
        let page = broker.call("getJobsList", &format!("<limit>2</limit>{next}"), Some(ADA)).await;
        let document = roxmltree::Document::parse(&page.body).unwrap();
        let ids = document.descendants().filter(|node| node.tag_name().name() == "jobId");
        seen.extend(ids.filter_map(|node| node.text()).map(str::to_owned));
        cursor = page.text("cursor");
        pages += 1;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!((seen, pages), (submitted, 3));
}

#[actix_web::test]
async fn a_job_is_canceled_once_and_told_so_twice_only_with_a_key() {
    let broker = Broker::new();
    let id = broker.call("submitJob", &sample("submitJob", ""), Some(ADA)).await.text("jobId");
    let cancel = async |more: &str| broker.call("cancelJob", &format!("<jobId>{id}</jobId>{more}"), Some(ADA)).await;
    assert_eq!(cancel("").await.text("status"), "CANCELED");
    let again = cancel("").await;
    assert_eq!((again.text("code").as_str(), again.text("jobId")), ("306", id.clone()));
    assert_eq!(cancel("<requestId>c1</requestId>").await.text("code"), "306", "a key does not change what is true");
    let running = broker.running_job().await;
    let keyed = format!("<jobId>{running}</jobId><requestId>c2</requestId>");
    let answer = broker.call("cancelJob", &keyed, Some(ADA)).await;
    assert_eq!(answer.text("status"), "RUNNING", "the batch system has not answered yet");
    assert_eq!(broker.call("cancelJob", &keyed, Some(ADA)).await.body, answer.body);
    let info = broker.call("getJobInfo", &format!("<jobId>{running}</jobId>"), Some(ADA)).await;
    assert_eq!(info.text("statusDescription"), "being canceled");
}

#[actix_web::test]
async fn a_translated_description_is_a_document_of_the_same_job_or_a_text_for_people() {
    let broker = Broker::new();
    let definition = format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    let said = |to: &str| {
        let (broker, members) = (&broker, format!("{definition}{to}"));
        async move { broker.call("translateJobDescription", &members, Some(ADA)).await.text("jobDefinition") }
    };
    let canonical = said("").await;
    assert_eq!(said("<from>GJD1</from><to>GJD3</to>").await, canonical);
    let document = roxmltree::Document::parse(&canonical).unwrap();
    assert_eq!(document.root_element().attribute("appId"), Some("date"), "{canonical}");
    assert!(canonical.contains("file:////bin/date"), "{canonical}");
    let tree = said("<to>TREE</to>").await;
    assert!(tree.contains("/bin/date") && roxmltree::Document::parse(&tree).is_err(), "{tree}");
    assert_eq!(broker.count_jobs().await, 0);
}

//! The protocol around the calls: one way with the modern service, and faults as clients of the time read them.

use super::super::app::{ADA, Broker};
use super::{envelope, path};
use actix_web::test::TestRequest;
use grms::soap::classic::Profile;
use grms::soap::{CLASSIC_PATH, PATH, Settings, Version};
use grms::xml::Limits;

#[actix_web::test]
async fn only_soap_11_is_spoken_and_the_refusal_is_in_it() {
    let broker = Broker::new();
    for namespace in [Version::V12.namespace(), "http://example.org/soap"] {
        let body = envelope("getJobsList", "").replace(Version::V11.namespace(), namespace);
        for version in Version::ALL {
            let answer = broker.post_to(CLASSIC_PATH, version, body.clone(), Some(ADA)).await;
            assert_eq!((answer.status.as_u16(), answer.text("faultcode").as_str()), (500, "soap:VersionMismatch"));
            assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
            let said = answer.text("faultstring");
            assert!(said.contains(Version::V11.namespace()) && !said.contains(" or "), "{said}");
        }
    }
    let body = envelope("getJobsList", "");
    assert_eq!(
        broker.post_to(CLASSIC_PATH, Version::V12, body, Some(ADA)).await.error_code(),
        "0",
        "the envelope counts"
    );
}

#[actix_web::test]
async fn a_header_that_must_be_understood_is_refused_and_addressing_is_answered() {
    let broker = Broker::new();
    let with = |header: &str| {
        envelope("getJobsList", "")
            .replace("<soapenv:Body>", &format!("<soapenv:Header>{header}</soapenv:Header><soapenv:Body>"))
    };
    let refused = broker.classic_raw(with("<t:tx xmlns:t=\"urn:t\" soapenv:mustUnderstand=\"1\"/>")).await;
    assert_eq!((refused.status.as_u16(), refused.text("faultcode").as_str()), (500, "soap:MustUnderstand"));
    let addressed = broker
        .classic_raw(with("<w:MessageID xmlns:w=\"http://www.w3.org/2005/08/addressing\">urn:uuid:1</w:MessageID>"))
        .await;
    assert_eq!(
        (addressed.text("RelatesTo"), addressed.text("Action")),
        ("urn:uuid:1".into(), "urn:grms/getJobsListResponse".into())
    );
    assert_eq!(addressed.error_code(), "0");
}

#[actix_web::test]
async fn every_fault_has_the_status_500_also_where_http_has_a_better_one() {
    let small = Settings { limits: Limits { bytes: 2000, ..Limits::default() }, ..Settings::default() };
    let broker = Broker::with(small);
    let large = broker.classic("getJobInfo", &format!("<jobId>{}</jobId>", "x".repeat(3000))).await.client_fault();
    assert!(large.starts_with("LIMIT_EXCEEDED (104): the message is larger than 2000 bytes"), "{large}");
    let post = |media: &str| {
        let request = TestRequest::post().uri(CLASSIC_PATH).insert_header(("content-type", media.to_owned()));
        request.set_payload(envelope("getJobsList", ""))
    };
    let json = broker.send(post("application/json"), Some(ADA)).await.client_fault();
    assert!(json.contains("send text/xml"), "{json}");
    for path in [CLASSIC_PATH, path(Profile::V190), path(Profile::V196)] {
        for request in [TestRequest::get(), TestRequest::put(), TestRequest::delete()] {
            let answer = broker.send(request.uri(path), Some(ADA)).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
        }
    }
}

#[actix_web::test]
async fn the_contracts_are_not_mixed() {
    let broker = Broker::new();
    let modern = envelope("getJobsList", "").replace("urn:grms", "urn:grms:2");
    let said = broker.classic_raw(modern.clone()).await.client_fault();
    assert!(said.contains("did you mean {urn:grms}getJobsList?"), "{said}");
    let classic = broker.post_to(PATH, Version::V11, envelope("getJobsList", ""), Some(ADA)).await;
    assert!(classic.text("message").contains("did you mean {urn:grms:2}getJobsList?"), "{}", classic.body);
}

#[actix_web::test]
async fn both_services_are_observed_and_an_error_in_an_answer_counts_as_one() {
    let broker = Broker::new();
    broker.classic("getJobsList", "").await;
    broker.classic("getJobInfo", "<jobId>1_x_0001</jobId>").await;
    broker.classic("fly", "").await;
    broker.call("getJobsList", "", Some(ADA)).await;
    broker.call("getJobInfo", "<jobId>1_x_0001</jobId>", Some(ADA)).await;
    let expected = [("getJobsList", 0), ("getJobInfo", 301), ("unknown", 102), ("getJobsList", 0), ("getJobInfo", 301)];
    assert_eq!(*broker.observed.lock().unwrap(), expected);
}

#[actix_web::test]
async fn what_there_is_not_is_nil_and_an_access_that_nobody_registered_is_empty() {
    let broker = Broker::new();
    let queued = broker.queued_job(false).await;
    let info = broker.classic("getJobInfo", &format!("<jobId>{queued}</jobId>")).await;
    for (name, kind) in [
        ("project", "xsd:string"),
        ("finishTime", "xsd:dateTime"),
        ("errorDescription", "xsd:string"),
        ("lastHistory", "g:jobHistory"),
    ] {
        assert!(
            info.body.contains(&format!("<{name} xsi:type=\"{kind}\" xsi:nil=\"true\"/>")),
            "{name}: {}",
            info.body
        );
    }
    assert_eq!((info.text("jobStatus"), info.text("historyLength")), ("QUEUED".to_owned(), "0".to_owned()));
    let broker = Broker::new();
    let held = broker.queued_job(true).await;
    let info = broker.classic("getJobInfo", &format!("<jobId>{held}</jobId>")).await;
    let phase = (info.text("requestStatus"), info.text("reqNumStatus"), info.text("jobStatus"));
    assert_eq!(phase, ("TASK_UNCOMMITTED".into(), "1".into(), "QUEUED".into()), "a number beyond 32 bits");
    let broker = Broker::new();
    let running = broker.running_job().await;
    for operation in ["getJobInfo", "getJobHistory"] {
        let shown = broker.classic(operation, &format!("<jobId>{running}</jobId>")).await.body;
        assert!(shown.contains("<localFinishTime xsi:type=\"xsd:dateTime\" xsi:nil=\"true\"/>"), "{shown}");
        assert!(shown.contains("<applicationAccess xsi:type=\"xsd:string\"></applicationAccess>"), "{shown}");
    }
}

#[actix_web::test]
async fn a_service_description_is_plain_text_and_a_wrong_word_is_told_in_it() {
    let broker = Broker::new();
    let ask = async |word: &str| {
        let answer = broker.classic("getServiceDescription", &format!("<type>{word}</type>")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(!answer.body.contains("GrmsResponse"), "{}", answer.body);
        answer.text("getServiceDescriptionReturn")
    };
    let (short, full) = (ask("SHORT").await, ask("FULL").await);
    assert!(!short.contains('\n') && full.starts_with(&short) && full.lines().count() > 3, "{full}");
    assert_eq!(ask("LONG").await, "BAD_ARGUMENT (103): type: expected one of SHORT, FULL, got `LONG`");
}

#[actix_web::test]
async fn a_refused_description_tells_every_fault_in_the_one_sentence_there_is() {
    let broker = Broker::new();
    let wrong = "&lt;grmsjob appid='x'&gt;\n&lt;simplejob&gt;&lt;executable type='tripple'/&gt;&lt;bogus/&gt;&lt;/simplejob&gt;&lt;/grmsjob&gt;";
    let tested = broker.classic("testJobDescription", &format!("<JobDescription>{wrong}</JobDescription>")).await;
    let submitted = broker.classic("submitJob", &format!("<jobDefinition>{wrong}</jobDefinition>")).await;
    assert_eq!(tested.error_code(), "112", "{}", tested.body);
    let said = tested.error_message();
    assert!(
        said.starts_with("the job description has 3 faults\nline 2, column") && said.lines().count() == 4,
        "{said}"
    );
    assert!(said.contains("tripple") && said.contains("bogus"), "{said}");
    assert_eq!((submitted.error_code(), submitted.error_message()), (tested.error_code(), said));
    let many = wrong.replace("&lt;bogus/&gt;", &"&lt;bogus/&gt;".repeat(200));
    let said = broker.classic("submitJob", &format!("<jobDefinition>{many}</jobDefinition>")).await.error_message();
    assert!(said.contains("has 202 faults") && said.lines().count() == 102, "{said}");
    assert!(said.ends_with("and more; correct these first"), "{said}");
    assert_eq!(broker.count_jobs().await, 0);
}

//! The classic contract under the tool kits of its time and under messages written by hand in the multi-reference style of Axis 1.x.
//!
//! A target of its own: run by `scripts/test live clients` like its neighbour, with the same stacks.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "one line for each client tells which version did what")]

#[allow(dead_code, reason = "each test target uses a part of this")]
mod report;
#[path = "../../journeys/scene.rs"]
#[allow(dead_code, reason = "each test target uses a part of this")]
mod scene;
#[allow(dead_code, reason = "each test target uses a part of this")]
mod stage;
#[path = "../../support/mod.rs"]
mod support;

use crate::report::Report;
use crate::scene::wait_until;
use crate::stage::{Stage, stranger};
use crate::support::portal::{Portal, escaped};

/// The program of a tool kit runs through, and what it decoded is right.
fn round(name: &'static str, program: &str, arguments: &[&str]) {
    let stage = Stage::new(name);
    let printed = stage.run(program, arguments);
    let report = Report::read(&printed);
    let (code, job) = report.one("submitted").split_once(' ').unwrap();
    assert!(code == "0" && !job.is_empty(), "{printed}");
    assert_eq!(report.one("ended"), "FINISHED");
    let info = report.one("info");
    assert!(info.starts_with("/O=GRMS Test/CN=") && info.ends_with(" 1 true"), "{info}");
    assert_eq!(report.one("history"), "1 somewhere");
    assert_eq!((report.one("listed"), report.one("unlisted")), ("true", "true"));
    let unknown = report.one("unknown");
    assert!(unknown.starts_with("301 ") && unknown.contains("`no-such-job`"), "{unknown}");
    let refused = report.one("refused");
    // Every fault of the document has a line of its own in the message.
    assert!(refused.starts_with("112 ") && printed.contains("\nline 3, column 31"), "{printed}");
    stage.check_output();
    println!(
        "{name} {} on the classic contract: submit, wait, info, history, lists, errors 301 and 112",
        report.one("version")
    );
}

#[test]
fn axis_speaks_to_the_classic_service() {
    round("Apache Axis", &stranger("classic/axis"), &[]);
}

#[test]
fn the_soap_client_of_php_speaks_to_the_classic_service() {
    round("PHP SoapClient", "php", &[&stranger("classic/stranger.php")]);
}

#[test]
fn suds_speaks_to_the_classic_service() {
    round("suds", "python", &[&stranger("classic/stranger.py")]);
}

#[test]
fn soap_lite_speaks_to_the_classic_service() {
    round("SOAP::Lite", "perl", &[&stranger("classic/stranger.pl")]);
}

/// A message as Axis 1.x writes it: the parts are references, the values follow the call.
fn multi_reference(operation: &str, parts: &[(&str, &str, &str)]) -> String {
    let mut references = String::new();
    let mut values = String::new();
    for (number, (name, kind, value)) in parts.iter().enumerate() {
        references.push_str(&format!("<{name} href=\"#id{number}\"/>"));
        values.push_str(&format!(
            "<multiRef id=\"id{number}\" soapenc:root=\"0\" soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
             xsi:type=\"{kind}\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:ns2=\"urn:grms\">{}</multiRef>",
            escaped(value)
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><ns1:{operation} soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:ns1=\"urn:grms\">{references}</ns1:{operation}>{values}</soapenv:Body></soapenv:Envelope>"
    )
}

/// The text of the first element with this name, whatever attributes it has.
fn text(answer: &str, name: &str) -> String {
    let document = roxmltree::Document::parse(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let node = document.descendants().find(|node| node.tag_name().name() == name);
    node.unwrap_or_else(|| panic!("no {name} in {answer}")).text().unwrap_or("").to_owned()
}

#[test]
fn messages_with_references_are_understood() {
    let stage = Stage::new("multi-reference");
    let mut portal = Portal::connect(&stage.scene.site).unwrap();
    let mut call = |operation: &str, parts: &[(&str, &str, &str)]| {
        let answer =
            portal.post("/axis/services/grms", "text/xml; charset=utf-8", &multi_reference(operation, parts)).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains(&format!("{operation}Response")), "{}", answer.body);
        assert!(!answer.body.contains("multiRef"), "values are in their places: {}", answer.body);
        answer.body
    };
    let job = std::fs::read_to_string(stage.dir().join("job.xml")).unwrap();
    let accepted = call("submitJob", &[("jobDefinition", "xsd:string", &job)]);
    assert_eq!(text(&accepted, "errorCode"), "0", "{accepted}");
    let id = text(&accepted, "jobId");
    let mut info = String::new();
    wait_until("the job is FINISHED", || {
        info = call("getJobInfo", &[("jobId", "xsd:string", &id)]);
        text(&info, "jobStatus") == "FINISHED"
    });
    assert_eq!(text(&info, "historyLength"), "1");
    for (status, there) in [("FINISHED", true), ("RUNNING", false)] {
        let list = call("getJobsList", &[("status", "ns2:JobStatusType", status)]);
        assert_eq!(list.contains(&format!(">{id}<")), there, "{list}");
    }
    assert!(!text(&call("getJobHistory", &[("jobId", "xsd:string", &id)]), "hostName").is_empty());
    let unknown = call("getJobInfo", &[("jobId", "xsd:string", "no-such-job")]);
    assert_eq!(text(&unknown, "errorCode"), "301");
    let refused = call("submitJob", &[("jobDefinition", "xsd:string", "<grmsjob/>")]);
    assert_eq!((text(&refused, "errorCode").as_str(), text(&refused, "jobId").as_str()), ("111", ""));
    stage.check_output();
    println!(
        "multi-reference messages on the classic contract: submit, wait, info, history, lists, errors 301 and 111"
    );
}

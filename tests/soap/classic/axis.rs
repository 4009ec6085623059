//! Whole messages in the habits of the tool kits of the time: Axis 1.x with values elsewhere, SOAP::Lite without a WSDL, PHP, suds.

use super::super::app::{Broker, DATE, escaped};
use actix_web::test::TestRequest;
use grms::soap::CLASSIC_PATH;

const AXIS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>BODY</soapenv:Body></soapenv:Envelope>";

fn axis(body: &str) -> String {
    AXIS.replace("BODY", body)
}

#[actix_web::test]
async fn axis_sends_structures_beside_the_call_with_a_root_mark_and_a_style_on_each() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let style = "soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"";
    let file = |id: &str, name: &str| {
        format!(
            "<multiRef id=\"{id}\" soapenc:root=\"0\" {style} xsi:type=\"ns2:FileDir\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
             xmlns:ns2=\"urn:grms\"><name xsi:type=\"xsd:string\">{name}</name><path xsi:type=\"xsd:string\">https://store.example.org/{name}</path>\
             <pathtype href=\"#id8\"/><urltype href=\"#id9\"/></multiRef>"
        )
    };
    let call = format!(
        "<ns1:addOutputFileDirs {style} xmlns:ns1=\"urn:grms\"><jobId xsi:type=\"xsd:string\">{job}</jobId>\
         <items soapenc:arrayType=\"ns1:FileDir[2]\" xsi:type=\"soapenc:Array\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\">\
         <items href=\"#id0\"/><items href=\"#id1\"/></items></ns1:addOutputFileDirs>{}{}\
         <multiRef id=\"id8\" soapenc:root=\"0\" {style} xsi:type=\"ns3:PathType\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:ns3=\"urn:grms\">FILE</multiRef>\
         <multiRef id=\"id9\" soapenc:root=\"0\" {style} xsi:type=\"ns3:UrlType\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:ns3=\"urn:grms\">PHYSICAL</multiRef>",
        file("id0", "frames"),
        file("id1", "../secret")
    );
    let answer = broker.classic_raw(axis(&call)).await;
    assert_eq!((answer.error_code().as_str(), answer.text("errors").as_str()), ("0", "1"), "{}", answer.body);
    assert_eq!(answer.texts("errorCode"), ["0", "103", "0"], "two results, then the return value: {}", answer.body);
    assert!(answer.texts("errorMessage")[1].starts_with("item 2: "), "{}", answer.body);
    let listed = broker.classic_raw(axis(&format!(
        "<ns1:getOutputFileDirs xmlns:ns1=\"urn:grms\"><jobId>{job}</jobId></ns1:getOutputFileDirs>"
    )));
    assert!(listed.await.texts("name").contains(&"frames".to_owned()));
}

#[actix_web::test]
async fn soap_lite_without_a_contract_sends_the_style_on_the_envelope_and_a_combined_action() {
    let broker = Broker::new();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope soap:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Body>\
         <submitJob xmlns=\"urn:grms\"><jobDefinition xsi:type=\"xsd:string\">{}</jobDefinition></submitJob></soap:Body></soap:Envelope>",
        escaped(DATE)
    );
    let post = |body: String| {
        TestRequest::post()
            .uri(CLASSIC_PATH)
            .insert_header(("content-type", "text/xml; charset=utf-8"))
            .insert_header(("soapaction", "\"urn:grms#submitJob\""))
            .append_header(("accept", "text/xml"))
            .append_header(("accept", "multipart/*"))
            .append_header(("accept", "application/soap"))
            .set_payload(body)
    };
    let answer = broker.send(post(body.clone()), Some(super::ADA)).await;
    assert_eq!(answer.error_code(), "0", "{}", answer.body);
    assert!(answer.text("jobId").contains("_date_"), "{}", answer.body);
    let unnamed = body.replace("jobDefinition", "c-gensym3");
    let fault = broker.send(post(unnamed), Some(super::ADA)).await.client_fault();
    assert!(fault.contains("name the parts") && fault.contains("it takes jobDefinition"), "{fault}");
}

#[actix_web::test]
async fn php_sends_prefixed_envelopes_with_maps_of_its_own_and_a_newline_behind() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:ns1=\"urn:grms\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:SOAP-ENC=\"http://schemas.xmlsoap.org/soap/encoding/\" SOAP-ENV:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">\
         <SOAP-ENV:Body><ns1:addCheckpointFileDirs><jobId xsi:type=\"xsd:string\">{job}</jobId>\
         <items SOAP-ENC:arrayType=\"ns1:FileDir[1]\" xsi:type=\"ns1:ArrayOfFileDir\"><item xsi:type=\"ns1:FileDir\"><name xsi:type=\"xsd:string\">state</name>\
         <path xsi:type=\"xsd:string\">https://store.example.org/state</path><urltype xsi:type=\"ns1:UrlType\">PHYSICAL</urltype>\
         <pathtype xsi:type=\"ns1:PathType\">FILE</pathtype></item></items></ns1:addCheckpointFileDirs></SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    );
    let answer = broker.classic_raw(body).await;
    assert_eq!((answer.error_code().as_str(), answer.text("errors").as_str()), ("0", "0"), "{}", answer.body);
    let listed = broker.classic("getCheckpointFileDirs", &format!("<jobId>{job}</jobId>")).await;
    assert!(listed.texts("name").contains(&"state".to_owned()), "{}", listed.body);
}

#[actix_web::test]
async fn suds_sends_a_header_of_its_own_and_no_style() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let body = String::from(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENC=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:ns0=\"urn:grms\" \
         xmlns:ns1=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Header/><ns1:Body><ns0:getJobsList>\
         <status xsi:type=\"ns0:JobStatusType\">RUNNING</status></ns0:getJobsList></ns1:Body></SOAP-ENV:Envelope>",
    );
    assert_eq!(broker.classic_raw(body).await.texts("item"), [job.as_str()]);
}

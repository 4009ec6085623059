//! What is sent has the shape of the schema, as a second XML library sees it; what comes back is understood whatever
//! prefixes it uses, and refused when it is not the answer.

use super::*;
use crate::messages::{CancelJob, FindResources, GetAllJobsList, GetJobInfo, GetServiceDescription, SubmitJob};

/// Name and text of every child of the wrapper, after checking the namespaces around them.
fn children<Q: Operation>(request: &Q) -> Vec<(String, String)> {
    let text = encode(request).expect("it can be written");
    let document = roxmltree::Document::parse(&text).expect("well-formed");
    let envelope = document.root_element();
    assert_eq!((envelope.tag_name().namespace(), envelope.tag_name().name()), (Some(SOAP), "Envelope"));
    let body = envelope.first_element_child().expect("a body");
    assert_eq!((body.tag_name().namespace(), body.tag_name().name()), (Some(SOAP), "Body"));
    let wrapper = body.first_element_child().expect("a wrapper");
    assert_eq!((wrapper.tag_name().namespace(), wrapper.tag_name().name()), (Some("urn:grms:2"), Q::NAME));
    let children = wrapper.children().inspect(|child| assert_eq!(child.tag_name().namespace(), None));
    children.map(|child| (child.tag_name().name().to_owned(), child.text().unwrap_or_default().to_owned())).collect()
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec()
}

fn answer(body: &str) -> String {
    format!(
        "<e:Envelope xmlns:e='{SOAP}' xmlns:x='{NAMESPACE}'><e:Header><w xmlns='urn:w'><z/></w></e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
}

#[test]
fn a_description_with_markup_cdata_and_blank_lines_arrives_as_it_was_written() {
    let gjd = "<grmsJob a=\"1 & 2\">\n\t<![CDATA[ ]]>]]&gt;<x>ąę '\"</x>\n\n</grmsJob>\n";
    let request =
        SubmitJob { job_definition: gjd.to_owned(), request_id: Some("k1".to_owned()), ..SubmitJob::default() };
    assert_eq!(children(&request), pairs([("jobDefinition", gjd), ("requestId", "k1")]));
}

#[test]
fn members_are_sent_in_the_order_of_the_contract_and_absent_ones_are_left_out() {
    let all = SubmitJob {
        job_definition: "<a/>".to_owned(),
        dialect: Some("gjd-1".to_owned()),
        request_id: Some("k".to_owned()),
        hold: Some(true),
        ..SubmitJob::default()
    };
    let order = pairs([("jobDefinition", "<a/>"), ("dialect", "gjd-1"), ("requestId", "k"), ("hold", "true")]);
    assert_eq!(children(&all), order);
    let list = GetAllJobsList {
        status: vec!["RUNNING".to_owned(), "PENDING".to_owned()],
        limit: Some(10),
        cursor: Some("c".to_owned()),
        ..GetAllJobsList::default()
    };
    let order = pairs([("status", "RUNNING"), ("status", "PENDING"), ("limit", "10"), ("cursor", "c")]);
    assert_eq!(children(&list), order);
    assert_eq!(children(&GetServiceDescription { r#type: "FULL".to_owned() }), pairs([("type", "FULL")]));
    let resources = FindResources { job_definition: "<a/>".to_owned(), limit: None, explain: Some(false) };
    assert_eq!(children(&resources), pairs([("jobDefinition", "<a/>"), ("explain", "false")]));
    assert_eq!(children(&CancelJob { job_id: "7".to_owned(), request_id: None }), pairs([("jobId", "7")]));
}

#[test]
fn an_answer_is_read_with_any_prefix_absent_members_and_repeated_ones() {
    let text = answer(
        "<x:getJobInfoResponse><jobInfo><jobId>1_a_1</jobId><appId>a &lt;b&gt;</appId><userDn>/CN=J</userDn>\
         <status>RUNNING</status><phase>TASK_EXEC_ACTIVE</phase><phaseNumber>4294967296</phaseNumber>\
         <submissionTime>2026-01-02T03:04:05Z</submissionTime><exitCode>-9</exitCode><historyLength>2</historyLength>\
         <lastAttempt><number>2</number><hostName>h</hostName></lastAttempt><version>17</version>\
         <task><taskId>t1</taskId><status>FINISHED</status></task><task><taskId>t2</taskId><status>RUNNING</status></task>\
         </jobInfo></x:getJobInfoResponse>",
    );
    let info = decode::<GetJobInfo>(text.as_bytes()).expect("readable").expect("no fault").job_info;
    assert_eq!((info.app_id.as_str(), info.phase_number, info.exit_code), ("a <b>", 4_294_967_296, Some(-9)));
    assert_eq!(info.last_attempt.and_then(|attempt| attempt.host_name), Some("h".to_owned()));
    assert_eq!(info.task.iter().map(|task| task.task_id.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!(info.status_description, None);
}

#[test]
fn a_fault_keeps_every_diagnostic_and_one_without_detail_keeps_its_text() {
    let fault = "<e:Fault><faultcode>e:Client</faultcode><faultstring>m</faultstring><detail><x:DescriptionFault>\
        <code>112</code><name>DESC_INVALID</name><message>m</message><retryable>false</retryable>\
        <diagnostic><severity>ERROR</severity><code>112</code><line>3</line><column>4</column><message>one</message></diagnostic>\
        <diagnostic><severity>WARNING</severity><code>114</code><path>/a/b</path><message>two</message></diagnostic>\
        </x:DescriptionFault></detail></e:Fault>";
    let Err(Fault::Typed(fault)) = decode::<SubmitJob>(answer(fault).as_bytes()).expect("readable") else {
        panic!("a typed fault");
    };
    assert_eq!((fault.code, fault.diagnostic.len(), fault.diagnostic[0].line), (112, 2, Some(3)));
    assert!(fault.diagnostic[0].is_error() && !fault.diagnostic[1].is_error());
    let fault = "<e:Fault><faultcode>e:VersionMismatch</faultcode><faultstring>no</faultstring></e:Fault>";
    let reply = decode::<SubmitJob>(answer(fault).as_bytes()).expect("readable");
    assert_eq!(reply, Err(Fault::Plain { code: "VersionMismatch".to_owned(), message: "no".to_owned() }));
}

#[test]
fn what_is_not_the_answer_is_refused_and_named() {
    let cases = [
        (answer("<x:cancelJobResponse/>"), "{urn:grms:2}cancelJobResponse"),
        (answer("<submitJobResponse xmlns='urn:other'/>"), "{urn:other}submitJobResponse"),
        (answer(""), "an empty body"),
        ("<html><body>It works</body></html>".to_owned(), "<html>"),
        ("Bad Gateway".to_owned(), "cannot be read"),
        (answer("<x:submitJobResponse><jobId>1</jobId></x:submitJobResponse>"), "status"),
    ];
    for (text, named) in cases {
        let error = decode::<SubmitJob>(text.as_bytes()).expect_err("not the answer").to_string();
        assert!(error.contains(named), "{error}");
    }
}

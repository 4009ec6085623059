//! What is accepted, rule by rule: references, arrays in every form, absent values, names, numbers, documents.

use super::super::app::{Broker, DATE, escaped};
use super::{around, envelope, files, members};

/// Adds files in some form and gives the names that the job has afterwards beside those it had.
async fn added(name: &str, items: &str, beside: &str) -> Vec<String> {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let call = format!("<g:addOutputFileDirs><jobId>{job}</jobId>{items}</g:addOutputFileDirs>{beside}");
    let get = async || {
        let answer = broker.classic("getOutputFileDirs", &format!("<jobId>{job}</jobId>")).await;
        assert_eq!(answer.error_code(), "0", "{name}: {}", answer.body);
        answer.texts("name")
    };
    let before = get().await;
    let answer = broker.classic_raw(around(&call)).await;
    assert_eq!(answer.error_code(), "0", "{name}: {}", answer.body);
    assert_eq!(answer.text("errors"), "0", "{name}: {}", answer.body);
    get().await.into_iter().filter(|name| !before.contains(name)).collect()
}

#[actix_web::test]
async fn an_array_may_come_in_every_form_that_tool_kits_write() {
    let item = |name: &str| format!("<item>{}</item>", members(name));
    let (a, b) = (item("a"), item("b"));
    let reference = |id: &str, name: &str| format!("<multiRef id=\"{id}\">{}</multiRef>", members(name));
    let rows: Vec<(&str, String, String, &[&str])> = vec![
        ("with a length", files(&["a", "b"]), String::new(), &["a", "b"]),
        (
            "without a length",
            format!("<items soapenc:arrayType=\"g:FileDir[]\">{a}{b}</items>"),
            String::new(),
            &["a", "b"],
        ),
        ("without a type", format!("<items>{a}{b}</items>"), String::new(), &["a", "b"]),
        (
            "blanks in the type",
            format!("<items soapenc:arrayType=\" g:FileDir[ 2 ] \">{a}{b}</items>"),
            String::new(),
            &["a", "b"],
        ),
        (
            "another type is not asked",
            format!("<items soapenc:arrayType=\"xsd:anyType[2]\">{a}{b}</items>"),
            String::new(),
            &["a", "b"],
        ),
        (
            "items with other names",
            files(&["a", "b"]).replace("item ", "FileDir ").replace("/item>", "/FileDir>"),
            String::new(),
            &["a", "b"],
        ),
        (
            "under the name of its kind",
            format!("<soapenc:Array soapenc:arrayType=\"g:FileDir[2]\">{a}{b}</soapenc:Array>"),
            String::new(),
            &["a", "b"],
        ),
        (
            "the same inside the part",
            format!("<items><soapenc:Array soapenc:arrayType=\"g:FileDir[1]\">{a}</soapenc:Array></items>"),
            String::new(),
            &["a"],
        ),
        ("nil", "<items xsi:nil=\"true\"/>".into(), String::new(), &[]),
        ("nil in digits", "<items xsi:nil=\"1\"/>".into(), String::new(), &[]),
        ("empty", "<items soapenc:arrayType=\"g:FileDir[0]\"/>".into(), String::new(), &[]),
        ("one element instead", format!("<items>{}</items>", members("a")), String::new(), &["a"]),
        (
            "several elements instead",
            format!("<items>{}</items><items>{}</items>", members("a"), members("b")),
            String::new(),
            &["a", "b"],
        ),
        (
            "items elsewhere",
            "<items soapenc:arrayType=\"g:FileDir[2]\"><item href=\"#id0\"/><item href=\"#id1\"/></items>".into(),
            reference("id0", "a") + &reference("id1", "b"),
            &["a", "b"],
        ),
        (
            "an array elsewhere",
            "<items href=\"#x\"/>".into(),
            format!("<soapenc:Array id=\"x\" soapenc:arrayType=\"g:FileDir[2]\">{a}{b}</soapenc:Array>"),
            &["a", "b"],
        ),
        (
            "an array of references elsewhere",
            "<items href=\"#x\"/>".into(),
            format!(
                "<multiRef id=\"x\" soapenc:arrayType=\"g:FileDir[1]\"><i href=\"#y\"/></multiRef>{}",
                reference("y", "a")
            ),
            &["a"],
        ),
        (
            "a chain of references",
            "<items><item href=\"#x\"/></items>".into(),
            format!("<m id=\"x\" href=\"#y\"/><n id=\"y\" href=\"#z\"/>{}", reference("z", "a")),
            &["a"],
        ),
        (
            "members elsewhere",
            format!("<items><item>{}</item></items>", members("a").replace("<name>a</name>", "<name href=\"#n\"/>")),
            "<multiRef id=\"n\" xsi:type=\"xsd:string\">a</multiRef>".into(),
            &["a"],
        ),
        (
            "a word elsewhere",
            format!(
                "<items><item>{}</item></items>",
                members("a").replace("<urltype>PHYSICAL</urltype>", "<urltype href=\"#u\"/>")
            ),
            "<multiRef id=\"u\">PHYSICAL</multiRef>".into(),
            &["a"],
        ),
        (
            "elements instead, elsewhere",
            "<items href=\"#x\"/><items href=\"#y\"/>".into(),
            reference("x", "a") + &reference("y", "b"),
            &["a", "b"],
        ),
        (
            "a reference to a value in place",
            format!(
                "<items><item>{}</item></items>",
                members("a").replace("<urltype>PHYSICAL", "<urltype id=\"u\">PHYSICAL")
            ),
            String::new(),
            &["a"],
        ),
        ("the 1.9.0 spelling", files(&["a"]).replace("PHYSICAL", "PHISICAL"), String::new(), &["a"]),
        ("qualified members", files(&["a"]).replace("<name>a</name>", "<g:name>a</g:name>"), String::new(), &["a"]),
        (
            "qualified part",
            files(&["a"]).replace("<items ", "<g:items ").replace("</items>", "</g:items>"),
            String::new(),
            &["a"],
        ),
    ];
    for (name, items, beside, expected) in rows {
        assert_eq!(added(name, &items, &beside).await, expected, "{name}");
    }
}

#[actix_web::test]
async fn no_value_is_nil_empty_or_absent() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let id = format!("<jobId>{job}</jobId>");
    let suspended = broker.classic("suspendJob", &id).await.body;
    assert!(!suspended.contains("Fault"), "{suspended}");
    let old = "xmlns:i=\"http://www.w3.org/1999/XMLSchema-instance\"";
    for none in [
        "<jobDefinition xsi:nil=\"true\"/>".to_owned(),
        "<jobDefinition xsi:nil=\"1\"/>".to_owned(),
        "<jobDefinition xsi:type=\"xsd:string\" xsi:nil=\"true\"></jobDefinition>".to_owned(),
        "<jobDefinition/>".to_owned(),
        format!("<jobDefinition {old} i:null=\"1\"/>"),
        format!("<jobDefinition {old} i:nil=\"true\"/>"),
    ] {
        let broker = Broker::new();
        broker.running_job().await;
        assert_eq!(broker.classic("suspendJob", &format!("{id}{none}")).await.body, suspended, "{none}");
    }
    let all = broker.classic("getJobsList", "").await;
    assert_eq!(all.texts("item"), [job.as_str()]);
    let null = format!("<status {old} i:null=\"1\"/>");
    for nil in ["<status xsi:nil=\"true\"/>", "<status xsi:nil=\"1\" xsi:type=\"g:JobStatusType\"/>", &null] {
        assert_eq!(broker.classic("getJobsList", nil).await.body, all.body, "{nil}");
    }
    let finished = broker.classic("getJobsList", "<status>FINISHED</status>").await;
    assert_eq!((finished.error_code().as_str(), finished.texts("item").len()), ("0", 0));
    let missing = broker.classic("getJobInfo", "<jobId xsi:nil=\"true\"/>").await;
    assert_eq!(
        (missing.error_code(), missing.error_message()),
        ("101".into(), "the part jobId is nil; expected a value".into())
    );
}

#[actix_web::test]
async fn numbers_come_with_sign_and_blanks_and_parts_in_any_order() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let location = "<service_location>https://node7.example.org:7000/c</service_location>";
    let id = format!("<jobId>{job}</jobId>");
    for (pid, known) in [("<pid> +4711 </pid>", "4711"), ("<pid>\n12\t</pid>", "12"), ("<pid>007</pid>", "7")] {
        for parts in [format!("{id}{location}{pid}"), format!("{pid}{location}{id}"), format!("{location}{pid}{id}")] {
            let answer = broker.classic("registerApplicationAccess", &parts).await;
            assert_eq!(answer.error_code(), "0", "{parts}: {}", answer.body);
            assert_eq!(broker.classic("getApplicationAccess", &id).await.text("pid"), known);
        }
    }
}

#[actix_web::test]
async fn a_document_is_unescaped_once_whatever_holds_it() {
    let broker = Broker::new();
    let test = async |text: &str| {
        broker.classic("testJobDescription", &format!("<JobDescription>{text}</JobDescription>")).await
    };
    let once = escaped(DATE);
    for (text, code) in [(once.clone(), "0"), (format!("<![CDATA[{DATE}]]>"), "0"), (escaped(&once), "110")] {
        assert_eq!(test(&text).await.error_code(), code, "{text}");
    }
    let split = DATE.len() / 2;
    let mixed = format!("<![CDATA[{}]]>{}", &DATE[..split], escaped(&DATE[split..]));
    assert_eq!(test(&mixed).await.error_code(), "0");
    let elements = test(DATE.split_once("?>").map_or(DATE, |(_, rest)| rest)).await;
    assert_eq!(elements.error_code(), "103");
    assert!(elements.error_message().contains("CDATA"), "{}", elements.body);
}

#[actix_web::test]
async fn types_prefixes_styles_and_the_action_are_not_asked() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let plain = format!("<jobId>{job}</jobId>");
    let expected = broker.classic("getJobInfo", &plain).await;
    assert_eq!(expected.text("jobStatus"), "RUNNING");
    for part in [
        format!("<jobId xsi:type=\"xsd:string\">{job}</jobId>"),
        format!("<jobId xsi:type=\"xsd:int\">{job}</jobId>"),
        format!("<g:jobId>{job}</g:jobId>"),
        format!("<jobId> {job}\n</jobId>"),
        format!(
            "<jobId xmlns:i=\"http://www.w3.org/1999/XMLSchema-instance\" xmlns:s=\"http://www.w3.org/1999/XMLSchema\" i:type=\"s:string\">{job}</jobId>"
        ),
        format!("<!-- which --><jobId xsi:type=\"nobody:knows\">{job}</jobId>"),
    ] {
        assert_eq!(broker.classic("getJobInfo", &part).await.body, expected.body, "{part}");
    }
    let whole = envelope("getJobInfo", &plain);
    let style = "soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"";
    let without = whole.replace(&format!(" {style}"), "");
    for body in [
        without.clone(),
        without.replace("<soapenv:Body>", &format!("<soapenv:Body {style}>")),
        without.replace("<soapenv:Envelope", &format!("<soapenv:Envelope {style}")),
        whole.replace("g:", "other:").replace("xmlns:g", "xmlns:other"),
        whole.replace("g:getJobInfo", "getJobInfo").replace("<getJobInfo ", "<getJobInfo xmlns=\"urn:grms\" "),
        whole.replace("<soapenv:Body>", "<soapenv:Header><t xmlns=\"urn:t\"/></soapenv:Header><soapenv:Body>"),
    ] {
        assert_eq!(broker.classic_raw(body.clone()).await.body, expected.body, "{body}");
    }
}

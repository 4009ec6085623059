//! What is refused: as a fault where no operation was found or the message is encoded wrongly, as an answer where a value is wrong.

use super::super::app::{Broker, DATE, escaped};
use super::{About, around, envelope, files, members, path, sample};
use grms::soap::Settings;
use grms::soap::classic::operations::of;
use grms::soap::classic::{Profile, Settings as Classic};
use std::collections::BTreeSet;

#[actix_web::test]
async fn every_message_that_is_no_call_is_a_fault_that_says_what_is_wrong() {
    let broker = Broker::new();
    let good = envelope("getJobsList", "");
    let job = "<jobId>1_x_0001</jobId>";
    let rows: Vec<(&str, String, &str)> = vec![
        ("not XML", "hello".into(), "MALFORMED_REQUEST (101): the message cannot be read: line 1"),
        ("no envelope", "<a/>".into(), "expected a SOAP Envelope"),
        ("a document type", format!("<!DOCTYPE a>{good}"), "document type"),
        ("an entity", format!("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>{good}"), "document type"),
        ("an instruction", good.replace("<soapenv:Body>", "<?x y?><soapenv:Body>"), "processing instruction"),
        ("an empty body", around(""), "UNKNOWN_OPERATION (102): the Body is empty"),
        ("text in the body", good.replace("<soapenv:Body>", "<soapenv:Body>x"), "contains text"),
        ("two calls", around("<g:getJobsList/><g:getJobsList/>"), "second child {urn:grms}getJobsList without an id"),
        ("an unknown operation", envelope("getJobList", ""), "did you mean {urn:grms}getJobsList?"),
        (
            "an old operation",
            envelope("getMyJobsList", ""),
            "known operations, all in the namespace urn:grms: submitJob",
        ),
        ("no namespace", around("<getJobsList/>"), "there is no operation getJobsList"),
        ("an unknown part", envelope("getJobInfo", "<jobID>x</jobID>"), "getJobInfo has no part jobID; it takes jobId"),
        ("a part too many", envelope("getJobInfo", &format!("{job}<status>RUNNING</status>")), "no part status"),
        ("a part of a stranger", envelope("getJobInfo", "<jobId xmlns=\"urn:x\">1</jobId>"), "no part {urn:x}jobId"),
        ("a capital too few", envelope("testJobDescription", "<jobDescription/>"), "it takes JobDescription"),
        ("a part twice", envelope("getJobInfo", &format!("{job}{job}")), "jobId is given more than once"),
        ("text beside parts", envelope("getJobInfo", &format!("{job}x")), "text beside its parts"),
        ("a reference to nothing", envelope("getJobInfo", "<jobId href=\"#id0\"/>"), "nothing in the Body has this id"),
        ("a reference outside", envelope("getJobInfo", "<jobId href=\"http://x/\"/>"), "not in this message"),
        ("an attachment", envelope("getJobInfo", "<jobId href=\"cid:x\"/>"), "not in this message"),
        ("a reference and a value", envelope("getJobInfo", "<jobId href=\"#x\">y</jobId>"), "a href and a value"),
        (
            "an id twice",
            around(&format!("<g:getJobInfo>{job}</g:getJobInfo><m id=\"a\"/><n id=\"a\"/>")),
            "is there twice",
        ),
        ("a value of no id", around(&format!("<g:getJobInfo>{job}</g:getJobInfo><m/>")), "without an id"),
    ];
    for (name, body, part) in rows {
        let said = broker.classic_raw(body).await.client_fault();
        assert!(said.contains(part), "{name}: {said}");
        assert!(!said.contains("root:"), "{name}");
    }
}

#[actix_web::test]
async fn an_unknown_operation_is_answered_with_all_that_the_address_serves() {
    let broker = Broker::new();
    for profile in Profile::ALL {
        let answer = broker.classic_at(path(profile), "fly", "", Some(super::ADA)).await;
        let said = answer.client_fault();
        let listed: Vec<_> = said.rsplit_once("urn:grms: ").unwrap().1.split(", ").collect();
        let served: BTreeSet<_> = of(profile).map(|entry| entry.name).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), served, "{said}");
        assert_eq!(listed.len(), served.len(), "a name twice: {said}");
    }
}

#[actix_web::test]
async fn part_sets_that_fit_no_overload_are_faults_for_every_row() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let about = About { job: job.as_str(), notification: "00000000-0000-4000-8000-000000000000" };
    let mut refused = 0;
    for profile in Profile::ALL {
        for entry in of(profile) {
            let without = |left_out: &str| {
                let kept: Vec<_> =
                    entry.request.iter().map(|part| part.name).filter(|name| *name != left_out).collect();
                let fits = of(profile).filter(|other| other.name == entry.name).any(|other| {
                    other.request.len() == kept.len() && other.request.iter().all(|part| kept.contains(&part.name))
                });
                (fits, kept)
            };
            let whole = sample(entry, profile, about);
            for part in entry.request {
                let (fits, kept) = without(part.name);
                if fits {
                    continue;
                }
                let (from, to) = (format!("<{} ", part.name), format!("</{}>", part.name));
                let begin = whole.find(&from).unwrap();
                let end = whole.rfind(&to).unwrap() + to.len();
                let parts = format!("{}{}", &whole[..begin], &whole[end..]);
                let said = broker.classic_at(path(profile), entry.name, &parts, Some(super::ADA)).await.client_fault();
                assert!(said.contains("it takes"), "{} with {kept:?}: {said}", entry.name);
                refused += 1;
            }
            let more = format!("{whole}<more>1</more>");
            let said = broker.classic_at(path(profile), entry.name, &more, Some(super::ADA)).await.client_fault();
            assert!(said.contains("has no part more"), "{}: {said}", entry.name);
        }
    }
    assert!(refused > 60, "only {refused}");
    let both = format!("<client>c</client><jobId>{job}</jobId><request/>");
    for parts in ["<request/>", &both, "<client>c</client>"] {
        let said = broker.classic("registerNotification", parts).await.client_fault();
        assert!(said.contains("it takes client, request or jobId, request"), "{said}");
    }
    for (operation, parts) in
        [("migrateJob", "<jobDefinition>x</jobDefinition>"), ("getProjectJobsList", "<status>RUNNING</status>")]
    {
        assert!(broker.classic(operation, parts).await.client_fault().contains("it takes"), "{operation}");
    }
}

/// A call of addOutputFileDirs with items and what is beside the call.
fn add(items: &str, beside: &str) -> String {
    around(&format!("<g:addOutputFileDirs><jobId>1_x_0001</jobId>{items}</g:addOutputFileDirs>{beside}"))
}

#[actix_web::test]
async fn references_in_circles_and_long_chains_are_faults() {
    let broker = Broker::new();
    let rows: &[(&str, &str, &str)] = &[
        ("to itself", "<items href=\"#a\"/>", "<m id=\"a\" href=\"#a\"/>"),
        ("to each other", "<items href=\"#a\"/>", "<m id=\"a\" href=\"#b\"/><m id=\"b\" href=\"#a\"/>"),
        ("an array in itself", "<items href=\"#a\"/>", "<m id=\"a\"><item href=\"#a\"/></m>"),
        ("a member of itself", "<items><item href=\"#a\"/></items>", "<m id=\"a\"><name href=\"#a\"/></m>"),
        (
            "by way of a member",
            "<items><item href=\"#a\"/></items>",
            "<m id=\"a\"><name href=\"#b\"/></m><m id=\"b\" href=\"#a\"/>",
        ),
        ("in place", "<items id=\"a\"><item href=\"#a\"/></items>", ""),
    ];
    for (name, items, beside) in rows {
        let said = broker.classic_raw(add(items, beside)).await.client_fault();
        assert!(said.contains("contains itself"), "{name}: {said}");
    }
    let chain = |links: usize| -> String {
        let all: String = (0..links).map(|at| format!("<m id=\"n{at}\" href=\"#n{}\"/>", at + 1)).collect();
        format!("{all}<m id=\"n{links}\">{}</m>", members("a"))
    };
    let hops = Classic::default().max_hops;
    let items = "<items soapenc:arrayType=\"g:FileDir[1]\"><item href=\"#n0\"/></items>";
    assert_eq!(broker.classic_raw(add(items, &chain(hops - 1))).await.error_code(), "301");
    for links in [hops, 1000] {
        let said = broker.classic_raw(add(items, &chain(links))).await.client_fault();
        assert!(said.contains(&format!("more than {hops} references")), "{said}");
    }
    let few = Broker::with(Settings { classic: Classic { max_hops: 1, ..Classic::default() }, ..Settings::default() });
    assert_eq!(few.classic_raw(add(items, &chain(0))).await.error_code(), "301");
    assert!(few.classic_raw(add(items, &chain(1))).await.client_fault().contains("more than 1 references"));
}

#[actix_web::test]
async fn references_do_not_make_a_small_message_large() {
    let broker = Broker::new();
    let path = "x".repeat(100_000);
    let one = format!("<m id=\"a\"><name>a</name><path>{path}</path></m>");
    let items = format!("<items>{}</items>", "<item href=\"#a\"/>".repeat(5000));
    let said = broker.classic_raw(add(&items, &one)).await.client_fault();
    assert!(said.starts_with("LIMIT_EXCEEDED (104): ") && said.contains("bytes of text"), "{said}");
    let nest = "<m id=\"b\"><name href=\"#n\"/><path href=\"#n\"/></m><m id=\"n\">a</m>";
    let items = format!("<items>{}</items>", "<item href=\"#b\"/>".repeat(9000));
    let said = broker.classic_raw(add(&items, nest)).await.client_fault();
    assert!(said.contains("more than 10000 values"), "{said}");
}

#[actix_web::test]
async fn wrong_values_are_answers_with_a_code() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let id = format!("<jobId>{job}</jobId>");
    let two = files(&["a", "b"]);
    let length = |text: &str| two.replace("g:FileDir[2]", text);
    let request = |members: &str| {
        format!(
            "{id}<request><eventType>STATUS</eventType><protocol>SOAP</protocol><destination>https://p.example.org/</destination>{members}</request>"
        )
    };
    let location = "<service_location>https://node7.example.org/c</service_location>";
    let rows: Vec<(&str, &str, String, &str, &str)> = vec![
        (
            "fewer items",
            "addOutputFileDirs",
            format!("{id}{}", length("g:FileDir[3]")),
            "103",
            "declared with 3 items and has 2",
        ),
        (
            "more items",
            "addOutputFileDirs",
            format!("{id}{}", length("g:FileDir[1]")),
            "103",
            "declared with 1 items and has 2",
        ),
        ("no items", "addOutputFileDirs", format!("{id}<items soapenc:arrayType=\"g:FileDir[2]\"/>"), "103", "has 0"),
        (
            "many items",
            "addOutputFileDirs",
            format!("{id}{}", length("g:FileDir[18446744073709551615]")),
            "103",
            "has 2",
        ),
        (
            "too many for a number",
            "addOutputFileDirs",
            format!("{id}{}", length("g:FileDir[99999999999999999999]")),
            "103",
            "one dimension",
        ),
        ("two dimensions", "addOutputFileDirs", format!("{id}{}", length("g:FileDir[1,2]")), "103", "one dimension"),
        ("arrays of arrays", "addOutputFileDirs", format!("{id}{}", length("g:FileDir[][2]")), "103", "one dimension"),
        ("no brackets", "addOutputFileDirs", format!("{id}{}", length("g:FileDir")), "103", "one dimension"),
        ("a negative length", "addOutputFileDirs", format!("{id}{}", length("g:FileDir[-2]")), "103", "one dimension"),
        (
            "a part of an array",
            "addOutputFileDirs",
            format!("{id}{}", two.replace("<items ", "<items soapenc:offset=\"[1]\" ")),
            "103",
            "offset",
        ),
        (
            "a sparse array",
            "addOutputFileDirs",
            format!("{id}{}", two.replacen("<item ", "<item soapenc:position=\"[1]\" ", 1)),
            "103",
            "items, item 1: a sparse array (position)",
        ),
        (
            "a nil item",
            "addOutputFileDirs",
            format!("{id}<items><item xsi:nil=\"true\"/></items>"),
            "103",
            "items, item 1: has no value",
        ),
        (
            "text for an array",
            "addOutputFileDirs",
            format!("{id}<items soapenc:arrayType=\"g:FileDir[]\">x</items>"),
            "103",
            "found text",
        ),
        (
            "an unknown member",
            "addOutputFileDirs",
            format!("{id}{}", two.replace("path>", "pfad>")),
            "101",
            "items, item 1: there is no member pfad; known: name, path, urltype, pathtype",
        ),
        (
            "a member in the wrong case",
            "addOutputFileDirs",
            format!("{id}{}", two.replace("urltype>", "urlType>")),
            "101",
            "no member urlType",
        ),
        (
            "a member twice",
            "addOutputFileDirs",
            format!("{id}{}", two.replace("<name>a</name>", "<name>a</name><name>c</name>")),
            "101",
            "name is given more than once",
        ),
        (
            "a wrong word",
            "addOutputFileDirs",
            format!("{id}{}", two.replacen("PHYSICAL", "VIRTUAL", 1)),
            "103",
            "items, item 1: urltype: expected one of PHISICAL, PHYSICAL, LOGICAL, got `VIRTUAL`",
        ),
        ("a wrong status", "getJobsList", "<status>CANCELLED</status>".into(), "103", "status: expected one of QUEUED"),
        ("an empty status", "getJobsList", "<status/>".into(), "103", "got ``"),
        (
            "no number",
            "registerApplicationAccess",
            format!("{id}{location}<pid>x</pid>"),
            "103",
            "pid: expected an integer of 32 bits, got `x`",
        ),
        (
            "a large number",
            "registerApplicationAccess",
            format!("{id}{location}<pid>2147483648</pid>"),
            "103",
            "32 bits",
        ),
        (
            "no boolean",
            "registerNotification",
            request("<append>yes</append>"),
            "103",
            "request: append: expected true or false, got `yes`",
        ),
        ("a member of 1.9.0", "registerNotification", request("<listener>x</listener>"), "101", "no member listener"),
        ("a socket", "registerNotification", request("").replace("SOAP", "SOCKET"), "702", "SOCKET"),
        (
            "text for a structure",
            "registerNotification",
            format!("{id}<request>x</request>"),
            "101",
            "expected members",
        ),
        (
            "a location of no kind",
            "registerApplicationAccess",
            format!("{id}<service_location>here</service_location><pid>1</pid>"),
            "103",
            "service_location: ",
        ),
        (
            "a destination of no kind",
            "registerNotification",
            request("").replace("https://p.example.org/", "httpg://p.example.org/"),
            "103",
            "request: destination: unknown scheme httpg",
        ),
        (
            "a listener of no kind",
            "registerNotification",
            format!(
                "<client>c</client><request>{id}<eventType>STATUS</eventType><notificationType>MAIL</notificationType>\
                 <listener>portal</listener></request>"
            ),
            "103",
            "request: listener: ",
        ),
        (
            "nobody to tell",
            "registerNotification",
            format!(
                "<client>c</client><request>{id}<eventType>STATUS</eventType><notificationType>MAIL</notificationType></request>"
            ),
            "103",
            "request: users: MAIL needs",
        ),
        (
            "nothing to tell by",
            "registerNotification",
            format!("<client>c</client><request>{id}<eventType>STATUS</eventType></request>"),
            "101",
            "request: there is neither a listener nor a notificationType",
        ),
        (
            "a registration of no job",
            "registerNotification",
            "<client>c</client><request><jobId/><eventType>STATUS</eventType></request>".to_owned(),
            "101",
            "request: jobId has no value",
        ),
        (
            "a client of several lines",
            "registerNotification",
            format!(
                "<client>a\nb</client><request>{id}<eventType>STATUS</eventType><notificationType>PROFILE</notificationType></request>"
            ),
            "103",
            "client: expected one line",
        ),
        ("elements for text", "getJobInfo", "<jobId><a/></jobId>".into(), "103", "jobId: expected text"),
        ("no job id", "getJobInfo", "<jobId>../../etc/passwd</jobId>".into(), "301", "no job"),
        (
            "nothing known of clusters",
            "findResources",
            format!("<resourceDefinition>{}</resourceDefinition>", escaped(DATE)),
            "403",
            "try again",
        ),
    ];
    for (name, operation, parts, code, part) in rows {
        let answer = broker.classic(operation, &parts).await;
        assert_eq!(answer.error_code(), code, "{name}: {}", answer.body);
        let said = answer.error_message();
        assert!(said.contains(part), "{name}: {said}");
    }
}

#[actix_web::test]
async fn a_wrongly_encoded_part_is_a_fault_although_another_has_a_wrong_value() {
    let broker = Broker::new();
    let parts = "<jobId>1</jobId><service_location><a/></service_location><pid href=\"#x\"/>";
    assert!(broker.classic("registerApplicationAccess", parts).await.client_fault().contains("nothing in the Body"));
}

//! Bad input, row by row: what comes in, which fault goes out, and that its sentence helps.

use super::app::{ADA, Broker, DATE, envelope, escaped, sample};
use super::schema::Judge;
use grms::operations::{FaultKind, find};
use grms::soap::Version;

/// Name, operation, members, code, a part of the message.
type Row = (&'static str, &'static str, String, &'static str, &'static str);

fn rows() -> Vec<Row> {
    let definition = format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    let with = |more: &str| format!("{definition}{more}");
    let text = |text: &str| format!("<jobDefinition>{}</jobDefinition>", escaped(text));
    vec![
        ("unknown operation", "submitjob", with(""), "102", "did you mean {urn:grms:2}submitJob?"),
        ("operation of nobody", "fly", String::new(), "102", "known operations"),
        ("missing part", "submitJob", String::new(), "101", "jobDefinition is missing"),
        (
            "nil part",
            "submitJob",
            "<jobDefinition xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/>".into(),
            "101",
            "missing",
        ),
        ("unknown part", "submitJob", with("<jobdefinition/>"), "101", "did you mean jobDefinition?"),
        ("part of a stranger", "submitJob", with("<hold xmlns=\"urn:x\">true</hold>"), "101", "{urn:x}hold"),
        ("repeated part", "submitJob", with(&definition), "101", "more than once"),
        ("text beside parts", "submitJob", with("hello"), "101", "text beside"),
        ("not an integer", "getJobsList", "<limit>abc</limit>".into(), "103", "limit: expected an integer, got `abc`"),
        ("integer too large", "getJobsList", "<limit>99999999999</limit>".into(), "103", "limit"),
        ("limit of zero", "getJobsList", "<limit>0</limit>".into(), "103", "from 1 to 1000"),
        ("limit above the limit", "getJobsList", "<limit>1001</limit>".into(), "104", "more than 1000"),
        ("no boolean", "submitJob", with("<hold>maybe</hold>"), "103", "true or false"),
        ("no time", "getJobsList", "<since>yesterday</since>".into(), "103", "since: expected a dateTime"),
        ("no status", "getJobsList", "<status>CANCELLED</status>".into(), "103", "CANCELED"),
        ("no cursor", "getJobsList", "<cursor>a b</cursor>".into(), "103", "cursor"),
        ("no job id", "getJobInfo", "<jobId>../../etc/passwd</jobId>".into(), "301", "no job"),
        ("empty job id", "getJobInfo", "<jobId/>".into(), "301", "no job"),
        ("elements for text", "getJobInfo", "<jobId><a/></jobId>".into(), "103", "jobId: expected text"),
        ("unescaped description", "submitJob", "<jobDefinition><grmsjob/></jobDefinition>".into(), "103", "CDATA"),
        ("encoded value", "getJobInfo", "<jobId href=\"#id0\"/>".into(), "101", "without href"),
        ("no type of description", "getServiceDescription", "<type>LONG</type>".into(), "103", "SHORT or FULL"),
        ("unknown dialect", "submitJob", with("<dialect>RSL</dialect>"), "111", "GJD1"),
        ("translated to something", "translateJobDescription", with("<to>RSL</to>"), "111", "writes GJD3"),
        ("translated from something", "translateJobDescription", with("<from>RSL</from>"), "111", "from: `RSL`"),
        ("translated nonsense", "translateJobDescription", text("<html/>"), "111", ""),
        ("empty key", "submitJob", with("<requestId/>"), "103", "requestId"),
        ("long key", "submitJob", with(&format!("<requestId>{}</requestId>", "k".repeat(201))), "103", "200"),
        ("empty description", "submitJob", text(""), "110", ""),
        ("description is no XML", "submitJob", text("hello"), "110", "line 1"),
        (
            "description with a document type",
            "submitJob",
            text("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><grmsjob appid='&x;'/>"),
            "110",
            "line 1",
        ),
        ("description of another kind", "submitJob", text("<html/>"), "111", ""),
        ("wrong description", "submitJob", text("<grmsjob appid='a'><simplejob/></grmsjob>"), "112", "line 1"),
        ("bad limit for resources", "findResources", with("<limit>-1</limit>"), "103", "greater than 0"),
        ("nothing known of clusters", "findResources", definition.clone(), "403", "try again"),
        (
            "no task of that name",
            "getJobHistory",
            "<jobId>JOB</jobId><taskId>second</taskId>".into(),
            "309",
            "it has: main",
        ),
    ]
}

/// What is wrong with registrations.
fn registrations() -> Vec<Row> {
    let with = |more: &str| format!("<jobDefinition>{}</jobDefinition>{more}", escaped(DATE));
    let notice = |protocol: &str, more: &str| {
        format!("<notification><eventType>STATUS</eventType><protocol>{protocol}</protocol>{more}</notification>")
    };
    let access =
        |location: &str, more: &str| format!("<jobId>JOB</jobId><serviceLocation>{location}</serviceLocation>{more}");
    vec![
        ("notification by socket", "submitJob", with(&notice("SOCKET", "")), "702", "notification 1: protocol: SOCKET"),
        ("notification by mail", "submitJob", with(&notice("MIAL", "")), "103", "did you mean MAIL?"),
        ("notification to nobody", "registerNotification", notice("MAIL", ""), "103", "notification: user: MAIL needs"),
        ("notification to nowhere", "registerNotification", notice("HTTP", ""), "103", "http or https"),
        (
            "notification of the past",
            "registerNotification",
            notice("PROFILE", "<expires>2026-01-01T10:04:05Z</expires>"),
            "103",
            "expires: it is over already",
        ),
        (
            "notification of the wrong state",
            "registerNotification",
            notice("PROFILE", "<state>DONE</state>"),
            "103",
            "state: expected one of QUEUED",
        ),
        ("no notification", "registerNotification", String::new(), "101", "notification is missing"),
        ("notification as text", "registerNotification", "<notification>x</notification>".into(), "101", "found text"),
        (
            "notification for no job",
            "registerNotification",
            format!("<jobId>1_x_0001</jobId>{}", notice("PROFILE", "")),
            "301",
            "no job",
        ),
        (
            "no notification id",
            "getNotificationInformation",
            "<notificationId>a b</notificationId>".into(),
            "302",
            "getNotificationsList",
        ),
        ("access by nothing", "registerApplicationAccess", access("node7:80", ""), "103", "serviceLocation: expected"),
        ("access by a signal", "registerApplicationAccess", access("signal:USR1", ""), "103", "pid is missing"),
        ("access of init", "registerApplicationAccess", access("exitcode:9", "<pid>1</pid>"), "103", "pid: expected"),
        (
            "access by something else",
            "registerApplicationAccess",
            access("file:now", "<protocol>SOAP</protocol>"),
            "103",
            "SOAP does not fit file:now; expected FILE",
        ),
        (
            "access nobody knows",
            "registerApplicationAccess",
            access("file:a", "<protocol>RPC</protocol>"),
            "103",
            "RPC",
        ),
        ("no entry", "addOutputFileDirs", "<jobId>JOB</jobId>".into(), "101", "item is missing"),
        (
            "half an entry",
            "addCheckpointFileDirs",
            "<jobId>JOB</jobId><item><name>a</name></item>".into(),
            "101",
            "item 1: the part path is missing",
        ),
    ]
}

/// Requests on jobs, of many items, and of those who wait.
fn rows_on_jobs() -> Vec<Row> {
    let definition = format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    vec![
        ("no jobs", "submitJobs", "<atomic>true</atomic>".into(), "101", "job is missing"),
        ("text for a job", "submitJobs", "<job>hello</job>".into(), "101", "job 1: expected the elements"),
        (
            "a job without a description",
            "submitJobs",
            format!("<job>{definition}</job><job><requestId>a</requestId></job>"),
            "101",
            "job 2: the part jobDefinition is missing",
        ),
        ("a job in a job", "submitJobs", "<job><job/></job>".into(), "101", "job 1: there is no part `job`"),
        ("too many jobs", "cancelJobs", "<jobId>a</jobId>".repeat(1001), "104", "more than 1000"),
        ("no jobs to delete", "deleteJobs", String::new(), "101", "jobId is missing"),
        ("ids and a filter", "getJobInfoList", "<jobId>a</jobId><limit>1</limit>".into(), "103", "not both"),
        ("a job that is not held", "commitJob", "<jobId>JOB</jobId>".into(), "306", "nothing to commit"),
        ("a task of nobody", "commitJob", "<jobId>JOB</jobId><taskId>x</taskId>".into(), "309", "it has: main"),
        ("no time to wait", "waitForJobs", "<jobId>JOB</jobId>".into(), "101", "timeoutSeconds is missing"),
        (
            "less than no time",
            "waitForJobs",
            "<jobId>JOB</jobId><timeoutSeconds>-1</timeoutSeconds>".into(),
            "103",
            "from 0 on",
        ),
        (
            "neither one nor all",
            "waitForJobs",
            "<jobId>JOB</jobId><mode>SOME</mode><timeoutSeconds>0</timeoutSeconds>".into(),
            "103",
            "ANY or ALL",
        ),
        (
            "no version",
            "waitForJobs",
            "<jobId>JOB</jobId><afterVersion>new</afterVersion><timeoutSeconds>0</timeoutSeconds>".into(),
            "103",
            "64 bits",
        ),
        (
            "no cursor of events",
            "waitForEvents",
            "<cursor>12</cursor><timeoutSeconds>0</timeoutSeconds>".into(),
            "103",
            "former answer",
        ),
        (
            "a cursor of another database",
            "waitForEvents",
            "<cursor>0123456789ab-1</cursor><timeoutSeconds>0</timeoutSeconds>".into(),
            "311",
            "oldest usable cursor, `",
        ),
        (
            "no kind of event",
            "waitForEvents",
            "<eventType>NEWS</eventType><timeoutSeconds>0</timeoutSeconds>".into(),
            "103",
            "STATUS or REQUEST",
        ),
        ("resumed while it runs", "resumeJob", "<jobId>JOB</jobId>".into(), "306", "is RUNNING and cannot be resumed"),
        ("no checkpoint", "suspendJob", "<jobId>JOB</jobId>".into(), "308", "checkpointable"),
        ("no checkpoint to move", "migrateJob", "<jobId>JOB</jobId>".into(), "308", "checkpointable"),
        (
            "a wrong description for later",
            "suspendJob",
            "<jobId>JOB</jobId><jobDefinition>&lt;html/&gt;</jobDefinition>".into(),
            "111",
            "",
        ),
    ]
}

#[actix_web::test]
async fn every_bad_request_gets_its_fault_and_a_sentence_that_helps() {
    let broker = Broker::new();
    let job = broker.running_job().await;
    let mut judge = Judge::new();
    for (name, operation, members, code, part) in rows().into_iter().chain(rows_on_jobs()).chain(registrations()) {
        for version in Version::ALL {
            let members = members.replace("JOB", job.as_str());
            let answer = broker.post(version, envelope(version, operation, &members), Some(ADA)).await;
            assert_eq!(answer.text("code"), code, "{name}: {}", answer.body);
            assert!(answer.text("message").contains(part), "{name}: {}", answer.text("message"));
            let server = ["403"].contains(&code);
            let status = if version == Version::V11 || server { 500 } else { 400 };
            assert_eq!(answer.status, status, "{name}");
            let reason = answer.text(if version == Version::V11 { "faultstring" } else { "Text" });
            assert_eq!(reason, answer.text("message"), "{name}");
            assert!(!answer.body.contains("passwd:") && !answer.body.contains("root:x"), "{name}");
            if let Some(known) = find(operation) {
                let raised = |kind: &FaultKind| answer.body.contains(&format!("<g:{} ", kind.element()));
                assert!(known.contract().faults.iter().any(raised), "{name}: undeclared fault: {}", answer.body);
            }
            judge.take("fault", &answer);
        }
    }
    judge.validate();
    assert_eq!(broker.count_jobs().await, 1, "something was accepted");
}

#[actix_web::test]
async fn every_bad_envelope_gets_a_fault_that_says_where() {
    let broker = Broker::new();
    let good = envelope(Version::V11, "getJobsList", "");
    let bomb = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>";
    let rows: Vec<(&str, String, &str, &str)> = vec![
        ("nothing", String::new(), "101", "there is no element"),
        ("not XML", "{\"json\": true}".into(), "101", "line 1, column 1"),
        ("cut short", good[..good.len() - 20].into(), "101", "not well-formed"),
        ("no envelope", "<a/>".into(), "101", "expected a SOAP Envelope, found a"),
        ("no body", "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"/>".into(), "101", "no Body"),
        (
            "empty body",
            good.replace("<g:getJobsList xmlns:g=\"urn:grms:2\"></g:getJobsList>", ""),
            "102",
            "the Body is empty",
        ),
        ("two bodies", good.replace("</s:Body>", "</s:Body><s:Body/>"), "101", "unexpected"),
        ("text in the body", good.replace("<s:Body>", "<s:Body>x"), "101", "contains text"),
        ("two calls", good.replace("</s:Body>", "<x/></s:Body>"), "101", "exactly one"),
        ("multi-reference", good.replace("</s:Body>", "<multiRef id=\"id0\"/></s:Body>"), "101", "document/literal"),
        ("the other namespace", good.replace("urn:grms:2", "urn:grms"), "102", "did you mean {urn:grms:2}getJobsList?"),
        ("a document type", format!("<!DOCTYPE x>{good}"), "101", "document type"),
        ("an entity bomb", format!("{bomb}{}", good.replace("></g:", ">&b;</g:")), "101", "document type"),
        (
            "an outside entity",
            format!("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{good}"),
            "101",
            "document type",
        ),
        ("a processing instruction", format!("<?php x?>{good}"), "101", "processing instruction"),
        ("deep nesting", good.replace("></g:", &format!(">{}</g:", "<a>".repeat(10_000))), "104", "64 levels"),
        ("many elements", good.replace("></g:", &format!(">{}</g:", "<a/>".repeat(20_000))), "104", "10000 elements"),
        (
            "many attributes",
            good.replace(
                "xmlns:g=",
                &format!("{} xmlns:g=", (0..100).map(|n| format!("a{n}=''")).collect::<Vec<_>>().join(" ")),
            ),
            "104",
            "64 attributes",
        ),
        ("a control character", good.replace("></g:", ">\u{1}</g:"), "101", "character"),
    ];
    for (name, body, code, part) in rows {
        for version in Version::ALL {
            let body = body.replace(Version::V11.namespace(), version.namespace());
            let answer = broker.post(version, body, Some(ADA)).await;
            assert_eq!(answer.text("code"), code, "{name}: {}", answer.body);
            assert!(answer.text("message").contains(part), "{name}: {}", answer.text("message"));
            assert_eq!(answer.status, if version == Version::V11 { 500 } else { 400 }, "{name}");
            assert_eq!(answer.header("content-type"), version.content_type(), "{name}");
        }
    }
    let bytes = [good.as_bytes(), b"\xFF"].concat();
    assert!(broker.post(Version::V11, bytes, Some(ADA)).await.text("message").contains("not UTF-8"));
    let last = broker.call("getJobsList", &sample("getJobsList", ""), Some(ADA)).await;
    assert_eq!(last.status, 200, "the service goes on");
}

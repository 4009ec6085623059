//! The program and the contract say the same: recorded answers are valid by the schema inside `wsdl/grms.wsdl`, and of
//! an answer with everything the schema allows nothing is lost.

use crate::support::responder::Answer;
use crate::support::transcript::{Site, body_of, envelope, fixture};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Each operation, a command line that prints its answer, and how that ends: an answer with everything in it has an error
/// code for every item.
const COMMANDS: [(&str, &str, i32); 37] = [
    ("submitJob", "submit tar.xml", 0),
    ("submitJobs", "submit tar.xml tar.xml", 1),
    ("testJobDescription", "test tar.xml", 0),
    ("translateJobDescription", "translate tar.xml", 0),
    ("findResources", "resources tar.xml", 0),
    ("commitJob", "commit 17_a_1", 0),
    ("migrateJob", "migrate 17_a_1", 0),
    ("migrateJobs", "migrate --jobs 17_a_1 17_b_2", 1),
    ("suspendJob", "suspend 17_a_1", 0),
    ("suspendJobs", "suspend --jobs 17_a_1 17_b_2", 1),
    ("resumeJob", "resume 17_a_1", 0),
    ("resumeJobs", "resume --jobs 17_a_1 17_b_2", 1),
    ("cancelJob", "cancel 17_a_1", 0),
    ("cancelJobs", "cancel 17_a_1 17_b_2", 1),
    ("deleteJobs", "delete 17_a_1 17_b_2", 1),
    ("getJobsList", "list", 0),
    ("getProjectJobsList", "list --project a --everybody --limit 2", 0),
    ("getAllJobsList", "list_all RUNNING", 0),
    ("getJobInfo", "info 17_a_1", 0),
    ("getJobInfoList", "info 17_a_1 17_b_2", 1),
    ("getJobHistory", "history 17_a_1", 0),
    ("waitForJobs", "wait 17_a_1 17_b_2", 0),
    ("waitForEvents", "watch --all --timeout 0", 0),
    ("registerApplicationAccess", "register 17_a_1 signal:USR1 4711", 0),
    ("getApplicationAccess", "get_access 17_a_1", 0),
    ("unregisterApplicationAccess", "unregister 17_a_1", 0),
    ("registerNotification", "add_listener 17_a_1 mailto:jan@example.org", 0),
    ("unregisterNotification", "del_listener n-17", 0),
    ("getNotificationsList", "listeners 17_a_1", 0),
    ("getNotificationInformation", "listeners 17_a_1", 0),
    ("addOutputFileDirs", "add_output 17_a_1 a file:///a", 1),
    ("getOutputFileDirs", "get_output 17_a_1", 0),
    ("deleteOutputFileDirs", "del_output 17_a_1 a file:///a", 1),
    ("addCheckpointFileDirs", "add_checkpoint 17_a_1 a file:///a", 1),
    ("getCheckpointFileDirs", "get_checkpoint 17_a_1", 0),
    ("deleteCheckpointFileDirs", "del_checkpoint 17_a_1 a file:///a", 1),
    ("getServiceDescription", "description", 0),
];

/// The schema as a document of its own.
fn schema() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wsdl/grms.wsdl");
    let wsdl = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let begin = wsdl.find("<xsd:schema").expect("a schema");
    let end = wsdl.find("</xsd:schema>").expect("its end") + "</xsd:schema>".len();
    wsdl[begin..end].to_owned()
}

/// What xmllint finds wrong with the documents.
#[expect(clippy::disallowed_methods, reason = "a second opinion on schemas is a program of its own")]
fn complaints(directory: &Path, documents: &[PathBuf]) -> String {
    let xsd = directory.join("grms.xsd");
    std::fs::write(&xsd, schema()).expect("written");
    let seen = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(xsd).args(documents).output();
    let seen = seen.expect("xmllint is installed: apt-get install libxml2-utils");
    let text = String::from_utf8(seen.stderr).expect("UTF-8");
    if seen.status.success() { String::new() } else { text }
}

#[test]
fn every_recorded_answer_is_valid_by_the_contract() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")).expect("fixtures") {
        let file = entry.expect("readable").path();
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
        let text = envelope(&body_of(name));
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ours = document.descendants().find(|node| node.tag_name().namespace() == Some("urn:grms:2"));
        let Some(ours) = ours else { continue };
        let copy = directory.path().join(format!("{name}.xml"));
        std::fs::write(&copy, &text[ours.range()]).expect("written");
        documents.push(copy);
    }
    assert!(documents.len() > 20, "only {} fixtures were found", documents.len());
    assert_eq!(complaints(directory.path(), &documents), "");
}

#[test]
fn nothing_that_an_answer_can_carry_is_lost() {
    let schema = schema();
    let schema = Document::parse(&schema).expect("well-formed");
    let responses = schema.root_element().children().filter(|node| node.has_tag_name((XSD, "element")));
    let names = responses.filter_map(|node| node.attribute("name")?.strip_suffix("Response"));
    assert_eq!(names.collect::<BTreeSet<_>>(), COMMANDS.iter().map(|(name, ..)| *name).collect());
    for (operation, arguments, code) in COMMANDS {
        let mut names = BTreeSet::new();
        let root = find(&schema, "element", &format!("{operation}Response"));
        let content = root.first_element_child().map_or_else(String::new, |of| content(&schema, of, &mut names));
        // A question that timed out is asked again.
        let content = content.replace("<timedOut>true", "<timedOut>false");
        let answer = format!("<g:{operation}Response xmlns:g=\"urn:grms:2\">{content}</g:{operation}Response>");
        let mut answers = vec![Answer::Success(envelope(&answer))];
        match operation {
            "getNotificationsList" => answers.push(fixture("notification_mail")),
            "getNotificationInformation" => answers.insert(0, fixture("notifications")),
            _ => {}
        }
        let site = Site::new(answers);
        let copy = site.write("answer.xml", &answer);
        assert_eq!(complaints(site.directory.path(), &[copy]), "", "{operation}");
        site.write("tar.xml", "<grmsJob/>\n");
        let seen = site.run(&format!("{arguments} --json"));
        let printed = String::from_utf8(seen.stdout).expect("UTF-8");
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        assert_eq!(seen.status.code(), Some(code), "{operation}: {told}");
        for name in names {
            assert!(printed.contains(&format!("\"{name}\":")), "{operation}: {name} is lost in:\n{printed}");
        }
    }
}

/// A declaration of the schema.
fn find<'a>(schema: &'a Document<'a>, kind: &str, name: &str) -> Node<'a, 'a> {
    let mut all = schema.root_element().children();
    all.find(|node| node.has_tag_name((XSD, kind)) && node.attribute("name") == Some(name)).expect("declared")
}

/// Everything a complex type allows, what may be repeated twice; its element names are collected.
fn content<'a>(schema: &'a Document<'a>, of: Node<'a, 'a>, names: &mut BTreeSet<&'a str>) -> String {
    let mut text = String::new();
    for element in of.descendants().filter(|node| node.has_tag_name((XSD, "element"))) {
        let name = element.attribute("name").expect("named");
        names.insert(name);
        let value = value(schema, element.attribute("type").expect("typed"), names);
        let times = if element.attribute("maxOccurs") == Some("unbounded") { 2 } else { 1 };
        text.push_str(&format!("<{name}>{value}</{name}>").repeat(times));
    }
    text
}

fn value<'a>(schema: &'a Document<'a>, named: &'a str, names: &mut BTreeSet<&'a str>) -> String {
    let fixed = match named {
        "xsd:string" => "a &lt; b",
        "xsd:int" | "xsd:long" => "7",
        "xsd:double" => "1.5E0",
        "xsd:boolean" => "true",
        "xsd:dateTime" => "2026-01-02T03:04:05.678Z",
        own => {
            let name = own.strip_prefix("g:").unwrap_or_else(|| panic!("{own} is not known here"));
            let simple = |node: &Node<'_, '_>| node.has_tag_name((XSD, "simpleType"));
            let mut all = schema.root_element().children();
            let Some(words) = all.find(|node| simple(node) && node.attribute("name") == Some(name)) else {
                return content(schema, find(schema, "complexType", name), names);
            };
            let mut words = words.descendants().filter_map(|node| node.attribute("value"));
            return words.next().expect("an enumeration").to_owned();
        }
    };
    fixed.to_owned()
}

//! The program and the contract say the same: recorded answers are valid by the schema inside `wsdl/grms.wsdl`, and of
//! an answer with everything the schema allows nothing is lost.

use crate::support::responder::Answer;
use crate::support::transcript::{Site, body_of, envelope};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Each operation, and a command line that prints its answer.
const COMMANDS: [(&str, &str); 9] = [
    ("submitJob", "submit tar.xml --json"),
    ("testJobDescription", "test tar.xml --json"),
    ("findResources", "resources tar.xml --json"),
    ("cancelJob", "cancel 17_a_1 --json"),
    ("getJobsList", "list --json"),
    ("getAllJobsList", "list_all RUNNING --json"),
    ("getJobInfo", "info 17_a_1 --json"),
    ("getJobHistory", "history 17_a_1 --json"),
    ("getServiceDescription", "description --json"),
];

/// The operations that the program has no command for yet.
const WITHOUT_COMMAND: [&str; 14] = [
    "translateJobDescription",
    "registerApplicationAccess",
    "getApplicationAccess",
    "unregisterApplicationAccess",
    "registerNotification",
    "getNotificationsList",
    "getNotificationInformation",
    "unregisterNotification",
    "addOutputFileDirs",
    "deleteOutputFileDirs",
    "getOutputFileDirs",
    "addCheckpointFileDirs",
    "deleteCheckpointFileDirs",
    "getCheckpointFileDirs",
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
    let known = COMMANDS.iter().map(|(name, _)| *name).chain(WITHOUT_COMMAND);
    assert_eq!(names.collect::<BTreeSet<_>>(), known.collect());
    for (operation, arguments) in COMMANDS {
        let mut names = BTreeSet::new();
        let root = find(&schema, "element", &format!("{operation}Response"));
        let content = root.first_element_child().map_or_else(String::new, |of| content(&schema, of, &mut names));
        let answer = format!("<g:{operation}Response xmlns:g=\"urn:grms:2\">{content}</g:{operation}Response>");
        let site = Site::new(vec![Answer::Success(envelope(&answer))]);
        let copy = site.write("answer.xml", &answer);
        assert_eq!(complaints(site.directory.path(), &[copy]), "", "{operation}");
        site.write("tar.xml", "<grmsJob/>\n");
        let seen = site.run(arguments);
        let printed = String::from_utf8(seen.stdout).expect("UTF-8");
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        assert_eq!(seen.status.code(), Some(0), "{operation}: {told}");
        for name in names {
            assert!(printed.contains(&format!("\"{name}\": ")), "{operation}: {name} is lost in:\n{printed}");
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

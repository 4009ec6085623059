//! The two WSDL documents and the table say the same, in both directions; and answers are held against the documents.

use super::super::app::{Answer, Broker};
use super::path;
use actix_web::test::TestRequest;
use grms::soap::CLASSIC_PATH;
use grms::soap::classic::operations::{Entry, Out, of, return_type};
use grms::soap::classic::types::{ARRAYS, ENUMS, STRUCTS, Type};
use grms::soap::classic::{NAMESPACE, Profile};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

const OLD: &str = include_str!("../../../wsdl/grms-1.9.0.wsdl");
const NEW: &str = include_str!("../../../wsdl/grms-1.9.6.wsdl");
const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

const fn text(profile: Profile) -> &'static str {
    match profile {
        Profile::V190 => OLD,
        Profile::V196 => NEW,
    }
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or("")
}

fn children<'a, 'i>(node: Node<'a, 'i>, local: &str) -> Vec<Node<'a, 'i>> {
    node.children().filter(|child| child.tag_name().name() == local).collect()
}

fn named<'a, 'i>(document: &'a Document<'i>, local: &str, name: &str) -> Node<'a, 'i> {
    let found = document.descendants().filter(|node| node.tag_name().name() == local);
    let mut found = found.filter(|node| attribute(*node, "name") == name);
    let first = found.next().unwrap_or_else(|| panic!("no {local} {name}"));
    assert!(found.next().is_none(), "two {local} {name}");
    first
}

/// The type of a part: arrays have a name of their own in the schema.
fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Array(of) => of.name,
        other => other.name(),
    }
}

fn message(document: &Document<'_>, name: &str) -> Vec<(String, String)> {
    let parts = children(named(document, "message", name), "part");
    parts.iter().map(|part| (attribute(*part, "name").to_owned(), attribute(*part, "type").to_owned())).collect()
}

fn suffix(entry: &Entry) -> &'static str {
    if entry.second { "1" } else { "" }
}

#[test]
fn port_type_and_messages_are_those_of_the_table() {
    for profile in Profile::ALL {
        let document = Document::parse(text(profile)).unwrap();
        assert_eq!(attribute(document.root_element(), "targetNamespace"), NAMESPACE);
        let operations = children(named(&document, "portType", "grms"), "operation");
        let table: Vec<_> = of(profile).collect();
        assert_eq!(operations.len(), table.len(), "{profile}");
        let mut messages = BTreeSet::new();
        for (operation, entry) in operations.iter().zip(&table) {
            let name = entry.name;
            assert_eq!(attribute(*operation, "name"), name, "{profile}");
            assert_eq!(attribute(*operation, "parameterOrder"), entry.parameter_order(), "{profile} {name}");
            assert!(children(*operation, "fault").is_empty(), "{name} declares a fault");
            let asked: Vec<_> =
                entry.request.iter().map(|part| (part.name.to_owned(), type_name(part.kind).to_owned())).collect();
            let part = |out: &Out| (entry.out_name(out).into_owned(), type_name(return_type(out)).to_owned());
            let answered: Vec<_> = entry.response.iter().map(part).collect();
            for (direction, kind, parts) in [("input", "Request", asked), ("output", "Response", answered)] {
                let [node] = children(*operation, direction)[..] else { panic!("{name}: {direction}") };
                let expected = format!("{name}{kind}{}", suffix(entry));
                assert_eq!(attribute(node, "name"), expected);
                assert_eq!(attribute(node, "message"), format!("g:{expected}"));
                assert_eq!(message(&document, &expected), parts, "{profile} {expected}");
                messages.insert(expected);
            }
        }
        let declared = document.descendants().filter(|node| node.tag_name().name() == "message");
        assert_eq!(declared.count(), messages.len(), "{profile}: a message of no operation");
    }
}

#[test]
fn the_binding_is_rpc_encoded_with_an_empty_action_and_the_names_are_historical() {
    for profile in Profile::ALL {
        let document = Document::parse(text(profile)).unwrap();
        let binding = named(&document, "binding", "grmsSoapBinding");
        assert_eq!(attribute(binding, "type"), "g:grms");
        let style = children(binding, "binding")[0];
        assert_eq!((style.tag_name().namespace(), attribute(style, "style")), (Some(SOAP), "rpc"));
        assert_eq!(attribute(style, "transport"), "http://schemas.xmlsoap.org/soap/http");
        let operations = children(binding, "operation");
        let table: Vec<_> = of(profile).collect();
        assert_eq!(operations.len(), table.len());
        for (operation, entry) in operations.iter().zip(table) {
            assert_eq!(attribute(*operation, "name"), entry.name);
            assert_eq!(children(*operation, "operation")[0].attribute("soapAction"), Some(""));
            for (direction, kind) in [("input", "Request"), ("output", "Response")] {
                let node = children(*operation, direction)[0];
                assert_eq!(attribute(node, "name"), format!("{}{kind}{}", entry.name, suffix(entry)));
                let body = children(node, "body")[0];
                assert_eq!(attribute(body, "use"), "encoded");
                assert_eq!((attribute(body, "namespace"), attribute(body, "encodingStyle")), (NAMESPACE, ENCODING));
            }
        }
        assert_eq!(attribute(named(&document, "service", "grmsService"), "name"), "grmsService");
        assert_eq!(attribute(named(&document, "port", "grms"), "binding"), "g:grmsSoapBinding");
        assert!(!text(profile).contains("elementFormDefault"));
    }
}

#[test]
fn the_schema_declares_exactly_the_types_of_the_table() {
    for profile in Profile::ALL {
        let document = Document::parse(text(profile)).unwrap();
        let own = |name: &str| name.trim_start_matches("g:").to_owned();
        let mut expected = BTreeSet::new();
        for list in ENUMS.iter().filter(|list| list.profiles.contains(&profile)) {
            let node = named(&document, "simpleType", &own(list.name));
            let words: Vec<_> = node.descendants().filter_map(|node| node.attribute("value")).collect();
            let spelled = list.words.iter().filter(|word| word.only.is_none_or(|only| only == profile));
            assert_eq!(words, spelled.map(|word| word.text).collect::<Vec<_>>(), "{}", list.name);
            expected.insert(own(list.name));
        }
        for of in STRUCTS {
            let node = named(&document, "complexType", &own(of.name));
            let sequence = node.descendants().find(|node| node.tag_name().name() == "sequence").unwrap();
            let declared: Vec<_> = children(sequence, "element")
                .iter()
                .map(|node| {
                    let name = |key| attribute(*node, key).to_owned();
                    let flag = |key, value| attribute(*node, key) == value;
                    assert!(node.attribute("minOccurs").is_none());
                    (name("name"), name("type"), flag("nillable", "true"), flag("maxOccurs", "unbounded"))
                })
                .collect();
            let members = of.members(profile).map(|member| {
                (member.name.to_owned(), type_name(member.kind).to_owned(), member.nillable, member.repeated)
            });
            assert_eq!(declared, members.collect::<Vec<_>>(), "{} in {profile}", of.name);
            expected.insert(own(of.name));
        }
        for array in ARRAYS {
            let node = named(&document, "complexType", &own(array.name));
            let item =
                node.descendants().find_map(|node| node.attribute(("http://schemas.xmlsoap.org/wsdl/", "arrayType")));
            assert_eq!(item, Some(format!("{}[]", array.item.name()).as_str()));
            expected.insert(own(array.name));
        }
        let schema = document.descendants().find(|node| node.tag_name().name() == "schema").unwrap();
        let declared: BTreeSet<_> =
            schema.children().filter_map(|node| node.attribute("name")).map(str::to_owned).collect();
        assert_eq!(declared, expected, "{profile}");
    }
}

#[actix_web::test]
async fn each_address_serves_its_own_contract_with_its_own_address() {
    let broker = Broker::new();
    let old = Broker::with(grms::soap::Settings {
        classic: grms::soap::classic::Settings { profile: Profile::V190, ..Default::default() },
        ..Default::default()
    });
    let get = |path: &str| TestRequest::get().uri(path).insert_header(("host", "broker.example.org:8443"));
    let rows = [
        (&broker, CLASSIC_PATH, Profile::V196),
        (&broker, path(Profile::V190), Profile::V190),
        (&broker, path(Profile::V196), Profile::V196),
        (&old, CLASSIC_PATH, Profile::V190),
        (&old, path(Profile::V196), Profile::V196),
    ];
    for (broker, path, profile) in rows {
        for query in ["wsdl", "WSDL"] {
            let answer = broker.send(get(&format!("{path}?{query}")), None).await;
            assert_eq!(answer.status, 200);
            let here = format!("location=\"http://broker.example.org:8443{path}\"");
            let written = "location=\"https://localhost:8443/axis/services/grms\"";
            assert_eq!(answer.body, text(profile).replace(written, &here), "{path}");
            assert_eq!(answer.body.matches(&here).count(), 1, "{path}");
        }
        assert_eq!(broker.send(get(path), None).await.status, 405);
    }
}

/// Holds an answer against the document of its version: every part and member in its place, of its type, and nothing else.
pub(crate) fn judge(entry: &Entry, profile: Profile, answer: &Answer) {
    let wsdl = Document::parse(text(profile)).unwrap();
    let document = Document::parse(&answer.body).unwrap();
    let body = document.descendants().find(|node| node.tag_name().name() == "Body").unwrap();
    let wrapper = body.first_element_child().unwrap();
    assert_eq!(wrapper.tag_name().name(), format!("{}Response", entry.name), "{}", answer.body);
    assert_eq!(wrapper.tag_name().namespace(), Some(NAMESPACE));
    let style = wrapper.attribute(("http://schemas.xmlsoap.org/soap/envelope/", "encodingStyle"));
    assert_eq!(style, Some(ENCODING));
    assert!(!answer.body.contains("href=") && !answer.body.contains("multiRef"), "{}", answer.body);
    let parts = message(&wsdl, &format!("{}Response{}", entry.name, suffix(entry)));
    let given: Vec<_> = wrapper.children().filter(Node::is_element).collect();
    assert_eq!(given.len(), parts.len(), "{}", answer.body);
    for (node, (name, kind)) in given.into_iter().zip(parts) {
        judge_value(&wsdl, node, &name, &kind);
    }
}

fn judge_value(wsdl: &Document<'_>, node: Node<'_, '_>, name: &str, kind: &str) {
    let instance = |local: &str| node.attribute(("http://www.w3.org/2001/XMLSchema-instance", local));
    assert_eq!((node.tag_name().name(), node.tag_name().namespace()), (name, None));
    let Some(own) = kind.strip_prefix("g:") else {
        assert_eq!(instance("type"), Some(kind), "{name}");
        let text = node.text().unwrap_or("");
        match kind {
            _ if instance("nil") == Some("true") => assert!(text.is_empty() && kind != "xsd:int", "{name}"),
            "xsd:int" => drop(text.parse::<i32>().unwrap()),
            "xsd:boolean" => assert!(["true", "false"].contains(&text)),
            "xsd:dateTime" => assert!(text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(), "{text}"),
            other => assert_eq!(other, "xsd:string"),
        }
        return;
    };
    let schema = wsdl.descendants().find(|node| node.tag_name().name() == "schema").unwrap();
    let declared = schema.children().find(|node| attribute(*node, "name") == own).unwrap();
    let array =
        declared.descendants().find_map(|node| node.attribute(("http://schemas.xmlsoap.org/wsdl/", "arrayType")));
    let inside: Vec<_> = node.children().filter(Node::is_element).collect();
    if let Some(array) = array {
        let item = array.trim_end_matches("[]");
        assert_eq!(instance("type"), Some("soapenc:Array"));
        let length = format!("{item}[{}]", inside.len());
        assert_eq!(node.attribute((ENCODING, "arrayType")), Some(length.as_str()), "{name}");
        inside.into_iter().for_each(|one| judge_value(wsdl, one, "item", item));
        return;
    }
    assert_eq!(instance("type"), Some(kind), "{name}");
    if instance("nil") == Some("true") {
        assert!(inside.is_empty());
        return;
    }
    let words: Vec<_> = declared.descendants().filter_map(|node| node.attribute("value")).collect();
    if !words.is_empty() {
        assert!(words.contains(&node.text().unwrap_or("")), "{name}");
        return;
    }
    let sequence = declared.descendants().find(|node| node.tag_name().name() == "sequence").unwrap();
    let members = children(sequence, "element");
    assert_eq!(
        members.len(),
        inside.len(),
        "{name}: {:?}",
        inside.iter().map(|node| node.tag_name().name()).collect::<Vec<_>>()
    );
    for (one, member) in inside.into_iter().zip(members) {
        judge_value(wsdl, one, attribute(member, "name"), attribute(member, "type"));
    }
}

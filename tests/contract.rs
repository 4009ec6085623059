//! The contract and the code say the same: `wsdl/grms.wsdl`, the list of operations, their members and faults, the error codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use grms::job::{Code, Retry, Role, Status};
use grms::operations::{ALL, FaultKind, Kind, Member, Occurs, STRUCTURES};
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

const WSDL: &str = include_str!("../wsdl/grms.wsdl");
const FAULTS: &str = include_str!("../schemas/faults.xsd");
const NAMESPACE: &str = "urn:grms:2";

fn all<'a>(document: &'a Document<'a>, local: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.tag_name().name() == local)
}

fn children<'a>(node: Node<'a, 'a>, local: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.tag_name().name() == local)
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or("")
}

/// The port type.
fn operations<'a>(document: &'a Document<'a>) -> Vec<Node<'a, 'a>> {
    children(all(document, "portType").next().unwrap(), "operation").collect()
}

/// A top-level element or type of the schema.
fn declared<'a>(document: &'a Document<'a>, name: &str) -> Node<'a, 'a> {
    let schema = all(document, "schema").next().unwrap();
    let found = schema.children().find(|node| node.is_element() && attribute(*node, "name") == name);
    found.unwrap_or_else(|| panic!("the schema does not declare {name}"))
}

/// The members that a complex type, or an element of one, has.
fn members(node: Node<'_, '_>) -> Vec<(String, String, Occurs)> {
    let sequence = node.descendants().find(|node| node.tag_name().name() == "sequence").unwrap();
    let elements = sequence.children().filter(Node::is_element);
    elements
        .map(|element| {
            assert_eq!(element.tag_name().name(), "element", "only elements in a sequence");
            assert!(element.attribute("ref").is_none() && element.attribute("nillable").is_none());
            let occurs = match (attribute(element, "minOccurs"), attribute(element, "maxOccurs")) {
                ("", "") => Occurs::Once,
                ("0", "") => Occurs::Maybe,
                ("0", "unbounded") => Occurs::Many,
                ("", "unbounded") => Occurs::Several,
                other => panic!("occurrence {other:?}"),
            };
            (attribute(element, "name").to_owned(), attribute(element, "type").to_owned(), occurs)
        })
        .collect()
}

fn expected(list: &[Member]) -> Vec<(String, String, Occurs)> {
    let of = |kind| match kind {
        Kind::Text => "xsd:string".to_owned(),
        Kind::Int => "xsd:int".to_owned(),
        Kind::Long => "xsd:long".to_owned(),
        Kind::Bool => "xsd:boolean".to_owned(),
        Kind::Time => "xsd:dateTime".to_owned(),
        Kind::Named(name) => format!("g:{name}"),
    };
    list.iter().map(|member| (member.name.to_owned(), of(member.kind), member.occurs)).collect()
}

#[test]
fn the_port_type_lists_exactly_the_operations_of_the_code_with_their_members() {
    let document = Document::parse(WSDL).unwrap();
    let named: Vec<_> = operations(&document).iter().map(|node| attribute(*node, "name").to_owned()).collect();
    let known: Vec<_> = ALL.iter().map(|operation| operation.contract().name.to_owned()).collect();
    assert_eq!(named, known);
    for operation in ALL {
        let contract = operation.contract();
        let response = format!("{}Response", contract.name);
        for (element, list) in [(contract.name, contract.request), (response.as_str(), contract.response)] {
            assert_eq!(members(declared(&document, element)), expected(list), "{element}");
            let message = if element == contract.name { format!("{element}Request") } else { element.to_owned() };
            let message = all(&document, "message").find(|node| attribute(*node, "name") == message).unwrap();
            let parts: Vec<_> = children(message, "part").map(|part| attribute(part, "element")).collect();
            assert_eq!(parts, [format!("g:{element}")], "one part with an element");
        }
    }
}

#[test]
fn the_structures_of_requests_have_the_members_that_the_code_takes() {
    let document = Document::parse(WSDL).unwrap();
    for structure in STRUCTURES {
        assert_eq!(members(declared(&document, structure.name)), expected(structure.members), "{}", structure.name);
    }
}

#[test]
fn every_named_type_is_declared_and_the_states_are_the_ten() {
    let document = Document::parse(WSDL).unwrap();
    let schema = all(&document, "schema").next().unwrap();
    for node in schema.descendants() {
        if let Some(name) = node.attribute("type").and_then(|name| name.strip_prefix("g:")) {
            declared(&document, name);
        }
    }
    let words: Vec<_> =
        declared(&document, "JobStatus").descendants().filter_map(|node| node.attribute("value")).collect();
    assert_eq!(words, Status::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>());
}

#[test]
fn every_operation_declares_the_faults_it_raises_in_the_port_type_and_both_bindings() {
    let document = Document::parse(WSDL).unwrap();
    for operation in ALL {
        let contract = operation.contract();
        let expected: Vec<_> = contract.faults.iter().map(|kind| kind.element()).collect();
        for always in [FaultKind::Request, FaultKind::Security, FaultKind::Service] {
            assert!(contract.faults.contains(&always), "{} can raise {always:?}", contract.name);
        }
        let places = all(&document, "operation").filter(|node| attribute(*node, "name") == contract.name);
        let mut seen = 0;
        for place in places {
            seen += 1;
            let names: Vec<_> = children(place, "fault").map(|fault| attribute(fault, "name")).collect();
            assert_eq!(names, expected, "{}", contract.name);
            let binding = place.parent().unwrap().tag_name().name() == "binding";
            for fault in children(place, "fault") {
                if binding {
                    let inner = children(fault, "fault").next().unwrap();
                    assert_eq!(inner.attribute("name"), fault.attribute("name"));
                    assert_eq!(inner.attribute("use"), Some("literal"));
                } else {
                    let name = attribute(fault, "message").trim_start_matches("g:").to_owned();
                    let message = all(&document, "message").find(|node| attribute(*node, "name") == name).unwrap();
                    let element = attribute(children(message, "part").next().unwrap(), "element").to_owned();
                    assert_eq!(element, format!("g:{name}"));
                }
            }
        }
        assert_eq!(seen, 3, "{}: port type and two bindings", contract.name);
    }
    for kind in FaultKind::ALL {
        assert_eq!(attribute(declared(&document, kind.element()), "type"), "g:GrmsFault");
    }
}

#[test]
fn both_bindings_are_document_literal_with_an_action_of_their_own_and_soap_11_comes_first() {
    let document = Document::parse(WSDL).unwrap();
    let known: BTreeSet<_> = ALL.iter().map(|operation| operation.contract().name.to_owned()).collect();
    let soap = ["http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/wsdl/soap12/"];
    let bindings: Vec<_> = all(&document, "binding")
        .filter(|node| node.tag_name().namespace() == Some("http://schemas.xmlsoap.org/wsdl/"))
        .collect();
    assert_eq!(bindings.len(), 2);
    for (binding, soap) in bindings.iter().zip(soap) {
        let inner = children(*binding, "binding").next().unwrap();
        assert_eq!(inner.tag_name().namespace(), Some(soap));
        assert_eq!(inner.attribute("style"), Some("document"));
        assert_eq!(inner.attribute("transport"), Some("http://schemas.xmlsoap.org/soap/http"));
        let mut named = BTreeSet::new();
        for operation in children(*binding, "operation") {
            let name = attribute(operation, "name");
            let action = children(operation, "operation").next().unwrap();
            assert_eq!(action.attribute("soapAction"), Some(format!("{NAMESPACE}/{name}").as_str()));
            for body in operation.descendants().filter(|node| node.tag_name().name() == "body") {
                assert_eq!((body.attribute("use"), body.attribute("namespace")), (Some("literal"), None));
            }
            assert!(named.insert(name.to_owned()), "{name} is overloaded");
        }
        assert_eq!(named, known);
    }
    let ports: Vec<_> = all(&document, "port").map(|port| attribute(port, "binding")).collect();
    assert_eq!(ports, ["g:GrmsSoap11", "g:GrmsSoap12"]);
}

#[test]
fn the_contract_needs_nothing_from_outside_and_nothing_that_tool_kits_refuse() {
    let document = Document::parse(WSDL).unwrap();
    for refused in ["import", "include", "any", "anyAttribute", "attribute", "choice", "all"] {
        assert_eq!(all(&document, refused).count(), 0, "{refused}");
    }
    for refused in ["soap/encoding", "arrayType", "ArrayOf", "wsdl:required", "schemaLocation", "encodingStyle"] {
        assert!(!WSDL.contains(refused), "{refused}");
    }
    let schema = all(&document, "schema").next().unwrap();
    assert_eq!(schema.attribute("elementFormDefault"), Some("unqualified"));
    assert_eq!(schema.attribute("targetNamespace"), Some(NAMESPACE));
    assert_eq!(attribute(document.root_element(), "targetNamespace"), NAMESPACE);
}

#[test]
fn the_published_error_codes_are_those_of_the_code() {
    let document = Document::parse(FAULTS).unwrap();
    let published: Vec<_> = declared(&document, "ErrorName")
        .descendants()
        .filter(|node| node.tag_name().name() == "enumeration")
        .map(|node| {
            let text = |local: &str| {
                let found = node.descendants().find(|inner| inner.tag_name().name() == local);
                found.and_then(|inner| inner.text()).unwrap_or("").to_owned()
            };
            (
                attribute(node, "id").to_owned(),
                attribute(node, "value").to_owned(),
                text("appinfo"),
                text("documentation"),
            )
        })
        .collect();
    let known: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            let role = match code.role() {
                Role::Client => "Client",
                Role::Server => "Server",
            };
            let retry = match code.retry() {
                Retry::No => "No",
                Retry::Yes => "Yes",
                Retry::Fix => "Fix",
            };
            (
                format!("code-{}", code.number()),
                code.name().to_owned(),
                format!("{role} {retry}"),
                code.meaning().to_owned(),
            )
        })
        .collect();
    assert_eq!(published, known);
}

#[test]
fn faults_have_the_same_members_in_the_contract_and_in_their_own_schema() {
    let (wsdl, own) = (Document::parse(WSDL).unwrap(), Document::parse(FAULTS).unwrap());
    for name in ["GrmsFault", "Diagnostic"] {
        let plain = |document| {
            let list = members(declared(document, name)).into_iter();
            list.map(|(name, kind, occurs)| {
                let kind = kind.replace("g:ErrorCode", "xsd:int").replace("g:ErrorName", "xsd:string");
                (name, kind, occurs)
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(plain(&wsdl), plain(&own), "{name}");
    }
    for kind in FaultKind::ALL {
        assert_eq!(attribute(declared(&own, kind.element()), "type"), "g:GrmsFault");
    }
}

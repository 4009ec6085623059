//! Types, elements and messages. R numbers are those of the WS-I Basic Profile 1.1.

use crate::document::{
    ENCODING, WSDL, XSD, all, at, attribute, children, declared, element_of, message, name, operations, qname, target,
    twice,
};
use crate::prove::assertions;
use roxmltree::{Document, Node};

fn imports(document: &Document<'_>) -> Vec<String> {
    let names = [(WSDL, "import"), (XSD, "import"), (XSD, "include"), (XSD, "redefine")];
    let found = names.into_iter().flat_map(|(namespace, local)| all(document, namespace, local));
    let located = document.descendants().filter(|node| node.attributes().any(|one| one.name() == "schemaLocation"));
    found.chain(located).map(|node| at(node, "something is taken from elsewhere")).collect()
}

pub(crate) fn schemas_without_the_one_namespace(document: &Document<'_>) -> Vec<String> {
    let other = |schema: &Node<'_, '_>| attribute(*schema, "targetNamespace") != target(document);
    all(document, XSD, "schema").into_iter().filter(other).map(|schema| at(schema, "another namespace")).collect()
}

fn qualified_members(document: &Document<'_>) -> Vec<String> {
    let schemas = all(document, XSD, "schema");
    let qualified = schemas.into_iter().filter(|schema| attribute(*schema, "elementFormDefault") == "qualified");
    let forms = document.descendants().filter(|node| node.has_attribute("form"));
    qualified.chain(forms).map(|node| at(node, "members are qualified")).collect()
}

/// The elements that are called or answered.
fn wrappers<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    let ways = operations(document).into_iter();
    let ways =
        ways.flat_map(|operation| [children(operation, WSDL, "input"), children(operation, WSDL, "output")].concat());
    ways.filter_map(|way| element_of(document, message(document, way)?)).collect()
}

fn wrappers_that_cannot_be_unwrapped(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for wrapper in wrappers(document) {
        let types = children(wrapper, XSD, "complexType");
        let [complex] = types.as_slice() else {
            broken.push(at(wrapper, "a wrapper has one type of its own"));
            continue;
        };
        for inside in complex.children().filter(Node::is_element) {
            if !inside.has_tag_name((XSD, "sequence")) {
                broken.push(at(inside, "a wrapper is a sequence and nothing beside it"));
            }
        }
        for member in complex.descendants().filter(|node| node.is_element() && *node != *complex) {
            let plain = member.has_tag_name((XSD, "sequence")) || member.has_tag_name((XSD, "element"));
            if !plain || member.has_attribute("ref") || member.has_attribute("mixed") {
                broken.push(at(member, "a wrapper holds elements of its own only"));
            }
        }
    }
    broken
}

fn names_that_do_not_match(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for operation in operations(document) {
        for (way, expected) in
            [("input", name(operation).to_owned()), ("output", format!("{}Response", name(operation)))]
        {
            let elements =
                children(operation, WSDL, way).into_iter().map(|way| element_of(document, message(document, way)?));
            let names: Vec<_> = elements.map(|element| element.map_or("", name)).collect();
            if names != [expected.as_str()] {
                broken.push(at(operation, format!("the {way} is {names:?}, not {expected}")));
            }
        }
    }
    broken
}

fn messages_without_one_element(document: &Document<'_>) -> Vec<String> {
    let messages = all(document, WSDL, "message").into_iter();
    let odd = messages.filter(|message| element_of(document, *message).is_none());
    let typed = all(document, WSDL, "part").into_iter().filter(|part| part.has_attribute("type"));
    odd.chain(typed).map(|node| at(node, "a message has one part, which names an element that is declared")).collect()
}

fn wildcards_and_encoded_things(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        if node.has_tag_name((XSD, "any"))
            || node.has_tag_name((XSD, "anyAttribute"))
            || attribute(node, "type") == "xsd:anyType"
        {
            broken.push(at(node, "a wildcard"));
        }
        if node.attributes().any(|one| one.name() == "arrayType") {
            broken.push(at(node, "wsdl:arrayType"));
        }
        if ["type", "base"].iter().any(|one| qname(node, one).is_some_and(|(namespace, _)| namespace == ENCODING)) {
            broken.push(at(node, "a type of the SOAP encoding"));
        }
        if node.has_tag_name((XSD, "complexType")) && name(node).starts_with("ArrayOf") {
            broken.push(at(node, "an array type; a list is a repeated element"));
        }
    }
    broken
}

fn nillable_members(document: &Document<'_>) -> Vec<String> {
    let nillable = document.descendants().filter(|node| node.has_attribute("nillable"));
    nillable.map(|node| at(node, "what is absent is left out, never nil")).collect()
}

fn optional_choices(document: &Document<'_>) -> Vec<String> {
    let kinds = ["choice", "all", "group", "attribute", "attributeGroup", "union", "list"];
    kinds
        .into_iter()
        .flat_map(|kind| all(document, XSD, kind))
        .map(|node| at(node, "members come in one sequence"))
        .collect()
}

pub(crate) fn references_to_nothing(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let declares =
        |kinds: &[&'static str], local: &str| kinds.iter().any(|kind| declared(document, kind, local).is_some());
    let named = |kind, local: &str| all(document, WSDL, kind).iter().any(|node| name(*node) == local);
    for node in document.descendants().filter(Node::is_element) {
        for kind in
            ["type", "base", "element", "message", "binding"].into_iter().filter(|kind| node.has_attribute(*kind))
        {
            let known = match (qname(node, kind), node.tag_name().namespace()) {
                (Some((XSD, _)), _) => true,
                // Everybody knows it, but it is to be imported.
                (Some((ENCODING, _)), _) => {
                    all(document, XSD, "import").iter().any(|import| attribute(*import, "namespace") == ENCODING)
                }
                (Some((namespace, _)), _) if namespace != target(document) => false,
                (Some((_, local)), Some(WSDL)) if kind == "type" && node.has_tag_name((WSDL, "binding")) => {
                    named("portType", local)
                }
                (Some((_, local)), _) if ["type", "base"].contains(&kind) => {
                    declares(&["simpleType", "complexType"], local)
                }
                (Some((_, local)), _) if kind == "element" => declares(&["element"], local),
                (Some((_, local)), _) => named(if kind == "message" { "message" } else { "binding" }, local),
                (None, _) => false,
            };
            if !known {
                broken.push(at(node, format!("{kind} `{}` names nothing", attribute(node, kind))));
            }
        }
    }
    broken
}

pub(crate) fn declarations_that_come_twice(document: &Document<'_>) -> Vec<String> {
    let top = |kinds: &[&'static str]| {
        let schemas = all(document, XSD, "schema").into_iter();
        let nodes = schemas.flat_map(|schema| kinds.iter().flat_map(move |kind| children(schema, XSD, kind)));
        twice(&nodes.map(name).collect::<Vec<_>>())
    };
    let messages: Vec<_> = all(document, WSDL, "message").into_iter().map(name).collect();
    [top(&["element"]), top(&["simpleType", "complexType"]), twice(&messages)].concat()
}

assertions! { on modern;
    /// R2001, R2003, R2007: zeep and node-soap cannot load what refers to schemas elsewhere.
    nothing_is_imported: imports, [
        "<wsdl:types>" => "<wsdl:import namespace=\"urn:x\" location=\"x.wsdl\"/><wsdl:types>",
        "<xsd:simpleType name=\"JobStatus\">" => "<xsd:import namespace=\"http://schemas.xmlsoap.org/soap/envelope/\"/><xsd:simpleType name=\"JobStatus\">",
        "<xsd:simpleType name=\"JobStatus\">" => "<xsd:include schemaLocation=\"x.xsd\"/><xsd:simpleType name=\"JobStatus\">",
    ];
    /// R2105: and it is the same as that of the messages, or node-soap confuses prefixes.
    there_is_one_namespace: schemas_without_the_one_namespace, [
        "        targetNamespace=\"urn:grms:2\"" => "        targetNamespace=\"urn:grms:types\"",
        "        targetNamespace=\"urn:grms:2\"" => "       ",
    ];
    /// SOAP::Lite writes unqualified members whatever the schema says.
    members_are_unqualified: qualified_members, [
        "elementFormDefault=\"unqualified\"" => "elementFormDefault=\"qualified\"",
        "<xsd:element name=\"jobId\"" => "<xsd:element form=\"qualified\" name=\"jobId\"",
    ];
    /// One operation that cannot be unwrapped makes JAX-WS tools wrap none.
    every_operation_can_be_unwrapped: wrappers_that_cannot_be_unwrapped, [
        "<xsd:element name=\"submitJob\">\n        <xsd:complexType>\n          <xsd:sequence>" => "<xsd:element name=\"submitJob\">\n        <xsd:complexType>\n          <xsd:sequence><xsd:any/>",
        "<xsd:element name=\"submitJob\">\n        <xsd:complexType>\n          <xsd:sequence>" => "<xsd:element name=\"submitJob\">\n        <xsd:complexType>\n          <xsd:sequence><xsd:element ref=\"g:RequestFault\"/>",
        "<xsd:element name=\"submitJob\">\n        <xsd:complexType>" => "<xsd:element name=\"submitJob\">\n        <xsd:complexType><xsd:attribute name=\"a\"/>",
        "<xsd:element name=\"submitJob\">" => "<xsd:element name=\"submitJob\" type=\"g:Attempt\"/><xsd:element name=\"submitJobs\">",
    ];
    /// The wrapper has the operation's name, the answer the same with `Response`.
    operations_and_elements_have_the_same_names: names_that_do_not_match, [
        "element=\"g:submitJob\"" => "element=\"g:cancelJob\"",
        "element=\"g:submitJobResponse\"" => "element=\"g:cancelJobResponse\"",
        "<wsdl:input name=\"submitJobRequest\" message=\"g:submitJobRequest\"/>" => "",
    ];
    /// R2201, R2204, R2205, R2206: also of faults; a bad one gives .NET tools an empty class.
    every_message_has_one_part_that_is_an_element: messages_without_one_element, [
        "<wsdl:part name=\"parameters\" element=\"g:submitJob\"/>" => "<wsdl:part name=\"parameters\" type=\"xsd:string\"/>",
        "<wsdl:part name=\"parameters\" element=\"g:submitJob\"/>" => "",
        "<wsdl:part name=\"fault\" element=\"g:StateFault\"/>" => "<wsdl:part name=\"fault\" element=\"g:StateFault\"/><wsdl:part name=\"more\" element=\"g:DataFault\"/>",
    ];
    /// R2110 to R2113.
    nothing_is_encoded_and_nothing_is_a_wildcard: wildcards_and_encoded_things, [
        "<xsd:complexType name=\"Limit\">" => "<xsd:complexType name=\"ArrayOfLimit\">",
        "<xsd:element name=\"hostName\" type=\"xsd:string\"/>" => "<xsd:any/>",
        "<xsd:element name=\"hostName\" type=\"xsd:string\"/>" => "<xsd:element name=\"hostName\" xmlns:e=\"http://schemas.xmlsoap.org/soap/encoding/\" type=\"e:string\"/>",
        "<xsd:element name=\"hostName\" type=\"xsd:string\"/>" => "<xsd:element name=\"hostName\" wsdl:arrayType=\"xsd:string[]\" type=\"xsd:string\"/>",
    ];
    /// The answers leave out what is absent; a nil that the schema promises would be another thing.
    nothing_is_nillable: nillable_members, ["<xsd:element name=\"queue\"" => "<xsd:element nillable=\"true\" name=\"queue\""];
    /// Tool kits make poor classes of anything else.
    types_are_plain_sequences: optional_choices, ["<xsd:element name=\"queue\" type=\"xsd:string\" minOccurs=\"0\"/>" => "<xsd:choice/>"];
    /// R2101, R2102 and common sense.
    every_reference_leads_somewhere: references_to_nothing, [
        "type=\"g:JobStatus\"" => "type=\"g:JobState\"",
        "type=\"g:JobStatus\"" => "type=\"h:JobStatus\"",
        "element=\"g:submitJob\"" => "element=\"g:submit\"",
        "message=\"g:submitJobRequest\"" => "message=\"g:submitRequest\"",
        "binding=\"g:GrmsSoap11\"" => "binding=\"g:Soap11\"",
        "type=\"g:Grms\"" => "type=\"g:GrmsPort\"",
    ];
    /// A name is declared once.
    nothing_is_declared_twice: declarations_that_come_twice, [
        "<xsd:element name=\"StateFault\"" => "<xsd:element name=\"DataFault\"",
        "<xsd:complexType name=\"Limit\">" => "<xsd:complexType name=\"Attempt\">",
        "<wsdl:message name=\"StateFault\">" => "<wsdl:message name=\"DataFault\">",
    ];
}

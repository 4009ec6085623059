//! Port type, bindings and service. R numbers are those of the WS-I Basic Profile 1.1.

use crate::document::{
    SOAP11, SOAP12, WSDL, all, at, attribute, bindings, children, element_of, message, name, operations, qname, twice,
};
use crate::prove::assertions;
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

/// The faults that every operation may end in.
const ANYWHERE: [&str; 3] = ["RequestFault", "SecurityFault", "ServiceFault"];

fn overloaded_operations(document: &Document<'_>) -> Vec<String> {
    twice(&operations(document).into_iter().map(name).collect::<Vec<_>>())
}

fn wire_signatures_that_come_twice(document: &Document<'_>) -> Vec<String> {
    let inputs = operations(document).into_iter().flat_map(|operation| children(operation, WSDL, "input"));
    let elements = inputs.filter_map(|input| element_of(document, message(document, input)?));
    twice(&elements.map(name).collect::<Vec<_>>())
}

fn operations_that_do_not_ask_and_answer(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for operation in operations(document) {
        let ways: Vec<_> = operation.children().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
        let ways: Vec<_> = ways.into_iter().filter(|way| ["input", "output"].contains(way)).collect();
        if ways != ["input", "output"] || operation.has_attribute("parameterOrder") {
            broken.push(at(operation, format!("{ways:?}, not a request and its answer")));
        }
    }
    broken
}

fn faults_that_are_not_declared(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for operation in operations(document) {
        let faults = children(operation, WSDL, "fault");
        let names: Vec<_> = faults.iter().map(|fault| name(*fault)).collect();
        for missing in ANYWHERE.iter().filter(|kind| !names.contains(kind)) {
            broken.push(at(operation, format!("{} does not declare {missing}", name(operation))));
        }
        for fault in faults {
            let element = message(document, fault).and_then(|message| element_of(document, message));
            if element.map(name) != Some(name(fault)) {
                broken.push(at(fault, "a fault, its message's element and its name are one word"));
            }
        }
    }
    broken
}

pub(crate) fn bindings_that_are_not_soap(document: &Document<'_>) -> Vec<String> {
    bindings(document).into_iter().filter(|(_, soap)| soap.is_empty()).map(|(node, _)| at(node, "not SOAP")).collect()
}

fn ports_in_another_order(document: &Document<'_>) -> Vec<String> {
    let known = bindings(document);
    let ports = all(document, WSDL, "port");
    let versions: Vec<_> = ports
        .iter()
        .filter_map(|port| {
            let (_, local) = qname(*port, "binding")?;
            known.iter().find(|(binding, _)| name(*binding) == local).map(|(_, soap)| *soap)
        })
        .collect();
    let address = |port: &Node<'_, '_>, soap| {
        children(*port, soap, "address").first().map(|node| attribute(*node, "location").to_owned())
    };
    let places: BTreeSet<_> = ports.iter().zip(&versions).map(|(port, soap)| address(port, *soap)).collect();
    let mut broken = Vec::new();
    if versions != [SOAP11, SOAP12] {
        broken.push(format!("the ports are {versions:?}, not first SOAP 1.1, then SOAP 1.2"));
    }
    if places.len() != 1
        || !places.iter().all(|place| place.as_ref().is_some_and(|place| place.starts_with("https://")))
    {
        broken.push(format!("the ports are at {places:?}, not at one address"));
    }
    broken
}

fn other_styles_and_transports(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (binding, soap) in bindings(document) {
        for node in children(binding, soap, "binding") {
            if attribute(node, "style") != "document"
                || attribute(node, "transport") != "http://schemas.xmlsoap.org/soap/http"
            {
                broken.push(at(node, "expected style document over HTTP"));
            }
        }
        for node in binding.descendants().filter(|node| node.has_tag_name((soap, "operation"))) {
            if attribute(node, "style") != "document" {
                broken.push(at(node, "expected style document"));
            }
        }
    }
    broken
}

fn bodies_and_faults<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    let kinds = [(SOAP11, "body"), (SOAP11, "fault"), (SOAP12, "body"), (SOAP12, "fault")];
    kinds.into_iter().flat_map(|(namespace, local)| all(document, namespace, local)).collect()
}

fn bodies_that_are_not_literal(document: &Document<'_>) -> Vec<String> {
    let other = bodies_and_faults(document).into_iter().filter(|node| attribute(*node, "use") != "literal");
    other.map(|node| at(node, "expected use literal")).collect()
}

fn bodies_with_extras(document: &Document<'_>) -> Vec<String> {
    let extra =
        |node: &Node<'_, '_>| ["namespace", "encodingStyle", "parts"].iter().any(|one| node.has_attribute(*one));
    bodies_and_faults(document).into_iter().filter(extra).map(|node| at(node, "nothing beside use and name")).collect()
}

fn faults_with_another_name(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (binding, soap) in bindings(document) {
        for fault in binding.descendants().filter(|node| node.has_tag_name((WSDL, "fault"))) {
            let inner: Vec<_> = children(fault, soap, "fault").into_iter().map(name).collect();
            if inner != [name(fault)] {
                broken.push(at(fault, format!("{} holds {inner:?}", name(fault))));
            }
        }
    }
    broken
}

/// What an operation of a port type or a binding has: its name, the names of its faults.
fn shape<'a>(operation: Node<'a, 'a>) -> (&'a str, Vec<&'a str>) {
    let mut faults: Vec<_> = children(operation, WSDL, "fault").into_iter().map(name).collect();
    faults.sort_unstable();
    (name(operation), faults)
}

fn bindings_unlike_the_port_type(document: &Document<'_>) -> Vec<String> {
    let mut wanted: Vec<_> = operations(document).into_iter().map(shape).collect();
    wanted.sort();
    let mut broken = Vec::new();
    for (binding, _) in bindings(document) {
        let mut found: Vec<_> = children(binding, WSDL, "operation").into_iter().map(shape).collect();
        found.sort();
        if found != wanted {
            broken.push(at(binding, "other operations or faults than the port type"));
        }
    }
    broken
}

fn actions_that_do_not_tell(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (binding, soap) in bindings(document) {
        let actions: Vec<_> = binding
            .descendants()
            .filter(|node| node.has_tag_name((soap, "operation")))
            .map(|node| attribute(node, "soapAction"))
            .collect();
        broken.extend(actions.iter().filter(|action| action.is_empty()).map(|_| at(binding, "an empty soapAction")));
        broken.extend(twice(&actions));
    }
    broken
}

pub(crate) fn required_extensions(document: &Document<'_>) -> Vec<String> {
    let required = document.descendants().filter(|node| node.attribute((WSDL, "required")).is_some());
    required.map(|node| at(node, "wsdl:required")).collect()
}

pub(crate) fn sections_in_another_order(document: &Document<'_>) -> Vec<String> {
    const ORDER: [&str; 6] = ["documentation", "types", "message", "portType", "binding", "service"];
    let sections = document.root_element().children().filter(Node::is_element);
    let places: Vec<_> = sections.map(|node| ORDER.iter().position(|known| *known == node.tag_name().name())).collect();
    let right = places.iter().all(Option::is_some) && places.is_sorted();
    if right { Vec::new() } else { vec![format!("types, messages, port type, bindings, service; found {places:?}")] }
}

pub(crate) fn another_prolog(document: &Document<'_>) -> Vec<String> {
    let text = document.input_text();
    let plain = text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let odd = text.contains("<!DOCTYPE") || document.descendants().any(|node| node.is_pi());
    if plain && !odd {
        Vec::new()
    } else {
        vec!["expected UTF-8, no document type, no processing instruction".to_owned()]
    }
}

assertions! { on modern;
    /// R4002, R4003.
    it_is_utf_8_and_says_so: another_prolog, [
        "encoding=\"UTF-8\"?>" => "encoding=\"ISO-8859-1\"?>",
        "<wsdl:types>" => "<?a b?><wsdl:types>",
    ];
    /// R2304: zeep and node-soap see one of two operations with the same name.
    no_operation_is_overloaded: overloaded_operations, ["<wsdl:operation name=\"cancelJob\">" => "<wsdl:operation name=\"submitJob\">"];
    /// R2710.
    a_request_belongs_to_one_operation: wire_signatures_that_come_twice, ["element=\"g:cancelJob\"" => "element=\"g:submitJob\""];
    /// R2303, R2305.
    every_operation_asks_and_answers: operations_that_do_not_ask_and_answer, [
        "<wsdl:output name=\"submitJobResponse\" message=\"g:submitJobResponse\"/>" => "",
        "<wsdl:operation name=\"submitJob\">" => "<wsdl:operation name=\"submitJob\" parameterOrder=\"a b\">",
    ];
    /// What an operation may always end in is declared, so that typed tool kits have a class for it.
    every_operation_declares_its_faults: faults_that_are_not_declared, [
        "<wsdl:fault name=\"RequestFault\" message=\"g:RequestFault\"/>" => "",
        "<wsdl:fault name=\"SecurityFault\" message=\"g:SecurityFault\"/>" => "<wsdl:fault name=\"SecurityFault\" message=\"g:RequestFault\"/>",
    ];
    /// R2401: zeep gives up at any other binding.
    every_binding_is_soap: bindings_that_are_not_soap, [
        "<soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>" => "<http:binding xmlns:http=\"http://schemas.xmlsoap.org/wsdl/http/\" verb=\"POST\"/>",
    ];
    /// Most tool kits take the first port.
    soap_1_1_comes_first_and_both_are_at_one_place: ports_in_another_order, [
        "<wsdl:port name=\"GrmsSoap11\" binding=\"g:GrmsSoap11\">" => "<wsdl:port name=\"GrmsSoap11\" binding=\"g:GrmsSoap12\">",
        "<soap12:address location=\"https://" => "<soap12:address location=\"https://www.",
        "<soap:address location=\"https://" => "<soap:address location=\"http://",
    ];
    /// R2701, R2702, R2705.
    the_style_is_document_over_http: other_styles_and_transports, [
        "<soap:binding style=\"document\"" => "<soap:binding style=\"rpc\"",
        "transport=\"http://schemas.xmlsoap.org/soap/http\"" => "transport=\"http://schemas.xmlsoap.org/soap/smtp\"",
        "soapAction=\"urn:grms:2/submitJob\" style=\"document\"" => "soapAction=\"urn:grms:2/submitJob\" style=\"rpc\"",
    ];
    /// R2706, R2707.
    the_use_is_literal: bodies_that_are_not_literal, [
        "<soap:body use=\"literal\"/>" => "<soap:body use=\"encoded\"/>",
        "<soap:body use=\"literal\"/>" => "<soap:body/>",
        "<soap12:fault name=\"StateFault\" use=\"literal\"/>" => "<soap12:fault name=\"StateFault\"/>",
    ];
    /// R2716, R2726.
    bodies_and_faults_say_no_more: bodies_with_extras, [
        "<soap:body use=\"literal\"/>" => "<soap:body use=\"literal\" namespace=\"urn:grms:2\"/>",
        "<soap:body use=\"literal\"/>" => "<soap:body use=\"literal\" parts=\"parameters\"/>",
    ];
    /// R2721, R2722, R2754.
    a_bound_fault_has_the_name_it_had: faults_with_another_name, [
        "<soap:fault name=\"StateFault\"" => "<soap:fault name=\"DataFault\"",
        "<soap12:fault name=\"StateFault\" use=\"literal\"/>" => "",
    ];
    /// R2718.
    a_binding_has_what_the_port_type_has: bindings_unlike_the_port_type, [
        "<wsdl:fault name=\"StateFault\"><soap:fault name=\"StateFault\" use=\"literal\"/></wsdl:fault>" => "",
        "<wsdl:operation name=\"cancelJob\">\n      <soap12:operation" => "<wsdl:operation name=\"dropJob\">\n      <soap12:operation",
    ];
    /// R2744, R2745, and an action of its own for each operation.
    every_action_tells_the_operation: actions_that_do_not_tell, [
        "soapAction=\"urn:grms:2/submitJob\"" => "soapAction=\"\"",
        "soapAction=\"urn:grms:2/submitJob\"" => "soapAction=\"urn:grms:2/cancelJob\"",
    ];
    /// R2026, R2027.
    no_extension_is_required: required_extensions, ["<soap:body use=\"literal\"/>" => "<soap:body wsdl:required=\"true\" use=\"literal\"/>"];
    /// R2022, R2023.
    the_sections_are_in_order: sections_in_another_order, [
        "<wsdl:types>" => "<wsdl:service name=\"First\"/><wsdl:types>",
        "<wsdl:types>" => "<wsdl:policy/><wsdl:types>",
    ];
}

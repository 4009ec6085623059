//! The two classic contracts. R numbers are those of the WS-I Basic Profile 1.1, which is younger than they are: what it forbids and
//! the old clients need is excepted. R2706: the use is encoded. R2304: operations are overloaded. R2110 to R2113: lists are arrays of the
//! SOAP encoding. R2001: that encoding's schema is imported without a place. In their stead it is held that these are done in one way.

use crate::binding_rules::{
    another_prolog, bindings_that_are_not_soap, required_extensions, sections_in_another_order,
};
use crate::document::{
    ENCODING, SOAP11, WSDL, XSD, all, at, attribute, bindings, children, message, name, operations, target, twice,
};
use crate::prove::assertions;
use crate::schema_rules::{declarations_that_come_twice, references_to_nothing, schemas_without_the_one_namespace};
use roxmltree::{Document, Node};

fn parts<'a>(document: &'a Document<'_>, operation: Node<'a, 'a>, way: &'static str) -> Vec<&'a str> {
    let messages = children(operation, WSDL, way).into_iter().filter_map(|way| message(document, way));
    messages.flat_map(|message| children(message, WSDL, "part")).map(name).collect()
}

fn orders_that_leave_out_other_parts(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for operation in operations(document) {
        let ways: Vec<_> = operation.children().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
        if ways.iter().filter(|way| **way != "documentation").ne(&["input", "output"]) {
            broken.push(at(operation, format!("{ways:?}, not a request and its answer")));
        }
        let (asked, answered) = (parts(document, operation, "input"), parts(document, operation, "output"));
        let order: Vec<_> = attribute(operation, "parameterOrder").split_whitespace().collect();
        let returned = format!("{}Return", name(operation));
        let (named, left): (Vec<_>, Vec<_>) = asked.iter().chain(&answered).partition(|part| order.contains(part));
        let may = [vec![], vec![returned.as_str()], vec![returned.as_str(), "errors"]];
        if order != named || !may.contains(&left) || !answered.contains(&returned.as_str()) {
            broken.push(at(operation, format!("the order {order:?} with the parts {asked:?} and {answered:?}")));
        }
    }
    broken
}

fn overloads_that_are_alike(document: &Document<'_>) -> Vec<String> {
    let input = |operation| children(operation, WSDL, "input").first().map_or("", |input| name(*input));
    let asked = |operation| format!("{} {:?}", name(operation), parts(document, operation, "input"));
    let inputs: Vec<_> = operations(document).into_iter().map(input).collect();
    let signatures: Vec<_> = operations(document).into_iter().map(asked).collect();
    [twice(&inputs), twice(&signatures)].concat()
}

fn parts_without_a_type(document: &Document<'_>) -> Vec<String> {
    let odd = |part: &Node<'_, '_>| !part.has_attribute("type") || part.has_attribute("element");
    all(document, WSDL, "part").into_iter().filter(odd).map(|part| at(part, "a part of rpc names a type")).collect()
}

fn bodies_in_another_way(document: &Document<'_>) -> Vec<String> {
    let bodies = all(document, SOAP11, "body");
    let right = |body: &Node<'_, '_>| {
        [("use", "encoded"), ("encodingStyle", ENCODING), ("namespace", target(document))]
            .iter()
            .all(|(name, value)| attribute(*body, name) == *value)
            && !body.has_attribute("parts")
    };
    let odd = bodies.iter().filter(|body| !right(body)).map(|body| at(*body, "encoded in the one namespace"));
    let ways = operations(document).len() * 2;
    let missing = (bodies.len() != ways).then(|| format!("{} bodies for {ways} messages", bodies.len()));
    odd.chain(missing).collect()
}

fn other_styles(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for (binding, soap) in bindings(document) {
        for node in children(binding, soap, "binding") {
            if attribute(node, "style") != "rpc"
                || attribute(node, "transport") != "http://schemas.xmlsoap.org/soap/http"
            {
                broken.push(at(node, "expected style rpc over HTTP"));
            }
        }
        for operation in children(binding, WSDL, "operation") {
            let inner = children(operation, soap, "operation");
            let [one] = inner.as_slice() else {
                broken.push(at(operation, "expected one soap:operation"));
                continue;
            };
            if !["", "rpc"].contains(&attribute(*one, "style")) || one.attribute("soapAction") != Some("") {
                broken.push(at(*one, "expected style rpc and an empty action"));
            }
        }
    }
    broken
}

/// An operation with the names by which its overloads are told apart.
fn shape<'a>(operation: Node<'a, 'a>) -> Vec<&'a str> {
    let ways = ["input", "output"].into_iter().flat_map(|way| children(operation, WSDL, way));
    std::iter::once(name(operation)).chain(ways.map(name)).collect()
}

fn bindings_unlike_the_port_type(document: &Document<'_>) -> Vec<String> {
    let wanted: Vec<_> = operations(document).into_iter().map(shape).collect();
    let unlike = |binding: &Node<'_, '_>| {
        children(*binding, WSDL, "operation").into_iter().map(shape).collect::<Vec<_>>() != wanted
    };
    let all = bindings(document).into_iter().map(|(binding, _)| binding);
    all.filter(unlike).map(|binding| at(binding, "other operations than the port type")).collect()
}

fn imports_of_anything_else(document: &Document<'_>) -> Vec<String> {
    let names = [(WSDL, "import"), (XSD, "import"), (XSD, "include"), (XSD, "redefine")];
    let found = names.into_iter().flat_map(|(namespace, local)| all(document, namespace, local));
    let known = |node: &Node<'_, '_>| {
        node.has_tag_name((XSD, "import")) && attribute(*node, "namespace") == ENCODING && node.attributes().len() == 1
    };
    found.filter(|node| !known(node)).map(|node| at(node, "something is taken from elsewhere")).collect()
}

fn arrays_in_another_way(document: &Document<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    for kind in all(document, XSD, "complexType") {
        let base = kind.descendants().find(|node| node.has_tag_name((XSD, "restriction")));
        let array = base.is_some_and(|base| attribute(base, "base") == "soapenc:Array");
        let of = kind.descendants().filter(|node| node.attribute((WSDL, "arrayType")).is_some()).count();
        if array != name(kind).starts_with("ArrayOf") || of != usize::from(array) {
            broken.push(at(kind, "an array restricts that of the encoding, says of what, and is called so"));
        }
    }
    broken
}

fn ports_elsewhere(document: &Document<'_>) -> Vec<String> {
    let ports = all(document, WSDL, "port");
    let places: Vec<_> = all(document, SOAP11, "address").into_iter().map(|node| attribute(node, "location")).collect();
    let right = ports.len() == 1 && matches!(places.as_slice(), [place] if place.starts_with("https://"));
    if right { Vec::new() } else { vec![format!("expected one port over https, found {places:?}")] }
}

assertions! { on classic;
    /// R4002, R4003.
    a_classic_contract_is_utf_8_and_says_so: another_prolog, [
        "encoding=\"UTF-8\"?>" => "encoding=\"ISO-8859-1\"?>",
        "<wsdl:types>" => "<?a b?><wsdl:types>",
    ];
    /// R2303, R2305, R2306: the order names every part but the one that is returned; that of the lists of files may name it, and in
    /// 1.9.0 left out the count of errors too.
    every_classic_operation_asks_and_answers: orders_that_leave_out_other_parts, [
        "parameterOrder=\"jobDefinition jobId\"" => "parameterOrder=\"jobDefinition\"",
        "parameterOrder=\"jobDefinition jobId\"" => "parameterOrder=\"jobId jobDefinition\"",
        "<wsdl:output name=\"submitJobResponse\" message=\"g:submitJobResponse\"/>" => "",
        "<wsdl:part name=\"submitJobReturn\"" => "<wsdl:part name=\"return\"",
    ];
    /// R2710 in place of R2304.
    overloads_are_told_apart: overloads_that_are_alike, [
        "<wsdl:input name=\"migrateJobRequest1\"" => "<wsdl:input name=\"migrateJobRequest\"",
        "message=\"g:migrateJobRequest1\"" => "message=\"g:migrateJobRequest\"",
    ];
    /// R2203.
    every_classic_part_has_a_type: parts_without_a_type, [
        "<wsdl:part name=\"jobDefinition\" type=\"xsd:string\"/>" => "<wsdl:part name=\"jobDefinition\" element=\"g:jobDefinition\"/>",
        "<wsdl:part name=\"jobDefinition\" type=\"xsd:string\"/>" => "<wsdl:part name=\"jobDefinition\"/>",
    ];
    /// R2717; every body in the same way.
    every_classic_body_is_encoded_in_one_namespace: bodies_in_another_way, [
        "use=\"encoded\"" => "use=\"literal\"",
        " namespace=\"urn:grms\"/>" => "/>",
        "encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"" => "encodingStyle=\"\"",
        "<wsdlsoap:body " => "<wsdlsoap:body parts=\"jobDefinition\" ",
        "<wsdlsoap:body " => "<wsdlsoap:header ",
    ];
    /// R2401.
    every_classic_binding_is_soap: bindings_that_are_not_soap, [
        "<wsdlsoap:binding style=\"rpc\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>" => "",
    ];
    /// R2701, R2702, R2705, R2745.
    the_classic_style_is_rpc_over_http: other_styles, [
        "<wsdlsoap:binding style=\"rpc\"" => "<wsdlsoap:binding style=\"document\"",
        "soap/http\"/>" => "soap/smtp\"/>",
        "<wsdlsoap:operation soapAction=\"\"/>" => "<wsdlsoap:operation soapAction=\"\" style=\"document\"/>",
        "<wsdlsoap:operation soapAction=\"\"/>" => "<wsdlsoap:operation soapAction=\"submitJob\"/>",
        "<wsdlsoap:operation soapAction=\"\"/>" => "",
    ];
    /// R2718, overload by overload.
    a_classic_binding_has_what_the_port_type_has: bindings_unlike_the_port_type, [
        "<wsdl:input name=\"migrateJobRequest1\">" => "<wsdl:input name=\"migrateJobRequest\">",
        "<wsdl:operation name=\"submitJob\">" => "<wsdl:operation name=\"sendJob\">",
    ];
    /// R2001 to R2007, but for the encoding.
    nothing_but_the_encoding_is_imported: imports_of_anything_else, [
        "<xsd:import " => "<xsd:import schemaLocation=\"encoding.xsd\" ",
        "<wsdl:types>" => "<wsdl:import namespace=\"urn:x\" location=\"x.wsdl\"/><wsdl:types>",
    ];
    /// R2105.
    there_is_one_classic_namespace: schemas_without_the_one_namespace, [
        "<xsd:schema targetNamespace=\"urn:grms\"" => "<xsd:schema",
        "<xsd:schema targetNamespace=\"urn:grms\"" => "<xsd:schema targetNamespace=\"urn:types\"",
    ];
    /// In place of R2110 to R2113.
    classic_arrays_are_those_of_the_encoding: arrays_in_another_way, [
        "<xsd:complexType name=\"ArrayOf_xsd_string\">" => "<xsd:complexType name=\"Strings\">",
        " wsdl:arrayType=\"xsd:string[]\"" => "",
        "base=\"soapenc:Array\"" => "base=\"soapenc:Struct\"",
    ];
    /// R2101, R2102.
    every_classic_reference_leads_somewhere: references_to_nothing, [
        "type=\"g:JobStatusType\"" => "type=\"g:JobState\"",
        "message=\"g:submitJobRequest\"" => "message=\"g:submitRequest\"",
        "binding=\"g:grmsSoapBinding\"" => "binding=\"g:grms\"",
        "<xsd:import namespace=\"http://schemas.xmlsoap.org/soap/encoding/\"/>" => "",
    ];
    /// A name is declared once.
    nothing_classic_is_declared_twice: declarations_that_come_twice, [
        "<xsd:complexType name=\"FileDir\">" => "<xsd:complexType name=\"GrmsResponse\">",
        "<wsdl:message name=\"migrateJobRequest1\">" => "<wsdl:message name=\"migrateJobRequest\">",
    ];
    /// R2026, R2027.
    no_classic_extension_is_required: required_extensions, ["<wsdlsoap:body " => "<wsdlsoap:body wsdl:required=\"true\" "];
    /// R2022, R2023.
    the_classic_sections_are_in_order: sections_in_another_order, [
        "<wsdl:types>" => "<wsdl:service name=\"First\"/><wsdl:types>",
    ];
    /// One port, as the old clients have it, and over TLS.
    there_is_one_classic_port: ports_elsewhere, [
        "location=\"https://" => "location=\"http://",
        "<wsdl:port name=\"grms\"" => "<wsdl:port name=\"other\" binding=\"g:grmsSoapBinding\"/><wsdl:port name=\"grms\"",
    ];
}

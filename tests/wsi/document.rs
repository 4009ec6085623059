//! Ways around in a WSDL.

use roxmltree::{Document, Node};
use std::fmt::Display;

pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
pub(crate) const SOAP11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
pub(crate) const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";
pub(crate) const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// An assertion: what breaks it, in words.
pub(crate) type Rule = fn(&Document<'_>) -> Vec<String>;

/// All elements with this name, anywhere.
pub(crate) fn all<'a>(document: &'a Document<'_>, namespace: &'static str, local: &'static str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name((namespace, local))).collect()
}

/// The children with this name.
pub(crate) fn children<'a>(node: Node<'a, 'a>, namespace: &'static str, local: &'static str) -> Vec<Node<'a, 'a>> {
    node.children().filter(|child| child.has_tag_name((namespace, local))).collect()
}

/// An attribute, empty when it is not there.
pub(crate) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute(name).unwrap_or("")
}

/// `name` of a node.
pub(crate) fn name<'a>(node: Node<'a, '_>) -> &'a str {
    attribute(node, "name")
}

/// A QName in an attribute: its namespace and local part. `None` when its prefix is not declared.
pub(crate) fn qname<'a>(node: Node<'a, '_>, attribute: &str) -> Option<(&'a str, &'a str)> {
    let value = node.attribute(attribute)?;
    let (prefix, local) = value.split_once(':').map_or((None, value), |(prefix, local)| (Some(prefix), local));
    match (prefix, node.lookup_namespace_uri(prefix)) {
        (_, Some(namespace)) => Some((namespace, local)),
        (None, None) => Some(("", local)),
        (Some(_), None) => None,
    }
}

/// The `targetNamespace` of the document.
pub(crate) fn target<'a>(document: &'a Document<'_>) -> &'a str {
    attribute(document.root_element(), "targetNamespace")
}

/// A top-level declaration of a schema.
pub(crate) fn declared<'a>(document: &'a Document<'_>, kind: &'static str, local: &str) -> Option<Node<'a, 'a>> {
    let schemas = all(document, XSD, "schema");
    schemas.into_iter().flat_map(|schema| children(schema, XSD, kind)).find(|node| name(*node) == local)
}

/// The operations of the port type.
pub(crate) fn operations<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    all(document, WSDL, "portType").into_iter().flat_map(|port| children(port, WSDL, "operation")).collect()
}

/// The message that `input`, `output` or `fault` names.
pub(crate) fn message<'a>(document: &'a Document<'_>, node: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
    let (_, local) = qname(node, "message")?;
    all(document, WSDL, "message").into_iter().find(|message| name(*message) == local)
}

/// The element in the one part of a message; `None` unless there is exactly one part, and it names an element.
pub(crate) fn element_of<'a>(document: &'a Document<'_>, message: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
    let parts = children(message, WSDL, "part");
    let [part] = parts.as_slice() else { return None };
    let (_, local) = qname(*part, "element")?;
    declared(document, "element", local)
}

/// The bindings with the namespace of their SOAP elements.
pub(crate) fn bindings<'a>(document: &'a Document<'_>) -> Vec<(Node<'a, 'a>, &'static str)> {
    let soap_of = |binding: Node<'a, 'a>| {
        [SOAP11, SOAP12].into_iter().find(|namespace| !children(binding, namespace, "binding").is_empty())
    };
    all(document, WSDL, "binding").into_iter().map(|binding| (binding, soap_of(binding).unwrap_or(""))).collect()
}

/// Where in the text a node is.
pub(crate) fn at(node: Node<'_, '_>, what: impl Display) -> String {
    let place = node.document().text_pos_at(node.range().start);
    format!("line {}: {what}", place.row)
}

/// The values that come twice.
pub(crate) fn twice<T: Ord + Clone + Display>(values: &[T]) -> Vec<String> {
    let mut sorted = values.to_vec();
    sorted.sort();
    sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| format!("{} comes twice", pair[0])).collect()
}

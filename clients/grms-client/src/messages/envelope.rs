//! The SOAP 1.1 envelope around a message: written in one go, read by walking to the one child of the body.
//!
//! An answer counts only if its element is the one that belongs to the question; everything else is a fault of the
//! broker or not from a GRMS broker at all.

use super::{Fault, SoapFault};
use xml::name::OwnedName;
use xml::reader::XmlEvent;
use yaserde::de::Deserializer;
use yaserde::{YaDeserialize, YaSerialize};

/// The one namespace of the contract.
pub(crate) const NAMESPACE: &str = "urn:grms:2";
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// A request, and the answer that belongs to it.
pub(crate) trait Operation: YaSerialize {
    /// What a success looks like.
    type Response: YaDeserialize;
    /// The name of the operation and of the request element.
    const NAME: &'static str;
    /// Whether the same request may be sent again when its answer was lost: it changes nothing, carries a `requestId`,
    /// or asks for a state that is the same when asked for twice.
    const REPEATABLE: bool = true;
}

/// The answer that says nothing but that it was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, YaDeserialize)]
pub(crate) struct Nothing {}

/// What came back.
pub(crate) type Reply<R> = Result<R, Fault>;

/// The bytes are not an answer to the question.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unintelligible {
    /// Broken XML, or a member is missing or malformed.
    #[error("the answer cannot be read: {0}")]
    Xml(#[from] yaserde::Error),
    /// XML, but not what was expected.
    #[error("the answer has <{found}> where {expected} belongs")]
    Element {
        /// The element, with its namespace in braces.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// The body is empty.
    #[error("the answer has an empty body")]
    Empty,
}

/// The document to send.
pub(crate) fn encode<Q: Operation>(request: &Q) -> Result<String, yaserde::Error> {
    let bare = yaserde::ser::Config { write_document_declaration: false, ..Default::default() };
    let body = yaserde::ser::to_string_with_config(request, &bare)?;
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"{SOAP}\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>\n"
    ))
}

/// The answer or the fault inside a document.
pub(crate) fn decode<Q: Operation>(document: &[u8]) -> Result<Reply<Q::Response>, Unintelligible> {
    let mut reader = Deserializer::new_from_reader(document);
    enter(&mut reader, "Envelope")?;
    while let Some(name) = peek_element(&mut reader)? {
        if is(&name, SOAP, "Body") {
            break;
        }
        reader.next_event()?;
        reader.skip_element(|_| {})?;
    }
    enter(&mut reader, "Body")?;
    let name = peek_element(&mut reader)?.ok_or(Unintelligible::Empty)?;
    let response = format!("{}Response", Q::NAME);
    if is(&name, NAMESPACE, &response) {
        Ok(Ok(Q::Response::deserialize(&mut reader)?))
    } else if is(&name, SOAP, "Fault") {
        Ok(Err(SoapFault::deserialize(&mut reader)?.into()))
    } else {
        Err(Unintelligible::Element { found: braced(&name), expected: format!("{{{NAMESPACE}}}{response}") })
    }
}

fn enter(reader: &mut Deserializer<&[u8]>, local_name: &str) -> Result<(), Unintelligible> {
    let name = peek_element(reader)?.ok_or(Unintelligible::Empty)?;
    if !is(&name, SOAP, local_name) {
        let expected = format!("the SOAP 1.1 {local_name}");
        return Err(Unintelligible::Element { found: braced(&name), expected });
    }
    reader.next_event()?;
    Ok(())
}

/// The name of the element that begins here; `None` at an end tag.
fn peek_element(reader: &mut Deserializer<&[u8]>) -> Result<Option<OwnedName>, yaserde::Error> {
    loop {
        match reader.peek()? {
            XmlEvent::StartElement { name, .. } => return Ok(Some(name.clone())),
            XmlEvent::EndElement { .. } | XmlEvent::EndDocument => return Ok(None),
            _ => reader.next_event()?,
        };
    }
}

fn is(name: &OwnedName, namespace: &str, local_name: &str) -> bool {
    name.local_name == local_name && name.namespace.as_deref() == Some(namespace)
}

fn braced(name: &OwnedName) -> String {
    match &name.namespace {
        Some(namespace) => format!("{{{namespace}}}{}", name.local_name),
        None => name.local_name.clone(),
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;

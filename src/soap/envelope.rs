//! The envelope: opening one, decoding the operation in it, and writing the answer's.

use super::NAMESPACE;
use super::addressing::Addressing;
use super::fault::Fault;
use crate::job::Code;
use crate::operations::{self, Operation, OperationError, Parts, Value};
use crate::xml::{Element, Writer, XSI, nearest};

/// A version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

impl Version {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V11, Self::V12];

    /// The namespace of its envelope.
    #[must_use]
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The content type of its messages.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml; charset=utf-8",
            Self::V12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// Whether a header block is meant for the receiver of the message.
    fn is_for_us(self, header: &Element<'_>) -> bool {
        let (attribute, ours): (_, &[&str]) = match self {
            Self::V11 => ("actor", &["http://schemas.xmlsoap.org/soap/actor/next"]),
            Self::V12 => (
                "role",
                &[
                    "http://www.w3.org/2003/05/soap-envelope/role/next",
                    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
                ],
            ),
        };
        let role = header.attribute(self.namespace(), attribute).unwrap_or("").trim();
        role.is_empty() || ours.contains(&role)
    }
}

/// An opened envelope.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// Its version.
    pub(super) version: Version,
    headers: Vec<Element<'a>>,
    body: Element<'a>,
}

impl<'a> Envelope<'a> {
    /// Takes the parts of an envelope apart.
    pub(super) fn open(root: Element<'a>) -> Result<Self, Fault> {
        if root.name.local != "Envelope" {
            return Err(malformed(format!("expected a SOAP Envelope, found {}", root.name)));
        }
        let Some(version) = Version::ALL.into_iter().find(|version| *root.name.namespace == *version.namespace())
        else {
            return Err(Fault::VersionMismatch(root.name.namespace.to_string()));
        };
        let mut headers = Vec::new();
        let mut body = None;
        for child in root.children {
            match child.name.local {
                "Header" if *child.name.namespace == *version.namespace() => headers.extend(child.children),
                "Body" if *child.name.namespace == *version.namespace() && body.is_none() => body = Some(child),
                _ => return Err(malformed(format!("unexpected {} in the Envelope", child.name))),
            }
        }
        let body = body.ok_or_else(|| malformed("the Envelope has no Body".to_owned()))?;
        Ok(Self { version, headers, body })
    }

    /// Reads the headers that are understood here.
    pub(super) fn addressing(&self) -> Addressing {
        Addressing::read(&self.headers)
    }

    /// Refuses headers that must be understood and are not.
    pub(super) fn check_headers(&self) -> Result<(), Fault> {
        let must = |header: &&Element<'_>| {
            let demand = header.attribute(self.version.namespace(), "mustUnderstand").map(str::trim);
            matches!(demand, Some("1" | "true")) && self.version.is_for_us(header) && !Addressing::understands(header)
        };
        let refused: Vec<_> = self
            .headers
            .iter()
            .filter(must)
            .map(|header| (header.name.namespace.to_string(), header.name.local.to_owned()))
            .collect();
        if refused.is_empty() { Ok(()) } else { Err(Fault::MustUnderstand(refused)) }
    }

    /// The operation that is called, and its parts.
    pub(super) fn decode(self) -> Result<(&'static dyn Operation, Parts), Fault> {
        if self.body.has_text() {
            return Err(malformed("the Body contains text; expected one element".to_owned()));
        }
        let mut children = self.body.children.into_iter();
        let Some(call) = children.next() else { return Err(unknown_operation("the Body is empty")) };
        if let Some(second) = children.next() {
            let name = &second.name;
            return Err(if second.attribute("", "id").is_some() || second.attribute("", "href").is_some() {
                encoded(&format!("the Body has a second child {name} for a multi-reference value"))
            } else {
                malformed(format!("the Body has a second child {name}; expected exactly one"))
            });
        }
        let operation = (*call.name.namespace == *NAMESPACE).then(|| operations::find(call.name.local)).flatten();
        let operation = operation.ok_or_else(|| {
            let known = operations::ALL.iter().map(|operation| operation.contract().name);
            let meant = nearest(call.name.local, known).map(|name| format!(", did you mean {{{NAMESPACE}}}{name}?"));
            unknown_operation(&format!("there is no operation {}{}", call.name, meant.unwrap_or_default()))
        })?;
        let parts = decode_children(call).map_err(Fault::from)?;
        Ok((operation, parts))
    }
}

fn malformed(message: String) -> Fault {
    OperationError::new(Code::MalformedRequest, message).into()
}

fn encoded(what: &str) -> Fault {
    malformed(format!("{what}; this is a document/literal service: send values in place, without href and id"))
}

fn unknown_operation(what: &str) -> Fault {
    let known: Vec<_> = operations::ALL.iter().map(|operation| operation.contract().name).collect();
    let message = format!("{what}; known operations, all in the namespace {NAMESPACE}: {}", known.join(", "));
    OperationError::new(Code::UnknownOperation, message).into()
}

fn decode_children(element: Element<'_>) -> Result<Parts, OperationError> {
    let refuse = |message: String| OperationError::new(Code::MalformedRequest, message);
    if element.has_text() {
        return Err(refuse(format!("{} contains text beside its elements", element.name.local)));
    }
    let mut parts = Parts::new();
    for child in element.children {
        let name = if child.name.namespace.is_empty() || *child.name.namespace == *NAMESPACE {
            child.name.local.to_owned()
        } else {
            child.name.to_string()
        };
        if child.attribute("", "href").is_some()
            || child.attribute("http://www.w3.org/2003/05/soap-encoding", "ref").is_some()
        {
            return Err(refuse(format!(
                "{name} refers to another element; this is a document/literal service: send the value in place, without href"
            )));
        }
        if matches!(child.attribute(XSI, "nil").map(str::trim), Some("true" | "1")) {
            continue;
        }
        if child.children.first().is_some_and(|inner| inner.name.is("http://www.w3.org/2004/08/xop/include", "Include"))
        {
            return Err(refuse(format!("{name} is sent as an attachment; send it as text in the envelope")));
        }
        let value = if child.children.is_empty() {
            Value::from(child.text.into_owned())
        } else {
            Value::Struct(decode_children(child)?)
        };
        parts.push(name, value);
    }
    Ok(parts)
}

/// Begins an answer: everything up to the inside of the Body.
pub(super) fn begin(version: Version, header: &str, capacity: usize) -> Writer {
    let mut writer = Writer::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"", capacity);
    writer.markup(version.namespace());
    writer.markup("\">");
    if !header.is_empty() {
        writer.markup("<soap:Header>");
        writer.markup(header);
        writer.markup("</soap:Header>");
    }
    writer.markup("<soap:Body>");
    writer
}

/// Ends an answer.
pub(super) fn finish(mut writer: Writer) -> String {
    writer.markup("</soap:Body></soap:Envelope>");
    writer.finish()
}

/// The answer of an operation.
pub(super) fn render(version: Version, operation: &str, header: &str, parts: &Parts) -> String {
    let mut writer = begin(version, header, 1024);
    for markup in ["<g:", operation, "Response xmlns:g=\"", NAMESPACE, "\">"] {
        writer.markup(markup);
    }
    write_parts(&mut writer, parts);
    for markup in ["</g:", operation, "Response>"] {
        writer.markup(markup);
    }
    finish(writer)
}

/// Values in order, names unqualified, lists as repeated elements.
pub(super) fn write_parts(writer: &mut Writer, parts: &Parts) {
    for (name, value) in parts.iter() {
        write_value(writer, name, value);
    }
}

fn write_value(writer: &mut Writer, name: &str, value: &Value) {
    match value {
        Value::Text(text) => writer.leaf(name, text),
        Value::Int(number) => writer.value(name, number),
        Value::Real(number) if number.is_nan() => writer.value(name, "NaN"),
        Value::Real(number) if number.is_infinite() => {
            writer.value(name, if *number > 0.0 { "INF" } else { "-INF" });
        }
        Value::Real(number) => writer.value(name, number),
        Value::Bool(value) => writer.value(name, value),
        Value::Time(time) => writer.value(name, format_args!("{time:.3}")),
        Value::List(values) => values.iter().for_each(|value| write_value(writer, name, value)),
        Value::Struct(parts) => {
            writer.open(name);
            write_parts(writer, parts);
            writer.close(name);
        }
    }
}

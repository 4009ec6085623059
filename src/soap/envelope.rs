//! The envelope: opening one, its headers, and the frame of an answer.

use super::addressing::Addressing;
use super::fault::Fault;
use crate::job::Code;
use crate::operations::OperationError;
use crate::xml::{Element, Writer};

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
    /// Takes the parts of an envelope in one of these versions apart.
    pub(super) fn open(root: Element<'a>, versions: &'static [Version]) -> Result<Self, Fault> {
        if root.name.local != "Envelope" {
            return Err(malformed(format!("expected a SOAP Envelope, found {}", root.name)));
        }
        let Some(version) = versions.iter().copied().find(|version| *root.name.namespace == *version.namespace())
        else {
            return Err(Fault::VersionMismatch { given: root.name.namespace.to_string(), known: versions });
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

    /// What is in the Body.
    pub(super) fn into_body(self) -> Result<Vec<Element<'a>>, Fault> {
        if self.body.has_text() {
            return Err(malformed("the Body contains text; expected one element".to_owned()));
        }
        Ok(self.body.children)
    }
}

fn malformed(message: String) -> Fault {
    OperationError::new(Code::MalformedRequest, message).into()
}

/// Begins an answer: everything up to the inside of the Body, with more declarations of namespaces if the body needs them.
pub(super) fn begin(version: Version, declarations: &str, header: &str, capacity: usize) -> Writer {
    let mut writer = Writer::new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"", capacity);
    for markup in [version.namespace(), "\"", declarations, ">"] {
        writer.markup(markup);
    }
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

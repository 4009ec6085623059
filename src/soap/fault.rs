//! Faults: every refusal as SOAP 1.1 or 1.2 says it, with the HTTP status that belongs to it.
//!
//! The broker's own errors carry one of the seven declared elements as their detail; errors of the envelope and its headers carry none.

use super::NAMESPACE;
use super::addressing::Addressing;
use super::envelope::{Version, begin, finish};
use super::modern::write_parts;
use crate::job::{Code, Role};
use crate::operations::OperationError;
use crate::xml::{Reason, Writer, XmlError, escape_attribute};
use actix_web::http::StatusCode;

const ADDRESSING_FAULT: &str = "http://www.w3.org/2005/08/addressing/fault";
const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";

/// Why a request got no answer of its own.
#[derive(Debug)]
pub(super) enum Fault {
    /// The envelope is in a namespace that is no version of SOAP read at this address.
    VersionMismatch {
        /// The namespace.
        given: String,
        /// The versions that are read.
        known: &'static [Version],
    },
    /// These headers must be understood and are not: namespace and name.
    MustUnderstand(Vec<(String, String)>),
    /// The reply was wanted somewhere else.
    OnlyAnonymousAddress,
    /// An error of ours, with an HTTP status if it is not the usual one.
    Operation {
        /// The error.
        error: Box<OperationError>,
        /// The status.
        status: Option<StatusCode>,
    },
}

impl From<OperationError> for Fault {
    fn from(error: OperationError) -> Self {
        Self::Operation { error: Box::new(error), status: None }
    }
}

impl From<XmlError> for Fault {
    fn from(error: XmlError) -> Self {
        let code = match error.reason {
            Reason::Limit { .. } => Code::LimitExceeded,
            _ => Code::MalformedRequest,
        };
        OperationError::new(code, format!("the message cannot be read: {error}")).into()
    }
}

impl Fault {
    /// A refusal at the level of HTTP, in the form of a fault.
    pub(super) fn http(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self::Operation { error: Box::new(OperationError::new(code, message)), status: Some(status) }
    }

    /// The error code, where there is one.
    pub(super) fn code(&self) -> Option<Code> {
        match self {
            Self::Operation { error, .. } => Some(error.code),
            Self::VersionMismatch { .. } | Self::MustUnderstand(_) | Self::OnlyAnonymousAddress => None,
        }
    }

    /// Whether bytes of the request may be on their way still, so that the connection is of no more use.
    pub(super) fn leaves_a_body(&self) -> bool {
        const UNREAD: [StatusCode; 2] = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::REQUEST_TIMEOUT];
        matches!(self, Self::Operation { status: Some(status), .. } if UNREAD.contains(status))
    }

    /// The HTTP status: 500 for everything in SOAP 1.1; in SOAP 1.2 400 when the sender has to act.
    pub(super) fn status(&self, version: Version) -> StatusCode {
        let sender = match self {
            Self::Operation { status: Some(status), .. } => return *status,
            Self::Operation { error, .. } if error.code == Code::NotAuthenticated => return StatusCode::UNAUTHORIZED,
            Self::Operation { error, .. } => error.code.role() == Role::Client,
            Self::OnlyAnonymousAddress => true,
            Self::VersionMismatch { .. } | Self::MustUnderstand(_) => false,
        };
        if sender && version == Version::V12 { StatusCode::BAD_REQUEST } else { StatusCode::INTERNAL_SERVER_ERROR }
    }

    /// The part before the colon is ours to choose: the code's local name in each version.
    fn fault_code(&self, version: Version) -> &'static str {
        match (self, version) {
            (Self::VersionMismatch { .. }, _) => "VersionMismatch",
            (Self::MustUnderstand(_), _) => "MustUnderstand",
            (Self::OnlyAnonymousAddress, Version::V11) => "Client",
            (Self::OnlyAnonymousAddress, Version::V12) => "Sender",
            (Self::Operation { error, .. }, version) => match (error.code.role(), version) {
                (Role::Client, Version::V11) => "Client",
                (Role::Client, Version::V12) => "Sender",
                (Role::Server, Version::V11) => "Server",
                (Role::Server, Version::V12) => "Receiver",
            },
        }
    }

    fn message(&self) -> String {
        match self {
            Self::VersionMismatch { given, known } => {
                let given: String = given.chars().take(100).collect();
                let known: Vec<_> = known.iter().map(|version| version.namespace()).collect();
                let known = known.join(" or ");
                format!("the envelope's namespace `{given}` is no version of SOAP known here; use {known}")
            }
            Self::MustUnderstand(headers) => {
                let names: Vec<_> = headers
                    .iter()
                    .take(10)
                    .map(|(namespace, local)| {
                        let cut = |text: &str| text.chars().take(100).collect::<String>();
                        format!("{{{}}}{}", cut(namespace), cut(local))
                    })
                    .collect();
                format!("headers that must be understood and are not: {}", names.join(", "))
            }
            Self::OnlyAnonymousAddress => {
                "replies go back on the connection only: leave out ReplyTo and FaultTo, or make them anonymous"
                    .to_owned()
            }
            Self::Operation { error, .. } => error.message.clone(),
        }
    }

    /// The whole envelope. The classic contract declares no faults: there the code goes into the sentence, and there is no detail.
    pub(super) fn render(&self, version: Version, detailed: bool, addressing: &Addressing) -> String {
        let action = if matches!(self, Self::OnlyAnonymousAddress) { ADDRESSING_FAULT } else { SOAP_FAULT };
        let mut header = addressing.reply(action);
        if version == Version::V12 {
            header.push_str(&self.header_blocks());
        }
        let mut writer = begin(version, "", &header, 2048);
        writer.markup("<soap:Fault>");
        match version {
            Version::V11 => self.write_11(&mut writer, detailed),
            Version::V12 => self.write_12(&mut writer),
        }
        writer.markup("</soap:Fault>");
        finish(writer)
    }

    /// What SOAP 1.2 adds to the header: which versions are known, which headers are not.
    fn header_blocks(&self) -> String {
        match self {
            Self::VersionMismatch { .. } => {
                let [one, two] = Version::ALL.map(Version::namespace);
                format!(
                    "<soap:Upgrade><soap:SupportedEnvelope qname=\"ns1:Envelope\" xmlns:ns1=\"{two}\"/>\
                     <soap:SupportedEnvelope qname=\"ns2:Envelope\" xmlns:ns2=\"{one}\"/></soap:Upgrade>"
                )
            }
            Self::MustUnderstand(headers) => headers.iter().fold(String::new(), |mut blocks, (namespace, local)| {
                let mut value = String::new();
                escape_attribute(&mut value, namespace);
                blocks.push_str(&if namespace.is_empty() {
                    format!("<soap:NotUnderstood qname=\"{local}\"/>")
                } else {
                    format!("<soap:NotUnderstood qname=\"h:{local}\" xmlns:h=\"{value}\"/>")
                });
                blocks
            }),
            Self::OnlyAnonymousAddress | Self::Operation { .. } => String::new(),
        }
    }

    fn write_11(&self, writer: &mut Writer, detailed: bool) {
        writer.value("faultcode", format_args!("soap:{}", self.fault_code(Version::V11)));
        match self {
            Self::Operation { error, .. } if detailed => {
                writer.leaf("faultstring", &error.message);
                writer.open("detail");
                write_detail(writer, error);
                writer.close("detail");
            }
            Self::Operation { error, .. } => writer.leaf("faultstring", &format!("{}: {}", error.code, error.message)),
            other => writer.leaf("faultstring", &other.message()),
        }
    }

    fn write_12(&self, writer: &mut Writer) {
        writer.markup("<soap:Code>");
        writer.value("soap:Value", format_args!("soap:{}", self.fault_code(Version::V12)));
        let subcode = match self {
            Self::Operation { error, .. } => Some((NAMESPACE, error.code.name())),
            Self::OnlyAnonymousAddress => {
                Some(("http://www.w3.org/2005/08/addressing", "OnlyAnonymousAddressSupported"))
            }
            Self::VersionMismatch { .. } | Self::MustUnderstand(_) => None,
        };
        if let Some((namespace, name)) = subcode {
            for markup in ["<soap:Subcode><soap:Value xmlns:c=\"", namespace, "\">c:", name] {
                writer.markup(markup);
            }
            writer.markup("</soap:Value></soap:Subcode>");
        }
        writer.markup("</soap:Code><soap:Reason><soap:Text xml:lang=\"en\">");
        writer.text(&self.message());
        writer.markup("</soap:Text></soap:Reason>");
        if let Self::Operation { error, .. } = self {
            writer.open("soap:Detail");
            write_detail(writer, error);
            writer.close("soap:Detail");
        }
    }
}

fn write_detail(writer: &mut Writer, error: &OperationError) {
    let element = error.kind().element();
    for markup in ["<g:", element, " xmlns:g=\"", NAMESPACE, "\">"] {
        writer.markup(markup);
    }
    write_parts(writer, &error.to_parts());
    for markup in ["</g:", element, ">"] {
        writer.markup(markup);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{Diagnostic, Severity};
    use crate::job::JobId;
    use std::process::Command;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the validator is another program")]
    fn every_code_makes_a_fault_that_the_published_schema_accepts() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for code in Code::ALL {
            let mut error = OperationError::new(*code, "a < b\u{1}")
                .about(&JobId::parse("1_x_0001").unwrap())
                .after(std::time::Duration::from_secs(5));
            error.diagnostics = vec![Diagnostic {
                severity: Severity::Warning,
                code: *code,
                line: 1,
                column: 2,
                path: "/a".to_owned(),
                message: "m".to_owned(),
            }];
            let mut writer = Writer::new("", 0);
            write_detail(&mut writer, &error);
            std::fs::write(dir.path().join(code.name()), writer.finish()).unwrap();
            files.push(code.name());
            let (fault, server) = (Fault::from(error), code.role() == Role::Server);
            assert_eq!(fault.fault_code(Version::V11), if server { "Server" } else { "Client" });
            assert_eq!(fault.fault_code(Version::V12), if server { "Receiver" } else { "Sender" });
            let expected = match (code, server) {
                (Code::NotAuthenticated, _) => [401, 401],
                (_, true) => [500, 500],
                (_, false) => [500, 400],
            };
            assert_eq!(Version::ALL.map(|version| fault.status(version).as_u16()), expected, "{code}");
        }
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/faults.xsd");
        let judged = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema", schema])
            .args(files)
            .current_dir(dir.path())
            .output()
            .expect("xmllint is installed (package libxml2-utils)");
        assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stderr));
    }
}

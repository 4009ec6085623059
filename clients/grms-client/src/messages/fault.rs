//! What the broker answers when it cannot do what was asked: a SOAP fault, with a typed detail when the broker itself
//! speaks, without one when something else in the way does.

use serde::Serialize;
use yaserde::YaDeserialize;

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// The broker's own words.
    Typed(Box<GrmsFault>),
    /// A fault without a detail that this client knows.
    Plain {
        /// `Client`, `Server`, `VersionMismatch` and so on, without prefix.
        code: String,
        /// Text for people.
        message: String,
    },
}

/// The one type of all seven fault elements.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrmsFault {
    /// The number.
    pub(crate) code: i32,
    /// The name in capitals.
    pub(crate) name: String,
    /// One or more sentences.
    pub(crate) message: String,
    /// Whether the same request may succeed later.
    pub(crate) retryable: bool,
    /// How long to wait before that.
    #[yaserde(rename = "retryAfterSeconds")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_seconds: Option<i32>,
    /// The job in question.
    #[yaserde(rename = "jobId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job_id: Option<String>,
    /// Every fault of a description, in the order of the document.
    pub(crate) diagnostic: Vec<Diagnostic>,
}

/// One remark about a description.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Diagnostic {
    /// ERROR or WARNING.
    pub(crate) severity: String,
    /// The number of the error.
    pub(crate) code: i32,
    /// Counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
    /// Counted from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<u32>,
    /// The path of the element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// What is wrong, what was expected, what to do.
    pub(crate) message: String,
}

impl Diagnostic {
    /// Whether it stands in the way of acceptance.
    pub(crate) fn is_error(&self) -> bool {
        self.severity != "WARNING"
    }
}

/// A SOAP 1.1 fault. Its own children are unqualified by the standard.
#[derive(Debug, Default, YaDeserialize)]
pub(crate) struct SoapFault {
    faultcode: String,
    faultstring: Option<String>,
    detail: Option<Detail>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(prefix = "g", namespaces = { "g" = "urn:grms:2" })]
struct Detail {
    #[yaserde(prefix = "g", rename = "DescriptionFault")]
    description: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "RequestFault")]
    request: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "SecurityFault")]
    security: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "StateFault")]
    state: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "ResourceFault")]
    resource: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "DataFault")]
    data: Option<GrmsFault>,
    #[yaserde(prefix = "g", rename = "ServiceFault")]
    service: Option<GrmsFault>,
}

impl From<SoapFault> for Fault {
    fn from(fault: SoapFault) -> Self {
        let detail = fault.detail.unwrap_or_default();
        let typed = [
            detail.description,
            detail.request,
            detail.security,
            detail.state,
            detail.resource,
            detail.data,
            detail.service,
        ];
        match typed.into_iter().flatten().next() {
            Some(typed) => Self::Typed(Box::new(typed)),
            None => {
                let code = fault.faultcode.rsplit(':').next().unwrap_or_default().to_owned();
                Self::Plain { code, message: fault.faultstring.unwrap_or_default() }
            }
        }
    }
}

//! The addresses of the service and the codec behind each: what differs between the contracts, in one place.

use super::classic::{self, Profile};
use super::content::Media;
use super::envelope::Version;
use super::fault::Fault;
use super::handler::{Reply, Settings};
use super::modern;
use super::multipart::Attachments;
use crate::identity::Caller;
use crate::operations::{Context, OperationError};
use crate::xml::Element;
use actix_web::http::StatusCode;

/// Where the service is.
pub const PATH: &str = "/services/grms";
/// Where the classic service is, for clients of either version.
pub const CLASSIC_PATH: &str = "/axis/services/grms";
/// Where it is for clients of GRMS 1.9.0 only.
pub const CLASSIC_190_PATH: &str = "/axis/services/grms-1.9.0";
/// Where it is for clients of GRMS 1.9.6 only.
pub const CLASSIC_196_PATH: &str = "/axis/services/grms-1.9.6";

/// An address and its contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// `urn:grms:2`.
    Modern,
    /// `urn:grms`, of one version or of either.
    Classic(Option<Profile>),
}

/// A call, decoded.
pub(super) enum Call {
    /// To the one contract.
    Modern(modern::Call),
    /// To the other.
    Classic(classic::Call),
}

impl Door {
    /// Every one.
    pub(super) const ALL: [Self; 4] =
        [Self::Modern, Self::Classic(None), Self::Classic(Some(Profile::V190)), Self::Classic(Some(Profile::V196))];

    /// Its path.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Modern => PATH,
            Self::Classic(None) => CLASSIC_PATH,
            Self::Classic(Some(Profile::V190)) => CLASSIC_190_PATH,
            Self::Classic(Some(Profile::V196)) => CLASSIC_196_PATH,
        }
    }

    /// For the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Classic(_) => "classic",
        }
    }

    /// The contract, and the address that is written in it.
    pub(super) fn contract(self, settings: &Settings) -> (&'static str, &'static str) {
        match self {
            Self::Modern => (include_str!("../../wsdl/grms.wsdl"), "https://localhost:8443/services/grms"),
            Self::Classic(profile) => {
                let document = classic::document(profile.unwrap_or(settings.classic.profile));
                (document, "https://localhost:8443/axis/services/grms")
            }
        }
    }

    /// The versions of SOAP that are read.
    pub(super) const fn versions(self) -> &'static [Version] {
        match self {
            Self::Modern => &Version::ALL,
            Self::Classic(_) => &[Version::V11],
        }
    }

    /// The version of an answer while the envelope has not been seen.
    pub(super) fn first_version(self, media: &Media) -> Version {
        match self {
            Self::Modern => media.version(),
            Self::Classic(_) => Version::V11,
        }
    }

    /// The HTTP status of a fault. Classic clients read the fault beside 500 only.
    pub(super) fn status(self, fault: &Fault, version: Version) -> StatusCode {
        match self {
            Self::Modern => fault.status(version),
            Self::Classic(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Whether a caller nobody knows is refused before the call is read. The classic contract says it in the answer of an operation, which must
    /// be found first.
    pub(super) const fn refuses_strangers(self) -> bool {
        matches!(self, Self::Modern)
    }

    /// Whether the contract declares details of faults.
    pub(super) const fn details(self) -> bool {
        matches!(self, Self::Modern)
    }

    /// The call in a Body.
    pub(super) fn decode(
        self,
        body: Vec<Element<'_>>,
        attachments: &Attachments<'_>,
        settings: &Settings,
    ) -> Result<Call, Fault> {
        match self {
            Self::Modern => modern::decode(body, attachments).map(Call::Modern),
            Self::Classic(pinned) => {
                classic::decode(&body, pinned, &settings.classic, &settings.limits).map(Call::Classic)
            }
        }
    }
}

impl Call {
    /// The operation, as the contract calls it.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Modern(call) => call.operation(),
            Self::Classic(call) => call.operation(),
        }
    }

    /// Asks the broker. Who calls may not be known: the contracts differ in how they say so.
    pub(super) async fn run(self, context: &Context, caller: Result<Caller, OperationError>) -> Result<Reply, Fault> {
        match self {
            Self::Modern(call) => call.run(context, caller).await,
            Self::Classic(call) => Ok(call.run(context, caller).await),
        }
    }
}

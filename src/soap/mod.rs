//! The SOAP door: HTTP in, HTTP out. Document/literal wrapped, SOAP 1.1 and 1.2 on one address, contract `wsdl/grms.wsdl`.
//!
//! This room translates and decides nothing: `handler` shows the whole way of a request. Dispatch looks at the child of the
//! Body, never at `SOAPAction`. Whatever comes in, the answer is a well-formed envelope in the request's version.

mod addressing;
mod content;
mod envelope;
mod fault;
mod handler;
mod security;
mod wsdl;

pub use envelope::Version;
pub use handler::{Observer, PATH, Service, Settings, configure};

/// The namespace of the contract.
pub const NAMESPACE: &str = "urn:grms:2";

//! The SOAP door: HTTP in, HTTP out. Two contracts over the same operations: `wsdl/grms.wsdl`, document/literal wrapped, SOAP 1.1 and 1.2 on one
//! address; and the classic one of GRMS 1.9, rpc/encoded ([`classic`]).
//!
//! This room translates and decides nothing: `handler` shows the whole way of a request, `door` what differs between the contracts. Dispatch looks
//! at the child of the Body, never at `SOAPAction`. Whatever comes in, the answer is a well-formed envelope in the request's version.

mod addressing;
pub mod classic;
mod content;
mod door;
mod envelope;
mod fault;
mod handler;
mod modern;
mod multipart;
mod rehearsal;
mod security;
mod wsdl;

pub use door::{CLASSIC_190_PATH, CLASSIC_196_PATH, CLASSIC_PATH, PATH};
pub use envelope::Version;
pub use handler::{Observer, Service, Settings, configure};
pub use rehearsal::read_message;

/// The namespace of the contract.
pub const NAMESPACE: &str = "urn:grms:2";

//! Who a caller is and what a caller may do.
//!
//! A caller is the subject of an end-entity certificate, whatever proxies (RFC 3820) follow it. OpenSSL verifies the
//! chain with revocation lists; this room reads what OpenSSL leaves open (limited and independent proxies, the earliest
//! end of validity) and holds the one policy table. Nothing here knows HTTP.

mod connection;
mod der;
mod mapfile;
mod peer;
mod policy;
mod signing_policy;
mod subject;
mod tls;

pub use connection::Connection;
pub use mapfile::{BadMapLine, GridMap, MapError};
pub use peer::{IdentityError, Peer};
pub use policy::{Action, Allowed, Caller, Denied, Policy};
pub use subject::{BadSubject, Subject};
pub use tls::{TlsError, TlsIdentity, TlsSettings};

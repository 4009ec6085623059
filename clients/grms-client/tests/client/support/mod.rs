//! What the transcript tests stand on: a small certificate authority and a responder that plays recorded answers over
//! real HTTPS with client certificates.

pub(crate) mod pki;
pub(crate) mod responder;
pub(crate) mod transcript;

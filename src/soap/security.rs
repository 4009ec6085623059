//! Who calls: the peer whose certificate chain was verified when the connection was made.

use crate::identity::{Caller, Connection, IdentityError, Peer, TlsIdentity};
use crate::job::Code;
use crate::operations::OperationError;
use actix_web::{HttpMessage, HttpRequest};
use jiff::Timestamp;

/// The challenge beside a 401: a certificate is presented when connecting, not in a header.
pub(super) const CHALLENGE: &str = "Certificate realm=\"grms\"";

/// The caller, if the connection has a peer whose credential is good at this moment.
///
/// The server keeps a [`Connection`] with each connection; anything that authenticates a single request may put a [`Peer`]
/// into the request's extensions, which wins.
pub(super) fn authenticate(
    request: &HttpRequest,
    identity: Option<&TlsIdentity>,
    now: Timestamp,
) -> Result<Caller, OperationError> {
    let extensions = request.extensions();
    if let Some(peer) = extensions.get::<Peer>() {
        peer.check(now).map_err(refused)?;
        return Ok(Caller::from(peer));
    }
    let (Some(identity), Some(connection)) = (identity, request.conn_data::<Connection>()) else {
        return Err(refused(IdentityError::NoCertificate));
    };
    Ok(Caller::from(identity.peer(connection, now).map_err(refused)?))
}

fn refused(error: IdentityError) -> OperationError {
    let code = match &error {
        IdentityError::Expired { .. } => Code::CredentialExpired,
        _ => Code::NotAuthenticated,
    };
    let message = match &error {
        IdentityError::NoCertificate => format!("no valid credential: {error}"),
        _ => error.to_string(),
    };
    OperationError::new(code, message)
}

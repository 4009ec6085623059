//! Registrations for notification: two historical models, one modern record.
//!
//! Version 1.9.0 registers a portal (`listener`) that tells users by a way of its own, or no portal, and then the broker tells them itself.
//! Version 1.9.6 registers an address with a protocol.

use crate::job::Code;
use crate::operations::{OperationError, Parts, Value};

/// A registration of version 1.9.6. Its members are the modern ones.
pub(super) fn of_196(request: Parts) -> Result<Parts, OperationError> {
    if matches!(request.get("protocol"), Some(Value::Text(protocol)) if protocol == "SOCKET") {
        let message = "request: protocol: SOCKET is not offered; use SOAP or GASS";
        return Err(OperationError::new(Code::NotificationUnsupported, message));
    }
    Ok(request)
}

/// A registration of version 1.9.0, which names its job itself.
pub(super) fn of_190(parts: &mut Parts, request: &Parts) -> Result<(), OperationError> {
    let text = |name: &str| match request.get(name) {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let Some(job) = text("jobId") else {
        return Err(OperationError::new(Code::MalformedRequest, "request: jobId has no value"));
    };
    let kind = text("notificationType").unwrap_or_default();
    let listener = text("listener");
    let mut notification = Parts::new().with_some("eventType", text("eventType"));
    notification = match listener {
        Some(listener) => notification.with("protocol", "SOAP").with("destination", listener),
        None => notification.with("protocol", kind.clone()).with("destination", ""),
    };
    for (_, user) in request.iter().filter(|(name, _)| *name == "user") {
        notification.push("user".to_owned(), user.clone());
    }
    parts.push("jobId".to_owned(), Value::from(job));
    parts.push("notification".to_owned(), Value::Struct(notification));
    Ok(())
}

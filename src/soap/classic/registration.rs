//! Registrations for notification: two historical models, one modern record.
//!
//! Version 1.9.0 registers a portal (`listener`) that tells users by a way of its own, or no portal, and then the broker tells them itself.
//! Version 1.9.6 registers an address with a protocol.

use crate::job::{Code, Model, Protocol};
use crate::operations::{Legacy, OperationError, Parts, Value};

/// A registration of version 1.9.6. Its members are the modern ones, and it has fewer protocols to choose from.
pub(super) fn of_196(request: Parts) -> Result<(Parts, Legacy), OperationError> {
    if matches!(request.get("protocol"), Some(Value::Text(protocol)) if protocol == "SOCKET") {
        let message = "request: protocol: SOCKET was never offered; expected SOAP or GASS";
        return Err(OperationError::new(Code::NotificationUnsupported, message));
    }
    Ok((request, Legacy { model: Model::V196, client: None, forward: None }))
}

/// A registration of version 1.9.0: its job, and the rest.
pub(super) fn of_190(request: &Parts) -> Result<(String, Parts, Legacy), OperationError> {
    let text = |name: &str| match request.get(name) {
        Some(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    };
    let missing = |what: &str| OperationError::new(Code::MalformedRequest, format!("request: {what}"));
    let job = text("jobId").ok_or_else(|| missing("jobId has no value"))?;
    let told_by = text("notificationType");
    let mut notification = Parts::new().with_some("eventType", text("eventType"));
    let mut legacy = Legacy { model: Model::V190, client: None, forward: None };
    match (text("destination"), told_by) {
        (Some(listener), told_by) => {
            notification = notification.with("protocol", "SOAP").with("destination", listener);
            legacy.forward =
                told_by.and_then(|word| Protocol::ALL.iter().copied().find(|protocol| protocol.as_str() == word));
        }
        (None, Some(told_by)) => notification = notification.with("protocol", told_by),
        (None, None) => return Err(missing("there is neither a listener nor a notificationType")),
    }
    for (name, user) in request.iter().filter(|(name, _)| *name == "user") {
        notification.push(name.to_owned(), user.clone());
    }
    Ok((job, notification, legacy))
}

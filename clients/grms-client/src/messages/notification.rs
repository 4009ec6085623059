//! Who is told about a job: `registerNotification`, `unregisterNotification`, `getNotificationsList` and
//! `getNotificationInformation`.

use super::{Nothing, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// What to tell whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaSerialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification {
    /// STATUS, REQUEST.
    #[yaserde(rename = "eventType")]
    pub(crate) event_type: Vec<String>,
    /// SOAP, GASS, MAIL, SMS, PROFILE or HTTP.
    pub(crate) protocol: String,
    /// The URL of a listener or of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) destination: Option<String>,
    /// Who is told by mail, message or profile, or to whom the listener passes it on.
    pub(crate) user: Vec<String>,
    /// Add to a file instead of writing it anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) append: Option<bool>,
    /// How a line of such a file looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) format: Option<String>,
    /// Only these states; none means all.
    pub(crate) state: Vec<String>,
    /// When it ends, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "registerNotification", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct RegisterNotification {
    /// Which job; none means all of the caller.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Option<String>,
    /// What to tell whom.
    pub(crate) notification: Notification,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegisterNotificationResponse {
    /// Its id.
    #[yaserde(rename = "notificationId")]
    pub(crate) notification_id: String,
}

/// The request that ends it.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "unregisterNotification", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct UnregisterNotification {
    /// Which one.
    #[yaserde(rename = "notificationId")]
    pub(crate) notification_id: String,
}

/// The question which there are.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getNotificationsList", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetNotificationsList {
    /// Of which job; none means all of the caller.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetNotificationsListResponse {
    /// Their ids.
    #[yaserde(rename = "notificationId")]
    pub(crate) notification_id: Vec<String>,
}

/// The question what one of them is.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getNotificationInformation", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetNotificationInformation {
    /// Which one.
    #[yaserde(rename = "notificationId")]
    pub(crate) notification_id: String,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetNotificationInformationResponse {
    /// Its job; none means all of the caller.
    #[yaserde(rename = "jobId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job_id: Option<String>,
    /// What it tells whom.
    pub(crate) notification: Notification,
}

impl Operation for RegisterNotification {
    type Response = RegisterNotificationResponse;
    const NAME: &'static str = "registerNotification";
    const REPEATABLE: bool = false;
}

impl Operation for UnregisterNotification {
    type Response = Nothing;
    const NAME: &'static str = "unregisterNotification";
    const REPEATABLE: bool = false;
}

impl Operation for GetNotificationsList {
    type Response = GetNotificationsListResponse;
    const NAME: &'static str = "getNotificationsList";
}

impl Operation for GetNotificationInformation {
    type Response = GetNotificationInformationResponse;
    const NAME: &'static str = "getNotificationInformation";
}

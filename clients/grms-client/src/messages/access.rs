//! How the broker reaches a running program: `registerApplicationAccess`, `getApplicationAccess` and
//! `unregisterApplicationAccess`. Registering again replaces what was registered.

use super::{Nothing, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request that says where the program listens.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "registerApplicationAccess", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct RegisterApplicationAccess {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// A URL, or `signal:NAME`, `file:PATH`, `exitcode:N`.
    #[yaserde(rename = "serviceLocation")]
    pub(crate) service_location: String,
    /// The process.
    pub(crate) pid: Option<i32>,
    /// How to speak to it.
    pub(crate) protocol: Option<String>,
}

/// The question where it listens.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getApplicationAccess", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetApplicationAccess {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetApplicationAccessResponse {
    /// As it was registered.
    #[yaserde(rename = "serviceLocation")]
    pub(crate) service_location: String,
    /// The process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pid: Option<i32>,
}

/// The request that forgets it.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "unregisterApplicationAccess", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct UnregisterApplicationAccess {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
}

impl Operation for RegisterApplicationAccess {
    type Response = Nothing;
    const NAME: &'static str = "registerApplicationAccess";
}

impl Operation for GetApplicationAccess {
    type Response = GetApplicationAccessResponse;
    const NAME: &'static str = "getApplicationAccess";
}

impl Operation for UnregisterApplicationAccess {
    type Response = Nothing;
    const NAME: &'static str = "unregisterApplicationAccess";
    const REPEATABLE: bool = false;
}

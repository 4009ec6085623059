//! `findResources`: where a description could run, best place first.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "findResources", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct FindResources {
    /// The description; only its resource section counts.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// At most this many.
    pub(crate) limit: Option<i32>,
    /// Also say why the others do not fit.
    pub(crate) explain: Option<bool>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FindResourcesResponse {
    /// What fits, best first.
    pub(crate) resource: Vec<ResourceMatch>,
    /// What does not fit, if asked for.
    pub(crate) rejected: Vec<Rejected>,
}

/// A place that fits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceMatch {
    /// `host[:port]/jobmanager-<system>`.
    pub(crate) contact: String,
    /// The cluster.
    #[yaserde(rename = "hostName")]
    pub(crate) host_name: String,
    /// Its batch system.
    #[yaserde(rename = "localResourceManager")]
    pub(crate) local_resource_manager: String,
    /// The queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    /// Higher is better.
    pub(crate) rank: f64,
    /// When the job could start, RFC 3339.
    #[yaserde(rename = "estimatedStart")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimated_start: Option<String>,
    /// Remarks for people.
    pub(crate) note: Vec<String>,
}

/// A place that does not fit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rejected {
    /// The cluster.
    #[yaserde(rename = "hostName")]
    pub(crate) host_name: String,
    /// The first condition it fails.
    pub(crate) reason: String,
}

impl Operation for FindResources {
    type Response = FindResourcesResponse;
    const NAME: &'static str = "findResources";
}

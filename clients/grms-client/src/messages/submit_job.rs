//! `submitJob` and `submitJobs`: descriptions go in, job ids come back. `requestId` makes a repeated call harmless.

use super::{BulkResponse, Notification, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request for one job.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "submitJob", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct SubmitJob {
    /// The description, as text.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// Its language, when the caller knows better than the broker.
    pub(crate) dialect: Option<String>,
    /// The same key with the same content gives the first answer again.
    #[yaserde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
    /// Accept, but do not begin.
    pub(crate) hold: Option<bool>,
    /// Whom to tell what.
    pub(crate) notification: Vec<Notification>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubmitJobResponse {
    /// The id of the new job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// Its state, one of the ten words.
    pub(crate) status: String,
}

/// The request for many jobs.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "submitJobs", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct SubmitJobs {
    /// The jobs.
    pub(crate) job: Vec<JobToSubmit>,
    /// All or none.
    pub(crate) atomic: Option<bool>,
}

/// One of many jobs.
#[derive(Debug, Clone, Default, YaSerialize)]
pub(crate) struct JobToSubmit {
    /// The description, as text.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// The same key with the same content gives the first answer again.
    #[yaserde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
}

impl Operation for SubmitJob {
    type Response = SubmitJobResponse;
    const NAME: &'static str = "submitJob";
}

impl Operation for SubmitJobs {
    type Response = BulkResponse;
    const NAME: &'static str = "submitJobs";
}

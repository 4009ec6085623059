//! `submitJob`: a description goes in, a job id comes back. `requestId` makes a repeated call harmless.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
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

impl Operation for SubmitJob {
    type Response = SubmitJobResponse;
    const NAME: &'static str = "submitJob";
}

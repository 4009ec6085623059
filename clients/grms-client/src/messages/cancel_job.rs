//! `cancelJob`: stops a job wherever it is.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "cancelJob", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct CancelJob {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// Makes a repeated call harmless.
    #[yaserde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CancelJobResponse {
    /// The state now; a running job may take a moment to become CANCELED.
    pub(crate) status: String,
}

impl Operation for CancelJob {
    type Response = CancelJobResponse;
    const NAME: &'static str = "cancelJob";
}

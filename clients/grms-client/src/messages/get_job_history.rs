//! `getJobHistory`: one entry per attempt, oldest first.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getJobHistory", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetJobHistory {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// Which task of a workflow.
    #[yaserde(rename = "taskId")]
    pub(crate) task_id: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetJobHistoryResponse {
    /// The attempts.
    pub(crate) attempt: Vec<Attempt>,
}

/// One try on one cluster. All times are RFC 3339 in UTC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: i32,
    /// The cluster.
    #[yaserde(rename = "hostName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_name: Option<String>,
    /// Its queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<String>,
    /// The id that the batch system gave.
    #[yaserde(rename = "localJobId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_job_id: Option<String>,
    /// The broker began.
    #[yaserde(rename = "startTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<String>,
    /// The batch system accepted.
    #[yaserde(rename = "localSubmissionTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_submission_time: Option<String>,
    /// The program started.
    #[yaserde(rename = "localStartTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_start_time: Option<String>,
    /// The program ended.
    #[yaserde(rename = "localFinishTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) local_finish_time: Option<String>,
    /// The document in force.
    #[yaserde(rename = "jobDescription")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job_description: Option<String>,
    /// Where the application listens.
    #[yaserde(rename = "applicationAccess")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_access: Option<String>,
    /// DONE, FAILED, CHECKPOINTED, CANCELED or LOST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
}

impl Operation for GetJobHistory {
    type Response = GetJobHistoryResponse;
    const NAME: &'static str = "getJobHistory";
}

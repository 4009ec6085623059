//! `getJobInfo` and `getJobInfoList`: everything about one job, or about many.

use super::{Attempt, ItemResult, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getJobInfo", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetJobInfo {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetJobInfoResponse {
    /// The job.
    #[yaserde(rename = "jobInfo")]
    pub(crate) job_info: JobInfo,
}

/// The request for many jobs.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getJobInfoList", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetJobInfoList {
    /// Which jobs.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Vec<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetJobInfoListResponse {
    /// How many jobs cannot be told about.
    pub(crate) errors: i32,
    /// One for each job asked for.
    pub(crate) result: Vec<ItemResult>,
    /// The jobs that can be told about, in the order asked for.
    #[yaserde(rename = "jobInfo")]
    pub(crate) job_info: Vec<JobInfo>,
    /// Present when a filter lets through more; never after asking for jobs by their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

/// A job. All times are RFC 3339 in UTC.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobInfo {
    /// The id.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// The project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) project: Option<String>,
    /// The label.
    #[yaserde(rename = "appId")]
    pub(crate) app_id: String,
    /// The owner.
    #[yaserde(rename = "userDn")]
    pub(crate) user_dn: String,
    /// One of the ten words.
    pub(crate) status: String,
    /// Why it is there, or waits.
    #[yaserde(rename = "statusDescription")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_description: Option<String>,
    /// The step within the state.
    pub(crate) phase: String,
    /// Its number.
    #[yaserde(rename = "phaseNumber")]
    pub(crate) phase_number: i64,
    /// The broker accepted it.
    #[yaserde(rename = "submissionTime")]
    pub(crate) submission_time: String,
    /// The program started.
    #[yaserde(rename = "startTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<String>,
    /// It reached a final state.
    #[yaserde(rename = "finishTime")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finish_time: Option<String>,
    /// Of the program.
    #[yaserde(rename = "exitCode")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<i32>,
    /// Of the last failure.
    #[yaserde(rename = "errorCode")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<i32>,
    /// `NAME (code): text` of the last failure.
    #[yaserde(rename = "errorDescription")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_description: Option<String>,
    /// How many attempts there were.
    #[yaserde(rename = "historyLength")]
    pub(crate) history_length: i32,
    /// The newest one.
    #[yaserde(rename = "lastAttempt")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_attempt: Option<Attempt>,
    /// Grows with every change.
    pub(crate) version: i64,
    /// The tasks of a workflow.
    pub(crate) task: Vec<TaskInfo>,
}

/// One task of a workflow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskInfo {
    /// The id inside the job.
    #[yaserde(rename = "taskId")]
    pub(crate) task_id: String,
    /// Which point of a sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iteration: Option<i32>,
    /// Its state.
    pub(crate) status: String,
    /// Its newest attempt.
    #[yaserde(rename = "lastAttempt")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_attempt: Option<Attempt>,
    /// Its last failure.
    #[yaserde(rename = "errorDescription")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_description: Option<String>,
}

impl Operation for GetJobInfo {
    type Response = GetJobInfoResponse;
    const NAME: &'static str = "getJobInfo";
}

impl Operation for GetJobInfoList {
    type Response = GetJobInfoListResponse;
    const NAME: &'static str = "getJobInfoList";
}

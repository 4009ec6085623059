//! `waitForJobs` and `waitForEvents`: the broker keeps the question until there is something to say, or the time is
//! over, which is a normal answer.

use super::{JobInfo, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request to wait for states.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "waitForJobs", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct WaitForJobs {
    /// Which jobs.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Vec<String>,
    /// Until they are in one of these states; none means the final ones.
    pub(crate) state: Vec<String>,
    /// ANY or ALL.
    pub(crate) mode: Option<String>,
    /// Only changes after this version count.
    #[yaserde(rename = "afterVersion")]
    pub(crate) after_version: Option<i64>,
    /// The longest time; the broker may answer sooner.
    #[yaserde(rename = "timeoutSeconds")]
    pub(crate) timeout_seconds: i32,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitForJobsResponse {
    /// The condition does not hold yet.
    #[yaserde(rename = "timedOut")]
    pub(crate) timed_out: bool,
    /// The jobs as they are now.
    #[yaserde(rename = "jobInfo")]
    pub(crate) job_info: Vec<JobInfo>,
}

/// The request to wait for events.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "waitForEvents", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct WaitForEvents {
    /// Where the previous answer ended.
    pub(crate) cursor: Option<String>,
    /// Only of these jobs; none means all of the caller.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Vec<String>,
    /// STATUS, REQUEST; none means both.
    #[yaserde(rename = "eventType")]
    pub(crate) event_type: Vec<String>,
    /// At most this many.
    pub(crate) limit: Option<i32>,
    /// The longest time.
    #[yaserde(rename = "timeoutSeconds")]
    pub(crate) timeout_seconds: i32,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitForEventsResponse {
    /// In order, without gaps.
    pub(crate) event: Vec<Event>,
    /// Where the next question begins.
    pub(crate) cursor: String,
}

/// Something that happened to a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// Grows with every event.
    pub(crate) sequence: i64,
    /// When, RFC 3339.
    pub(crate) time: String,
    /// The job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// The task of it.
    #[yaserde(rename = "taskId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) task_id: Option<String>,
    /// STATUS or REQUEST.
    #[yaserde(rename = "eventType")]
    pub(crate) event_type: String,
    /// What it was before.
    #[yaserde(rename = "oldValue")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_value: Option<String>,
    /// What it is now.
    #[yaserde(rename = "newValue")]
    pub(crate) new_value: String,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

impl Operation for WaitForJobs {
    type Response = WaitForJobsResponse;
    const NAME: &'static str = "waitForJobs";
}

impl Operation for WaitForEvents {
    type Response = WaitForEventsResponse;
    const NAME: &'static str = "waitForEvents";
}

//! `getJobsList`, `getProjectJobsList` and `getAllJobsList`: ids, page by page.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request for the caller's own jobs.
#[derive(Debug, Clone, Default, YaSerialize)]
#[yaserde(rename = "getJobsList", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetJobsList {
    /// Only jobs in these states; none means all.
    pub(crate) status: Vec<String>,
    /// Only jobs of this project.
    pub(crate) project: Option<String>,
    /// Only jobs accepted since, RFC 3339.
    pub(crate) since: Option<String>,
    /// At most this many in one answer.
    pub(crate) limit: Option<i32>,
    /// Where the previous page ended.
    pub(crate) cursor: Option<String>,
}

/// The request for the jobs of everybody in a project.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getProjectJobsList", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetProjectJobsList {
    /// Which project.
    pub(crate) project: String,
    /// Only jobs in these states; none means all.
    pub(crate) status: Vec<String>,
    /// At most this many in one answer.
    pub(crate) limit: Option<i32>,
    /// Where the previous page ended.
    pub(crate) cursor: Option<String>,
}

/// The request for everybody's jobs.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getAllJobsList", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetAllJobsList {
    /// Only jobs in these states; none means all.
    pub(crate) status: Vec<String>,
    /// Only jobs of this user.
    #[yaserde(rename = "userDn")]
    pub(crate) user_dn: Option<String>,
    /// At most this many in one answer.
    pub(crate) limit: Option<i32>,
    /// Where the previous page ended.
    pub(crate) cursor: Option<String>,
}

/// One page of any list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobsPage {
    /// The ids.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: Vec<String>,
    /// Present when there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

impl Operation for GetJobsList {
    type Response = JobsPage;
    const NAME: &'static str = "getJobsList";
}

impl Operation for GetAllJobsList {
    type Response = JobsPage;
    const NAME: &'static str = "getAllJobsList";
}

impl Operation for GetProjectJobsList {
    type Response = JobsPage;
    const NAME: &'static str = "getProjectJobsList";
}

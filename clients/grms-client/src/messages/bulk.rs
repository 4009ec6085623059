//! The operations on many jobs at once. An item that fails is no fault: every item has its own result, in the order of
//! the request.

use super::Operation;
use crate::failure::Failure;
use crate::messages::GrmsFault;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkResponse {
    /// How many items failed.
    pub(crate) errors: i32,
    /// One for each item.
    pub(crate) result: Vec<ItemResult>,
}

/// What became of one item.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ItemResult {
    /// Its place in the request, from 1.
    pub(crate) index: i32,
    /// The job.
    #[yaserde(rename = "jobId")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job_id: Option<String>,
    /// 0 when it was done.
    #[yaserde(rename = "errorCode")]
    pub(crate) error_code: i32,
    /// The name of the error.
    #[yaserde(rename = "errorName")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_name: Option<String>,
    /// What was wrong and what to do.
    #[yaserde(rename = "errorMessage")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_message: Option<String>,
    /// Whether the same request may succeed later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retryable: Option<bool>,
}

impl ItemResult {
    /// An item that was refused.
    pub(crate) fn refused(fault: &GrmsFault) -> Self {
        Self {
            error_code: fault.code,
            error_name: Some(fault.name.clone()),
            error_message: Some(fault.message.clone()),
            retryable: Some(fault.retryable),
            ..Self::default()
        }
    }

    /// What is wrong with it, as a refusal of its own. It names the job; `about` names what is no job.
    pub(crate) fn failure(&self, about: Option<&str>) -> Option<Failure> {
        if self.error_code == 0 {
            return None;
        }
        let mut message = self.error_message.clone().unwrap_or_default();
        if let Some(about) = about.filter(|about| !message.contains(about)) {
            message = format!("{message} ({about})");
        }
        Some(Failure::Refused(Box::new(GrmsFault {
            code: self.error_code,
            name: self.error_name.clone().unwrap_or_default(),
            message,
            retryable: self.retryable.unwrap_or(false),
            job_id: self.job_id.clone(),
            ..GrmsFault::default()
        })))
    }
}

/// A request on many jobs.
macro_rules! bulk {
    ($(#[$doc:meta])* $name:ident, $word:tt) => {
        $(#[$doc])*
        #[derive(Debug, Default, YaSerialize)]
        #[yaserde(rename = $word, prefix = "g", namespaces = { "g" = "urn:grms:2" })]
        pub(crate) struct $name {
            /// Which jobs.
            #[yaserde(rename = "jobId")]
            pub(crate) job_id: Vec<String>,
        }

        impl Operation for $name {
            type Response = BulkResponse;
            const NAME: &'static str = $word;
            const REPEATABLE: bool = false;
        }

        impl From<Vec<String>> for $name {
            fn from(job_id: Vec<String>) -> Self {
                Self { job_id }
            }
        }
    };
}

bulk!(
    /// The request to stop jobs.
    CancelJobs,
    "cancelJobs"
);
bulk!(
    /// The request to checkpoint and stop jobs.
    SuspendJobs,
    "suspendJobs"
);
bulk!(
    /// The request to go on with suspended jobs.
    ResumeJobs,
    "resumeJobs"
);
bulk!(
    /// The request to go on with jobs elsewhere.
    MigrateJobs,
    "migrateJobs"
);
bulk!(
    /// The request to forget final jobs.
    DeleteJobs,
    "deleteJobs"
);

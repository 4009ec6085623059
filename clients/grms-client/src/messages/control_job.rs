//! What changes a job: `cancelJob`, `suspendJob`, `resumeJob`, `migrateJob` and `commitJob`. The answer comes when the
//! request is accepted, not when it is done. `requestId` makes a repeated call harmless.

use super::{Nothing, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request to stop a job wherever it is.
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

/// The answer of all but `commitJob`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusResponse {
    /// The state now; what was asked for may take a moment.
    pub(crate) status: String,
}

/// A request that may bring a new description.
macro_rules! control {
    ($(#[$doc:meta])* $name:ident, $word:tt) => {
        $(#[$doc])*
        #[derive(Debug, Default, YaSerialize)]
        #[yaserde(rename = $word, prefix = "g", namespaces = { "g" = "urn:grms:2" })]
        pub(crate) struct $name {
            /// Which job.
            #[yaserde(rename = "jobId")]
            pub(crate) job_id: String,
            /// The description of the restart, when it is another one.
            #[yaserde(rename = "jobDefinition")]
            pub(crate) job_definition: Option<String>,
            /// Makes a repeated call harmless.
            #[yaserde(rename = "requestId")]
            pub(crate) request_id: Option<String>,
        }

        impl Operation for $name {
            type Response = StatusResponse;
            const NAME: &'static str = $word;
        }
    };
}

control!(
    /// The request to checkpoint and stop.
    SuspendJob,
    "suspendJob"
);
control!(
    /// The request to go on after a suspension.
    ResumeJob,
    "resumeJob"
);
control!(
    /// The request to go on elsewhere.
    MigrateJob,
    "migrateJob"
);

/// The request to begin what was submitted with `hold`.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "commitJob", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct CommitJob {
    /// Which job.
    #[yaserde(rename = "jobId")]
    pub(crate) job_id: String,
    /// Which tasks of it; none means all.
    #[yaserde(rename = "taskId")]
    pub(crate) task_id: Vec<String>,
    /// Makes a repeated call harmless.
    #[yaserde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
}

impl Operation for CancelJob {
    type Response = StatusResponse;
    const NAME: &'static str = "cancelJob";
}

impl Operation for CommitJob {
    type Response = Nothing;
    const NAME: &'static str = "commitJob";
}

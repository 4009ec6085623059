//! The files that the broker collects after a job or carries along at a checkpoint, changed while the job runs.

use super::{BulkResponse, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// A file or a directory of the working directory, and where it goes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaSerialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDir {
    /// In the working directory.
    pub(crate) name: String,
    /// A URL, or an identifier in the data management system.
    pub(crate) path: String,
    /// PHYSICAL or LOGICAL.
    #[yaserde(rename = "urlType")]
    pub(crate) url_type: String,
    /// FILE or DIRECTORY.
    #[yaserde(rename = "pathType")]
    pub(crate) path_type: String,
    /// OVERWRITE, APPEND or DONTOVERWRITE.
    #[yaserde(rename = "creationFlag")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) creation_flag: Option<String>,
}

/// The answer to a question for the list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileDirs {
    /// The entries.
    pub(crate) item: Vec<FileDir>,
}

/// A question for a list.
macro_rules! get {
    ($(#[$doc:meta])* $name:ident, $word:tt) => {
        $(#[$doc])*
        #[derive(Debug, Default, YaSerialize)]
        #[yaserde(rename = $word, prefix = "g", namespaces = { "g" = "urn:grms:2" })]
        pub(crate) struct $name {
            /// Which job.
            #[yaserde(rename = "jobId")]
            pub(crate) job_id: String,
        }

        impl Operation for $name {
            type Response = FileDirs;
            const NAME: &'static str = $word;
        }

        impl From<String> for $name {
            fn from(job_id: String) -> Self {
                Self { job_id }
            }
        }
    };
}

/// A request that changes a list.
macro_rules! change {
    ($(#[$doc:meta])* $name:ident, $word:tt) => {
        $(#[$doc])*
        #[derive(Debug, Default, YaSerialize)]
        #[yaserde(rename = $word, prefix = "g", namespaces = { "g" = "urn:grms:2" })]
        pub(crate) struct $name {
            /// Which job.
            #[yaserde(rename = "jobId")]
            pub(crate) job_id: String,
            /// The entries.
            pub(crate) item: Vec<FileDir>,
        }

        impl Operation for $name {
            type Response = BulkResponse;
            const NAME: &'static str = $word;
            const REPEATABLE: bool = false;
        }

        impl From<(String, Vec<FileDir>)> for $name {
            fn from((job_id, item): (String, Vec<FileDir>)) -> Self {
                Self { job_id, item }
            }
        }
    };
}

get!(
    /// The question for the output files.
    GetOutputFileDirs,
    "getOutputFileDirs"
);
get!(
    /// The question for the checkpoint files.
    GetCheckpointFileDirs,
    "getCheckpointFileDirs"
);
change!(
    /// The request for more output files.
    AddOutputFileDirs,
    "addOutputFileDirs"
);
change!(
    /// The request for fewer output files.
    DeleteOutputFileDirs,
    "deleteOutputFileDirs"
);
change!(
    /// The request for more checkpoint files.
    AddCheckpointFileDirs,
    "addCheckpointFileDirs"
);
change!(
    /// The request for fewer checkpoint files.
    DeleteCheckpointFileDirs,
    "deleteCheckpointFileDirs"
);

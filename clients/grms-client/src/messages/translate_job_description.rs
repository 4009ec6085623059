//! `translateJobDescription`: the same job in another language, or as the tree that the broker understood.

use super::{Diagnostic, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "translateJobDescription", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct TranslateJobDescription {
    /// The description, as text.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// Its language, when the caller knows better than the broker.
    pub(crate) from: Option<String>,
    /// The language wanted; the newest of the broker's own when it is not said.
    pub(crate) to: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TranslateJobDescriptionResponse {
    /// The text wanted.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// What could not be carried over, and other remarks.
    pub(crate) diagnostic: Vec<Diagnostic>,
}

impl Operation for TranslateJobDescription {
    type Response = TranslateJobDescriptionResponse;
    const NAME: &'static str = "translateJobDescription";
}

//! `testJobDescription`: validates, changes nothing.

use super::{Diagnostic, Operation};
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "testJobDescription", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct TestJobDescription {
    /// The description, as text.
    #[yaserde(rename = "jobDefinition")]
    pub(crate) job_definition: String,
    /// Its language, when the caller knows better than the broker.
    pub(crate) dialect: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestJobDescriptionResponse {
    /// Whether it would be accepted.
    pub(crate) valid: bool,
    /// The language it was read as.
    pub(crate) dialect: String,
    /// Every fault and warning, in the order of the document.
    pub(crate) diagnostic: Vec<Diagnostic>,
}

impl Operation for TestJobDescription {
    type Response = TestJobDescriptionResponse;
    const NAME: &'static str = "testJobDescription";
}

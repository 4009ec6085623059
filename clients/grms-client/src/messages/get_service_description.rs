//! `getServiceDescription`: what the broker is and can.

use super::Operation;
use serde::Serialize;
use yaserde::{YaDeserialize, YaSerialize};

/// The request.
#[derive(Debug, Default, YaSerialize)]
#[yaserde(rename = "getServiceDescription", prefix = "g", namespaces = { "g" = "urn:grms:2" })]
pub(crate) struct GetServiceDescription {
    /// SHORT or FULL.
    #[yaserde(rename = "type")]
    pub(crate) r#type: String,
}

/// The answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetServiceDescriptionResponse {
    /// Text for people.
    pub(crate) description: String,
    /// The version of the broker.
    pub(crate) version: String,
    /// The job description languages it reads.
    pub(crate) dialect: Vec<String>,
    /// Its published limits.
    pub(crate) limit: Vec<Limit>,
}

/// A bound that the broker sets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, YaDeserialize)]
pub(crate) struct Limit {
    /// What is bounded, with its unit.
    pub(crate) name: String,
    /// The greatest value.
    pub(crate) value: i64,
}

impl Operation for GetServiceDescription {
    type Response = GetServiceDescriptionResponse;
    const NAME: &'static str = "getServiceDescription";
}

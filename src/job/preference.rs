//! What a user finds better among the places that satisfy a task. Soft: a preference refuses nothing.

use super::{Attribute, Interval, NetworkMeasure};
use serde::{Deserialize, Serialize};

/// Preferences of a task, and how they are combined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// How.
    pub kind: PreferenceKind,
    /// In the order of the document.
    pub parameters: Vec<Preference>,
}

/// How preferences are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreferenceKind {
    /// The most important one that tells two places apart decides.
    Priority,
    /// The sum of the normalised values decides, each weighted by its importance.
    Ranking,
}

/// One preference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preference {
    /// What is looked at.
    pub subject: Subject,
    /// Which way is better.
    pub better: Better,
    /// Its weight or rank: more is more important.
    pub importance: i32,
    /// The desired point or zone: whatever lies inside is as good as can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<Interval>,
    /// The desired text, where the subject is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_text: Option<String>,
    /// Values closer than this count as equal.
    #[serde(default)]
    pub indifference: f64,
}

/// What a preference looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A fact about the place.
    Fact(Attribute),
    /// The network to another host; absent: to the broker.
    Network(NetworkMeasure, Option<String>),
    /// A parameter of the site's own.
    Other(String),
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More.
    Gain,
    /// Less.
    Cost,
}

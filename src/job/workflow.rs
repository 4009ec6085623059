//! The edges of a job's graph: what a task waits for, and the values for which it is repeated.

use super::{Status, TaskId};
use serde::{Deserialize, Serialize};

/// When a task is ready. An empty list is satisfied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// One other task has come so far.
    Parent(Parent),
    /// All of these.
    All(Vec<Trigger>),
    /// At least one of these.
    Any(Vec<Trigger>),
}

impl Trigger {
    /// Every parent named, in the order of the document.
    #[must_use]
    pub fn parents(&self) -> Vec<&Parent> {
        match self {
            Self::Parent(parent) => vec![parent],
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::parents).collect(),
        }
    }
}

/// Another task of the same job, and how far it must have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The task.
    pub task: TaskId,
    /// It is in this state or has passed it.
    pub state: Status,
    /// Whether the child runs where the parent ran.
    #[serde(default)]
    pub same_host: bool,
    /// Whether iteration i waits for iteration i only.
    #[serde(default)]
    pub each_iteration: bool,
}

/// The values for which a task is repeated: the iterations of the first product, then those of the second, and so on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// At least one.
    pub products: Vec<Product>,
}

/// Every combination of its axes; the last one changes fastest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// At least one.
    pub axes: Vec<Axis>,
}

/// Parameters that advance together; all have the same number of values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// At least one.
    pub parameters: Vec<Parameter>,
}

/// A name, `${PS_name}` in texts, and its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name without `PS_`.
    pub name: String,
    /// Its values in order.
    pub values: Values,
}

/// The values of a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Numbers: `start`, `start + step`, … up to `end`, which is included.
    Loop {
        /// The first.
        start: f64,
        /// Not beyond this.
        end: f64,
        /// Not zero.
        step: f64,
        /// Digits printed after the point; absent: as few as represent the value.
        decimals: Option<u32>,
        /// Left out.
        except: Vec<f64>,
    },
    /// Texts in order.
    Set(Vec<String>),
}

//! The edges of a job's graph: what a task waits for, and the values for which it is repeated.

use super::{Status, TaskId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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

/// The circles among tasks that wait for others: each begins and ends with the same task, and of circles that share a task
/// only one is told. Tasks that are waited for and are not in the list are passed over.
#[must_use]
pub fn cycles(waits: &[(TaskId, Vec<TaskId>)]) -> Vec<Vec<&TaskId>> {
    let numbers: HashMap<&TaskId, usize> = waits.iter().zip(0..).map(|((task, _), number)| (task, number)).collect();
    let mut marks = vec![Mark::New; waits.len()];
    let mut circles = Vec::new();
    for begin in 0..waits.len() {
        // The way from `begin`: a task, and how many of its parents were looked at.
        let mut way = if marks[begin] == Mark::New { vec![(begin, 0)] } else { Vec::new() };
        while let Some((task, looked)) = way.last_mut() {
            let task = *task;
            marks[task] = if marks[task] == Mark::New { Mark::OnTheWay } else { marks[task] };
            let Some(parent) = waits[task].1.get(*looked) else {
                marks[task] = Mark::Done;
                way.pop();
                continue;
            };
            *looked += 1;
            let Some(parent) = numbers.get(parent).copied() else { continue };
            match marks[parent] {
                Mark::New => way.push((parent, 0)),
                Mark::OnTheWay => {
                    let from = way.iter().position(|(one, _)| *one == parent).unwrap_or(0);
                    let circle: Vec<usize> = way[from..].iter().map(|(one, _)| *one).collect();
                    if circle.iter().all(|one| marks[*one] == Mark::OnTheWay) {
                        circles.push(circle.iter().chain([&parent]).map(|one| &waits[*one].0).collect());
                        circle.iter().for_each(|one| marks[*one] = Mark::Told);
                    }
                }
                Mark::Told | Mark::Done => {}
            }
        }
    }
    circles
}

/// How far the search for circles is with a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    OnTheWay,
    Told,
    Done,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(waits: &[(&str, &[&str])]) -> Vec<String> {
        let id = |text: &str| TaskId::parse(text).unwrap();
        let waits: Vec<_> =
            waits.iter().map(|(task, parents)| (id(task), parents.iter().map(|parent| id(parent)).collect())).collect();
        cycles(&waits).iter().map(|circle| circle.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn circles_are_told_once_each_and_from_their_first_task() {
        assert!(told(&[]).is_empty());
        assert!(told(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b", "nobody"])]).is_empty());
        assert_eq!(told(&[("a", &["a"])]), ["a a"]);
        assert_eq!(told(&[("a", &["b"]), ("b", &["a"])]), ["a b a"]);
        assert_eq!(told(&[("x", &["a"]), ("a", &["c"]), ("b", &["a"]), ("c", &["b"])]), ["a c b a"]);
        assert_eq!(told(&[("a", &["a"]), ("b", &["c", "a"]), ("c", &["b"])]), ["a a", "b c b"]);
        assert_eq!(told(&[("a", &["b", "c"]), ("b", &["a"]), ("c", &["a"])]), ["a b a"], "they share a");
    }

    #[test]
    fn a_long_chain_is_walked_without_deep_calls() {
        let id = |number: usize| TaskId::parse(&format!("t{number}")).unwrap();
        let mut waits: Vec<_> = (0..50_000).map(|number| (id(number), vec![id(number + 1)])).collect();
        assert!(cycles(&waits).is_empty());
        waits.push((id(50_000), vec![id(0)]));
        assert_eq!(cycles(&waits)[0].len(), 50_002);
    }
}

//! Matchmaking: which clusters and queues satisfy a task, in which order, and why the others do not.
//!
//! Pure: everything it looks at comes in as an argument, nothing is remembered, and the same question always has the same answer.
//! Requirements are in `predicates`, one function each; preferences in `preferences`.

mod candidate;
mod predicates;
mod preferences;
#[cfg(test)]
mod tests;
mod wishes;
#[cfg(test)]
mod wishes_tests;

pub use candidate::{Candidate, Facts, InstalledApplication, published};

use crate::job::{ClusterName, JobId, Launch, ResourceRequest, TaskSpec};
use jiff::Timestamp;
use predicates::{PREDICATES, Question};
use std::time::Duration;

/// A candidate that satisfies a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Which of the candidates.
    pub index: usize,
    /// The value it was ranked by first: more is better.
    pub rank: f64,
    /// Which of the task's alternatives fitted; absent when the task names none.
    pub resource_index: Option<usize>,
    /// What was taken into account, for people.
    pub notes: Vec<String>,
}

/// One reason why a candidate does not satisfy one alternative of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The cluster.
    pub cluster: ClusterName,
    /// Its queue.
    pub queue: Option<String>,
    /// Which of the task's alternatives; absent when the task names none.
    pub resource_index: Option<usize>,
    /// The word of the job description that asked for it, or `count`, `type`, `status`.
    pub clause: String,
    /// `memory 2048 MB required, 1024 MB offered`.
    pub reason: String,
    /// Whether waiting may help. A lasting reason goes away only when the site or the description changes.
    pub temporary: bool,
    /// How old the facts are that it rests on.
    pub age: Duration,
}

/// The answer for one task.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Candidates that satisfy it, best first.
    pub matches: Vec<Match>,
    /// Every reason against every other candidate, in their order.
    pub rejections: Vec<Rejection>,
}

impl Answer {
    /// Whether some candidate satisfies the task now, or would after waiting: at least one alternative has no lasting reason
    /// against it there. When not, the task can never start on the known clusters.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        let same = |a: &Rejection, b: &Rejection| {
            a.cluster == b.cluster && a.queue == b.queue && a.resource_index == b.resource_index
        };
        !self.matches.is_empty()
            || self
                .rejections
                .iter()
                .any(|one| self.rejections.iter().all(|other| !same(one, other) || other.temporary))
    }
}

/// A reason of a predicate, before it is known against whom.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    clause: String,
    reason: String,
    temporary: bool,
}

/// Finds the candidates that satisfy `task` of `job`.
///
/// Several resources of a task are alternatives: a candidate fits when it satisfies one of them, and the first it satisfies
/// counts. The parts of an `mpichg` run are not: all of them must be satisfied by one candidate, because runs over several clusters are
/// not offered. `now` only serves to tell the age of facts.
#[must_use]
pub fn find_matches(job: &JobId, task: &TaskSpec, candidates: &[Candidate], now: Timestamp) -> Answer {
    let mut answer = Answer::default();
    let any_place = [ResourceRequest::default()];
    let named = !task.resources.is_empty();
    let requests = if named { task.resources.as_slice() } else { &any_place };
    for (index, candidate) in candidates.iter().enumerate() {
        let verdicts: Vec<_> = requests
            .iter()
            .map(|request| refusals(&Question { task, request: named.then_some(request), candidate, candidates }))
            .collect();
        let fitting = match task.launch {
            Launch::MpichG => verdicts.iter().all(Vec::is_empty).then_some(0),
            Launch::Single | Launch::Multiple | Launch::Mpi | Launch::OpenMpi | Launch::OpenMp => {
                verdicts.iter().position(Vec::is_empty)
            }
        };
        if let Some(fitting) = fitting {
            answer.matches.push(Match {
                index,
                rank: preferences::free_processors(candidate),
                resource_index: named.then_some(fitting),
                notes: preferences::notes(candidate, now),
            });
            continue;
        }
        for (resource_index, refusals) in verdicts.into_iter().enumerate() {
            let resource_index = named.then_some(resource_index);
            answer.rejections.extend(refusals.into_iter().map(|refusal| Rejection {
                cluster: candidate.cluster.clone(),
                queue: candidate.queue.clone(),
                resource_index,
                clause: refusal.clause,
                reason: refusal.reason,
                temporary: refusal.temporary,
                age: candidate.age(now),
            }));
        }
    }
    answer.matches.sort_by(|a, b| preferences::compare(job, &candidates[a.index], &candidates[b.index]));
    if let Some(wishes) = &task.preferences {
        wishes::order(wishes, &mut answer.matches, candidates);
    }
    answer
}

/// Every reason against a candidate, in the order of the predicates.
fn refusals(question: &Question<'_>) -> Vec<Refusal> {
    let mut refusals: Vec<_> = PREDICATES.iter().flat_map(|predicate| predicate(question)).collect();
    let several_hosts = question.task.launch == Launch::MpichG && refusals.iter().any(|one| one.clause == "hostname");
    if several_hosts {
        refusals.push(Refusal {
            clause: "type".into(),
            reason:
                "mpichg over several hosts is not offered yet; name the same host in every resource, or write type mpi"
                    .into(),
            temporary: false,
        });
    }
    refusals
}

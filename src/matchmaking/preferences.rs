//! Preferences: one function each. The first that tells two candidates apart decides.

use super::Candidate;
use crate::job::{Attribute, JobId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;

/// Orders two candidates for a job, the better one first.
pub(super) fn compare(job: &JobId, a: &Candidate, b: &Candidate) -> Ordering {
    free_processors(b)
        .total_cmp(&free_processors(a))
        .then_with(|| waiting_jobs(a).cmp(&waiting_jobs(b)))
        .then_with(|| lot(job, a).cmp(&lot(job, b)))
}

/// More free processors are better; unknown counts as none.
pub(super) fn free_processors(candidate: &Candidate) -> f64 {
    candidate.number(Attribute::FreeCpus).filter(|number| number.is_finite()).unwrap_or(0.0)
}

/// Fewer waiting jobs are better; unknown counts as many.
fn waiting_jobs(candidate: &Candidate) -> u32 {
    candidate.facts.waiting.unwrap_or(u32::MAX)
}

/// A lot drawn for this job and candidate, always the same one: equal clusters get equal shares of the jobs.
fn lot(job: &JobId, candidate: &Candidate) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [job.as_str(), candidate.cluster.as_str(), candidate.queue.as_deref().unwrap_or_default()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

/// What the order rests on.
pub(super) fn notes(candidate: &Candidate, now: Timestamp) -> Vec<String> {
    let known = |number: Option<String>| number.unwrap_or_else(|| "an unknown number of".into());
    let free = known(candidate.number(Attribute::FreeCpus).map(|number| number.to_string()));
    let waiting = known(candidate.facts.waiting.map(|number| number.to_string()));
    vec![format!("{free} free processors, {waiting} waiting jobs, as seen {} s ago", candidate.age(now).as_secs())]
}

//! Following jobs: the broker keeps the question and answers when something happened, so nothing is asked in vain. A
//! broker that is away for a while, restarting or overloaded, is waited for.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::inquiry::{self, PORTION};
use crate::interrupt;
use crate::messages::{
    GetJobInfo, JobInfo, JobStatus, Operation, WaitForEvents, WaitForEventsResponse, WaitForJobs, WaitForJobsResponse,
};
use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the broker may keep one question.
const LONGEST_QUESTION: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a broker that answered before may be away.
const PATIENCE: Duration = Duration::from_secs(300);
const CURSOR_EXPIRED: i32 = 311;

/// What to wait for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Goal {
    /// These states; none means the final ones.
    pub(crate) states: Vec<JobStatus>,
    /// One job is enough.
    pub(crate) any: bool,
    /// The longest time.
    pub(crate) timeout: Option<Duration>,
}

/// A broker that is asked again and again, and the time that is left.
struct Patience<'a> {
    broker: &'a Broker,
    begun: Instant,
    timeout: Option<Duration>,
    last_contact: Option<Instant>,
    pause: Duration,
}

impl<'a> Patience<'a> {
    fn new(broker: &'a Broker, timeout: Option<Duration>) -> Self {
        Self { broker, begun: Instant::now(), timeout, last_contact: None, pause: FIRST_PAUSE }
    }

    /// How many whole seconds the next question may take.
    fn seconds(&self) -> i32 {
        let longest = LONGEST_QUESTION.min(self.broker.call_timeout() / 2);
        let left = self.left().map_or(longest, |left| left.min(longest));
        i32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(0)
    }

    fn left(&self) -> Option<Duration> {
        self.timeout.map(|timeout| timeout.saturating_sub(self.begun.elapsed()))
    }

    fn is_over(&self) -> bool {
        self.left() == Some(Duration::ZERO)
    }

    /// The answer; nothing when the broker is away for a moment, after a pause.
    fn ask<Q: Operation>(&mut self, question: &Q) -> Result<Option<Q::Response>, Failure> {
        match self.broker.call(question) {
            Ok(answer) => {
                self.last_contact = Some(Instant::now());
                Ok(Some(answer))
            }
            Err(failure) if is_absence(&failure) && self.last_contact.is_some_and(is_recent) => {
                self.rest();
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// A longer pause each time, never longer than the time that is left.
    fn rest(&mut self) {
        sleep(self.left().map_or(self.pause, |left| left.min(self.pause)));
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
    }

    /// Rests when an answer without news came too soon to have been waited for.
    fn rest_if_hurried(&mut self, asked: Instant, news: bool) {
        if news {
            self.pause = FIRST_PAUSE;
        } else if asked.elapsed() < FIRST_PAUSE {
            self.rest();
        }
    }
}

/// Waits for the goal; `seen` gets the jobs after each answer. Gives the jobs in the order asked for.
pub(crate) fn until(
    broker: &Broker,
    job_ids: &[String],
    goal: &Goal,
    mut seen: impl FnMut(&[JobInfo]),
) -> Result<Vec<JobInfo>, Failure> {
    interrupt::explain(job_ids);
    let mut patience = Patience::new(broker, goal.timeout);
    let mut jobs = Vec::new();
    // Waiting for all is waiting for one portion after the other.
    for ids in job_ids.chunks(if goal.any { job_ids.len().max(1) } else { PORTION }) {
        jobs.extend(until_portion(&mut patience, ids, goal, &mut seen)?);
    }
    Ok(jobs)
}

fn until_portion(
    patience: &mut Patience<'_>,
    job_ids: &[String],
    goal: &Goal,
    seen: &mut impl FnMut(&[JobInfo]),
) -> Result<Vec<JobInfo>, Failure> {
    let mut known = Vec::new();
    loop {
        let asked = Instant::now();
        let question = WaitForJobs {
            job_id: job_ids.to_vec(),
            state: words(&goal.states),
            mode: goal.any.then(|| "ANY".to_owned()),
            after_version: None,
            timeout_seconds: patience.seconds(),
        };
        if let Some(WaitForJobsResponse { timed_out, job_info }) = patience.ask(&question)? {
            known = job_info;
            seen(&known);
            if !timed_out {
                return Ok(known);
            }
            patience.rest_if_hurried(asked, false);
        }
        if patience.is_over() {
            return Err(too_late(job_ids, &known, patience.timeout.unwrap_or_default()));
        }
    }
}

/// The states to wait for. A job that ended will never reach another state, so its end is waited for as well.
fn words(states: &[JobStatus]) -> Vec<String> {
    if states.is_empty() {
        return Vec::new();
    }
    let finals = [JobStatus::Finished, JobStatus::Failed, JobStatus::Canceled];
    let more = finals.into_iter().filter(|status| !states.contains(status));
    states.iter().copied().chain(more).map(|status| status.as_str().to_owned()).collect()
}

/// Follows jobs to their end; `changed` sees each job at first and after every change.
pub(crate) fn every_change(
    broker: &Broker,
    job_ids: &[String],
    timeout: Option<Duration>,
    mut changed: impl FnMut(&JobInfo) -> Result<(), Failure>,
) -> Result<Vec<JobInfo>, Failure> {
    if job_ids.is_empty() {
        return Ok(Vec::new());
    }
    interrupt::explain(job_ids);
    let mut patience = Patience::new(broker, timeout);
    let mut cursor = None;
    let mut jobs: Vec<JobInfo> = Vec::new();
    let mut moved: BTreeSet<String> = job_ids.iter().cloned().collect();
    loop {
        // The place in the stream of events is taken before the jobs are looked at, so no change falls between.
        let seconds = if cursor.is_none() { 0 } else { patience.seconds() };
        let asked = Instant::now();
        let question = WaitForEvents {
            cursor: cursor.clone(),
            job_id: job_ids.to_vec(),
            timeout_seconds: seconds,
            ..Default::default()
        };
        match patience.ask(&question) {
            Ok(Some(WaitForEventsResponse { event, cursor: next })) => {
                patience.rest_if_hurried(asked, !event.is_empty() || cursor.is_none());
                moved.extend(event.into_iter().map(|event| event.job_id));
                cursor = Some(next);
            }
            Ok(None) => {}
            Err(Failure::Refused(fault)) if fault.code == CURSOR_EXPIRED && cursor.is_some() => {
                moved.extend(job_ids.iter().cloned());
                cursor = None;
                continue;
            }
            Err(failure) => return Err(failure),
        }
        let ask: Vec<String> = job_ids.iter().filter(|id| moved.contains(*id)).cloned().collect();
        if let Some(infos) = look(&mut patience, &ask)? {
            moved.clear();
            for info in infos {
                let old = jobs.iter().position(|job| job.job_id == info.job_id);
                if old.is_none_or(|old| jobs[old].version != info.version) {
                    changed(&info)?;
                }
                match old {
                    Some(old) => jobs[old] = info,
                    None => jobs.push(info),
                }
            }
        }
        if jobs.len() == job_ids.len() && jobs.iter().all(is_final) {
            return Ok(jobs);
        }
        if patience.is_over() {
            return Err(too_late(job_ids, &jobs, timeout.unwrap_or_default()));
        }
    }
}

/// The jobs as they are; nothing when the broker is away.
fn look(patience: &mut Patience<'_>, job_ids: &[String]) -> Result<Option<Vec<JobInfo>>, Failure> {
    match job_ids {
        [] => Ok(Some(Vec::new())),
        [job_id] => Ok(patience.ask(&GetJobInfo { job_id: job_id.clone() })?.map(|answer| vec![answer.job_info])),
        many => match inquiry::about(patience.broker, many) {
            Ok(answer) => match answer.result.iter().find_map(|item| item.failure(None)) {
                Some(failure) => Err(failure),
                None => Ok(Some(answer.job_info)),
            },
            Err(failure) if is_absence(&failure) => Ok(None),
            Err(failure) => Err(failure),
        },
    }
}

/// Prints events as they come until the time is over; `print` gets each answer that has some.
pub(crate) fn events(
    broker: &Broker,
    mut question: WaitForEvents,
    timeout: Option<Duration>,
    mut print: impl FnMut(&WaitForEventsResponse) -> Result<(), Failure>,
) -> Result<(), Failure> {
    interrupt::explain(&question.job_id);
    let mut patience = Patience::new(broker, timeout);
    loop {
        question.timeout_seconds = patience.seconds();
        let asked = Instant::now();
        if let Some(answer) = patience.ask(&question)? {
            patience.rest_if_hurried(asked, !answer.event.is_empty());
            if !answer.event.is_empty() {
                print(&answer)?;
            }
            question.cursor = Some(answer.cursor);
        }
        if patience.is_over() {
            return Ok(());
        }
    }
}

/// What the end of these jobs means for the exit code.
pub(crate) fn exit(jobs: &[JobInfo]) -> Exit {
    let any = |status: JobStatus| jobs.iter().any(|job| job.status == status.as_str());
    match (any(JobStatus::Failed), any(JobStatus::Canceled)) {
        (true, _) => Exit::JobFailed,
        (false, true) => Exit::JobCanceled,
        (false, false) => Exit::Success,
    }
}

fn is_final(job: &JobInfo) -> bool {
    JobStatus::from_word(&job.status).is_some_and(JobStatus::is_final)
}

/// The broker is away for now: restarting, overloaded or cut off.
fn is_absence(failure: &Failure) -> bool {
    match failure {
        Failure::NoContact(_) | Failure::AnswerLost(_) => true,
        Failure::Refused(fault) => matches!(fault.code, 902..=904),
        _ => false,
    }
}

fn is_recent(contact: Instant) -> bool {
    contact.elapsed() < PATIENCE
}

fn too_late(job_ids: &[String], known: &[JobInfo], timeout: Duration) -> Failure {
    let find = |id: &String| known.iter().find(|job| job.job_id == *id);
    let waiting = job_ids.iter().filter(|id| !find(id).is_some_and(is_final));
    let (ids, states): (Vec<&str>, Vec<String>) = waiting
        .map(|id| (id.as_str(), format!("{id} is {}", find(id).map_or("not known", |job| job.status.as_str()))))
        .unzip();
    Failure::StillRunning(format!(
        "after {} s {}; waiting ended, the jobs go on: grms-client wait {}",
        timeout.as_secs(),
        states.join(", "),
        ids.join(" ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_job_decides_over_canceled_and_finished_ones() {
        let job = |status: &str| JobInfo { status: status.to_owned(), ..JobInfo::default() };
        assert_eq!(exit(&[job("FINISHED"), job("CANCELED"), job("FAILED")]), Exit::JobFailed);
        assert_eq!(exit(&[job("FINISHED"), job("CANCELED")]), Exit::JobCanceled);
        assert_eq!(exit(&[job("FINISHED")]), Exit::Success);
    }

    #[test]
    fn waiting_for_a_state_ends_with_the_job_too() {
        assert_eq!(words(&[]), [] as [&str; 0]);
        assert_eq!(words(&[JobStatus::Running]), ["RUNNING", "FINISHED", "FAILED", "CANCELED"]);
        assert_eq!(words(&[JobStatus::Failed]), ["FAILED", "FINISHED", "CANCELED"]);
    }
}

//! Following jobs to their end by asking: gently, faster after a change, with patience when the broker restarts.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{GetJobInfo, JobInfo, JobStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a broker that answered before may be away.
const PATIENCE: Duration = Duration::from_secs(300);

/// Asks until every job is final; `changed` sees each job at first and after every change of its `version`.
pub(crate) fn until_final(
    broker: &Broker,
    job_ids: &[String],
    timeout: Option<Duration>,
    mut changed: impl FnMut(&JobInfo) -> Result<(), Failure>,
) -> Result<Vec<JobInfo>, Failure> {
    let begun = Instant::now();
    let mut seen: Vec<Option<JobInfo>> = vec![None; job_ids.len()];
    let mut last_contact = None;
    let mut pause = FIRST_PAUSE;
    loop {
        for (job_id, seen) in job_ids.iter().zip(&mut seen) {
            if seen.as_ref().is_some_and(is_final) {
                continue;
            }
            let info = match broker.call(&GetJobInfo { job_id: job_id.clone() }) {
                Ok(answer) => answer.job_info,
                Err(failure) if is_absence(&failure) && last_contact.is_some_and(is_recent) => break,
                Err(failure) => return Err(failure),
            };
            last_contact = Some(Instant::now());
            if seen.as_ref().is_none_or(|seen| seen.version != info.version) {
                changed(&info)?;
                pause = FIRST_PAUSE;
            }
            *seen = Some(info);
        }
        if seen.iter().all(|seen| seen.as_ref().is_some_and(is_final)) {
            return Ok(seen.into_iter().flatten().collect());
        }
        let left = timeout.map(|timeout| timeout.saturating_sub(begun.elapsed()));
        if left == Some(Duration::ZERO) {
            return Err(too_late(job_ids, &seen, timeout.unwrap_or_default()));
        }
        sleep(left.map_or(pause, |left| left.min(pause)));
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
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

fn too_late(job_ids: &[String], seen: &[Option<JobInfo>], timeout: Duration) -> Failure {
    let running = job_ids.iter().zip(seen).filter(|(_, seen)| !seen.as_ref().is_some_and(is_final));
    let (ids, states): (Vec<&str>, Vec<String>) = running
        .map(|(id, seen)| {
            let status = seen.as_ref().map_or("not known", |seen| seen.status.as_str());
            (id.as_str(), format!("{id} is {status}"))
        })
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
}

//! The contract's types, made from ours: `JobInfo`, `Attempt`, `TaskInfo`, `Diagnostic`. Members in the order of the schema.

use super::{OperationError, Parts};
use crate::description::{Diagnostic, Severity};
use crate::job::{Attempt, Control, Exit, Failure, Retry, State, Status};
use crate::store::jobs::{JobRecord, TaskRecord};

/// `JobInfo`.
pub(super) fn job_info(job: &JobRecord) -> Parts {
    let phase = job.phase();
    let failure = failure(job);
    let several = job.tasks.len() > 1;
    let tasks = job.tasks.iter().filter(|_| several);
    Parts::new()
        .with("jobId", job.id.to_string())
        .with_some("project", job.project.clone())
        .with("appId", job.app_id.clone())
        .with("userDn", job.owner.clone())
        .with("status", job.status.as_str())
        .with_some("statusDescription", status_description(job))
        .with("phase", phase.name)
        .with("phaseNumber", phase.number)
        .with("submissionTime", job.submitted)
        .with_some("startTime", job.started)
        .with_some("finishTime", job.finished)
        .with_some("exitCode", job.last_attempt.as_ref().and_then(|attempt| attempt.exit).map(exit_code))
        .with_some("errorCode", failure.map(|failure| u32::from(failure.code.number())))
        .with_some("errorDescription", failure.map(Failure::to_string))
        .with("historyLength", job.tasks.iter().map(|task| task.attempts).sum::<u32>())
        .with_some("lastAttempt", job.last_attempt.as_ref().map(|last| attempt(last, None)))
        .with("version", job.version)
        .with_list("task", tasks.map(task_info))
}

/// The failure to show: why the job failed, or why its last attempt did.
fn failure(job: &JobRecord) -> Option<&Failure> {
    let last = || job.last_attempt.as_ref().and_then(|attempt| attempt.failure.as_ref());
    match job.status {
        Status::Finished | Status::Canceled => None,
        _ => job.failure().or_else(last),
    }
}

/// The exit code, as a shell shows it: a signal is 128 and its number.
fn exit_code(exit: Exit) -> i64 {
    match exit {
        Exit::Code(code) => i64::from(code),
        Exit::Signal(signal) => 128 + i64::from(signal),
    }
}

/// What the ten words cannot say, and how old it is when the cluster does not answer.
fn status_description(job: &JobRecord) -> Option<String> {
    let known = job.leading_task().and_then(described);
    let Some((why, since)) = &job.silence else { return known };
    let silent = format!("no answer since {since:.0}, what is shown is from before: {why}");
    Some(known.map_or_else(|| silent.clone(), |known| format!("{known}; {silent}")))
}

fn described(task: &TaskRecord) -> Option<String> {
    let state = &task.state;
    let control = match state.control() {
        Some(Control::Cancel) => Some("being canceled".to_owned()),
        Some(Control::Suspend) => Some("being suspended".to_owned()),
        Some(Control::Migrate) => Some("being moved to another cluster".to_owned()),
        None => None,
    };
    let reason = match state {
        State::Queued { waiting: Some(waiting) } => Some(match waiting.next {
            Some(next) => format!("{}; looked at again at {next:.0}", waiting.reason),
            None => waiting.reason.clone(),
        }),
        State::Pending { reason, .. } if task.note.is_none() && control.is_none() => reason.clone(),
        State::Queued { .. } | State::Preprocessing { .. } | State::Stopped { .. } | State::Postprocessing { .. } => {
            task.note.as_ref().map(|note| format!("{note}; tried again at {:.0}", task.due))
        }
        State::Pending { .. } | State::Running { .. } => task.note.clone(),
        State::Finished { .. } | State::Suspended { .. } | State::Failed { .. } | State::Canceled { .. } => None,
    };
    match (control, reason) {
        (Some(control), Some(reason)) => Some(format!("{control}; {reason}")),
        (control, reason) => control.or(reason),
    }
}

fn task_info(task: &TaskRecord) -> Parts {
    let failure = match &task.state {
        State::Failed { failure, .. } => Some(failure.to_string()),
        _ => None,
    };
    Parts::new()
        .with("taskId", task.id.to_string())
        .with("status", task.state.status().as_str())
        .with_some("errorDescription", failure)
}

/// `Attempt`, with the description in force if it is to be shown.
pub(super) fn attempt(attempt: &Attempt, description: Option<&str>) -> Parts {
    Parts::new()
        .with("number", attempt.number)
        .with("hostName", attempt.host.clone())
        .with_some("queue", attempt.queue.clone())
        .with_some("localJobId", attempt.local_id.as_ref().map(ToString::to_string))
        .with("startTime", attempt.started)
        .with_some("localSubmissionTime", attempt.local_submitted)
        .with_some("localStartTime", attempt.local_started)
        .with_some("localFinishTime", attempt.local_finished)
        .with_some("jobDescription", description.map(str::to_owned))
        .with_some("applicationAccess", attempt.access.as_ref().map(|access| access.location.to_string()))
        .with_some("outcome", attempt.outcome.map(crate::job::Outcome::as_str))
}

/// `ItemResult`: what became of one item of a request, counted from 1.
pub(super) fn item_result(number: u32, error: Option<&OperationError>) -> Parts {
    Parts::new()
        .with("index", number)
        .with("errorCode", error.map_or(0, |error| u32::from(error.code.number())))
        .with_some("errorName", error.map(|error| error.code.name()))
        .with_some("errorMessage", error.map(|error| error.message.clone()))
        .with_some("retryable", error.map(|error| error.code.retry() == Retry::Yes))
}

/// `Diagnostic`.
pub(super) fn diagnostic(found: &Diagnostic) -> Parts {
    let severity = match found.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    Parts::new()
        .with("severity", severity)
        .with("code", u32::from(found.code.number()))
        .with("line", found.line)
        .with("column", found.column)
        .with("path", found.path.clone())
        .with("message", found.message.clone())
}

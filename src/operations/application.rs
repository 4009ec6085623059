//! The attempt that a running program speaks of when it registers itself.

use super::{OperationError, access};
use crate::job::{Attempt, Code, JobId, Preparation, State, Status};
use crate::store::{Tx, attempts, jobs};

/// The newest attempt of the task whose program runs. A program may be faster than the broker's next look at the batch system: one that
/// was handed over and has not ended counts as running.
pub(super) fn running(tx: &mut Tx<'_>, id: &JobId) -> Result<Attempt, OperationError> {
    let job = jobs::find(tx, id)?.ok_or_else(|| access::no_such_job(id.as_str()))?;
    let runs = job.tasks.iter().find(|task| matches!(task.state, State::Running { .. }));
    let task = runs.or_else(|| job.tasks.iter().find(|task| is_handed_over(&task.state)));
    let attempt = match task {
        Some(task) => attempts::find(tx, id, &task.id, task.attempts)?,
        None => None,
    };
    let open = |attempt: &Attempt| attempt.outcome.is_none() && attempt.submit_intended.is_some();
    attempt.filter(open).ok_or_else(|| not_running(id, job.status))
}

fn is_handed_over(state: &State) -> bool {
    matches!(state, State::Pending { .. } | State::Preprocessing { step: Preparation::Submitting, .. })
}

/// The answer when no program of the job runs.
pub(super) fn not_running(id: &JobId, status: Status) -> OperationError {
    let what_now = if status.is_final() { "it is over" } else { "ask again when it is RUNNING" };
    let message = format!("job {id} is {status}: no program of it is running; {what_now}");
    OperationError::new(Code::WrongState, message).about(id)
}

/// The answer when the program that runs has not registered itself.
pub(super) fn not_registered(id: &JobId) -> OperationError {
    let message = format!(
        "the program of job {id} that runs now has registered no access; it does so by registerApplicationAccess"
    );
    OperationError::new(Code::AccessNotRegistered, message).about(id)
}

//! Asking the policy, and naming jobs: the two questions before anything is read or changed.

use super::{Context, OperationError};
use crate::identity::{Action, Allowed, Caller, Denied, Policy, Subject};
use crate::job::{Code, JobId, TaskId};
use crate::store::{Tx, jobs};

impl Context {
    /// Asks whether the caller may do something that is not about one job.
    pub(super) fn may(&self, caller: &Caller, action: Action) -> Result<Allowed, OperationError> {
        self.policy.may(caller, action, None).map_err(|denied| OperationError::new(denied.code(), denied.to_string()))
    }
}

/// Asks whether the caller may do something to this job. A job of somebody else looks like no job.
pub(super) fn to_job(
    tx: &mut Tx<'_>,
    policy: &Policy,
    caller: &Caller,
    action: Action,
    id: &JobId,
) -> Result<Allowed, OperationError> {
    let owner = jobs::owner(tx, id)?.and_then(|owner| Subject::parse(&owner).ok());
    judged(policy, caller, action, id, owner.as_ref())
}

/// Asks the same about many jobs, in few statements. Gives the verdicts in the order of the ids.
pub(super) fn about_jobs(
    tx: &mut Tx<'_>,
    policy: &Policy,
    caller: &Caller,
    action: Action,
    ids: &[JobId],
) -> Result<Vec<Result<Allowed, OperationError>>, OperationError> {
    let owners = jobs::owners(tx, ids)?;
    let owner = |id: &JobId| owners.get(id.as_str()).and_then(|owner| Subject::parse(owner).ok());
    Ok(ids.iter().map(|id| judged(policy, caller, action, id, owner(id).as_ref())).collect())
}

fn judged(
    policy: &Policy,
    caller: &Caller,
    action: Action,
    id: &JobId,
    owner: Option<&Subject>,
) -> Result<Allowed, OperationError> {
    policy.may(caller, action, owner).map_err(|denied| match denied {
        Denied::NoSuchJob => no_such_job(id.as_str()),
        Denied::LimitedProxy | Denied::NotAdministrator | Denied::NotOwner => {
            OperationError::new(denied.code(), denied.to_string()).about(id)
        }
    })
}

/// Reads a job id. A text that no job can have is the id of no job.
pub(super) fn parse_job_id(text: &str) -> Result<JobId, OperationError> {
    JobId::parse(text.trim()).map_err(|_| no_such_job(text))
}

/// The answer for a job that is not there, or not for the caller.
pub(super) fn no_such_job(text: &str) -> OperationError {
    let shown: String = text.chars().take(100).collect();
    let error = OperationError::new(
        Code::JobNotFound,
        format!("there is no job `{shown}` among those you may see; getJobsList names them"),
    );
    match JobId::parse(text) {
        Ok(id) => error.about(&id),
        Err(_) => error,
    }
}

/// The answer for a task that the job does not have.
pub(super) fn no_such_task<'a>(text: &str, id: &JobId, tasks: impl Iterator<Item = &'a TaskId>) -> OperationError {
    let known: Vec<_> = tasks.take(20).map(TaskId::as_str).collect();
    let given: String = text.chars().take(64).collect();
    let message = format!("taskId: job {id} has no task `{given}`; it has: {}", known.join(", "));
    OperationError::new(Code::TaskNotFound, message).about(id)
}

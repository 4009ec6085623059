//! What a step needs to know of its task, read in one go.

use super::paths::{Homes, Variables, workplace};
use super::{Cluster, Context, StepError};
use crate::batch::Workplace;
use crate::job::{
    Attempt, Code, Event, Failure, JobId, Outcome, ResourceRequest, Staged, TaskId, TaskSpec, Waiting, WaitingKind,
};
use crate::shell::LocalUser;
use crate::store::tasks::Claimed;
use crate::store::transfers::{Item, Way};
use crate::store::{attempts, jobs};
use std::sync::Arc;
use std::time::Duration;

/// A task with its attempt and its place.
pub(super) struct Work {
    pub(super) job: JobId,
    pub(super) task: TaskId,
    pub(super) owner: String,
    pub(super) spec: TaskSpec,
    pub(super) attempt: Attempt,
    pub(super) cluster: Arc<Cluster>,
    pub(super) place: Workplace,
    pub(super) user: Option<LocalUser>,
    pub(super) variables: Variables,
}

impl Work {
    /// The one of the task's acceptable places by which it was placed.
    pub(super) fn resource(&self) -> Option<&ResourceRequest> {
        self.attempt.resource.and_then(|index| self.spec.resources.get(index))
    }
}

/// Whether a failed transfer only says that something is missing which may be missing.
pub(super) fn may_be_missing(work: &Work, way: Way, item: &Item, failure: &Failure) -> bool {
    let Item::Working(name) = item else { return false };
    let optional = |staged: &Staged| {
        let this_way = match way {
            Way::In => staged.direction.is_in(),
            Way::Out => staged.direction.is_out(),
        };
        this_way && !staged.required && staged.name == *name
    };
    failure.code == Code::FileNotFound && work.spec.staging.iter().any(optional)
}

/// Why the work cannot go on where it was placed.
pub(super) enum NoWork {
    /// The cluster or the account is not there any more.
    Misplaced(Box<Attempt>, Failure),
    /// Anything else.
    Step(StepError),
}

impl From<StepError> for NoWork {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

/// Reads a claimed task that has an attempt.
pub(super) async fn load(ctx: &Context, claimed: &Claimed, homes: &Homes) -> Result<Work, NoWork> {
    let (job, task, number) = (claimed.job.clone(), claimed.task.clone(), claimed.attempt);
    let found = ctx
        .store
        .read(move |tx| -> Result<_, StepError> {
            Ok((jobs::submission(tx, &job)?, attempts::find(tx, &job, &task, number)?))
        })
        .await?;
    let (Some(submission), Some(attempt)) = found else { return Err(StepError::Gone.into()) };
    let (owner, spec) = (submission.owner, submission.spec);
    let Some(task_spec) = spec.bounded(&claimed.task) else { return Err(StepError::Gone.into()) };
    let Some(cluster) = ctx.cluster(&attempt.cluster) else {
        let why = format!("cluster {} is no longer configured", attempt.cluster);
        return Err(NoWork::Misplaced(Box::new(attempt), Failure::new(crate::job::Code::ResourceUnavailable, why)));
    };
    let user = match (cluster.account)(&owner) {
        Ok(user) => user,
        Err(failure) => return Err(NoWork::Misplaced(Box::new(attempt), failure)),
    };
    let place = workplace(cluster, &claimed.job, &claimed.task, attempt.number);
    let home = homes.of(cluster, user.as_ref()).await?;
    Ok(Work {
        variables: Variables::of(&claimed.job, &claimed.task, &spec.app_id, &attempt, &place, home),
        job: claimed.job.clone(),
        task: claimed.task.clone(),
        spec: task_spec,
        cluster: Arc::clone(cluster),
        owner,
        attempt,
        place,
        user,
    })
}

/// Ends an attempt that did not work out: another one when the policy allows it, else the end of the task.
pub(super) async fn end_attempt(
    ctx: &Context,
    job: &JobId,
    task: &TaskId,
    attempt: &Attempt,
    failure: Failure,
    retry: bool,
) -> Result<(), StepError> {
    let (job, task, token, now) = (job.clone(), task.clone(), attempt.token.clone(), ctx.clock.now());
    let number = attempt.number;
    let again = retry && attempt.number < ctx.settings.max_attempts;
    let next = now + super::back_off(ctx.settings.retry_after, Duration::from_secs(300), attempt.number, &job);
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            attempts::close(tx, &token, Outcome::Failed, Some(&failure))?;
            let event = if again {
                let reason = format!("attempt {number} failed: {}", failure.message);
                let retry = Waiting { kind: WaitingKind::Retry, reason, next: Some(next), looks: 0 };
                Event::AttemptFailed { failure, retry }
            } else {
                Event::GaveUp(failure)
            };
            jobs::apply_to(tx, &job, &task, number, &event, now)?;
            Ok(())
        })
        .await
}

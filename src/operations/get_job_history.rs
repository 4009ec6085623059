//! `getJobHistory`: every attempt of a job, oldest first, with the description that was in force.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults, views};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Attempt, JobId, TaskId};
use crate::store::jobs::{self, InForce};
use crate::store::{Tx, attempts};
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// Which job.
    job_id: JobId,
    /// Only this task's attempts.
    task_id: Option<String>,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let task_id = fields.maybe_text("taskId")?;
        Ok(Self { job_id: access::parse_job_id(&fields.text("jobId")?)?, task_id })
    }
}

/// What is answered.
struct Response {
    /// The attempts, with the task each belongs to.
    attempts: Vec<(TaskId, Attempt)>,
    /// The descriptions they were made with.
    descriptions: InForce,
}

impl Response {
    fn into_parts(self) -> Parts {
        let shown = self
            .attempts
            .iter()
            .map(|(task, attempt)| views::attempt(attempt, Some(self.descriptions.at(task, attempt.number))));
        Parts::new().with_list("attempt", shown)
    }
}

static CONTRACT: Contract = Contract {
    name: "getJobHistory",
    request: &[Member::once("jobId", Kind::Text), Member::maybe("taskId", Kind::Text)],
    response: &[Member::many("attempt", Kind::Named("Attempt"))],
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetJobHistory;

#[async_trait]
impl Operation for GetJobHistory {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller) = (context.policy.clone(), caller.clone());
        let response = context
            .store
            .read(move |tx| {
                let allowed = access::to_job(tx, &policy, &caller, Action::Read, &request.job_id)?;
                list(tx, &allowed, &request)
            })
            .await?;
        Ok(response.into_parts())
    }
}

fn list(tx: &mut Tx<'_>, _: &Allowed, request: &Request) -> Result<Response, OperationError> {
    let id = &request.job_id;
    let found = jobs::submission(tx, id)?.zip(jobs::descriptions_in_force(tx, id)?);
    let (submission, descriptions) = found.ok_or_else(|| access::no_such_job(id.as_str()))?;
    let spec = submission.spec;
    let task = match &request.task_id {
        None => None,
        Some(text) => {
            let known = TaskId::parse(text.trim()).ok().filter(|task| spec.task(task).is_some());
            Some(known.ok_or_else(|| access::no_such_task(text, id, spec.tasks.iter().map(|task| &task.id)))?)
        }
    };
    Ok(Response { attempts: attempts::list(tx, id, task.as_ref())?, descriptions })
}

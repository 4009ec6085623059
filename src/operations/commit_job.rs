//! `commitJob`: lets a job go that was submitted on hold, or some of its tasks.

use super::once::{self, Answer, Key};
use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, control, faults};
use crate::identity::{Action, Caller};
use crate::job::JobId;
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// Which job.
    job_id: JobId,
    /// Which of its tasks; none named: all that are held.
    task_ids: Vec<String>,
    /// The client's key for this request.
    request_id: Option<String>,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let task_ids = fields.texts("taskId")?;
        let request_id = once::take_key(&mut fields)?;
        Ok(Self { job_id: access::parse_job_id(&fields.text("jobId")?)?, task_ids, request_id })
    }
}

static CONTRACT: Contract = Contract {
    name: "commitJob",
    request: &[
        Member::once("jobId", Kind::Text),
        Member::many("taskId", Kind::Text),
        Member::maybe("requestId", Kind::Text),
    ],
    response: &[],
    faults: faults!(State),
};

/// The operation.
pub(super) struct CommitJob;

#[async_trait]
impl Operation for CommitJob {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let Request { job_id, task_ids, request_id } = Request::decode(parts)?;
        let content = std::iter::once(job_id.as_str()).chain(task_ids.iter().map(String::as_str));
        let key = request_id.map(|text| Key::new(caller, CONTRACT.name, text, content));
        let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
        let answer = once::once(context, key, move |tx| {
            let allowed = access::to_job(tx, &policy, &caller, Action::Control, &job_id)?;
            control::commit(tx, &allowed, &job_id, &task_ids, now)?;
            Ok(Answer { status: None })
        });
        Ok(answer.await?.into_parts())
    }
}

//! `cancelJob`: stops the job wherever it is. The answer is the status at once; CANCELED comes when nothing is left of it.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, Event, Illegal, JobId, Status};
use crate::store::jobs::{self, ApplyError};
use crate::store::{StoreError, Tx};
use async_trait::async_trait;
use jiff::Timestamp;

/// What is asked.
struct Request {
    /// Which job.
    job_id: JobId,
    /// With a key, cancelling what is canceled already is no error: the caller did not hear the first answer.
    repeatable: bool,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let repeatable = fields.maybe_text("requestId")?.is_some();
        Ok(Self { job_id: access::parse_job_id(&fields.text("jobId")?)?, repeatable })
    }
}

/// What is answered.
struct Response {
    /// Where the job stands now.
    status: Status,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new().with("status", self.status.as_str())
    }
}

static CONTRACT: Contract = Contract {
    name: "cancelJob",
    request: &[Member::once("jobId", Kind::Text), Member::maybe("requestId", Kind::Text)],
    response: &[Member::once("status", Kind::Named("JobStatus"))],
    faults: faults!(State),
};

/// The operation.
pub(super) struct CancelJob;

#[async_trait]
impl Operation for CancelJob {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
        let status = context
            .store
            .write(move |tx| {
                let allowed = access::to_job(tx, &policy, &caller, Action::Cancel, &request.job_id)?;
                cancel(tx, &allowed, &request, now)
            })
            .await?;
        Ok(Response { status }.into_parts())
    }
}

fn cancel(tx: &mut Tx<'_>, _: &Allowed, request: &Request, now: Timestamp) -> Result<Status, OperationError> {
    let id = &request.job_id;
    let job = jobs::find(tx, id)?.ok_or_else(|| access::no_such_job(id.as_str()))?;
    if job.status.is_final() {
        if request.repeatable && job.status == Status::Canceled {
            return Ok(job.status);
        }
        let message = format!("job {id} is {} already; there is nothing to cancel", job.status);
        return Err(OperationError::new(Code::WrongState, message).about(id));
    }
    for task in job.tasks.iter().filter(|task| !task.state.is_final()) {
        match jobs::apply(tx, id, &task.id, &Event::CancelRequested, now) {
            Ok(_) | Err(ApplyError::Illegal(Illegal::Ignored)) => {}
            Err(ApplyError::Illegal(Illegal::Refused(code))) => {
                let message = format!("task {} of job {id} cannot be canceled while it is {}", task.id, job.status);
                return Err(OperationError::new(code, message).about(id));
            }
            Err(ApplyError::NotFound) => return Err(access::no_such_job(id.as_str())),
            Err(ApplyError::Store(error)) => return Err(error.into()),
        }
    }
    let after = jobs::find(tx, id)?;
    after.map(|job| job.status).ok_or_else(|| {
        StoreError::Unreadable { what: "job", why: format!("{id} disappeared while it was canceled") }.into()
    })
}

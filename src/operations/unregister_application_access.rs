//! `unregisterApplicationAccess`: the running program can no longer be asked for a checkpoint.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, application, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{JobId, Status};
use crate::store::{Tx, attempts};
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// Which job.
    job_id: JobId,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        Ok(Self { job_id: access::parse_job_id(&fields.text("jobId")?)? })
    }
}

static CONTRACT: Contract = Contract {
    name: "unregisterApplicationAccess",
    request: &[Member::once("jobId", Kind::Text)],
    response: &[],
    faults: faults!(State),
};

/// The operation.
pub(super) struct UnregisterApplicationAccess;

#[async_trait]
impl Operation for UnregisterApplicationAccess {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller) = (context.policy.clone(), caller.clone());
        context
            .store
            .write(move |tx| {
                let allowed = access::to_job(tx, &policy, &caller, Action::Control, &request.job_id)?;
                unregister(tx, &allowed, &request.job_id)
            })
            .await?;
        Ok(Parts::new())
    }
}

fn unregister(tx: &mut Tx<'_>, _: &Allowed, id: &JobId) -> Result<(), OperationError> {
    let attempt = application::running(tx, id)?;
    if attempt.access.is_none() {
        return Err(application::not_registered(id));
    }
    if attempts::register_access(tx, &attempt.token, None)? {
        Ok(())
    } else {
        Err(application::not_running(id, Status::Stopped))
    }
}

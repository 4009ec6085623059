//! `getApplicationAccess`: where the program that runs can be asked for a checkpoint.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, application, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{ApplicationAccess, JobId};
use crate::store::Tx;
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

/// What is answered.
struct Response {
    /// What the program registered.
    access: ApplicationAccess,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new().with("serviceLocation", self.access.location.to_string()).with_some("pid", self.access.pid)
    }
}

static CONTRACT: Contract = Contract {
    name: "getApplicationAccess",
    request: &[Member::once("jobId", Kind::Text)],
    response: &[Member::once("serviceLocation", Kind::Text), Member::maybe("pid", Kind::Int)],
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetApplicationAccess;

#[async_trait]
impl Operation for GetApplicationAccess {
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
                find(tx, &allowed, &request.job_id)
            })
            .await?;
        Ok(response.into_parts())
    }
}

fn find(tx: &mut Tx<'_>, _: &Allowed, id: &JobId) -> Result<Response, OperationError> {
    let access = application::running(tx, id)?.access;
    access.map(|access| Response { access }).ok_or_else(|| application::not_registered(id))
}

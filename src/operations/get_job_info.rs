//! `getJobInfo`: where a job stands, why, and what its last attempt was.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults, views};
use crate::identity::{Action, Allowed, Caller};
use crate::job::JobId;
use crate::store::Tx;
use crate::store::jobs::{self, JobRecord};
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
    /// The job.
    job: JobRecord,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new().with("jobInfo", views::job_info(&self.job))
    }
}

static CONTRACT: Contract = Contract {
    name: "getJobInfo",
    request: &[Member::once("jobId", Kind::Text)],
    response: &[Member::once("jobInfo", Kind::Named("JobInfo"))],
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetJobInfo;

#[async_trait]
impl Operation for GetJobInfo {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller) = (context.policy.clone(), caller.clone());
        let job = context
            .store
            .read(move |tx| {
                let allowed = access::to_job(tx, &policy, &caller, Action::Read, &request.job_id)?;
                find(tx, &allowed, &request.job_id)
            })
            .await?;
        Ok(Response { job }.into_parts())
    }
}

fn find(tx: &mut Tx<'_>, _: &Allowed, id: &JobId) -> Result<JobRecord, OperationError> {
    jobs::find(tx, id)?.ok_or_else(|| access::no_such_job(id.as_str()))
}

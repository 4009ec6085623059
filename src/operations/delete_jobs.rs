//! `deleteJobs`: forgets jobs that are over, with everything that is known of them.

use super::{Context, Contract, Kind, Member, Operation, OperationError, Parts, access, bulk, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, JobId};
use crate::store::Tx;
use crate::store::jobs::{self, Removal};
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "deleteJobs",
    request: &[Member::several("jobId", Kind::Text)],
    response: bulk::RESPONSE,
    faults: faults!(),
};

/// The operation.
pub(super) struct DeleteJobs;

#[async_trait]
impl Operation for DeleteJobs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        bulk::each_job(context, caller, &CONTRACT, parts, Action::Control, |tx, allowed, id, _| delete(tx, allowed, id))
            .await
    }
}

fn delete(tx: &mut Tx<'_>, _: &Allowed, id: &JobId) -> Result<(), OperationError> {
    let (code, message) = match jobs::remove(tx, id)? {
        Removal::Removed => return Ok(()),
        Removal::NotFound => return Err(access::no_such_job(id.as_str())),
        Removal::NotFinal(status) => {
            (Code::WrongState, format!("job {id} is {status}; only a job that is over can be deleted: cancel it first"))
        }
        Removal::NotSwept => {
            (Code::RequestInProgress, format!("the directories of job {id} are still being removed; try again later"))
        }
    };
    Err(OperationError::new(code, message).about(id))
}

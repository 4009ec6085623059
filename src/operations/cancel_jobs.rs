//! `cancelJobs`: stops many jobs, each as `cancelJob` does.

use super::{Context, Contract, Kind, Member, Operation, OperationError, Parts, bulk, control, faults};
use crate::identity::{Action, Caller};
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "cancelJobs",
    request: &[Member::several("jobId", Kind::Text)],
    response: bulk::RESPONSE,
    faults: faults!(),
};

/// The operation.
pub(super) struct CancelJobs;

#[async_trait]
impl Operation for CancelJobs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        bulk::each_job(context, caller, &CONTRACT, parts, Action::Cancel, |tx, allowed, id, now| {
            control::cancel(tx, allowed, id, None, now).map(drop)
        })
        .await
    }
}

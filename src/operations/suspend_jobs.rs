//! `suspendJobs`: suspends many jobs, each as `suspendJob` does.

use super::{Context, Contract, Kind, Member, Operation, OperationError, Parts, bulk, control, faults};
use crate::identity::{Action, Caller};
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "suspendJobs",
    request: &[Member::several("jobId", Kind::Text)],
    response: bulk::RESPONSE,
    faults: faults!(),
};

/// The operation.
pub(super) struct SuspendJobs;

#[async_trait]
impl Operation for SuspendJobs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        bulk::each_job(context, caller, &CONTRACT, parts, Action::Control, |tx, allowed, id, now| {
            control::suspend(tx, allowed, id, None, now).map(drop)
        })
        .await
    }
}

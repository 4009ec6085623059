//! `suspendJob`: stops the job and keeps it until it is resumed, with another description if one is given.

use super::{Context, Contract, Kind, Member, Operation, OperationError, Parts, control, faults};
use crate::identity::{Action, Caller};
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "suspendJob",
    request: &[
        Member::once("jobId", Kind::Text),
        Member::maybe("jobDefinition", Kind::Text),
        Member::maybe("requestId", Kind::Text),
    ],
    response: &[Member::once("status", Kind::Named("JobStatus"))],
    faults: faults!(Description, State),
};

/// The operation.
pub(super) struct SuspendJob;

#[async_trait]
impl Operation for SuspendJob {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        control::run(context, caller, &CONTRACT, parts, (Action::Control, control::suspend)).await
    }
}

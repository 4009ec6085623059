//! `cancelJob`: stops the job wherever it is. The answer is the status at once; CANCELED comes when nothing is left of it.

use super::{Context, Contract, Kind, Member, Operation, OperationError, Parts, control, faults};
use crate::identity::{Action, Caller};
use async_trait::async_trait;

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
        control::run(context, caller, &CONTRACT, parts, (Action::Cancel, control::cancel)).await
    }
}

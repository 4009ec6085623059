//! `getOutputFileDirs`: the files that are delivered after the end: those of the description as they were changed.

use super::{Context, Contract, Operation, OperationError, Parts, entries, faults};
use crate::identity::Caller;
use crate::job::entry::Role;
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "getOutputFileDirs",
    request: entries::LIST_REQUEST,
    response: entries::LIST_RESPONSE,
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetOutputFileDirs;

#[async_trait]
impl Operation for GetOutputFileDirs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        entries::list(context, caller, parts, Role::Output).await
    }
}

//! `deleteOutputFileDirs`: these files are not delivered after the end.

use super::{Context, Contract, Operation, OperationError, Parts, entries, faults};
use crate::identity::Caller;
use crate::job::entry::Role;
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "deleteOutputFileDirs",
    request: entries::CHANGE_REQUEST,
    response: entries::CHANGE_RESPONSE,
    faults: faults!(State),
};

/// The operation.
pub(super) struct DeleteOutputFileDirs;

#[async_trait]
impl Operation for DeleteOutputFileDirs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        entries::delete(context, caller, parts, Role::Output).await
    }
}

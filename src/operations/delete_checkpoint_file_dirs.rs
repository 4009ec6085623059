//! `deleteCheckpointFileDirs`: these files are not kept with a checkpoint.

use super::{Context, Contract, Operation, OperationError, Parts, entries, faults};
use crate::identity::Caller;
use crate::job::entry::Role;
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "deleteCheckpointFileDirs",
    request: entries::CHANGE_REQUEST,
    response: entries::CHANGE_RESPONSE,
    faults: faults!(State),
};

/// The operation.
pub(super) struct DeleteCheckpointFileDirs;

#[async_trait]
impl Operation for DeleteCheckpointFileDirs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        entries::delete(context, caller, parts, Role::Checkpoint).await
    }
}

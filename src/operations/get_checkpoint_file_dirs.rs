//! `getCheckpointFileDirs`: the files that are kept with a checkpoint: those of the description as they were changed.

use super::{Context, Contract, Operation, OperationError, Parts, entries, faults};
use crate::identity::Caller;
use crate::job::entry::Role;
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "getCheckpointFileDirs",
    request: entries::LIST_REQUEST,
    response: entries::LIST_RESPONSE,
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetCheckpointFileDirs;

#[async_trait]
impl Operation for GetCheckpointFileDirs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        entries::list(context, caller, parts, Role::Checkpoint).await
    }
}

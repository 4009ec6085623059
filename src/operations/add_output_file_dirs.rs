//! `addOutputFileDirs`: more files are delivered after the end, or declared ones go elsewhere.

use super::{Context, Contract, Operation, OperationError, Parts, entries, faults};
use crate::identity::Caller;
use crate::job::entry::Role;
use async_trait::async_trait;

static CONTRACT: Contract = Contract {
    name: "addOutputFileDirs",
    request: entries::CHANGE_REQUEST,
    response: entries::CHANGE_RESPONSE,
    faults: faults!(State),
};

/// The operation.
pub(super) struct AddOutputFileDirs;

#[async_trait]
impl Operation for AddOutputFileDirs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        entries::add(context, caller, parts, Role::Output).await
    }
}

//! `getAllJobsList`: everybody's jobs, newest first, in pages. For administrators.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, page};
use crate::identity::{Action, Allowed, Caller};
use crate::store::jobs::Filter;
use async_trait::async_trait;

/// What is asked: status, owner, size of the page and where it begins.
struct Request(Filter);

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let filter = page::decode(&mut fields, context)?;
        Ok(Self(Filter { owner: fields.maybe_text("userDn")?, ..filter }))
    }
}

static CONTRACT: Contract = Contract {
    name: "getAllJobsList",
    request: &[
        Member::many("status", Kind::Named("JobStatus")),
        Member::maybe("userDn", Kind::Text),
        Member::maybe("limit", Kind::Int),
        Member::maybe("cursor", Kind::Text),
    ],
    response: &[Member::many("jobId", Kind::Text), Member::maybe("cursor", Kind::Text)],
    faults: faults!(),
};

/// The operation.
pub(super) struct GetAllJobsList;

#[async_trait]
impl Operation for GetAllJobsList {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::ListAll)?;
        let request = Request::decode(parts, context)?;
        list_all(context, &allowed, request).await
    }
}

async fn list_all(context: &Context, _: &Allowed, request: Request) -> Result<Parts, OperationError> {
    page::list(context, request.0).await
}

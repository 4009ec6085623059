//! `getJobsList`: the caller's own jobs, newest first, in pages.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, page};
use crate::identity::{Action, Allowed, Caller};
use crate::store::jobs::Filter;
use async_trait::async_trait;

/// What is asked: status, project, time of submission, size of the page and where it begins.
struct Request(Filter);

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let filter = page::decode(&mut fields, context)?;
        Ok(Self(Filter { project: fields.maybe_text("project")?, since: fields.maybe_time("since")?, ..filter }))
    }
}

static CONTRACT: Contract = Contract {
    name: "getJobsList",
    request: &[
        Member::many("status", Kind::Named("JobStatus")),
        Member::maybe("project", Kind::Text),
        Member::maybe("since", Kind::Time),
        Member::maybe("limit", Kind::Int),
        Member::maybe("cursor", Kind::Text),
    ],
    response: &[Member::many("jobId", Kind::Text), Member::maybe("cursor", Kind::Text)],
    faults: faults!(),
};

/// The operation.
pub(super) struct GetJobsList;

#[async_trait]
impl Operation for GetJobsList {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::List)?;
        let request = Request::decode(parts, context)?;
        list_own(context, &allowed, request).await
    }
}

async fn list_own(context: &Context, allowed: &Allowed, request: Request) -> Result<Parts, OperationError> {
    let owner = Some(allowed.caller().subject.as_str().to_owned());
    page::list(context, Filter { owner, ..request.0 }).await
}

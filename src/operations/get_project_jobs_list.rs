//! `getProjectJobsList`: the jobs of one project, newest first, in pages. Administrators see everybody's, others their own.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, page};
use crate::identity::{Action, Allowed, Caller};
use crate::store::jobs::Filter;
use async_trait::async_trait;

/// What is asked: project, status, size of the page and where it begins.
struct Request(Filter);

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let filter = page::decode(&mut fields, context)?;
        Ok(Self(Filter { project: Some(fields.text("project")?), ..filter }))
    }
}

static CONTRACT: Contract = Contract {
    name: "getProjectJobsList",
    request: &[
        Member::once("project", Kind::Text),
        Member::many("status", Kind::Named("JobStatus")),
        Member::maybe("limit", Kind::Int),
        Member::maybe("cursor", Kind::Text),
    ],
    response: &[Member::many("jobId", Kind::Text), Member::maybe("cursor", Kind::Text)],
    faults: faults!(),
};

/// The operation.
pub(super) struct GetProjectJobsList;

#[async_trait]
impl Operation for GetProjectJobsList {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::ListAll).or_else(|_| context.may(caller, Action::List))?;
        let request = Request::decode(parts, context)?;
        list(context, &allowed, request).await
    }
}

async fn list(context: &Context, allowed: &Allowed, request: Request) -> Result<Parts, OperationError> {
    let own = !allowed.as_administrator();
    let owner = own.then(|| allowed.caller().subject.as_str().to_owned());
    page::list(context, Filter { owner, ..request.0 }).await
}

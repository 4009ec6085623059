//! `getJobInfoList`: `getJobInfo` of many jobs: of those named, or of the caller's own that a filter lets through.

use super::bulk::{self, Item};
use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults, page, views};
use crate::identity::{Action, Caller};
use crate::job::{Code, JobId};
use crate::store::jobs::{self, Filter, JobRecord};
use async_trait::async_trait;

/// What is asked.
enum Request {
    /// These jobs.
    Named(Vec<String>),
    /// Those of the caller that a filter lets through.
    Filtered(Box<Filter>),
}

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let filtered = parts.iter().map(|(name, _)| name).find(|name| *name != "jobId").map(str::to_owned);
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let ids = bulk::take_ids(context, &mut fields)?;
        if ids.is_empty() {
            let filter = page::decode(&mut fields, context)?;
            let (project, since) = (fields.maybe_text("project")?, fields.maybe_time("since")?);
            return Ok(Self::Filtered(Box::new(Filter { project, since, ..filter })));
        }
        match filtered {
            None => Ok(Self::Named(ids)),
            Some(name) => {
                let message = format!("{name}: give the ids of jobs or a filter, not both");
                Err(OperationError::new(Code::BadArgument, message))
            }
        }
    }
}

static CONTRACT: Contract = Contract {
    name: "getJobInfoList",
    request: &[
        Member::many("jobId", Kind::Text),
        Member::many("status", Kind::Named("JobStatus")),
        Member::maybe("project", Kind::Text),
        Member::maybe("since", Kind::Time),
        Member::maybe("limit", Kind::Int),
        Member::maybe("cursor", Kind::Text),
    ],
    response: &[
        Member::once("errors", Kind::Int),
        Member::many("result", Kind::Named("ItemResult")),
        Member::many("jobInfo", Kind::Named("JobInfo")),
        Member::maybe("cursor", Kind::Text),
    ],
    faults: faults!(),
};

/// The operation.
pub(super) struct GetJobInfoList;

#[async_trait]
impl Operation for GetJobInfoList {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        match Request::decode(parts, context)? {
            Request::Named(ids) => named(context, caller, ids).await,
            Request::Filtered(filter) => {
                let allowed = context.may(caller, Action::List)?;
                let owner = Some(allowed.caller().subject.as_str().to_owned());
                filtered(context, Filter { owner, ..*filter }).await
            }
        }
    }
}

async fn named(context: &Context, caller: &Caller, texts: Vec<String>) -> Result<Parts, OperationError> {
    let (policy, caller) = (context.policy.clone(), caller.clone());
    let (items, found) = context
        .store
        .read(move |tx| {
            let ids: Vec<Result<JobId, OperationError>> = texts.iter().map(|text| access::parse_job_id(text)).collect();
            let known: Vec<JobId> = ids.iter().flatten().cloned().collect();
            let mut verdicts = access::about_jobs(tx, &policy, &caller, Action::Read, &known)?.into_iter();
            let mut records = jobs::find_many(tx, &known)?.into_iter();
            let (mut items, mut shown) = (Vec::with_capacity(ids.len()), Vec::new());
            for id in ids {
                items.push(match id {
                    Err(error) => Item::refused(None, error),
                    Ok(id) => match (verdicts.next(), records.next().flatten()) {
                        (Some(Ok(_)), Some(record)) => {
                            shown.push(record);
                            Item::done(id)
                        }
                        (Some(Err(error)), _) => Item::refused(Some(id), error),
                        _ => Item::refused(Some(id.clone()), access::no_such_job(id.as_str())),
                    },
                });
            }
            Ok::<_, OperationError>((items, shown))
        })
        .await?;
    Ok(bulk::to_parts(&items).with_list("jobInfo", infos(&found)))
}

async fn filtered(context: &Context, mut filter: Filter) -> Result<Parts, OperationError> {
    let limit = filter.limit as usize;
    filter.limit += 1;
    let (found, more) = context
        .store
        .read(move |tx| {
            let mut ids = jobs::list(tx, &filter)?;
            let more = ids.len() > limit;
            ids.truncate(limit);
            Ok::<_, OperationError>((jobs::find_many(tx, &ids)?.into_iter().flatten().collect::<Vec<_>>(), more))
        })
        .await?;
    let cursor = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(bulk::to_parts(&[]).with_list("jobInfo", infos(&found)).with_some("cursor", cursor))
}

fn infos(found: &[JobRecord]) -> impl Iterator<Item = Parts> {
    found.iter().map(views::job_info)
}

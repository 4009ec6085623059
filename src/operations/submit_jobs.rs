//! `submitJobs`: many submissions in one request, each accepted or refused by itself; with `atomic`, all of them or none.

use super::bulk::{self, Item};
use super::submission::{self, Draft};
use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, Structure, faults, once};
use crate::description;
use crate::identity::{Action, Allowed, Caller};
use crate::job::{JobId, Spec};
use crate::store::jobs::{self, NewJob};
use crate::store::{StoreError, Tx};
use async_trait::async_trait;
use std::collections::HashSet;

/// One of the submissions.
pub(super) const ITEM: Structure = Structure {
    name: "SubmitItem",
    members: &[Member::once("jobDefinition", Kind::Text), Member::maybe("requestId", Kind::Text)],
};

/// What is asked.
struct Request {
    /// The submissions; a wrong key is an error of its item.
    drafts: Vec<Result<Draft, OperationError>>,
    /// Whether one refusal refuses all.
    atomic: bool,
}

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let atomic = fields.maybe_bool("atomic")? == Some(true);
        let items = fields.structs("job", ITEM.members)?;
        bulk::check_size(context, "job", items.len())?;
        let draft = |mut item: Fields| {
            let request_id = once::take_key(&mut item)?;
            let job_definition = item.text("jobDefinition")?;
            Ok(Draft { job_definition, dialect: None, request_id, hold: false, notifications: Vec::new() })
        };
        Ok(Self { drafts: items.into_iter().map(draft).collect(), atomic })
    }
}

static CONTRACT: Contract = Contract {
    name: "submitJobs",
    request: &[Member::several("job", Kind::Named("SubmitItem")), Member::maybe("atomic", Kind::Bool)],
    response: bulk::RESPONSE,
    faults: faults!(),
};

/// The operation.
pub(super) struct SubmitJobs;

#[async_trait]
impl Operation for SubmitJobs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::Submit)?;
        let request = Request::decode(parts, context)?;
        Ok(bulk::to_parts(&submit(context, &allowed, request).await?))
    }
}

/// How far a submission has come: it is answered, or to be accepted.
enum Stage {
    Answered(Item),
    Accepted(Box<NewJob>),
}

async fn submit(context: &Context, allowed: &Allowed, request: Request) -> Result<Vec<Item>, OperationError> {
    let (owner, at, atomic) = (allowed.caller().subject.as_str().to_owned(), context.clock.now(), request.atomic);
    let mut stages = Vec::with_capacity(request.drafts.len());
    for judged in judge(context, &owner, request.drafts).await? {
        stages.push(match judged {
            Judged::Before(id) => Stage::Answered(Item::done(id)),
            Judged::Refused(error) => Stage::Answered(Item::refused(None, error)),
            Judged::New(draft, spec) => Stage::Accepted(Box::new(draft.into_job(context, &owner, *spec, at))),
        });
    }
    let (quota, limit) = (context.settings.max_jobs_per_user, owner);
    let accepted = context.store.write(move |tx| accept(tx, stages, &limit, quota, atomic)).await;
    match accepted {
        Ok(items) | Err(Stop::Undone(items)) => Ok(items),
        Err(Stop::Store(error)) => Err(error.into()),
    }
}

/// What is known of a draft before anything is written.
enum Judged {
    /// It was accepted before, under its key.
    Before(JobId),
    /// It is wrong.
    Refused(OperationError),
    /// It is a job.
    New(Box<Draft>, Box<Spec>),
}

async fn judge(
    context: &Context,
    owner: &str,
    drafts: Vec<Result<Draft, OperationError>>,
) -> Result<Vec<Judged>, OperationError> {
    let rules = context.rules();
    // Many documents take a while to read, and others are served by this thread.
    let read = tokio::task::spawn_blocking(move || {
        let one = |draft: Result<Draft, _>| match draft {
            Err(error) => (None, Judged::Refused(error)),
            Ok(draft) => match description::read(&draft.job_definition, &rules) {
                Err(diagnostics) => (Some(draft), Judged::Refused(OperationError::refused(diagnostics))),
                Ok(found) if !found.beyond.is_empty() => {
                    (Some(draft), Judged::Refused(OperationError::refused(found.beyond)))
                }
                Ok(found) => (None, Judged::New(Box::new(draft), Box::new(found.spec))),
            },
        };
        drafts.into_iter().map(one).collect::<Vec<_>>()
    });
    let judged = read.await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    if !judged.iter().any(|(refused, _)| refused.as_ref().is_some_and(|draft| draft.request_id.is_some())) {
        return Ok(judged.into_iter().map(|(_, judged)| judged).collect());
    }
    // Nothing is judged anew that was accepted once: a deadline may have passed since.
    let owner = owner.to_owned();
    let again = move |tx: &mut Tx<'_>| {
        let one = |(refused, judged): (Option<Draft>, Judged)| match refused {
            None => judged,
            Some(draft) => match submission::earlier(tx, &owner, &draft) {
                Ok(Some(taken)) => Judged::Before(taken.job_id),
                Ok(None) => judged,
                Err(error) => Judged::Refused(error),
            },
        };
        Ok::<_, OperationError>(judged.into_iter().map(one).collect())
    };
    context.store.read(again).await
}

/// Why nothing was written.
enum Stop {
    /// One was refused, and all or none were to be accepted.
    Undone(Vec<Item>),
    /// The store's own failure.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn accept(
    tx: &mut Tx<'_>,
    stages: Vec<Stage>,
    owner: &str,
    quota: Option<u32>,
    atomic: bool,
) -> Result<Vec<Item>, Stop> {
    let mut open = if quota.is_some() { jobs::count_open(tx, owner)? } else { 0 };
    let (mut items, mut added) = (Vec::with_capacity(stages.len()), HashSet::new());
    for stage in stages {
        let job = match stage {
            Stage::Answered(item) => {
                items.push(item);
                continue;
            }
            Stage::Accepted(job) => *job,
        };
        let taken = tx.part(|tx| {
            let taken = submission::accept(tx, job)?;
            match quota {
                Some(quota) if taken.is_new && open >= quota => Err(submission::over_quota(quota)),
                _ => Ok(taken),
            }
        });
        items.push(match taken {
            Ok(taken) => {
                if taken.is_new {
                    open += 1;
                    added.insert(items.len());
                }
                Item::done(taken.job_id)
            }
            Err(error) => Item::refused(None, error),
        });
    }
    match items.iter().position(|item| item.error.is_some()).filter(|_| atomic) {
        Some(first) => Err(Stop::Undone(undone(items, first, &added))),
        None => Ok(items),
    }
}

/// What is said of those that were right when one was not: they are refused with its code. One that was accepted by an earlier request
/// is there all the same.
fn undone(items: Vec<Item>, first: usize, added: &HashSet<usize>) -> Vec<Item> {
    let code = items[first].error.as_ref().map(|error| error.code);
    let right = |(at, item): (usize, Item)| match code {
        Some(code) if added.contains(&at) => {
            let message =
                format!("not submitted, because job {} was refused and all or none were asked for", first + 1);
            Item::refused(None, OperationError::new(code, message))
        }
        _ => item,
    };
    items.into_iter().enumerate().map(right).collect()
}

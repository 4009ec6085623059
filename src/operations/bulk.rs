//! Many items in one request: each gets a result of its own, in the order of the request and numbered from 1, and an item that is refused
//! stops no other. One transaction for all of them.

use super::{Context, Contract, Fields, Kind, Member, OperationError, Parts, access};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, JobId, Retry};
use crate::store::Tx;
use jiff::Timestamp;

/// What most bulk operations answer.
pub(super) const RESPONSE: &[Member] =
    &[Member::once("errors", Kind::Int), Member::many("result", Kind::Named("ItemResult"))];

/// What became of an item: the job it is about, if it is known, and why it was refused.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) job: Option<JobId>,
    pub(super) error: Option<OperationError>,
}

impl Item {
    pub(super) fn done(job: JobId) -> Self {
        Self { job: Some(job), error: None }
    }

    pub(super) fn refused(job: Option<JobId>, error: OperationError) -> Self {
        Self { job, error: Some(error) }
    }

    /// `ItemResult`.
    fn to_parts(&self, index: usize) -> Parts {
        let error = self.error.as_ref();
        Parts::new()
            .with("index", i64::try_from(index).unwrap_or(i64::MAX))
            .with_some("jobId", self.job.as_ref().map(ToString::to_string))
            .with("errorCode", error.map_or(0, |error| u32::from(error.code.number())))
            .with_some("errorName", error.map(|error| error.code.name()))
            .with_some("errorMessage", error.map(|error| error.message.clone()))
            .with_some("retryable", error.map(|error| error.code.retry() == Retry::Yes))
    }
}

/// `errors` and `result`.
pub(super) fn to_parts(items: &[Item]) -> Parts {
    let errors = items.iter().filter(|item| item.error.is_some()).count();
    Parts::new()
        .with("errors", i64::try_from(errors).unwrap_or(i64::MAX))
        .with_list("result", items.iter().enumerate().map(|(at, item)| item.to_parts(at + 1)))
}

/// Refuses more items than this broker takes at once.
pub(super) fn check_size(context: &Context, name: &str, count: usize) -> Result<(), OperationError> {
    let most = context.settings.max_bulk;
    if count <= most as usize {
        return Ok(());
    }
    let message = format!(
        "{name}: {count} of them are more than {most}, the most this broker takes at once; send several requests"
    );
    Err(OperationError::new(Code::LimitExceeded, message))
}

/// The ids of a bulk request.
pub(super) fn take_ids(context: &Context, fields: &mut Fields) -> Result<Vec<String>, OperationError> {
    let ids = fields.texts("jobId")?;
    check_size(context, "jobId", ids.len())?;
    Ok(ids)
}

/// Does the same to each of the jobs named, if the caller may.
pub(super) async fn each_job(
    context: &Context,
    caller: &Caller,
    contract: &'static Contract,
    parts: Parts,
    action: Action,
    act: fn(&mut Tx<'_>, &Allowed, &JobId, Timestamp) -> Result<(), OperationError>,
) -> Result<Parts, OperationError> {
    let ids = take_ids(context, &mut Fields::new(parts, contract.request)?)?;
    let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
    let one = move |tx: &mut Tx<'_>, text: &str| {
        let id = match access::parse_job_id(text) {
            Ok(id) => id,
            Err(error) => return Item::refused(None, error),
        };
        let done = tx.part(|tx| {
            let allowed = access::to_job(tx, &policy, &caller, action, &id)?;
            act(tx, &allowed, &id, now)
        });
        match done {
            Ok(()) => Item::done(id),
            Err(error) => Item::refused(Some(id), error),
        }
    };
    let all = move |tx: &mut Tx<'_>| Ok::<_, OperationError>(ids.iter().map(|id| one(tx, id)).collect::<Vec<_>>());
    Ok(to_parts(&context.store.write(all).await?))
}

//! Lists in pages: the status filter, the limit and the cursor that the list operations share.

use super::{Context, Fields, OperationError, Parts};
use crate::job::{Code, JobId, Status};
use crate::store::jobs::{self, Filter};

/// The part of the request that every list has.
pub(super) fn decode(fields: &mut Fields, context: &Context) -> Result<Filter, OperationError> {
    let statuses = take_statuses(fields, "status")?;
    let limit = take_limit(fields, context)?;
    let before = fields.maybe_text("cursor")?.map(|text| parse_cursor(&text)).transpose()?;
    Ok(Filter { statuses, limit, before, ..Filter::default() })
}

/// Takes how many are wanted at once.
pub(super) fn take_limit(fields: &mut Fields, context: &Context) -> Result<u32, OperationError> {
    let most = context.settings.max_list;
    let Some(given) = fields.maybe_int("limit")? else { return Ok(most) };
    match u32::try_from(given) {
        Ok(limit) if limit > most => {
            let message = format!("limit: {given} is more than {most}, the most this broker gives at once");
            Err(OperationError::new(Code::LimitExceeded, message))
        }
        Ok(limit) if limit > 0 => Ok(limit),
        _ => {
            let message = format!("limit: expected a number from 1 to {most}, got {given}");
            Err(OperationError::new(Code::BadArgument, message))
        }
    }
}

/// Takes statuses that may be named any number of times.
pub(super) fn take_statuses(fields: &mut Fields, name: &str) -> Result<Vec<Status>, OperationError> {
    let one = |word: &String| {
        Status::from_word(word.trim()).ok_or_else(|| {
            let known: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
            let given: String = word.chars().take(60).collect();
            let message = format!("{name}: expected one of {}, got `{given}`", known.join(", "));
            OperationError::new(Code::BadArgument, message)
        })
    };
    fields.texts(name)?.iter().map(one).collect()
}

fn parse_cursor(text: &str) -> Result<JobId, OperationError> {
    JobId::parse(text.trim()).map_err(|_| {
        let message = "cursor: this is not a cursor of a former answer; leave it out to start at the newest job";
        OperationError::new(Code::BadArgument, message)
    })
}

/// One page: ids, newest first, and a cursor if there are more.
pub(super) async fn list(context: &Context, mut filter: Filter) -> Result<Parts, OperationError> {
    let limit = filter.limit as usize;
    filter.limit += 1;
    let mut ids = context.store.read(move |tx| jobs::list(tx, &filter)).await.map_err(OperationError::from)?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let cursor = ids.last().filter(|_| more).map(JobId::to_string);
    Ok(Parts::new().with_list("jobId", ids.into_iter().map(String::from)).with_some("cursor", cursor))
}

//! Lists in pages: the status filter, the limit and the cursor that the list operations share.

use super::{Context, Fields, OperationError, Parts};
use crate::job::{Code, JobId, Status};
use crate::store::jobs::{self, Filter};

/// The part of the request that every list has.
pub(super) fn decode(fields: &mut Fields, context: &Context) -> Result<Filter, OperationError> {
    let statuses = fields.texts("status")?.iter().map(|word| parse_status(word)).collect::<Result<_, _>>()?;
    let most = context.settings.max_list;
    let limit = match fields.maybe_int("limit")? {
        None => most,
        Some(given) => match u32::try_from(given) {
            Ok(limit) if limit > most => {
                let message = format!("limit: {given} is more than {most}, the most this broker gives at once");
                return Err(OperationError::new(Code::LimitExceeded, message));
            }
            Ok(limit) if limit > 0 => limit,
            _ => {
                let message = format!("limit: expected a number from 1 to {most}, got {given}");
                return Err(OperationError::new(Code::BadArgument, message));
            }
        },
    };
    let before = fields.maybe_text("cursor")?.map(|text| parse_cursor(&text)).transpose()?;
    Ok(Filter { statuses, limit, before, ..Filter::default() })
}

fn parse_status(word: &str) -> Result<Status, OperationError> {
    Status::from_word(word.trim()).ok_or_else(|| {
        let known: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let given: String = word.chars().take(60).collect();
        let message = format!("status: expected one of {}, got `{given}`", known.join(", "));
        OperationError::new(Code::BadArgument, message)
    })
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

//! Waiting for a change inside a request. Whoever waits holds nothing but a place on a list: no connection to the database, no
//! transaction. A commit wakes those it concerns, several commits in a short time once, and the stop of the broker wakes everybody.

use super::{Context, Fields, OperationError};
use crate::job::Code;
use crate::store::changes::Topic;
use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// The least time between two looks of one who waits.
const PAUSE: Duration = Duration::from_millis(250);
/// A lost signal costs no more than this.
const PATIENCE: Duration = Duration::from_secs(15);

/// Takes how long to wait at the most; longer than the broker allows is as long as it allows.
pub(super) fn take_timeout(context: &Context, fields: &mut Fields) -> Result<Duration, OperationError> {
    let most = context.settings.longest_wait;
    match fields.maybe_int("timeoutSeconds")?.map(u64::try_from) {
        Some(Ok(seconds)) => Ok(Duration::from_secs(seconds).min(most)),
        _ => {
            let most = most.as_secs();
            Err(fields
                .bad(&format!("timeoutSeconds: expected a number from 0 on; more than {most} is taken for {most}")))
        }
    }
}

/// Looks, and looks again after changes, until there is something, the time is over or the broker stops: then `None`.
pub(super) async fn until<T, F>(
    context: &Context,
    topics: Vec<Topic>,
    timeout: Duration,
    mut look: impl FnMut() -> F,
) -> Result<Option<T>, OperationError>
where
    F: Future<Output = Result<Option<T>, OperationError>>,
{
    let end = Instant::now() + timeout;
    let _place = context.waiting.try_acquire().map_err(|_| {
        let message = "too many callers wait for changes already; ask again later, or ask without waiting";
        OperationError::new(Code::ServiceBusy, message).after(Duration::from_secs(5))
    })?;
    let watch = context.store.changes().watch(topics);
    loop {
        let looked = Instant::now();
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        if Instant::now() >= end || *context.stopping.borrow() {
            return Ok(None);
        }
        tokio::select! {
            () = watch.changed() => {}
            () = tokio::time::sleep_until(end.min(looked + PATIENCE)) => {}
            () = context.stopped() => {}
        }
        tokio::select! {
            () = tokio::time::sleep_until(end.min(looked + PAUSE)) => {}
            () = context.stopped() => {}
        }
    }
}

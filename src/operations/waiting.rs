//! Waiting for a change inside a request. Whoever waits holds nothing but a place on a list: no connection to the database, no
//! transaction. A commit wakes those it concerns, several commits in a short time once, and the stop of the broker wakes everybody.

use super::{Context, Fields, OperationError};
use crate::identity::Caller;
use crate::job::Code;
use crate::store::changes::Topic;
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The least time between two looks of one who waits.
const PAUSE: Duration = Duration::from_millis(250);
/// A lost signal costs no more than this.
const PATIENCE: Duration = Duration::from_secs(15);

/// The places of those who wait: so many for all, and so many for each caller, so that nobody keeps the others out.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<String, usize>,
}

/// One who waits; the place is free again when this value ends.
#[derive(Debug)]
struct Place<'a> {
    places: &'a Places,
    owner: &'a str,
}

impl Places {
    pub(super) fn new(most: usize, most_each: usize) -> Self {
        Self { most, most_each, taken: Mutex::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take<'a>(&'a self, owner: &'a str) -> Result<Place<'a>, OperationError> {
        let mut taken = self.taken();
        if taken.each.get(owner).is_some_and(|own| *own >= self.most_each) {
            let most = self.most_each;
            let message = format!(
                "{most} of your requests wait for changes already, the most that may; name more jobs in one request, or ask \
                 without waiting"
            );
            return Err(OperationError::new(Code::QuotaExceeded, message).after(Duration::from_secs(5)));
        }
        if taken.all >= self.most {
            let message = "too many callers wait for changes already; ask again later, or ask without waiting";
            return Err(OperationError::new(Code::ServiceBusy, message).after(Duration::from_secs(5)));
        }
        taken.all += 1;
        *taken.each.entry(owner.to_owned()).or_default() += 1;
        Ok(Place { places: self, owner })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(own) = taken.each.get_mut(self.owner) {
            *own -= 1;
            if *own == 0 {
                taken.each.remove(self.owner);
            }
        }
    }
}

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
    caller: &Caller,
    topics: Vec<Topic>,
    timeout: Duration,
    mut look: impl FnMut() -> F,
) -> Result<Option<T>, OperationError>
where
    F: Future<Output = Result<Option<T>, OperationError>>,
{
    let end = Instant::now() + timeout;
    let _place = context.waiting.take(caller.subject.as_str())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_the_places_of_all_and_a_place_is_free_again_when_its_holder_has_gone() {
        let places = Places::new(3, 2);
        let code = |owner| places.take(owner).err().map(|error| error.code);
        let ada = [places.take("ada").unwrap(), places.take("ada").unwrap()];
        assert_eq!(code("ada"), Some(Code::QuotaExceeded));
        let eve = places.take("eve").unwrap();
        assert_eq!(code("root"), Some(Code::ServiceBusy));
        drop(ada);
        assert_eq!((code("ada"), code("root")), (None, None));
        drop(eve);
        assert!(places.taken().each.is_empty(), "who has gone is forgotten");
        assert_eq!(places.taken().all, 0);
    }
}

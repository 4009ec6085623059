//! Following: callers who wait in this broker learn of changes that another broker on the same database committed.
//!
//! One question a tick for all of them together, and none while nobody waits. What this broker commits is told at once, without it.

use super::Context;
use crate::store::changes::Changes;
use crate::store::{Store, StoreError, events};
use std::sync::Arc;
use tokio::sync::watch;

/// Follows until `stop` becomes true.
pub async fn run(ctx: Arc<Context>, mut stop: watch::Receiver<bool>) {
    let mut follower = Follower::default();
    while !*stop.borrow() {
        if let Err(error) = follower.look(&ctx.store).await {
            tracing::warn!(%error, "changes of other brokers could not be read");
        }
        tokio::select! { () = tokio::time::sleep(ctx.settings.tick) => {}, _ = stop.changed() => {} }
    }
}

/// How far the history has been read.
#[derive(Debug, Default)]
pub struct Follower(Option<i64>);

impl Follower {
    /// Wakes who watches a job that has changed since the last look. After a pause, in which changes may have been missed, everybody.
    ///
    /// # Errors
    /// The store's own failure. The next look begins where this one did.
    pub async fn look(&mut self, store: &Store) -> Result<(), StoreError> {
        let changes: &Changes = store.changes();
        if changes.watching() == 0 {
            self.0 = None;
            return Ok(());
        }
        let settled = store.read(events::settled).await?;
        match self.0 {
            None => changes.publish_all(),
            Some(seen) if seen < settled => {
                changes.publish(store.read(move |tx| events::touched(tx, seen, settled)).await?);
            }
            Some(_) => {}
        }
        self.0 = Some(settled);
        Ok(())
    }
}

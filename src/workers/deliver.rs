//! Delivering: makes the announcements that were promised with each change, in their order, at least once.
//!
//! A row leaves the outbox only after it was announced, so a crash repeats announcements and loses none. One broker at a time does this.

use super::{Context, StepError};
use crate::store::{Duty, StoreError, leases, outbox};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const AT_ONCE: u32 = 500;
/// Announcements are gathered for so long, so that a burst of changes does not cost a commit each.
const GATHER: Duration = Duration::from_millis(100);

/// Makes announcements until `stop` becomes true.
pub async fn run(ctx: Arc<Context>, mut stop: watch::Receiver<bool>) {
    let mut woken = ctx.store.wakeups().listen(Duty::Deliver);
    while !*stop.borrow() {
        woken.mark_unchanged();
        match deliver(&ctx).await {
            Ok(made) if made == AT_ONCE as usize => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "announcements could not be made"),
        }
        tokio::select! {
            _ = woken.changed() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(ctx.settings.tick * 5) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Makes the oldest announcements. Gives how many.
///
/// # Errors
/// The store's own failure.
pub async fn deliver(ctx: &Context) -> Result<usize, StepError> {
    if ctx.store.read(|tx| outbox::pending(tx, 1)).await?.is_empty() {
        return Ok(0);
    }
    let (owner, now) = (ctx.name.clone(), ctx.clock.now());
    let until = now + ctx.settings.lease;
    // Read under the lease: what another broker has announced meanwhile is not announced again, out of its order.
    let pending = ctx
        .store
        .write(move |tx| -> Result<_, StoreError> {
            if leases::take(tx, "deliver", &owner, now, until)? { outbox::pending(tx, AT_ONCE) } else { Ok(Vec::new()) }
        })
        .await?;
    for announcement in &pending {
        (ctx.announce)(announcement);
    }
    let seqs: Vec<i64> = pending.iter().map(|announcement| announcement.seq).collect();
    ctx.store.write(move |tx| outbox::made(tx, &seqs)).await?;
    Ok(pending.len())
}

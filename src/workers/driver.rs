//! The driver that all task workers share: claims due tasks, runs a step for each, keeps the claim alive while the step runs.
//!
//! A claim is a lease. A broker that dies keeps nobody waiting longer than that; a step that has lost its lease, or whose task has moved
//! on, is dropped. While a claim lasts no other step of the task begins, whatever its duty. Steps may run twice all the same, and are
//! written so that this is harmless. On an orderly stop no new task is claimed, steps under way may end, and what is left is given back at once.

use super::{Context, StepError, back_off};
use crate::job::JobId;
use crate::store::tasks::{self, Claimed, Reach};
use crate::store::{Duty, StoreError};
use async_trait::async_trait;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// One duty.
#[async_trait]
pub trait Step: Send + Sync + 'static {
    /// Which.
    fn duty(&self) -> Duty;

    /// How many tasks at once.
    fn at_once(&self) -> usize;

    /// Of which clusters.
    fn reach(&self) -> Reach {
        Reach::Everywhere
    }

    /// Does the next step of one task. On success the task has moved on or was put off.
    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError>;

    /// Clears away what a step left behind that lost its claim.
    async fn abandoned(&self, _ctx: &Context, _claimed: &Claimed) {}
}

/// A duty for the tasks of some clusters only. Every cluster has a worker of its own, so that none waits for the answers or the files of
/// another one.
pub struct Within<S> {
    /// The duty.
    pub step: S,
    /// Of which clusters.
    pub reach: Reach,
}

#[async_trait]
impl<S: Step> Step for Within<S> {
    fn duty(&self) -> Duty {
        self.step.duty()
    }

    fn at_once(&self) -> usize {
        self.step.at_once()
    }

    fn reach(&self) -> Reach {
        self.reach.clone()
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        self.step.step(ctx, claimed).await
    }

    async fn abandoned(&self, ctx: &Context, claimed: &Claimed) {
        self.step.abandoned(ctx, claimed).await;
    }
}

/// Runs a duty until `stop` becomes true, then drains.
pub async fn run(step: Arc<dyn Step>, ctx: Arc<Context>, mut stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(step.at_once()));
    let mut running = JoinSet::new();
    let mut woken = ctx.store.wakeups().listen(step.duty());
    while !*stop.borrow() {
        while running.try_join_next().is_some() {}
        woken.mark_unchanged();
        let free = permits.available_permits();
        let claimed = if free == 0 { Ok(Vec::new()) } else { claim(&*step, &ctx, free).await };
        let wait_for_work = match claimed {
            Ok(claimed) => {
                let all = claimed.len() == free && free > 0;
                for one in claimed {
                    let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
                    let (step, ctx) = (Arc::clone(&step), Arc::clone(&ctx));
                    running.spawn(async move {
                        run_one(&*step, &ctx, one).await;
                        drop(permit);
                    });
                }
                !all
            }
            Err(error) => {
                tracing::warn!(duty = step.duty().as_str(), %error, "cannot claim work");
                tokio::select! { () = tokio::time::sleep(ctx.settings.tick) => {}, _ = stop.changed() => {} }
                true
            }
        };
        if free == 0 {
            tokio::select! { _ = permits.acquire() => {}, _ = stop.changed() => {} }
        } else if wait_for_work {
            tokio::select! {
                _ = woken.changed() => {}
                () = tokio::time::sleep(ctx.settings.tick) => {}
                _ = stop.changed() => {}
            }
        }
    }
    let drained =
        tokio::time::timeout(ctx.settings.drain, async { while running.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(
            duty = step.duty().as_str(),
            left = running.len(),
            "steps were cut off by the stop; they are taken up after the restart"
        );
        running.shutdown().await;
    }
}

/// Claims and runs what is due now, to the end. Gives how many steps were run. For tests and for a broker without a loop.
///
/// # Errors
/// The store's own failure.
pub async fn run_due(step: &dyn Step, ctx: &Context) -> Result<usize, StoreError> {
    let claimed = claim(step, ctx, step.at_once()).await?;
    let count = claimed.len();
    for one in claimed {
        run_one(step, ctx, one).await;
    }
    Ok(count)
}

async fn claim(step: &dyn Step, ctx: &Context, free: usize) -> Result<Vec<Claimed>, StoreError> {
    let (duty, reach, now) = (step.duty(), step.reach(), ctx.clock.now());
    let (until, holder) = (now + ctx.settings.lease, format!("{}/{:08x}", ctx.name, rand::random::<u32>()));
    let limit = u32::try_from(free).unwrap_or(u32::MAX);
    ctx.store.write(move |tx| tasks::claim(tx, duty, &reach, &holder, limit, (now, until))).await
}

async fn run_one(step: &dyn Step, ctx: &Context, claimed: Claimed) {
    let result = tokio::select! {
        result = AssertUnwindSafe(step.step(ctx, &claimed)).catch_unwind() => result.unwrap_or_else(|_| {
            tracing::error!(job = %claimed.job, task = %claimed.task, duty = step.duty().as_str(), "a step panicked");
            let after = retry_after(&claimed.job, claimed.tries);
            Err(StepError::Later { after, why: "an error inside the broker; its log says more".to_owned() })
        }),
        () = lost(ctx, &claimed) => Err(StepError::Gone),
    };
    let (after, why) = match result {
        Ok(()) => return,
        Err(StepError::Gone) => {
            tracing::debug!(job = %claimed.job, duty = step.duty().as_str(), "the task has moved on");
            let kept = claimed.clone();
            return let_go(step, ctx, &claimed, ctx.store.write(move |tx| tasks::release(tx, &kept)).await).await;
        }
        Err(StepError::Later { after, why }) => (after, why),
        Err(StepError::Store(error)) => (retry_after(&claimed.job, claimed.tries), error.to_string()),
    };
    tracing::info!(job = %claimed.job, task = %claimed.task, duty = step.duty().as_str(), retry_ms = after.as_millis(), reason = %why, "put off");
    let (kept, next) = (claimed.clone(), ctx.clock.now() + after);
    let_go(step, ctx, &claimed, ctx.store.write(move |tx| tasks::put_off(tx, &kept, next, &why)).await).await;
}

async fn let_go(step: &dyn Step, ctx: &Context, claimed: &Claimed, ended: Result<bool, StoreError>) {
    match ended {
        Ok(true) => {}
        Ok(false) => step.abandoned(ctx, claimed).await,
        Err(error) => tracing::warn!(%error, "cannot give a claim back; its lease will end by itself"),
    }
}

fn retry_after(job: &JobId, tries: u32) -> Duration {
    back_off(Duration::from_secs(1), Duration::from_secs(60), tries, job)
}

/// Keeps the claim alive; returns when it was lost.
async fn lost(ctx: &Context, claimed: &Claimed) {
    loop {
        tokio::time::sleep(ctx.settings.lease / 3).await;
        let (kept, until) = (claimed.clone(), ctx.clock.now() + ctx.settings.lease);
        let renewed = ctx.store.write(move |tx| tasks::renew(tx, &kept, until)).await;
        if matches!(renewed, Ok(false)) {
            return;
        }
    }
}

//! Sweeping: after the end nothing the broker made stays on the cluster, but the working directory of a persistent job. And answers
//! to control requests are kept for a week, for callers who did not hear them.

use super::driver::Step;
use super::paths::workplace;
use super::{Context, StepError, back_off};
use crate::store::tasks::{self, Claimed};
use crate::store::{Duty, StoreError, attempts, jobs, requests};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer to a control request is kept.
const ANSWERS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How often old ones are looked for.
const ANSWERS_SWEPT: Duration = Duration::from_secs(3600);

/// The duty.
#[derive(Debug, Default)]
pub struct Sweep;

#[async_trait]
impl Step for Sweep {
    fn duty(&self) -> Duty {
        Duty::Sweep
    }

    fn at_once(&self) -> usize {
        8
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        clear(ctx, claimed).await?;
        let (job, task) = (claimed.job.clone(), claimed.task.clone());
        Ok(ctx.store.write(move |tx| tasks::rest(tx, &job, &task)).await?)
    }
}

/// Removes the directories of a task that is over.
pub(super) async fn clear(ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
    let (job, task) = (claimed.job.clone(), claimed.task.clone());
    let (spec, list) = ctx
        .store
        .read(move |tx| -> Result<_, StepError> {
            let spec = jobs::submission(tx, &job)?.map(|submission| submission.spec);
            Ok((spec, attempts::list(tx, &job, Some(&task))?))
        })
        .await?;
    let persistent = spec.as_ref().and_then(|spec| spec.task(&claimed.task)).is_some_and(|task| task.persistent);
    let newest = list.iter().map(|(_, attempt)| attempt.number).max();
    for (_, attempt) in &list {
        let Some(cluster) = ctx.cluster(&attempt.cluster) else { continue };
        let place = workplace(cluster, &claimed.job, &claimed.task, attempt.number);
        let keep_work = persistent && Some(attempt.number) == newest;
        let doomed = if keep_work { vec![place.control, place.streams] } else { vec![place.root()] };
        for path in doomed {
            cluster.shell.remove_tree(&path).await.map_err(|error| StepError::Later {
                after: back_off(Duration::from_secs(10), Duration::from_secs(3600), claimed.tries, &claimed.job),
                why: error.to_string(),
            })?;
        }
    }
    Ok(())
}

/// Forgets old answers now and then, until `stop` becomes true.
pub async fn forget_now_and_then(ctx: Arc<Context>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match forget_answers(&ctx).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "old answers to control requests were forgotten"),
            Err(error) => tracing::warn!(%error, "old answers to control requests could not be forgotten"),
        }
        tokio::select! { () = tokio::time::sleep(ANSWERS_SWEPT) => {}, _ = stop.changed() => {} }
    }
}

/// Forgets answers to control requests that are older than a week. Gives how many.
///
/// # Errors
/// The store's own failure.
pub async fn forget_answers(ctx: &Context) -> Result<usize, StoreError> {
    let before = ctx.clock.now() - ANSWERS_KEPT;
    ctx.store.write(move |tx| requests::forget(tx, before)).await
}

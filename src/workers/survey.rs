//! Surveying: asks each cluster now and then for its queues, limits and load, and keeps the answer with its time.

use super::{Cluster, Context, StepError};
use crate::batch::{QueueFacts, Survey};
use crate::job::Attribute;
use crate::matchmaking::{Candidate, Facts};
use crate::store::{Duty, StoreError, leases, surveys, tasks};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::sync::watch;

/// Surveys one cluster until `stop` becomes true.
pub async fn run(ctx: Arc<Context>, cluster: Arc<Cluster>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = survey(&ctx, &cluster).await {
            tracing::warn!(cluster = %cluster.name, %error, "the cluster could not be surveyed");
        }
        tokio::select! {
            () = tokio::time::sleep(ctx.settings.survey_every) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Surveys a cluster once, unless another broker does. A cluster that gives no answer is noted as such; the last good survey stays.
///
/// # Errors
/// The store's own failure.
pub async fn survey(ctx: &Context, cluster: &Cluster) -> Result<(), StepError> {
    let (name, owner, now) = (format!("survey:{}", cluster.name), ctx.name.clone(), ctx.clock.now());
    let until = now + ctx.settings.survey_every.max(ctx.settings.lease);
    if !ctx.store.write(move |tx| leases::take(tx, &name, &owner, now, until)).await? {
        return Ok(());
    }
    let answer = cluster.system.survey().await;
    let (name, now) = (cluster.name.clone(), ctx.clock.now());
    match answer {
        Ok(mut survey) => {
            count_own(ctx, cluster, &mut survey).await?;
            let candidates = publish(cluster, &survey, now);
            let text = serde_json::to_string(&candidates).expect("a candidate has string keys only");
            ctx.store.write(move |tx| surveys::keep(tx, &name, &text, now)).await?;
        }
        Err(error) => {
            tracing::warn!(cluster = %cluster.name, %error, "no survey");
            let why = error.to_string();
            ctx.store.write(move |tx| surveys::failed(tx, &name, &why, now)).await?;
        }
    }
    // What waited for a better place looks again.
    ctx.store.wakeups().notify(Duty::Match);
    Ok(())
}

/// A cluster without a queue of its own: what is free and what waits there is known here only.
async fn count_own(ctx: &Context, cluster: &Cluster, survey: &mut Survey) -> Result<(), StepError> {
    if cluster.system.capabilities().queues_by_itself {
        return Ok(());
    }
    let name = cluster.name.clone();
    let (occupied, parked) =
        ctx.store.read(move |tx| Ok::<_, StoreError>((tasks::occupied(tx, &name)?, tasks::parked(tx, &name)?))).await?;
    for queue in &mut survey.queues {
        queue.free_slots = queue.slots.map(|slots| slots.saturating_sub(occupied));
        queue.running = Some(occupied);
        queue.waiting = Some(parked);
    }
    Ok(())
}

/// What a survey says about each queue, over what the administrator says of the cluster.
fn publish(cluster: &Cluster, survey: &Survey, observed: Timestamp) -> Vec<Candidate> {
    let own = cluster.system.capabilities().queues_by_itself;
    survey
        .queues
        .iter()
        .map(|queue| Candidate {
            cluster: cluster.name.clone(),
            host: cluster.host.clone(),
            kind: cluster.system.kind().to_owned(),
            queue: own.then(|| queue.name.clone()),
            facts: facts(cluster, survey, queue),
            observed,
            usable: if queue.open { Ok(()) } else { Err("the queue is closed".to_owned()) },
        })
        .collect()
}

/// The administrator's word counts more than the survey's.
fn facts(cluster: &Cluster, survey: &Survey, queue: &QueueFacts) -> Facts {
    const MEGABYTE: f64 = 1_048_576.0;
    let megabytes = |bytes: Option<u64>| bytes.map(|bytes| (bytes as f64 / MEGABYTE).floor());
    let mut facts = cluster.facts.clone();
    let texts = [
        (Attribute::OsName, &survey.os_name),
        (Attribute::OsType, &survey.architecture),
        (Attribute::CpuArchitecture, &survey.architecture),
        (Attribute::OsRelease, &survey.os_release),
    ];
    for (attribute, text) in texts {
        if let Some(text) = text {
            facts.texts.entry(attribute).or_insert_with(|| text.clone());
        }
    }
    let numbers = [
        (Attribute::Memory, megabytes(queue.memory)),
        (Attribute::FreeMemory, megabytes(queue.free_memory)),
        (Attribute::FreeDiskSpace, megabytes(survey.free_disk)),
    ];
    for (attribute, number) in numbers {
        if let Some(number) = number {
            facts.numbers.entry(attribute).or_insert(number);
        }
    }
    facts.max_wall = facts.max_wall.or(queue.max_wall);
    facts.slots = facts.slots.or(queue.slots);
    facts.free_slots = facts.free_slots.or(queue.free_slots);
    facts.waiting = facts.waiting.or(queue.waiting);
    facts
}

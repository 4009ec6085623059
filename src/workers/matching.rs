//! Matching: finds a place for a queued task, or keeps the reason why there is none.
//!
//! A cluster without a queue of its own gets no more tasks than it has slots; the others wait for it, parked, and cost nothing until
//! a slot becomes free. Slots are given to the jobs that were submitted first: looking at many tasks at once must not let a later one
//! overtake an earlier one.

use super::driver::Step;
use super::{Cluster, Context, StepError, back_off};
use crate::job::{
    Attempt, ClusterName, Code, Event, ExecutionTime, Failure, Outcome, Start, State, TaskSpec, Token, Waiting,
    WaitingKind,
};
use crate::matchmaking::{Answer, Candidate, find_matches, published};
use crate::store::attempts::{self, Placement};
use crate::store::jobs::{self, ApplyError};
use crate::store::tasks::{self, Claimed};
use crate::store::{Duty, StoreError, Tx, surveys};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// Candidates are read from the store again after this.
const FRESH: Duration = Duration::from_secs(1);

/// How many parked tasks look again at once when their cluster turns out to have a queue of its own.
const MANY: u32 = 1000;

/// The duty.
#[derive(Default)]
pub struct Matching {
    known: Mutex<Option<(std::time::Instant, Arc<Vec<Candidate>>)>>,
}

/// What is asked of the store about a queued task.
struct Asked {
    spec: TaskSpec,
    /// The bound that the job sets on when its tasks may run.
    outer: Option<ExecutionTime>,
    owner: String,
    submitted: Timestamp,
    /// Clusters that refused an earlier attempt.
    refused_by: HashSet<String>,
    last_failure: Option<Failure>,
}

#[async_trait]
impl Step for Matching {
    fn duty(&self) -> Duty {
        Duty::Match
    }

    fn at_once(&self) -> usize {
        64
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        let asked = ask(ctx, claimed).await?;
        let now = ctx.clock.now();
        match asked.spec.may_start(asked.outer.as_ref(), now, asked.submitted, &ctx.settings.zone) {
            Start::Now => {}
            Start::NotBefore(moment) => {
                let reason = format!("the description allows no start before {moment}");
                return waits(ctx, claimed, WaitingKind::NotYet, reason, moment).await;
            }
            Start::Never => {
                let failure = Failure::new(Code::DeadlineMissed, "the time in which the job may be started is over")
                    .advice("submit it with a later deadline or period");
                return apply(ctx, claimed, Event::WindowClosed(failure)).await;
            }
        }
        let candidates = self.candidates(ctx).await?;
        let mut answer = find_matches(&claimed.job, &asked.spec, &candidates, now);
        answer.matches.retain(|found| !asked.refused_by.contains(candidates[found.index].cluster.as_str()));
        if answer.matches.is_empty()
            && !asked.refused_by.is_empty()
            && let Some(failure) = asked.last_failure
        {
            return apply(ctx, claimed, Event::GaveUp(failure)).await;
        }
        self.place(ctx, claimed, &asked, &candidates, &answer).await
    }
}

impl Matching {
    async fn candidates(&self, ctx: &Context) -> Result<Arc<Vec<Candidate>>, StepError> {
        let mut known = self.known.lock().await;
        if let Some((read, list)) = &*known
            && read.elapsed() < FRESH
        {
            return Ok(Arc::clone(list));
        }
        let records = ctx.store.read(surveys::list).await?;
        let list: Vec<Candidate> = records
            .iter()
            .flat_map(|record| {
                published(record.survey.as_ref().map(|(text, _)| text.as_str()), record.failure.as_ref())
            })
            .filter(|candidate| ctx.cluster(&candidate.cluster).is_some())
            .collect();
        let list = Arc::new(list);
        *known = Some((std::time::Instant::now(), Arc::clone(&list)));
        Ok(list)
    }

    /// Takes the best place that has room; otherwise waits for the best one.
    async fn place(
        &self,
        ctx: &Context,
        claimed: &Claimed,
        asked: &Asked,
        candidates: &[Candidate],
        answer: &Answer,
    ) -> Result<(), StepError> {
        let mut full: Option<&Arc<Cluster>> = None;
        let mut no_account: Option<Failure> = None;
        for found in &answer.matches {
            let candidate = &candidates[found.index];
            let Some(cluster) = ctx.cluster(&candidate.cluster) else { continue };
            if let Err(failure) = (cluster.account)(&asked.owner) {
                no_account.get_or_insert(failure);
                continue;
            }
            let place = Placement {
                cluster: cluster.name.clone(),
                queue: candidate.queue.clone(),
                host: cluster.host.clone(),
                resource: found.resource_index,
                token: Token::from_random(rand::random()),
            };
            if begin(ctx, claimed, cluster, place).await? {
                return Ok(());
            }
            full.get_or_insert(cluster);
        }
        if let Some(cluster) = full {
            return park(ctx, claimed, cluster).await;
        }
        if let Some(failure) = no_account {
            return apply(ctx, claimed, Event::GaveUp(failure)).await;
        }
        let after = back_off(
            Duration::from_secs(5),
            Duration::from_secs(900),
            looks(claimed, WaitingKind::NoMatch),
            &claimed.job,
        );
        waits(ctx, claimed, WaitingKind::NoMatch, why_not(answer), ctx.clock.now() + after).await
    }
}

/// How often the broker has looked in vain for this kind of reason.
fn looks(claimed: &Claimed, kind: WaitingKind) -> u32 {
    match &claimed.state {
        State::Queued { waiting: Some(waiting) } if waiting.kind == kind => waiting.looks + 1,
        _ => 0,
    }
}

async fn ask(ctx: &Context, claimed: &Claimed) -> Result<Asked, StepError> {
    let (job, task) = (claimed.job.clone(), claimed.task.clone());
    let first_attempt = claimed.attempt == 0;
    ctx.store
        .read(move |tx| {
            let record = jobs::submission(tx, &job)?.ok_or(StepError::Gone)?;
            let spec = record.spec.bounded(&task).ok_or(StepError::Gone)?;
            let earlier = if first_attempt { Vec::new() } else { attempts::list(tx, &job, Some(&task))? };
            // What was refused in other words may be welcome in those in force now.
            let former = if first_attempt { 0 } else { jobs::last_of_former(tx, &job, &task)? };
            let refused = earlier.iter().filter(|(_, attempt)| attempt.number > former && was_refused(attempt));
            let refused_by = refused.map(|(_, attempt)| attempt.cluster.to_string()).collect();
            let last_failure = earlier.last().and_then(|(_, attempt)| attempt.failure.clone());
            Ok(Asked {
                spec,
                outer: record.spec.execution_time,
                owner: record.owner,
                submitted: record.submitted,
                refused_by,
                last_failure,
            })
        })
        .await
}

/// Whether the batch system understood the attempt and did not want it. A submission that was lost on the way is no such answer.
fn was_refused(attempt: &Attempt) -> bool {
    let code = attempt.failure.as_ref().map(|failure| failure.code);
    let asked = attempt.submit_intended.is_some() && attempt.local_id.is_none();
    asked && attempt.outcome == Some(Outcome::Failed) && code == Some(Code::SubmitFailed)
}

/// Begins an attempt, unless the cluster has no free slot for it. Counted and taken in one transaction.
async fn begin(ctx: &Context, claimed: &Claimed, cluster: &Cluster, place: Placement) -> Result<bool, StepError> {
    let (claimed, now) = (claimed.clone(), ctx.clock.now());
    let slots = if cluster.system.capabilities().queues_by_itself { None } else { cluster.system.slots() };
    ctx.store
        .write(move |tx| -> Result<bool, StepError> {
            if let Some(slots) = slots {
                surveys::hold(tx, &place.cluster)?;
                if !has_room(tx, &claimed, &place.cluster, slots, now)? {
                    return Ok(false);
                }
            }
            // Before the attempt begins: a task that was placed, canceled or described anew meanwhile gets none.
            jobs::apply_as_claimed(tx, &claimed, &Event::Placed, now)?;
            attempts::begin(tx, &claimed.job, &claimed.task, &place, now)?;
            Ok(true)
        })
        .await
}

/// Whether a slot is free that no task of an earlier job may want.
fn has_room(
    tx: &mut Tx<'_>,
    claimed: &Claimed,
    cluster: &ClusterName,
    slots: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let room = slots.saturating_sub(tasks::occupied(tx, cluster)?);
    Ok(room > 0 && !tasks::is_behind(tx, &claimed.job, cluster, room, now)?)
}

/// Waits for a slot. Looks once more in the same transaction, so that a slot that became free meanwhile is not slept over.
async fn park(ctx: &Context, claimed: &Claimed, cluster: &Cluster) -> Result<(), StepError> {
    let (claimed, name, now) = (claimed.clone(), cluster.name.clone(), ctx.clock.now());
    let slots = cluster.system.slots().unwrap_or(u32::MAX);
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            let free = has_room(tx, &claimed, &name, slots, now)?;
            let reason = format!("all {slots} slots of {name} are taken");
            let waiting = Waiting { kind: WaitingKind::Full, reason, next: free.then_some(now), looks: 0 };
            jobs::apply_as_claimed(tx, &claimed, &Event::Waits(waiting), now)?;
            tasks::park(tx, &claimed.job, &claimed.task, &name)?;
            Ok(())
        })
        .await
}

async fn waits(
    ctx: &Context,
    claimed: &Claimed,
    kind: WaitingKind,
    reason: String,
    next: Timestamp,
) -> Result<(), StepError> {
    let looks = looks(claimed, kind);
    apply(ctx, claimed, Event::Waits(Waiting { kind, reason, next: Some(next), looks })).await
}

async fn apply(ctx: &Context, claimed: &Claimed, event: Event) -> Result<(), StepError> {
    let (claimed, now) = (claimed.clone(), ctx.clock.now());
    let applied = ctx.store.write(move |tx| jobs::apply_as_claimed(tx, &claimed, &event, now)).await;
    match applied {
        Ok(_) => Ok(()),
        Err(error) => Err(ApplyError::into(error)),
    }
}

/// The reasons against every cluster, for the user.
fn why_not(answer: &Answer) -> String {
    if answer.rejections.is_empty() {
        return "no cluster is known; the administrator adds one to the configuration".to_owned();
    }
    let mut told = Vec::new();
    for rejection in &answer.rejections {
        let place = match &rejection.queue {
            Some(queue) => format!("{}/{queue}", rejection.cluster),
            None => rejection.cluster.to_string(),
        };
        let text = format!("{place}: {}", rejection.reason);
        if !told.contains(&text) {
            told.push(text);
        }
    }
    let more = told.len().saturating_sub(8);
    told.truncate(8);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    format!("no cluster fits: {}", told.join("; "))
}

/// Wakes parked tasks now and then until `stop` becomes true, so that a missed signal costs a moment only.
pub async fn wake_now_and_then(ctx: Arc<Context>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = wake_parked(&ctx).await {
            tracing::warn!(%error, "parked tasks could not be looked at");
        }
        tokio::select! { () = tokio::time::sleep(ctx.settings.tick * 5) => {}, _ = stop.changed() => {} }
    }
}

/// Wakes tasks that wait for slots of clusters that have free ones.
///
/// # Errors
/// The store's own failure.
pub async fn wake_parked(ctx: &Context) -> Result<(), StoreError> {
    let now = ctx.clock.now();
    for cluster in &ctx.clusters {
        // A cluster that has a queue by now may have had none when tasks were parked for it.
        let own_queue = cluster.system.capabilities().queues_by_itself;
        let slots = cluster.system.slots().filter(|_| !own_queue).unwrap_or(MANY);
        let name = cluster.name.clone();
        let free = ctx.store.read(move |tx| free_for_parked(tx, &name, slots)).await?;
        if free > 0 {
            let name = cluster.name.clone();
            ctx.store.write(move |tx| tasks::unpark(tx, &name, free, now)).await?;
        }
    }
    Ok(())
}

/// How many parked tasks may look again: as many as there are, and as there is room for. A full cluster is asked for its room only,
/// however many wait for it.
fn free_for_parked(tx: &mut Tx<'_>, cluster: &ClusterName, slots: u32) -> Result<u32, StoreError> {
    let free = slots.saturating_sub(tasks::occupied(tx, cluster)?);
    if free == 0 { Ok(0) } else { Ok(tasks::parked(tx, cluster)?.min(free)) }
}

//! Staging out: delivers standard output, standard error and every output, one row each. What can be delivered is, whatever happens to
//! the rest, and whatever became of the program.
//!
//! What the outputs are is written down in the transaction that begins the collection: a change of the list came before it and counts, or
//! is refused.

use super::driver::Step;
use super::paths::Homes;
use super::transport;
use super::work::{NoWork, Work, load, may_be_missing};
use super::{Context, StepError, back_off};
use crate::job::entry::Role;
use crate::job::{Code, Event, Failure, FileKind, Outcome, State, TaskSpec};
use crate::store::tasks::Claimed;
use crate::store::transfers::{self, Item, Plan, Progress, TransferRecord, Tried, Way};
use crate::store::{Duty, StoreError, Tx, file_dirs, jobs};
use async_trait::async_trait;
use std::time::Duration;

/// The duty.
#[derive(Debug)]
pub struct StagingOut {
    homes: Homes,
    at_once: usize,
}

impl StagingOut {
    /// The duty for so many tasks at once; each moves one file at a time.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { homes: Homes::default(), at_once }
    }
}

#[async_trait]
impl Step for StagingOut {
    fn duty(&self) -> Duty {
        Duty::StageOut
    }

    fn at_once(&self) -> usize {
        self.at_once
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        let work = match load(ctx, claimed, &self.homes).await {
            Ok(work) => work,
            Err(NoWork::Misplaced(_, failure)) => {
                return Err(StepError::Later { after: Duration::from_secs(60), why: failure.to_string() });
            }
            Err(NoWork::Step(error)) => return Err(error),
        };
        match &claimed.state {
            State::Stopped { .. } => begin(ctx, &work).await,
            State::Postprocessing { ending, .. } => {
                let event = deliver_all(ctx, claimed, &work, ending.outcome).await?;
                apply(ctx, &work, event).await
            }
            _ => Err(StepError::Gone),
        }
    }
}

async fn apply(ctx: &Context, work: &Work, event: Event) -> Result<(), StepError> {
    let (job, task, number, now) = (work.job.clone(), work.task.clone(), work.attempt.number, ctx.clock.now());
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            jobs::apply_to(tx, &job, &task, number, &event, now)?;
            Ok(())
        })
        .await
}

fn plan_of(work: &Work) -> Plan {
    Plan { job: work.job.clone(), task: work.task.clone(), attempt: work.attempt.number, way: Way::Out }
}

/// Begins the collection. The state changes first, so that a change of the list either waits for it or is seen by what follows.
async fn begin(ctx: &Context, work: &Work) -> Result<(), StepError> {
    let (plan, spec, now) = (plan_of(work), work.spec.clone(), ctx.clock.now());
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            jobs::apply_to(tx, &plan.job, &plan.task, plan.attempt, &Event::CollectionBegan, now)?;
            if planned(tx, &plan, &spec)?.is_empty() {
                jobs::apply_to(tx, &plan.job, &plan.task, plan.attempt, &Event::CollectionDone, now)?;
            }
            Ok(())
        })
        .await
}

/// Writes the plan down, unless it is there already.
fn planned(tx: &mut Tx<'_>, plan: &Plan, spec: &TaskSpec) -> Result<Vec<TransferRecord>, StoreError> {
    let mut items = Vec::new();
    for (item, location) in [(Item::Stdout, &spec.stdout), (Item::Stderr, &spec.stderr)] {
        if let Some(location) = location {
            items.push((item, FileKind::File, location.clone()));
        }
    }
    let entries = file_dirs::merged(tx, &plan.job, spec, Role::Output)?;
    items.extend(entries.into_iter().map(|entry| (Item::Working(entry.name), entry.kind, entry.location)));
    transfers::plan(tx, plan, &items)
}

async fn deliver_all(ctx: &Context, claimed: &Claimed, work: &Work, outcome: Outcome) -> Result<Event, StepError> {
    let plan = plan_of(work);
    let (kept, spec) = (plan.clone(), work.spec.clone());
    let records = ctx.store.write(move |tx| -> Result<_, StepError> { Ok(planned(tx, &kept, &spec)?) }).await?;
    let (mut failed, mut again) = (Vec::new(), Vec::new());
    for record in records {
        let failure = match record.progress {
            Progress::Done => continue,
            Progress::Failed => record.failure.clone(),
            Progress::Waiting => match transport::attempt(ctx, work, &plan, &record).await? {
                Tried::Moved { .. } => continue,
                Tried::Failed { failure, again: false } => Some(failure),
                Tried::Failed { failure, again: true } => {
                    again.push(failure.to_string());
                    continue;
                }
            },
        };
        failed.extend(failure.map(|failure| (record, failure)));
    }
    if !again.is_empty() {
        return Err(StepError::Later {
            after: back_off(ctx.settings.retry_after, Duration::from_secs(300), claimed.tries, &work.job),
            why: again.join("; "),
        });
    }
    failed.retain(|(record, failure)| !may_be_missing(work, Way::Out, &record.item, failure));
    // A program that did not end well need not have written its outputs.
    if outcome != Outcome::Done {
        failed.retain(|(_, failure)| failure.code != Code::FileNotFound);
    }
    Ok(verdict(&failed))
}

fn verdict(failed: &[(TransferRecord, Failure)]) -> Event {
    if failed.is_empty() {
        return Event::CollectionDone;
    }
    let told: Vec<String> =
        failed.iter().map(|(record, failure)| format!("{} to {}: {failure}", record.item, record.location)).collect();
    let message = format!("{} of the outputs could not be delivered: {}", failed.len(), told.join("; "));
    let advice = "the outputs that are not named were delivered; check the places of the others and submit again";
    Event::CollectionFailed(Failure::new(Code::StageOutFailed, message).advice(advice))
}

//! Dispatch: hands an attempt to the batch system exactly once.
//!
//! The intent to submit is on disk before the batch system is asked. If the answer is lost (a crash, a time-out, an answer nobody can
//! read), the token is looked up before anything else is done: found, the job is taken over; definitely absent, the attempt
//! ends and a new one begins; otherwise the question is asked again later. Nothing is ever submitted twice under one token.

use super::driver::Step;
use super::paths::{Homes, lies_in_work};
use super::staging_in::lies_there;
use super::work::{NoWork, Work, end_attempt, load};
use super::{Context, StepError, back_off};
use crate::batch::{BatchError, BatchJob, Found, Vanished};
use crate::job::{
    Attribute, Code, Control, Ending, Event, Failure, Launch, LocalJobId, Location, Outcome, Program, Usage,
};
use crate::store::tasks::Claimed;
use crate::store::{Duty, attempts, jobs};
use async_trait::async_trait;
use std::time::Duration;

/// The duty.
#[derive(Debug, Default)]
pub struct Dispatch {
    homes: Homes,
}

#[async_trait]
impl Step for Dispatch {
    fn duty(&self) -> Duty {
        Duty::Dispatch
    }

    fn at_once(&self) -> usize {
        8
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        let work = match load(ctx, claimed, &self.homes).await {
            Ok(work) => work,
            Err(NoWork::Misplaced(attempt, failure)) if attempt.submit_intended.is_none() => {
                return end_attempt(ctx, &claimed.job, &claimed.task, &attempt, failure, true).await;
            }
            Err(NoWork::Misplaced(_, failure)) => {
                return Err(StepError::Later { after: Duration::from_secs(60), why: failure.to_string() });
            }
            Err(NoWork::Step(error)) => return Err(error),
        };
        let canceled = claimed.state.control() == Some(Control::Cancel);
        if work.attempt.submit_intended.is_some() {
            return find_again(ctx, claimed, &work, canceled).await;
        }
        if canceled {
            return withdraw(ctx, &work, "nothing was submitted").await;
        }
        intend_and_submit(ctx, claimed, &work).await
    }
}

async fn intend_and_submit(ctx: &Context, claimed: &Claimed, work: &Work) -> Result<(), StepError> {
    let batch_job = match batch_job(ctx, work) {
        Ok(batch_job) => batch_job,
        Err(failure) => return end_attempt(ctx, &work.job, &work.task, &work.attempt, failure, true).await,
    };
    let (token, now) = (work.attempt.token.clone(), ctx.clock.now());
    let first = ctx.store.write(move |tx| -> Result<_, StepError> { Ok(attempts::intend(tx, &token, now)?) }).await?;
    if !first {
        return find_again(ctx, claimed, work, false).await;
    }
    match work.cluster.system.submit(&batch_job).await {
        Ok(id) => match record(ctx, work, id.clone()).await {
            Err(StepError::Gone) => {
                // The step took longer than its claim, and the attempt was given up: its batch job must not stay behind.
                let _ = work.cluster.system.cancel(&[(id, work.place.clone())]).await;
                Err(StepError::Gone)
            }
            recorded => recorded,
        },
        Err(BatchError::Rejected { why, .. }) => {
            let failure = Failure::new(Code::SubmitFailed, format!("{} refused the job", work.cluster.name))
                .said(&why)
                .advice("ask for less, or for another queue");
            end_attempt(ctx, &work.job, &work.task, &work.attempt, failure, true).await
        }
        Err(error) => Err(StepError::Later {
            after: back_off(Duration::from_secs(1), Duration::from_secs(60), claimed.tries, &work.job),
            why: format!("the submission is uncertain, its token is looked up next: {error}"),
        }),
    }
}

/// A submission whose answer was lost.
async fn find_again(ctx: &Context, claimed: &Claimed, work: &Work, canceled: bool) -> Result<(), StepError> {
    let wanted = Vanished { id: None, token: work.attempt.token.clone(), place: work.place.clone() };
    let later = |why: String| StepError::Later {
        after: back_off(Duration::from_secs(1), Duration::from_secs(30), claimed.tries, &work.job),
        why,
    };
    match work.cluster.system.look_up(&wanted).await {
        Ok(Found::Jobs(ids)) => {
            let mut ids = ids.into_iter();
            let Some(first) = ids.next() else {
                return Err(later("the look-up of the token gave no id".to_owned()));
            };
            let doubles: Vec<_> = ids.map(|id| (id, work.place.clone())).collect();
            if !doubles.is_empty() {
                tracing::error!(job = %work.job, kept = %first, doubles = doubles.len(), "a token was found on several batch jobs; the others are canceled");
                let _ = work.cluster.system.cancel(&doubles).await;
            }
            tracing::info!(job = %work.job, local_id = %first, "a submission whose answer was lost was found again");
            record(ctx, work, first).await
        }
        Ok(Found::Absent) if canceled => withdraw(ctx, work, "the token is nowhere in the batch system").await,
        Ok(Found::Absent) => {
            let why = format!("the submission to {} was lost on the way", work.cluster.name);
            // Not "refused": the same cluster may be asked again.
            let failure = Failure::new(Code::LrmError, why);
            end_attempt(ctx, &work.job, &work.task, &work.attempt, failure, true).await
        }
        Ok(Found::NotYet) => Err(later("the batch system has not shown the token yet".to_owned())),
        Err(error) => Err(later(error.to_string())),
    }
}

async fn record(ctx: &Context, work: &Work, id: LocalJobId) -> Result<(), StepError> {
    let (job, task, token, now) = (work.job.clone(), work.task.clone(), work.attempt.token.clone(), ctx.clock.now());
    let number = work.attempt.number;
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            attempts::submitted(tx, &token, &id, now)?;
            jobs::apply_to(tx, &job, &task, number, &Event::LocallyQueued { reason: None }, now)?;
            Ok(())
        })
        .await
}

/// A canceled task of which the batch system has nothing.
async fn withdraw(ctx: &Context, work: &Work, evidence: &str) -> Result<(), StepError> {
    let (job, task, token, now) = (work.job.clone(), work.task.clone(), work.attempt.token.clone(), ctx.clock.now());
    let number = work.attempt.number;
    let ending =
        Ending { at: now, outcome: Outcome::Canceled, exit: None, failure: None, evidence: evidence.to_owned() };
    ctx.store
        .write(move |tx| -> Result<(), StepError> {
            attempts::ended(tx, &token, &ending, None, &Usage::default())?;
            jobs::apply_to(tx, &job, &task, number, &Event::LocallyEnded(ending), now)?;
            Ok(())
        })
        .await
}

fn batch_job(ctx: &Context, work: &Work) -> Result<BatchJob, Failure> {
    let (spec, place, variables) = (&work.spec, &work.place, &work.variables);
    let resource = work.resource();
    let path = |location: &Location| match variables.resolve_location(location) {
        Location::Url(url) => url.plain_path().unwrap_or_else(|| url.path().to_owned()),
        Location::Logical { name, .. } => name,
    };
    let program = match spec.program_at(resource) {
        Program::File { location, .. } if lies_there(location) => path(location),
        Program::File { name, .. } => format!("./{name}"),
        Program::Application { name, version } => {
            work.cluster.facts.application_program(name, version.as_deref()).ok_or_else(|| {
                Failure::new(Code::ResourceUnavailable, format!("{} has no application {name}", work.cluster.name))
            })?
        }
    };
    let memory = resource.and_then(|resource| {
        let clauses = resource.clauses.iter().filter(|clause| clause.attribute == Attribute::Memory);
        let most = clauses.filter_map(|clause| clause.condition.least_number()).max_by(f64::total_cmp);
        most.map(|megabytes| (megabytes.max(0.0) * 1_048_576.0) as u64)
    });
    let mut environment = vec![
        ("GRMS_JOB_ID".to_owned(), work.job.to_string()),
        ("GRMS_TASK_ID".to_owned(), work.task.to_string()),
        ("GRMS_ATTEMPT".to_owned(), work.attempt.number.to_string()),
        ("GRMS_SERVICE_URL".to_owned(), ctx.service_url.clone()),
        ("GRMS_WORK_DIR".to_owned(), place.work.display().to_string()),
        ("GRMS_HOST".to_owned(), work.attempt.host.clone()),
    ];
    if spec.launch == Launch::OpenMp {
        environment.push(("OMP_NUM_THREADS".to_owned(), spec.count.to_string()));
    } else if let Some(threads) = spec.layout.threads {
        environment.push(("OMP_NUM_THREADS".to_owned(), threads.to_string()));
    }
    environment.extend(spec.environment.iter().map(|(name, value)| (name.clone(), variables.resolve(value))));
    Ok(BatchJob {
        token: work.attempt.token.clone(),
        job: work.job.clone(),
        task: work.task.clone(),
        attempt: work.attempt.number,
        user: work.user.clone(),
        queue: work.attempt.queue.clone(),
        launch: spec.launch,
        count: spec.count,
        layout: spec.layout,
        program,
        arguments: spec.arguments.iter().map(|argument| variables.resolve(argument)).collect(),
        environment,
        stdin: spec.stdin.as_ref().map(|location| match lies_in_work(location) {
            true => path(location).into(),
            false => place.streams.join("stdin"),
        }),
        stdout: place.streams.join("stdout"),
        stderr: place.streams.join("stderr"),
        limits: spec.limits(resource),
        memory,
        process_limits: spec.process_limits.clone(),
        place: place.clone(),
    })
}

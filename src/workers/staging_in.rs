//! Staging in: makes the working directory and fetches every input. Each file is a row; what is there is not fetched again.

use super::driver::Step;
use super::paths::{Homes, lies_in_work};
use super::sweep;
use super::transport::{self, full, with_cause};
use super::work::{NoWork, Work, end_attempt, load, may_be_missing};
use super::{Context, StepError, back_off};
use crate::job::{Code, Event, Failure, FileKind, Location, Program, Scheme};
use crate::shell::{Command, ShellError};
use crate::store::tasks::Claimed;
use crate::store::transfers::{self, Item, Plan, Progress, Tried, Way};
use crate::store::{Duty, jobs};
use async_trait::async_trait;
use std::time::Duration;

/// The duty.
#[derive(Debug)]
pub struct StagingIn {
    homes: Homes,
    at_once: usize,
}

impl StagingIn {
    /// The duty for so many tasks at once; each moves one file at a time.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { homes: Homes::default(), at_once }
    }
}

#[async_trait]
impl Step for StagingIn {
    fn duty(&self) -> Duty {
        Duty::StageIn
    }

    fn at_once(&self) -> usize {
        self.at_once
    }

    async fn step(&self, ctx: &Context, claimed: &Claimed) -> Result<(), StepError> {
        let work = match load(ctx, claimed, &self.homes).await {
            Ok(work) => work,
            Err(NoWork::Misplaced(attempt, failure)) => {
                return end_attempt(ctx, &claimed.job, &claimed.task, &attempt, failure, true).await;
            }
            Err(NoWork::Step(error)) => return Err(error),
        };
        if let Err(error) = make_directories(&work).await {
            return working_area_failed(ctx, claimed, &work, &error).await;
        }
        if let Some(failure) = fetch_all(ctx, claimed, &work).await? {
            return end_attempt(ctx, &work.job, &work.task, &work.attempt, failure, false).await;
        }
        if let Err(error) = prepare(&work).await {
            return working_area_failed(ctx, claimed, &work, &error).await;
        }
        let (job, task, now) = (work.job.clone(), work.task.clone(), ctx.clock.now());
        ctx.store
            .write(move |tx| -> Result<(), StepError> {
                jobs::apply_to(tx, &job, &task, work.attempt.number, &Event::StagedIn, now)?;
                Ok(())
            })
            .await
    }

    /// A task that was canceled meanwhile may have been swept before this step made its last file.
    async fn abandoned(&self, ctx: &Context, claimed: &Claimed) {
        let job = claimed.job.clone();
        let record = ctx.store.read(move |tx| jobs::find(tx, &job)).await;
        let task = |record: jobs::JobRecord| record.tasks.into_iter().find(|task| task.id == claimed.task);
        let over = record.ok().flatten().and_then(task).is_some_and(|task| task.state.is_final());
        if over && let Err(error) = sweep::clear(ctx, claimed).await {
            tracing::warn!(job = %claimed.job, %error, "what a canceled staging left cannot be removed");
        }
    }
}

/// Fetches what is not there yet. Gives why the inputs cannot be had.
async fn fetch_all(ctx: &Context, claimed: &Claimed, work: &Work) -> Result<Option<Failure>, StepError> {
    let plan = Plan { job: work.job.clone(), task: work.task.clone(), attempt: work.attempt.number, way: Way::In };
    let (items, kept) = (inputs(work), plan.clone());
    if items.is_empty() {
        return Ok(None);
    }
    let records =
        ctx.store.write(move |tx| -> Result<_, StepError> { Ok(transfers::plan(tx, &kept, &items)?) }).await?;
    let mut again: Option<Failure> = None;
    for record in records {
        match record.progress {
            Progress::Done => continue,
            Progress::Failed => match record.failure {
                Some(failure) if may_be_missing(work, Way::In, &record.item, &failure) => continue,
                failure => return Ok(failure),
            },
            Progress::Waiting => {}
        }
        match transport::attempt(ctx, work, &plan, &record).await? {
            Tried::Moved { .. } => {}
            Tried::Failed { failure, again: false } if may_be_missing(work, Way::In, &record.item, &failure) => {}
            Tried::Failed { failure, again: false } => return Ok(Some(failure)),
            Tried::Failed { failure, again: true } => again = Some(failure),
        }
    }
    match again {
        None => Ok(None),
        Some(failure) => Err(StepError::Later {
            after: back_off(ctx.settings.retry_after, Duration::from_secs(300), claimed.tries, &work.job),
            why: failure.to_string(),
        }),
    }
}

/// What has to be fetched. A program that lies on the executing machine is started where it is.
fn inputs(work: &Work) -> Vec<(Item, FileKind, Location)> {
    let mut items = Vec::new();
    if let Program::File { name, location } = work.spec.program_at(work.resource())
        && !lies_there(location)
    {
        items.push((Item::Working(name.clone()), FileKind::File, location.clone()));
    }
    for staged in work.spec.staging.iter().filter(|staged| staged.direction.is_in()) {
        items.push((Item::Working(staged.name.clone()), staged.kind, staged.location.clone()));
    }
    // What lies in the working directory is fed from there.
    if let Some(location) = work.spec.stdin.as_ref().filter(|location| !lies_in_work(location)) {
        items.push((Item::Stdin, FileKind::File, location.clone()));
    }
    items
}

/// Whether a program is started where it lies.
pub(super) fn lies_there(location: &Location) -> bool {
    matches!(location, Location::Url(url) if url.scheme() == Scheme::File)
}

async fn make_directories(work: &Work) -> Result<(), ShellError> {
    for path in [&work.place.control, &work.place.work, &work.place.streams] {
        work.cluster.shell.make_directory(path).await?;
    }
    Ok(())
}

/// Makes the program executable and gives the directories to the account that the job runs as.
async fn prepare(work: &Work) -> Result<(), ShellError> {
    let shell = &work.cluster.shell;
    if let Some(user) = &work.user {
        shell.hand_over(&work.place.work, user).await?;
        shell.hand_over(&work.place.streams, user).await?;
        // The account must be able to walk down to its directories, and to nothing else.
        let (area, root) = (work.cluster.area.display().to_string(), work.place.root().display().to_string());
        shell.run(Command::new("chmod", ["0711", "--", &area, &root])).await?;
    }
    if let Program::File { name, location } = work.spec.program_at(work.resource())
        && !lies_there(location)
    {
        let path = work.place.work.join(name.as_str()).display().to_string();
        // With the account's own rights: a staged directory may have put a link in the program's place.
        let mut executable = Command::new("chmod", ["u+rx", "--", &path]);
        executable.user.clone_from(&work.user);
        shell.run(executable).await?;
    }
    for staged in work.spec.staging.iter().filter(|staged| staged.direction.is_in()) {
        let Some(bits) = staged.permissions else { continue };
        let path = work.place.work.join(staged.name.as_str());
        let mut change = Command::new("chmod", [&format!("{bits:04o}"), "--", &path.display().to_string()]);
        change.user.clone_from(&work.user);
        // What may be missing may not be there.
        let done = shell.run(change).await;
        if staged.required {
            done?;
        }
    }
    Ok(())
}

async fn working_area_failed(
    ctx: &Context,
    claimed: &Claimed,
    work: &Work,
    error: &ShellError,
) -> Result<(), StepError> {
    let code = if full(error) { Code::StorageFull } else { Code::StageInFailed };
    let why = format!("the working area of {} cannot be used: {}", work.cluster.name, with_cause(error));
    if claimed.tries + 1 < ctx.settings.transfer_tries {
        let after = back_off(ctx.settings.retry_after, Duration::from_secs(60), claimed.tries, &work.job);
        return Err(StepError::Later { after, why });
    }
    let failure = Failure::new(code, why).advice("tell the administrator of the cluster");
    end_attempt(ctx, &work.job, &work.task, &work.attempt, failure, true).await
}

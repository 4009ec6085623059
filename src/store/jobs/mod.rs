//! Jobs: accepting, finding, listing, and the one way to change them.

mod descriptions;
mod many;
mod queries;
mod removal;

pub use descriptions::{InForce, descriptions_in_force, last_of_former, replace_description};
pub use many::{Glance, find_many, glance, owners};
pub use queries::{
    Filter, JobRecord, Submission, TaskRecord, count_by_status, count_open, find, list, owner, submission,
};
pub use removal::{Removal, remove};

use super::backend::Conn;
use super::changes::Touched;
use super::rows::{from_json, json, ms, name};
use super::schema::{history, jobs, outbox, tasks};
use super::tasks::Claimed;
use super::{Duty, StoreError, Tx};
use crate::job::{
    Event, Illegal, JobId, Phase, Preparation, Spec, State, Status, TaskId, Waiting, WaitingKind, transition,
};
use diesel::prelude::*;
use jiff::Timestamp;

/// A job to be accepted.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Its id, made at the time it is accepted: lists find times by ids.
    pub id: JobId,
    /// Whose it is: the subject.
    pub owner: String,
    /// The description as it was sent.
    pub description: String,
    /// What it means.
    pub spec: Spec,
    /// The client's own key for this submission, with a digest of its content.
    pub request: Option<(String, String)>,
    /// Whether every task waits for a commit; tasks whose description says so wait anyhow.
    pub hold: bool,
    /// Now.
    pub at: Timestamp,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// A new job.
    Accepted,
    /// The same request was accepted before, under this id.
    Repeated(JobId),
    /// The key was used before with other content.
    Conflict(JobId),
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs)]
struct JobRow {
    id: String,
    owner: String,
    app_id: String,
    project: Option<String>,
    description: String,
    spec_json: String,
    task_count: i32,
    status: String,
    version: i64,
    submitted_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    request_id: Option<String>,
    request_digest: Option<String>,
}

/// Accepts a job: its row, a row for each task, the first line of its history and the first announcement.
///
/// # Errors
/// The store's own failure.
pub fn accept(tx: &mut Tx<'_>, new: &NewJob) -> Result<Acceptance, StoreError> {
    if let Some((key, digest)) = &new.request
        && let Some((id, known)) = submitted_under(tx, &new.owner, key)?
    {
        let same = known.as_deref() == Some(digest.as_str());
        return Ok(if same { Acceptance::Repeated(id) } else { Acceptance::Conflict(id) });
    }
    let (request_id, request_digest) = new.request.clone().unzip();
    let row = JobRow {
        id: new.id.to_string(),
        owner: new.owner.clone(),
        app_id: new.spec.app_id.clone(),
        project: new.spec.project.clone(),
        description: new.description.clone(),
        spec_json: json(&new.spec),
        task_count: i32::try_from(new.spec.tasks.len()).unwrap_or(i32::MAX),
        status: Status::Queued.as_str().to_owned(),
        version: 1,
        submitted_at: ms(new.at),
        started_at: None,
        finished_at: None,
        request_id,
        request_digest,
    };
    diesel::insert_into(jobs::table).values(&row).execute(tx.conn)?;
    for task in &new.spec.tasks {
        let held = new.hold || new.spec.commit_wait || task.commit_wait;
        let state = State::Queued { waiting: held.then(Waiting::for_commit) };
        let (duty, due) = next_duty(&state, new.at);
        diesel::insert_into(tasks::table)
            .values((
                tasks::job_id.eq(&row.id),
                tasks::task_id.eq(task.id.as_str()),
                tasks::state_json.eq(json(&state)),
                tasks::status.eq(state.status().as_str()),
                tasks::version.eq(1_i64),
                tasks::attempt.eq(0),
                tasks::duty.eq(duty.as_str()),
                tasks::due_at.eq(ms(due)),
                tasks::tries.eq(0),
                tasks::lease_until.eq(0_i64),
            ))
            .execute(tx.conn)?;
        let change = Change { job: &row.id, owner: &row.owner, task: task.id.as_str(), version: 1, at: ms(new.at) };
        let why = held.then(|| Waiting::for_commit().reason);
        change.record(tx, "submitted", None, &state, why.as_deref())?;
    }
    tx.wake.extend([Duty::Match, Duty::Deliver]);
    Ok(Acceptance::Accepted)
}

/// The job that an owner submitted under a key, with the digest of what was submitted.
///
/// # Errors
/// The store's own failure.
pub fn submitted_under(tx: &mut Tx<'_>, owner: &str, key: &str) -> Result<Option<(JobId, Option<String>)>, StoreError> {
    let before: Option<(String, Option<String>)> = jobs::table
        .filter(jobs::owner.eq(owner))
        .filter(jobs::request_id.eq(key))
        .select((jobs::id, jobs::request_digest))
        .first(tx.conn)
        .optional()?;
    before.map(|(id, digest)| Ok((name("job id", &id)?, digest))).transpose()
}

struct Change<'a> {
    job: &'a str,
    owner: &'a str,
    task: &'a str,
    version: i64,
    at: i64,
}

impl Change<'_> {
    fn record(
        &self,
        tx: &mut Tx<'_>,
        event: &str,
        before: Option<&State>,
        after: &State,
        detail: Option<&str>,
    ) -> Result<(), StoreError> {
        let (from, to) = (before.map(State::status), after.status());
        diesel::insert_into(history::table)
            .values((
                history::job_id.eq(self.job),
                history::task_id.eq(self.task),
                history::version.eq(self.version),
                history::at.eq(self.at),
                history::event.eq(event),
                history::status.eq(to.as_str()),
                history::detail.eq(detail),
                history::owner.eq(self.owner),
                history::from_status.eq(from.map(Status::as_str)),
                history::phase.eq(Phase::of(after).name),
                history::from_phase.eq(before.map(|state| Phase::of(state).name)),
            ))
            .execute(tx.conn)?;
        tx.changed.push(Touched { job: self.job.to_owned(), owner: self.owner.to_owned() });
        if from != Some(to) {
            diesel::insert_into(outbox::table)
                .values((
                    outbox::job_id.eq(self.job),
                    outbox::task_id.eq(self.task),
                    outbox::version.eq(self.version),
                    outbox::at.eq(self.at),
                    outbox::from_status.eq(from.map(Status::as_str)),
                    outbox::status.eq(to.as_str()),
                ))
                .execute(tx.conn)?;
        }
        Ok(())
    }
}

/// Why a change was not made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ApplyError {
    /// No such task.
    #[error("no such job or task")]
    NotFound,
    /// The state does not allow it.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The store's own failure.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for ApplyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Makes other brokers wait, until this change is committed, with changing any task of a job: what is read of it from now on stays true.
/// SQLite has one writer anyway.
///
/// # Errors
/// The store's own failure.
pub fn hold(tx: &mut Tx<'_>, job: &JobId) -> Result<(), StoreError> {
    if let Conn::Pg(conn) = tx.conn {
        let rows = tasks::table.filter(tasks::job_id.eq(job.as_str())).order(tasks::task_id).select(tasks::task_id);
        rows.for_update().load::<String>(conn)?;
    }
    Ok(())
}

/// The one way to change a task, and with it its job. Gives the state that follows.
///
/// The next duty is due at once, and what was promised is in the outbox. A task that waits for the same reason as before gets no new
/// line in its history. What a caller asks for leaves a claim on the task as it is: the step under way ends, or is given up, before
/// another one begins.
///
/// # Errors
/// [`ApplyError::Illegal`] when the event has no effect; the closure should then give up its own changes too.
pub fn apply(tx: &mut Tx<'_>, job: &JobId, task: &TaskId, event: &Event, now: Timestamp) -> Result<State, ApplyError> {
    change(tx, job, task, Basis::Anything, event, now)
}

/// The same for news of one attempt, or of a task that has no attempt after this one: without effect when another one has begun
/// meanwhile. The claim on the task ends.
///
/// # Errors
/// The same.
pub fn apply_to(
    tx: &mut Tx<'_>,
    job: &JobId,
    task: &TaskId,
    attempt: u32,
    event: &Event,
    now: Timestamp,
) -> Result<State, ApplyError> {
    change(tx, job, task, Basis::Attempt(attempt), event, now)
}

/// The same for what a step found out about the task as it was when it was claimed: without effect when anything has changed since.
/// The claim on the task ends.
///
/// # Errors
/// The same.
pub fn apply_as_claimed(
    tx: &mut Tx<'_>,
    claimed: &Claimed,
    event: &Event,
    now: Timestamp,
) -> Result<State, ApplyError> {
    change(tx, &claimed.job, &claimed.task, Basis::Version(claimed.version), event, now)
}

/// Of what an event is news.
#[derive(Clone, Copy)]
enum Basis {
    /// Of the task, whatever has become of it.
    Anything,
    /// Of its attempt with this number.
    Attempt(u32),
    /// Of the task as it was in this version.
    Version(i64),
}

impl Basis {
    fn is_outdated(self, version: i64, newest: i32) -> bool {
        match self {
            Self::Anything => false,
            Self::Attempt(attempt) => u32::try_from(newest) != Ok(attempt),
            Self::Version(known) => known != version,
        }
    }
}

fn change(
    tx: &mut Tx<'_>,
    job: &JobId,
    task: &TaskId,
    basis: Basis,
    event: &Event,
    now: Timestamp,
) -> Result<State, ApplyError> {
    let found: Option<(String, i64, i32)> = tasks::table
        .find((job.as_str(), task.as_str()))
        .select((tasks::state_json, tasks::version, tasks::attempt))
        .first(tx.conn)
        .optional()?;
    let (text, version, newest) = found.ok_or(ApplyError::NotFound)?;
    if basis.is_outdated(version, newest) {
        return Err(Illegal::Ignored.into());
    }
    let before: State = from_json("state", &text)?;
    let after = transition(&before, event, now)?;
    let quiet = match (&before, &after) {
        // It leaves no mark on the state, but it was asked for.
        _ if *event == Event::MigrateRequested => false,
        (State::Queued { waiting: Some(a) }, State::Queued { waiting: Some(b) }) => {
            a.kind == b.kind && a.reason == b.reason
        }
        (a, b) => a == b,
    };
    let (duty, due) = next_duty(&after, now);
    let claim_ends = (!matches!(basis, Basis::Anything))
        .then_some((tasks::lease_owner.eq(None::<String>), tasks::lease_until.eq(0_i64)));
    let changed = diesel::update(tasks::table.find((job.as_str(), task.as_str())).filter(tasks::version.eq(version)))
        .set((
            tasks::state_json.eq(json(&after)),
            tasks::status.eq(after.status().as_str()),
            tasks::version.eq(version + 1),
            tasks::duty.eq(duty.as_str()),
            tasks::due_at.eq(ms(due)),
            tasks::tries.eq(0),
            tasks::note.eq(None::<String>),
            claim_ends,
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(Illegal::Ignored.into());
    }
    tx.wake.push(duty);
    if quiet {
        return Ok(after);
    }
    let (owner, job_version) = update_job(tx, job, &before, &after, now)?;
    let detail = detail(event);
    let change = Change { job: job.as_str(), owner: &owner, task: task.as_str(), version: job_version, at: ms(now) };
    change.record(tx, event.name(), Some(&before), &after, detail.as_deref())?;
    tx.wake.push(Duty::Deliver);
    Ok(after)
}

/// Brings the job's row up to date. Gives its owner and its new version.
fn update_job(
    tx: &mut Tx<'_>,
    job: &JobId,
    before: &State,
    after: &State,
    now: Timestamp,
) -> Result<(String, i64), StoreError> {
    let (owner, count, version, started): (String, i32, i64, Option<i64>) = jobs::table
        .find(job.as_str())
        .select((jobs::owner, jobs::task_count, jobs::version, jobs::started_at))
        .first(tx.conn)?;
    let status = if count == 1 {
        after.status()
    } else {
        let words: Vec<String> =
            tasks::table.filter(tasks::job_id.eq(job.as_str())).select(tasks::status).load(tx.conn)?;
        State::summary(words.iter().filter_map(|word| Status::from_word(word)))
    };
    let started =
        started.or((before.status() == Status::Queued && after.status() == Status::Preprocessing).then(|| ms(now)));
    diesel::update(jobs::table.find(job.as_str()))
        .set((
            jobs::status.eq(status.as_str()),
            jobs::version.eq(version + 1),
            jobs::started_at.eq(started),
            jobs::finished_at.eq(status.is_final().then(|| ms(now))),
        ))
        .execute(tx.conn)?;
    Ok((owner, version + 1))
}

/// Who has the next step, and from when on.
fn next_duty(state: &State, now: Timestamp) -> (Duty, Timestamp) {
    match state {
        State::Queued { waiting: None } => (Duty::Match, now),
        State::Queued { .. } if state.is_held() => (Duty::None, now),
        State::Queued { waiting: Some(waiting) } => {
            let parked = waiting.kind == WaitingKind::Full && waiting.next.is_none();
            (Duty::Match, if parked { Timestamp::MAX } else { waiting.next.unwrap_or(now) })
        }
        State::Preprocessing { step: Preparation::StagingIn, .. } => (Duty::StageIn, now),
        State::Preprocessing { step: Preparation::Submitting, .. } => (Duty::Dispatch, now),
        // A control request makes the monitor act at once; anything else waits for the next look at the cluster.
        State::Pending { .. } | State::Running { .. } => (Duty::Monitor, now),
        State::Stopped { .. } | State::Postprocessing { .. } => (Duty::StageOut, now),
        State::Finished { .. } | State::Failed { .. } | State::Canceled { .. } => (Duty::Sweep, now),
        State::Suspended { .. } => (Duty::None, now),
    }
}

fn detail(event: &Event) -> Option<String> {
    match event {
        Event::Waits(waiting) => Some(waiting.reason.clone()),
        Event::AttemptFailed { failure, retry } => Some(format!("{failure}; {}", retry.reason)),
        Event::GaveUp(failure) | Event::CollectionFailed(failure) | Event::WindowClosed(failure) => {
            Some(failure.to_string())
        }
        Event::LocallyQueued { reason } => reason.clone(),
        Event::LocallyEnded(ending) => Some(match (&ending.exit, &ending.failure) {
            (_, Some(failure)) => format!("{failure} (known from {})", ending.evidence),
            (Some(exit), None) => format!("{exit} (known from {})", ending.evidence),
            (None, None) => format!("known from {}", ending.evidence),
        }),
        Event::Placed
        | Event::StagedIn
        | Event::LocallyActive
        | Event::CollectionBegan
        | Event::CollectionDone
        | Event::CancelRequested
        | Event::SuspendRequested
        | Event::ResumeRequested
        | Event::MigrateRequested
        | Event::Committed
        | Event::ControlFailed => None,
    }
}

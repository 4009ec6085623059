//! Questions about jobs. Nothing here changes anything.

use crate::job::{Attempt, Failure, JobId, Phase, Spec, State, Status, TaskId};
use crate::store::rows::{at, from_json, ms, name};
use crate::store::schema::jobs;
use crate::store::{StoreError, Tx};
use diesel::prelude::*;
use jiff::Timestamp;

/// A task of a job, as callers see it.
#[derive(Debug, Clone)]
pub struct TaskRecord {
    /// Its id.
    pub id: TaskId,
    /// Where it stands.
    pub state: State,
    /// How many attempts it had.
    pub attempts: u32,
    /// When a worker looks at it again.
    pub due: Timestamp,
    /// Why it is where it is, when the state alone does not say it.
    pub note: Option<String>,
}

/// A job, as callers see it.
#[derive(Debug, Clone)]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub owner: String,
    /// The user's label.
    pub app_id: String,
    /// The project.
    pub project: Option<String>,
    /// The summary of its tasks.
    pub status: Status,
    /// Grows with every change.
    pub version: i64,
    /// Accepted.
    pub submitted: Timestamp,
    /// The broker began to serve it.
    pub started: Option<Timestamp>,
    /// Reached a final state.
    pub finished: Option<Timestamp>,
    /// Its tasks; at least one.
    pub tasks: Vec<TaskRecord>,
    /// The newest attempt of the first task that has one.
    pub last_attempt: Option<Attempt>,
    /// Why and since when the cluster that has it does not answer: everything else is then as old.
    pub silence: Option<(String, Timestamp)>,
}

impl JobRecord {
    /// The task that decides what the job shows: the first one with the job's status.
    #[must_use]
    pub fn leading_task(&self) -> Option<&TaskRecord> {
        self.tasks.iter().find(|task| task.state.status() == self.status).or_else(|| self.tasks.first())
    }

    /// The phase it shows.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.leading_task().map_or_else(|| Phase::of(&State::Queued { waiting: None }), |task| Phase::of(&task.state))
    }

    /// Why it failed.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.tasks.iter().find_map(|task| match &task.state {
            State::Failed { failure, .. } => Some(failure),
            _ => None,
        })
    }
}

/// Which jobs a list holds.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this owner's; absent: everybody's.
    pub owner: Option<String>,
    /// Only this project's.
    pub project: Option<String>,
    /// Only these; empty: all.
    pub statuses: Vec<Status>,
    /// Only those submitted at or after this time.
    pub since: Option<Timestamp>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

/// The owner of a job, without reading anything else of it.
///
/// # Errors
/// The store's own failure.
pub fn owner(tx: &mut Tx<'_>, id: &JobId) -> Result<Option<String>, StoreError> {
    Ok(jobs::table.find(id.as_str()).select(jobs::owner).first(tx.conn).optional()?)
}

/// What was submitted.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Whose it is.
    pub owner: String,
    /// What it means.
    pub spec: Spec,
    /// The description as it was sent.
    pub description: String,
    /// When.
    pub submitted: Timestamp,
}

/// What was submitted under an id.
///
/// # Errors
/// The store's own failure.
pub fn submission(tx: &mut Tx<'_>, id: &JobId) -> Result<Option<Submission>, StoreError> {
    let found: Option<(String, String, String, i64)> = jobs::table
        .find(id.as_str())
        .select((jobs::owner, jobs::spec_json, jobs::description, jobs::submitted_at))
        .first(tx.conn)
        .optional()?;
    found
        .map(|(owner, spec, description, submitted)| {
            Ok(Submission { owner, spec: from_json("job", &spec)?, description, submitted: at(submitted) })
        })
        .transpose()
}

/// A job with its tasks and its newest attempt.
///
/// # Errors
/// The store's own failure.
pub fn find(tx: &mut Tx<'_>, id: &JobId) -> Result<Option<JobRecord>, StoreError> {
    Ok(super::find_many(tx, std::slice::from_ref(id))?.pop().flatten())
}

/// The first time in milliseconds that is written with thirteen digits: in September 2001. The last one is in the year 2286.
const THIRTEEN_DIGITS: i64 = 1_000_000_000_000;

/// Ids of jobs, newest first.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<JobId>, StoreError> {
    let mut query = jobs::table.select(jobs::id).order(jobs::id.desc()).limit(i64::from(filter.limit)).into_boxed();
    if let Some(owner) = &filter.owner {
        query = query.filter(jobs::owner.eq(owner));
    }
    if let Some(project) = &filter.project {
        query = query.filter(jobs::project.eq(project));
    }
    if !filter.statuses.is_empty() {
        query = query.filter(jobs::status.eq_any(filter.statuses.iter().map(|status| status.as_str())));
    }
    if let Some(since) = filter.since {
        query = query.filter(jobs::submitted_at.ge(ms(since)));
        // Ids begin with the same time, so that older jobs need not be read. It has always had as many digits since this bound.
        if ms(since) >= THIRTEEN_DIGITS {
            query = query.filter(jobs::id.ge(ms(since).to_string()));
        }
    }
    if let Some(before) = &filter.before {
        query = query.filter(jobs::id.lt(before.as_str()));
    }
    let ids: Vec<String> = query.load(tx.conn)?;
    ids.iter().map(|id| name("job id", id)).collect()
}

/// How many jobs there are in each status.
///
/// # Errors
/// The store's own failure.
pub fn count_by_status(tx: &mut Tx<'_>) -> Result<Vec<(Status, i64)>, StoreError> {
    let rows: Vec<(String, i64)> =
        jobs::table.group_by(jobs::status).select((jobs::status, diesel::dsl::count_star())).load(tx.conn)?;
    Ok(rows.into_iter().filter_map(|(word, count)| Some((Status::from_word(&word)?, count))).collect())
}

/// How many unfinished jobs an owner has.
///
/// # Errors
/// The store's own failure.
pub fn count_open(tx: &mut Tx<'_>, owner: &str) -> Result<u32, StoreError> {
    let open = Status::ALL.iter().filter(|status| !status.is_final()).map(|status| status.as_str());
    let counted: i64 =
        jobs::table.filter(jobs::owner.eq(owner)).filter(jobs::status.eq_any(open)).count().get_result(tx.conn)?;
    Ok(u32::try_from(counted).unwrap_or(u32::MAX))
}

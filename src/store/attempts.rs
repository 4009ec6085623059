//! Attempts: one row for each try of a task on a cluster. Written by the workers beside the change of the task they belong to.

use super::rows::{at, from_json, json, ms, name};
use super::schema::{attempts, tasks};
use super::{Duty, StoreError, Tx};
use crate::job::{Attempt, ClusterName, Ending, Failure, JobId, LocalJobId, Outcome, State, TaskId, Token, Usage};
use diesel::prelude::*;
use jiff::Timestamp;
use std::collections::HashMap;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = attempts)]
struct AttemptRow {
    job_id: String,
    task_id: String,
    number: i32,
    cluster: String,
    queue: Option<String>,
    host: String,
    resource: Option<i32>,
    token: String,
    local_id: Option<String>,
    started_at: i64,
    submit_intended_at: Option<i64>,
    local_submitted_at: Option<i64>,
    local_started_at: Option<i64>,
    local_finished_at: Option<i64>,
    exit_json: Option<String>,
    usage_json: Option<String>,
    outcome: Option<String>,
    failure_json: Option<String>,
}

/// A place that matching chose.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The cluster.
    pub cluster: ClusterName,
    /// The queue.
    pub queue: Option<String>,
    /// The cluster's host.
    pub host: String,
    /// Which of the task's alternative resources it satisfies.
    pub resource: Option<usize>,
    /// The mark of the new attempt.
    pub token: Token,
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Begins a new attempt of a task. Gives its number. To be called in the transaction that applies `Placed`.
///
/// # Errors
/// The store's own failure.
pub fn begin(
    tx: &mut Tx<'_>,
    job: &JobId,
    task: &TaskId,
    place: &Placement,
    now: Timestamp,
) -> Result<u32, StoreError> {
    let last: i32 = tasks::table.find((job.as_str(), task.as_str())).select(tasks::attempt).first(tx.conn)?;
    let row = AttemptRow {
        job_id: job.to_string(),
        task_id: task.to_string(),
        number: last + 1,
        cluster: place.cluster.to_string(),
        queue: place.queue.clone(),
        host: place.host.clone(),
        resource: place.resource.and_then(|index| i32::try_from(index).ok()),
        token: place.token.to_string(),
        local_id: None,
        started_at: ms(now),
        submit_intended_at: None,
        local_submitted_at: None,
        local_started_at: None,
        local_finished_at: None,
        exit_json: None,
        usage_json: None,
        outcome: None,
        failure_json: None,
    };
    diesel::insert_into(attempts::table).values(&row).execute(tx.conn)?;
    diesel::update(tasks::table.find((job.as_str(), task.as_str())))
        .set((tasks::attempt.eq(last + 1), tasks::cluster.eq(place.cluster.as_str())))
        .execute(tx.conn)?;
    u32::try_from(last + 1).map_err(|error| StoreError::Unreadable { what: "attempt number", why: error.to_string() })
}

/// Writes down that the batch system is about to be asked. Keeps the first time. Gives whether this was the first.
///
/// # Errors
/// The store's own failure.
pub fn intend(tx: &mut Tx<'_>, token: &Token, now: Timestamp) -> Result<bool, StoreError> {
    let changed = diesel::update(attempts::table)
        .filter(attempts::token.eq(token.as_str()).and(attempts::submit_intended_at.is_null()))
        .set(attempts::submit_intended_at.eq(ms(now)))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Writes down what the batch system called it.
///
/// # Errors
/// The store's own failure.
pub fn submitted(tx: &mut Tx<'_>, token: &Token, id: &LocalJobId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(attempts::table)
        .filter(attempts::token.eq(token.as_str()))
        .set((attempts::local_id.eq(id.as_str()), attempts::local_submitted_at.eq(ms(now))))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes down where and when it started.
///
/// # Errors
/// The store's own failure.
pub fn active(tx: &mut Tx<'_>, token: &Token, host: Option<&str>, started: Timestamp) -> Result<(), StoreError> {
    diesel::update(attempts::table)
        .filter(attempts::token.eq(token.as_str()))
        .set(attempts::local_started_at.eq(ms(started)))
        .execute(tx.conn)?;
    if let Some(host) = host {
        diesel::update(attempts::table)
            .filter(attempts::token.eq(token.as_str()))
            .set(attempts::host.eq(host))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Writes down how it ended, once.
///
/// # Errors
/// The store's own failure.
pub fn ended(
    tx: &mut Tx<'_>,
    token: &Token,
    ending: &Ending,
    started: Option<Timestamp>,
    usage: &Usage,
) -> Result<(), StoreError> {
    let open = attempts::token.eq(token.as_str()).and(attempts::outcome.is_null());
    if let Some(started) = started {
        diesel::update(attempts::table)
            .filter(open.and(attempts::local_started_at.is_null()))
            .set(attempts::local_started_at.eq(ms(started)))
            .execute(tx.conn)?;
    }
    diesel::update(attempts::table)
        .filter(open)
        .set((
            attempts::local_finished_at.eq(ms(ending.at)),
            attempts::exit_json.eq(ending.exit.as_ref().map(json)),
            attempts::usage_json.eq(json(usage)),
            attempts::outcome.eq(ending.outcome.as_str()),
            attempts::failure_json.eq(ending.failure.as_ref().map(json)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Closes an attempt that never got as far as the batch system, or was given up there.
///
/// # Errors
/// The store's own failure.
pub fn close(tx: &mut Tx<'_>, token: &Token, outcome: Outcome, failure: Option<&Failure>) -> Result<(), StoreError> {
    diesel::update(attempts::table)
        .filter(attempts::token.eq(token.as_str()).and(attempts::outcome.is_null()))
        .set((attempts::outcome.eq(outcome.as_str()), attempts::failure_json.eq(failure.map(json))))
        .execute(tx.conn)?;
    Ok(())
}

/// One attempt.
///
/// # Errors
/// The store's own failure.
pub fn find(tx: &mut Tx<'_>, job: &JobId, task: &TaskId, which: u32) -> Result<Option<Attempt>, StoreError> {
    let row = attempts::table
        .find((job.as_str(), task.as_str(), number(which)))
        .select(AttemptRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(attempt).transpose()
}

/// These attempts of these tasks, each with its job, in no order.
///
/// # Errors
/// The store's own failure.
pub fn find_each(tx: &mut Tx<'_>, which: &[(JobId, TaskId, u32)]) -> Result<Vec<(JobId, Attempt)>, StoreError> {
    let jobs = which.iter().map(|(job, _, _)| job.as_str());
    let rows: Vec<AttemptRow> =
        attempts::table.filter(attempts::job_id.eq_any(jobs)).select(AttemptRow::as_select()).load(tx.conn)?;
    let wanted: HashMap<&str, (&str, i32)> =
        which.iter().map(|(job, task, last)| (job.as_str(), (task.as_str(), number(*last)))).collect();
    rows.into_iter()
        .filter(|row| wanted.get(row.job_id.as_str()) == Some(&(row.task_id.as_str(), row.number)))
        .map(|row| Ok((name("job id", &row.job_id)?, attempt(row)?)))
        .collect()
}

/// All attempts of a job, oldest first, with the task each belongs to.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, job: &JobId, task: Option<&TaskId>) -> Result<Vec<(TaskId, Attempt)>, StoreError> {
    let mut query = attempts::table
        .filter(attempts::job_id.eq(job.as_str()))
        .select(AttemptRow::as_select())
        .order((attempts::started_at, attempts::task_id, attempts::number))
        .into_boxed();
    if let Some(task) = task {
        query = query.filter(attempts::task_id.eq(task.as_str()));
    }
    let rows = query.load(tx.conn)?;
    rows.into_iter().map(|row| Ok((name("task id", &row.task_id)?, attempt(row)?))).collect()
}

/// A batch job that the monitor of a cluster has to watch.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// Where the task stands.
    pub state: State,
    /// The attempt.
    pub attempt: Attempt,
}

/// The batch jobs of a cluster, or those among them that changed at or after `since`.
///
/// # Errors
/// The store's own failure.
pub fn watched(tx: &mut Tx<'_>, cluster: &ClusterName, since: Option<Timestamp>) -> Result<Vec<Watched>, StoreError> {
    let rows: Vec<(AttemptRow, String)> = attempts::table
        .inner_join(
            tasks::table.on(tasks::job_id
                .eq(attempts::job_id)
                .and(tasks::task_id.eq(attempts::task_id))
                .and(tasks::attempt.eq(attempts::number))),
        )
        .filter(tasks::cluster.eq(cluster.as_str()))
        .filter(tasks::duty.eq(Duty::Monitor.as_str()))
        .filter(tasks::due_at.ge(since.map_or(0, ms)))
        .select((AttemptRow::as_select(), tasks::state_json))
        .load(tx.conn)?;
    let read = |(row, state): (AttemptRow, String)| -> Result<Watched, StoreError> {
        Ok(Watched {
            job: name("job id", &row.job_id)?,
            task: name("task id", &row.task_id)?,
            state: from_json("state", &state)?,
            attempt: attempt(row)?,
        })
    };
    let mut watched = Vec::with_capacity(rows.len());
    for row in rows {
        let job = row.0.job_id.clone();
        // One that cannot be read keeps nobody from the others.
        match read(row) {
            Ok(one) => watched.push(one),
            Err(error) => tracing::error!(job, %error, "an attempt cannot be read; it is not watched"),
        }
    }
    Ok(watched)
}

fn attempt(row: AttemptRow) -> Result<Attempt, StoreError> {
    let outcome = match row.outcome.as_deref() {
        None => None,
        Some(word) => Some(from_json("outcome", &format!("\"{word}\""))?),
    };
    Ok(Attempt {
        number: u32::try_from(row.number).unwrap_or(0),
        cluster: name("cluster", &row.cluster)?,
        queue: row.queue,
        host: row.host,
        resource: row.resource.and_then(|index| usize::try_from(index).ok()),
        token: name("token", &row.token)?,
        local_id: row.local_id.map(|id| name("local job id", &id)).transpose()?,
        started: at(row.started_at),
        submit_intended: row.submit_intended_at.map(at),
        local_submitted: row.local_submitted_at.map(at),
        local_started: row.local_started_at.map(at),
        local_finished: row.local_finished_at.map(at),
        exit: row.exit_json.map(|text| from_json("exit", &text)).transpose()?,
        usage: row.usage_json.map(|text| from_json("usage", &text)).transpose()?.unwrap_or_default(),
        outcome,
        failure: row.failure_json.map(|text| from_json("failure", &text)).transpose()?,
    })
}

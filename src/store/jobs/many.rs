//! Questions about many jobs at once, in few statements.

use super::queries::{JobRecord, TaskRecord};
use crate::job::{JobId, Status, TaskId};
use crate::store::rows::{at, from_json, name};
use crate::store::schema::{jobs, tasks};
use crate::store::{StoreError, Tx, attempts, surveys};
use diesel::prelude::*;
use std::collections::HashMap;

/// How many ids one statement names.
const AT_ONCE: usize = 500;

/// The owners of those of these jobs that there are.
///
/// # Errors
/// The store's own failure.
pub fn owners(tx: &mut Tx<'_>, ids: &[JobId]) -> Result<HashMap<String, String>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for part in ids.chunks(AT_ONCE) {
        let names = part.iter().map(JobId::as_str);
        let rows: Vec<(String, String)> =
            jobs::table.filter(jobs::id.eq_any(names)).select((jobs::id, jobs::owner)).load(tx.conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// As much of a job as tells whether it is worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// Its status.
    pub status: Status,
    /// Its version.
    pub version: i64,
}

/// A glance at each of these jobs, in their order; `None` for one that is gone.
///
/// # Errors
/// The store's own failure.
pub fn glance(tx: &mut Tx<'_>, ids: &[JobId]) -> Result<Vec<Option<Glance>>, StoreError> {
    let mut found: HashMap<String, Glance> = HashMap::with_capacity(ids.len());
    for part in ids.chunks(AT_ONCE) {
        let names = part.iter().map(JobId::as_str);
        let rows: Vec<(String, String, i64)> =
            jobs::table.filter(jobs::id.eq_any(names)).select((jobs::id, jobs::status, jobs::version)).load(tx.conn)?;
        for (id, word, version) in rows {
            let status = Status::from_word(&word).ok_or(StoreError::Unreadable { what: "status", why: word })?;
            found.insert(id, Glance { status, version });
        }
    }
    Ok(ids.iter().map(|id| found.get(id.as_str()).copied()).collect())
}

/// These jobs, in their order, each with its tasks and its newest attempt; `None` for one that is gone.
///
/// # Errors
/// The store's own failure.
pub fn find_many(tx: &mut Tx<'_>, ids: &[JobId]) -> Result<Vec<Option<JobRecord>>, StoreError> {
    let mut found: HashMap<String, JobRecord> = HashMap::with_capacity(ids.len());
    for part in ids.chunks(AT_ONCE) {
        read_part(tx, part, &mut found)?;
    }
    // An id may be named twice.
    Ok(ids.iter().map(|id| found.get(id.as_str()).cloned()).collect())
}

type Row = (String, String, String, Option<String>, String, i64, i64, Option<i64>, Option<i64>);

fn read_part(tx: &mut Tx<'_>, ids: &[JobId], found: &mut HashMap<String, JobRecord>) -> Result<(), StoreError> {
    let names: Vec<&str> = ids.iter().map(JobId::as_str).collect();
    let rows: Vec<Row> = jobs::table
        .filter(jobs::id.eq_any(&names))
        .select((
            jobs::id,
            jobs::owner,
            jobs::app_id,
            jobs::project,
            jobs::status,
            jobs::version,
            jobs::submitted_at,
            jobs::started_at,
            jobs::finished_at,
        ))
        .load(tx.conn)?;
    let mut tasks = read_tasks(tx, &names)?;
    let mut newest: Vec<(JobId, TaskId, u32)> = Vec::new();
    for (id, owner, app_id, project, word, version, submitted, started, finished) in rows {
        let status = Status::from_word(&word).ok_or(StoreError::Unreadable { what: "status", why: word })?;
        let tasks = tasks.remove(&id).unwrap_or_default();
        let job: JobId = name("job id", &id)?;
        if let Some(task) = tasks.iter().find(|task| task.attempts > 0) {
            newest.push((job.clone(), task.id.clone(), task.attempts));
        }
        let record = JobRecord {
            id: job,
            owner,
            app_id,
            project,
            status,
            version,
            submitted: at(submitted),
            started: started.map(at),
            finished: finished.map(at),
            tasks,
            last_attempt: None,
            silence: None,
        };
        found.insert(id, record);
    }
    let mut silences = HashMap::new();
    for (job, attempt) in attempts::find_each(tx, &newest)? {
        let Some(record) = found.get_mut(job.as_str()) else { continue };
        if matches!(record.status, Status::Preprocessing | Status::Pending | Status::Running) {
            let name = attempt.cluster.clone();
            record.silence = match silences.get(&name) {
                Some(known) => Clone::clone(known),
                None => silences.entry(name).or_insert(surveys::silence(tx, &attempt.cluster)?).clone(),
            };
        }
        record.last_attempt = Some(attempt);
    }
    Ok(())
}

fn read_tasks(tx: &mut Tx<'_>, names: &[&str]) -> Result<HashMap<String, Vec<TaskRecord>>, StoreError> {
    let rows: Vec<(String, String, String, i32, i64, Option<String>)> = tasks::table
        .filter(tasks::job_id.eq_any(names))
        .select((tasks::job_id, tasks::task_id, tasks::state_json, tasks::attempt, tasks::due_at, tasks::note))
        .order((tasks::job_id, tasks::task_id))
        .load(tx.conn)?;
    let mut found: HashMap<String, Vec<TaskRecord>> = HashMap::new();
    for (job, task, state, attempts, due, note) in rows {
        found.entry(job).or_default().push(TaskRecord {
            id: name("task id", &task)?,
            state: from_json("state", &state)?,
            attempts: u32::try_from(attempts).unwrap_or(0),
            due: at(due),
            note,
        });
    }
    Ok(found)
}

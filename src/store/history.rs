//! What happened to a job, line by line. Lines are only ever appended, by [`super::jobs::apply`].

use super::rows::{at, name};
use super::schema::history;
use super::{StoreError, Tx};
use crate::job::{JobId, TaskId};
use diesel::prelude::*;
use jiff::Timestamp;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The task.
    pub task: TaskId,
    /// The job's version after it.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: String,
    /// The task's status after it.
    pub status: String,
    /// Details for people.
    pub detail: Option<String>,
}

/// The history of a job, oldest first.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, job: &JobId) -> Result<Vec<Line>, StoreError> {
    let rows: Vec<(String, i64, i64, String, String, Option<String>)> = history::table
        .filter(history::job_id.eq(job.as_str()))
        .order(history::seq)
        .select((history::task_id, history::version, history::at, history::event, history::status, history::detail))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(task, version, time, event, status, detail)| {
            Ok(Line { task: name("task id", &task)?, version, at: at(time), event, status, detail })
        })
        .collect()
}

//! Promised announcements: written with the change they announce, removed after they were made.

use super::rows::{at, name};
use super::schema::outbox;
use super::{StoreError, Tx};
use crate::job::{JobId, TaskId};
use diesel::prelude::*;
use jiff::Timestamp;

/// One promised announcement. `seq` orders all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Its number.
    pub seq: i64,
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// The job's version after the change.
    pub version: i64,
    /// When it happened.
    pub at: Timestamp,
    /// The status before; absent for a new job.
    pub from: Option<String>,
    /// The status after.
    pub to: String,
}

/// The oldest announcements that have not been made.
///
/// # Errors
/// The store's own failure.
pub fn pending(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Announcement>, StoreError> {
    type Row = (i64, String, String, i64, i64, Option<String>, String);
    let rows: Vec<Row> = outbox::table.order(outbox::seq).limit(i64::from(limit)).load(tx.conn)?;
    rows.into_iter()
        .map(|(seq, job, task, version, time, from, to)| {
            Ok(Announcement {
                seq,
                job: name("job id", &job)?,
                task: name("task id", &task)?,
                version,
                at: at(time),
                from,
                to,
            })
        })
        .collect()
}

/// Removes announcements that were made.
///
/// # Errors
/// The store's own failure.
pub fn made(tx: &mut Tx<'_>, seqs: &[i64]) -> Result<(), StoreError> {
    for part in seqs.chunks(500) {
        diesel::delete(outbox::table.filter(outbox::seq.eq_any(part))).execute(tx.conn)?;
    }
    Ok(())
}

//! Removing jobs: everything of a job goes, once it is over and nothing of it is left on a cluster.

use crate::job::{JobId, Status};
use crate::store::schema::{event_floors, history, jobs, tasks};
use crate::store::{Duty, StoreError, Tx};
use diesel::prelude::*;

/// What became of a wish to remove a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// There is no such job.
    NotFound,
    /// It is not over.
    NotFinal(Status),
    /// Its directories are still being removed.
    NotSwept,
}

/// Removes a job with its tasks, attempts, transfers, history and former descriptions. Announcements that were promised are still made.
///
/// # Errors
/// The store's own failure.
pub fn remove(tx: &mut Tx<'_>, id: &JobId) -> Result<Removal, StoreError> {
    let found: Option<(String, String)> =
        jobs::table.find(id.as_str()).select((jobs::owner, jobs::status)).first(tx.conn).optional()?;
    let Some((owner, word)) = found else { return Ok(Removal::NotFound) };
    let status = Status::from_word(&word).ok_or(StoreError::Unreadable { what: "status", why: word })?;
    if !status.is_final() {
        return Ok(Removal::NotFinal(status));
    }
    let unswept: i64 = tasks::table
        .filter(tasks::job_id.eq(id.as_str()))
        .filter(tasks::duty.ne(Duty::None.as_str()))
        .count()
        .get_result(tx.conn)?;
    if unswept > 0 {
        return Ok(Removal::NotSwept);
    }
    let last: Option<i64> =
        history::table.filter(history::job_id.eq(id.as_str())).select(diesel::dsl::max(history::seq)).first(tx.conn)?;
    raise_floor(tx, &owner, last.unwrap_or(0))?;
    diesel::delete(jobs::table.find(id.as_str())).execute(tx.conn)?;
    Ok(Removal::Removed)
}

/// Whoever has not seen an owner's events up to here has missed some.
fn raise_floor(tx: &mut Tx<'_>, owner: &str, seq: i64) -> Result<(), StoreError> {
    let lower = event_floors::table.find(owner).filter(event_floors::seq.lt(seq));
    if diesel::update(lower).set(event_floors::seq.eq(seq)).execute(tx.conn)? == 1 {
        return Ok(());
    }
    let known: i64 = event_floors::table.find(owner).count().get_result(tx.conn)?;
    if known == 0 {
        // Two brokers may both see no row: the second insert is a conflict, and its change is made again.
        diesel::insert_into(event_floors::table)
            .values((event_floors::owner.eq(owner), event_floors::seq.eq(seq)))
            .execute(tx.conn)?;
    }
    Ok(())
}

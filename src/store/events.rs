//! The history of all jobs as one stream, for callers who follow it.
//!
//! On PostgreSQL several brokers write at once, so a line with a smaller number may appear after one with a larger number. Nobody may
//! read past a line that is still to come: every writing transaction announces, by a lock, a bound below all numbers it will take, and
//! [`settled`] is the number up to which every line is there or never will be. Readers stop at it.

use super::backend::Conn;
use super::changes::Touched;
use super::rows::{at, name};
use super::schema::{event_floors, history, marks};
use super::{StoreError, Tx};
use crate::job::{JobId, TaskId};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use jiff::Timestamp;

/// The class of the locks of writing transactions; the number beside it is the bound, without the bits that do not fit.
const LOCK_CLASS: i32 = 7_310_461;
/// Locks have 32 bits with a sign for the bound.
const LOCK_RANGE: i64 = 1 << 31;

/// The last number given out: no line that was ever seen has a larger one.
///
/// # Errors
/// The store's own failure.
pub fn newest(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    last_number(tx.conn)
}

/// The last number given out; on PostgreSQL, as of now and not of the moment that the transaction sees.
fn last_number(conn: &mut Conn) -> Result<i64, StoreError> {
    let question = match conn {
        Conn::Pg(_) => "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS at FROM history_seq_seq",
        Conn::Sqlite(_) => "SELECT coalesce(max(seq), 0) AS at FROM sqlite_sequence WHERE name = 'history'",
    };
    Ok(diesel::sql_query(question).get_result::<Number>(conn)?.at)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    at: i64,
}

/// Announces that this transaction writes: until its end nobody reads past the lines it may add. Before anything else is written.
pub(super) fn announce_writer(conn: &mut PgConnection) -> QueryResult<()> {
    use diesel::connection::SimpleConnection as _;
    conn.batch_execute(&format!(
        "SELECT pg_advisory_xact_lock_shared({LOCK_CLASS}, \
         ((CASE WHEN is_called THEN last_value ELSE 0 END) % {LOCK_RANGE})::int) FROM history_seq_seq"
    ))
}

/// The number up to which every line of the history is there, for whoever begins to read after this returned.
///
/// # Errors
/// The store's own failure.
pub fn settled(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let last = last_number(tx.conn)?;
    let Conn::Pg(conn) = tx.conn else { return Ok(last) };
    // After the number was read: whoever had taken a smaller one holds its lock, or has ended.
    let writers: Vec<Number> = diesel::sql_query(format!(
        "SELECT objid::bigint AS at FROM pg_locks WHERE locktype = 'advisory' AND classid = {LOCK_CLASS} AND objsubid = 2 \
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    ))
    .load(conn)?;
    Ok(writers.iter().map(|bound| whole(bound.at, last)).fold(last, i64::min))
}

/// The bound of which a lock shows the lower bits: the one nearest to the last number.
fn whole(low: i64, last: i64) -> i64 {
    let ahead = (low - last).rem_euclid(LOCK_RANGE);
    if ahead < LOCK_RANGE / 2 { last + ahead } else { last + ahead - LOCK_RANGE }
}

/// A line of the history, as followers read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number: later lines of a job have larger ones.
    pub seq: i64,
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: String,
    /// Status before and after; nothing before a submission.
    pub status: (Option<String>, String),
    /// Phase before and after; not known of old lines.
    pub phase: (Option<String>, Option<String>),
    /// Details for people.
    pub detail: Option<String>,
}

/// Whose lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Every job of this owner.
    Owner(String),
    /// These jobs.
    Jobs(Vec<JobId>),
}

type Row = (i64, String, String, i64, String, Option<String>, String, Option<String>, Option<String>, Option<String>);

/// Lines from number `from` on, up to and with `to`, in order, at most `limit`.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, whose: &Whose, from: i64, to: i64, limit: u32) -> Result<Vec<Line>, StoreError> {
    let query = history::table
        .filter(history::seq.ge(from).and(history::seq.le(to)))
        .order(history::seq)
        .limit(i64::from(limit))
        .select((
            history::seq,
            history::job_id,
            history::task_id,
            history::at,
            history::event,
            history::from_status,
            history::status,
            history::from_phase,
            history::phase,
            history::detail,
        ))
        .into_boxed();
    let rows: Vec<Row> = match whose {
        Whose::Owner(owner) => query.filter(history::owner.eq(owner)).load(tx.conn)?,
        Whose::Jobs(jobs) => query.filter(history::job_id.eq_any(jobs.iter().map(JobId::as_str))).load(tx.conn)?,
    };
    rows.into_iter()
        .map(|(seq, job, task, time, event, from_status, status, from_phase, phase, detail)| {
            Ok(Line {
                seq,
                job: name("job id", &job)?,
                task: name("task id", &task)?,
                at: at(time),
                event,
                status: (from_status, status),
                phase: (from_phase, phase),
                detail,
            })
        })
        .collect()
}

/// The jobs that lines after `after` are about, up to and with `to`.
///
/// # Errors
/// The store's own failure.
pub fn touched(tx: &mut Tx<'_>, after: i64, to: i64) -> Result<Vec<Touched>, StoreError> {
    let rows: Vec<(String, String)> = history::table
        .filter(history::seq.gt(after).and(history::seq.le(to)))
        .select((history::job_id, history::owner))
        .distinct()
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(job, owner)| Touched { job, owner }).collect())
}

/// The number up to which an owner's lines are no longer complete, because jobs were removed.
///
/// # Errors
/// The store's own failure.
pub fn floor(tx: &mut Tx<'_>, owner: &str) -> Result<i64, StoreError> {
    let found: Option<i64> = event_floors::table.find(owner).select(event_floors::seq).first(tx.conn).optional()?;
    Ok(found.unwrap_or(0))
}

/// The name that this database has among all: chosen when a broker opens it for the first time.
pub(super) fn mark(tx: &mut Tx<'_>) -> Result<String, StoreError> {
    let known = |conn: &mut Conn| marks::table.find("store").select(marks::value).first(conn).optional();
    if let Some(found) = known(tx.conn)? {
        return Ok(found);
    }
    let fresh = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
    let made =
        diesel::insert_into(marks::table).values((marks::name.eq("store"), marks::value.eq(&fresh))).execute(tx.conn);
    match made {
        Ok(_) => Ok(fresh),
        // Another broker was faster.
        Err(error) => known(tx.conn)?.ok_or_else(|| error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_a_lock_is_the_number_nearest_to_the_last_one() {
        let low = |number: i64| number % LOCK_RANGE;
        for last in [0, 7, LOCK_RANGE - 3, LOCK_RANGE + 5, 9 * LOCK_RANGE + 1] {
            for distance in [-1000_i64, -8, -1, 0, 1, 8, 1000] {
                let bound = last + distance;
                if bound >= 0 {
                    assert_eq!(whole(low(bound), last), bound, "{last} {distance}");
                }
            }
        }
    }
}

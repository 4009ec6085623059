//! Transfers: one row for each file or directory of an attempt and direction, with what became of it.

use super::rows::{from_json, json, ms, name};
use super::schema::transfers;
use super::{StoreError, Tx};
use crate::job::{Failure, FileKind, JobId, Location, RelativeName, TaskId};
use diesel::prelude::*;
use jiff::Timestamp;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the cluster.
    In,
    /// From the cluster.
    Out,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// What is moved. The streams have names that no file in the working directory can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A file or directory of the working directory.
    Working(RelativeName),
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Item {
    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "/stdin" => Ok(Self::Stdin),
            "/stdout" => Ok(Self::Stdout),
            "/stderr" => Ok(Self::Stderr),
            other => Ok(Self::Working(name("file name", other)?)),
        }
    }
}

/// The name for people and for the table.
impl std::fmt::Display for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Working(name) => f.write_str(name.as_str()),
            Self::Stdin => f.write_str("/stdin"),
            Self::Stdout => f.write_str("/stdout"),
            Self::Stderr => f.write_str("/stderr"),
        }
    }
}

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// To be done, perhaps not for the first time.
    Waiting,
    /// Done.
    Done,
    /// Failed for good.
    Failed,
}

impl Progress {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// One planned or done transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRecord {
    /// Its number in the plan, from 0.
    pub ordinal: u32,
    /// What is moved.
    pub item: Item,
    /// File or directory.
    pub kind: FileKind,
    /// The other end.
    pub location: Location,
    /// How far it is.
    pub progress: Progress,
    /// How often it was tried.
    pub tries: u32,
    /// Bytes moved.
    pub bytes: Option<i64>,
    /// SHA-256 of the content.
    pub sha256: Option<String>,
    /// Why the last try failed.
    pub failure: Option<Failure>,
}

/// The attempt a plan belongs to.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// The attempt.
    pub attempt: u32,
    /// Which way.
    pub way: Way,
}

/// Writes a plan down, unless it is there already. Gives what is there then.
///
/// # Errors
/// The store's own failure.
pub fn plan(
    tx: &mut Tx<'_>,
    plan: &Plan,
    items: &[(Item, FileKind, Location)],
) -> Result<Vec<TransferRecord>, StoreError> {
    let known = list(tx, plan)?;
    if !known.is_empty() {
        return Ok(known);
    }
    for (ordinal, (local, kind, location)) in (0_i32..).zip(items) {
        diesel::insert_into(transfers::table)
            .values((
                transfers::job_id.eq(plan.job.as_str()),
                transfers::task_id.eq(plan.task.as_str()),
                transfers::attempt.eq(number(plan.attempt)),
                transfers::direction.eq(plan.way.as_str()),
                transfers::ordinal.eq(ordinal),
                transfers::name.eq(local.to_string()),
                transfers::kind.eq(json(kind)),
                transfers::location.eq(json(location)),
                transfers::state.eq(Progress::Waiting.as_str()),
                transfers::tries.eq(0),
            ))
            .execute(tx.conn)?;
    }
    list(tx, plan)
}

/// The transfers of a plan, in its order.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, plan: &Plan) -> Result<Vec<TransferRecord>, StoreError> {
    type Row = (i32, String, String, String, String, i32, Option<i64>, Option<String>, Option<String>);
    let rows: Vec<Row> = transfers::table
        .filter(transfers::job_id.eq(plan.job.as_str()))
        .filter(transfers::task_id.eq(plan.task.as_str()))
        .filter(transfers::attempt.eq(number(plan.attempt)))
        .filter(transfers::direction.eq(plan.way.as_str()))
        .order(transfers::ordinal)
        .select((
            transfers::ordinal,
            transfers::name,
            transfers::kind,
            transfers::location,
            transfers::state,
            transfers::tries,
            transfers::bytes,
            transfers::sha256,
            transfers::error_json,
        ))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(ordinal, local, kind, location, state, tries, bytes, sha256, error)| {
            Ok(TransferRecord {
                ordinal: u32::try_from(ordinal).unwrap_or(0),
                item: Item::parse(&local)?,
                kind: from_json("file kind", &kind)?,
                location: from_json("location", &location)?,
                progress: match state.as_str() {
                    "done" => Progress::Done,
                    "failed" => Progress::Failed,
                    _ => Progress::Waiting,
                },
                tries: u32::try_from(tries).unwrap_or(0),
                bytes,
                sha256,
                failure: error.map(|text| from_json("failure", &text)).transpose()?,
            })
        })
        .collect()
}

/// What one try came to.
#[derive(Debug, Clone)]
pub enum Tried {
    /// Moved.
    Moved {
        /// Bytes.
        bytes: u64,
        /// Checksum, when the bytes were seen.
        sha256: Option<String>,
    },
    /// Failed; `again` tells whether it will be tried again.
    Failed {
        /// Why.
        failure: Failure,
        /// Whether it will be tried again.
        again: bool,
    },
}

/// Writes down one try.
///
/// # Errors
/// The store's own failure.
pub fn tried(
    tx: &mut Tx<'_>,
    plan: &Plan,
    ordinal: u32,
    started: Timestamp,
    now: Timestamp,
    tried: &Tried,
) -> Result<(), StoreError> {
    let row = transfers::table.find((
        plan.job.as_str(),
        plan.task.as_str(),
        number(plan.attempt),
        plan.way.as_str(),
        number(ordinal),
    ));
    let (state, bytes, sha256, error) = match tried {
        Tried::Moved { bytes, sha256 } => (Progress::Done, i64::try_from(*bytes).ok(), sha256.clone(), None),
        Tried::Failed { failure, again: true } => (Progress::Waiting, None, None, Some(json(failure))),
        Tried::Failed { failure, again: false } => (Progress::Failed, None, None, Some(json(failure))),
    };
    diesel::update(row)
        .set((
            transfers::state.eq(state.as_str()),
            transfers::tries.eq(transfers::tries + 1),
            transfers::bytes.eq(bytes),
            transfers::sha256.eq(sha256),
            transfers::error_json.eq(error),
            transfers::started_at.eq(ms(started)),
            transfers::finished_at.eq(ms(now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

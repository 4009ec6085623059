//! Registrations: who is told of what happens to a job, or to all jobs of an owner. Nothing is told from here: whoever delivers reads an
//! announcement of the [`super::outbox`] and asks [`interested`] whom it is for, and asks [`owed`] what is to be told beside them.

use super::backend::Conn;
use super::rows::{at, from_json, json, ms, name};
use super::schema::{jobs, notifications};
use super::{Duty, StoreError, Tx};
use crate::job::{JobId, Notification, NotificationId, Status};
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

/// How long registrations stay after the end of their job.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A registration to be kept.
#[derive(Debug, Clone)]
pub struct NewRegistration {
    /// Its id.
    pub id: NotificationId,
    /// Whose it is: the subject.
    pub owner: String,
    /// Of which job; absent: of all of the owner's.
    pub job: Option<JobId>,
    /// What to tell whom.
    pub notification: Notification,
}

/// A registration that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// Its id.
    pub id: NotificationId,
    /// Whose it is: the subject.
    pub owner: String,
    /// Of which job; absent: of all of the owner's.
    pub job: Option<JobId>,
    /// What to tell whom.
    pub notification: Notification,
    /// Since when; what happened before is not told.
    pub created: Timestamp,
    /// The job was over already: its state is to be told once, and nothing after it.
    pub tell_now: bool,
}

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept.
    Kept,
    /// There are as many as there may be, for this job or for all jobs of this owner.
    TooMany,
    /// There is no such job.
    NoSuchJob,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = notifications)]
struct Row {
    id: String,
    owner: String,
    job_id: Option<String>,
    model: String,
    events_json: String,
    protocol: String,
    destination: Option<String>,
    users_json: String,
    append: Option<bool>,
    format: Option<String>,
    client: Option<String>,
    forward: Option<String>,
    states_json: String,
    expires_at: Option<i64>,
    created_at: i64,
    tell_now: bool,
}

/// Keeps a registration, unless there are `most` for the same job, or for all jobs of the owner, already. One for a job that is over is
/// marked to be told at once. Registrations of the owner that have expired, or whose job ended a week ago, go.
///
/// # Errors
/// The store's own failure.
pub fn register(tx: &mut Tx<'_>, new: &NewRegistration, most: u32, now: Timestamp) -> Result<Outcome, StoreError> {
    let tell_now = match &new.job {
        None => false,
        Some(job) => match hold(tx, job)? {
            None => return Ok(Outcome::NoSuchJob),
            Some(status) => status.is_final(),
        },
    };
    forget(tx, &new.owner, now)?;
    if count(tx, &new.owner, new.job.as_ref())? >= i64::from(most) {
        return Ok(Outcome::TooMany);
    }
    let kept = &new.notification;
    let row = Row {
        id: new.id.to_string(),
        owner: new.owner.clone(),
        job_id: new.job.as_ref().map(JobId::to_string),
        model: kept.model.as_str().to_owned(),
        events_json: json(&kept.events),
        protocol: kept.protocol.as_str().to_owned(),
        destination: kept.destination.clone(),
        users_json: json(&kept.users),
        append: kept.append,
        format: kept.format.clone(),
        client: kept.client.clone(),
        forward: kept.forward.map(|protocol| protocol.as_str().to_owned()),
        states_json: json(&kept.states),
        expires_at: kept.expires.map(ms),
        created_at: ms(now),
        tell_now,
    };
    diesel::insert_into(notifications::table).values(&row).execute(tx.conn)?;
    if tell_now {
        tx.wake.push(Duty::Deliver);
    }
    Ok(Outcome::Kept)
}

/// The status of a job, which nobody changes until the transaction ends: a last change is either seen here or told later, never neither.
fn hold(tx: &mut Tx<'_>, job: &JobId) -> Result<Option<Status>, StoreError> {
    let row = jobs::table.find(job.as_str()).select(jobs::status);
    let word: Option<String> = match tx.conn {
        Conn::Pg(conn) => row.for_update().first(conn).optional()?,
        Conn::Sqlite(conn) => row.first(conn).optional()?,
    };
    word.map(|word| Status::from_word(&word).ok_or(StoreError::Unreadable { what: "status", why: word })).transpose()
}

fn forget(tx: &mut Tx<'_>, owner: &str, now: Timestamp) -> Result<(), StoreError> {
    let own = notifications::owner.eq(owner);
    diesel::delete(notifications::table.filter(own).filter(notifications::expires_at.le(ms(now)))).execute(tx.conn)?;
    let over = jobs::table
        .filter(jobs::owner.eq(owner))
        .filter(jobs::finished_at.le(ms(now - KEPT)))
        .select(jobs::id.nullable());
    diesel::delete(notifications::table.filter(own).filter(notifications::job_id.eq_any(over))).execute(tx.conn)?;
    Ok(())
}

fn count(tx: &mut Tx<'_>, owner: &str, job: Option<&JobId>) -> Result<i64, StoreError> {
    let rows = notifications::table.filter(notifications::owner.eq(owner));
    Ok(match job {
        Some(job) => rows.filter(notifications::job_id.eq(job.as_str())).count().get_result(tx.conn)?,
        None => rows.filter(notifications::job_id.is_null()).count().get_result(tx.conn)?,
    })
}

/// The registration with this id, unless it has expired.
///
/// # Errors
/// The store's own failure.
pub fn find(tx: &mut Tx<'_>, id: &NotificationId, now: Timestamp) -> Result<Option<Registration>, StoreError> {
    let row: Option<Row> = notifications::table.find(id.as_str()).select(Row::as_select()).first(tx.conn).optional()?;
    let found = row.map(registration).transpose()?;
    Ok(found.filter(|found| found.notification.expires.is_none_or(|expires| expires > now)))
}

/// The registrations of a job, or all of an owner, oldest first, without those that have expired.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, of: Of<'_>, now: Timestamp) -> Result<Vec<NotificationId>, StoreError> {
    let rows = notifications::table
        .filter(notifications::expires_at.is_null().or(notifications::expires_at.gt(ms(now))))
        .order((notifications::created_at, notifications::id))
        .select(notifications::id);
    let ids: Vec<String> = match of {
        Of::Job(job) => rows.filter(notifications::job_id.eq(job.as_str())).load(tx.conn)?,
        Of::Owner(owner) => rows.filter(notifications::owner.eq(owner)).load(tx.conn)?,
    };
    ids.iter().map(|id| name("notification id", id)).collect()
}

/// Whose registrations.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// Those for one job.
    Job(&'a JobId),
    /// Those of one owner, whatever they are for.
    Owner(&'a str),
}

/// Removes a registration. Gives whether it was there.
///
/// # Errors
/// The store's own failure.
pub fn remove(tx: &mut Tx<'_>, id: &NotificationId) -> Result<bool, StoreError> {
    Ok(diesel::delete(notifications::table.find(id.as_str())).execute(tx.conn)? == 1)
}

/// The registrations that an event of a job may be for, oldest first: those for the job, and those of its owner for all jobs, made
/// before it happened and not expired when it did. Which events and states each wants is for the caller to see.
///
/// # Errors
/// The store's own failure.
pub fn interested(tx: &mut Tx<'_>, job: &JobId, happened: Timestamp) -> Result<Vec<Registration>, StoreError> {
    let owner = jobs::table.find(job.as_str()).select(jobs::owner).first::<String>(tx.conn).optional()?;
    let Some(owner) = owner else { return Ok(Vec::new()) };
    let for_all = notifications::job_id.is_null().and(notifications::owner.eq(owner));
    let rows: Vec<Row> = notifications::table
        .filter(notifications::job_id.eq(job.as_str()).or(for_all))
        .filter(notifications::tell_now.eq(false))
        .filter(notifications::created_at.le(ms(happened)))
        .filter(notifications::expires_at.is_null().or(notifications::expires_at.gt(ms(happened))))
        .order((notifications::created_at, notifications::id))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(registration).collect()
}

/// The oldest registrations of jobs that were over already: the state is to be told once, then [`remove`] ends them.
///
/// # Errors
/// The store's own failure.
pub fn owed(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Registration>, StoreError> {
    let rows: Vec<Row> = notifications::table
        .filter(notifications::tell_now)
        .order((notifications::created_at, notifications::id))
        .limit(i64::from(limit))
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(registration).collect()
}

fn registration(row: Row) -> Result<Registration, StoreError> {
    let word = |what: &'static str, word: &str| -> Result<_, StoreError> { from_json(what, &format!("\"{word}\"")) };
    Ok(Registration {
        id: name("notification id", &row.id)?,
        owner: row.owner,
        job: row.job_id.map(|id| name("job id", &id)).transpose()?,
        notification: Notification {
            events: from_json("event types", &row.events_json)?,
            protocol: word("protocol", &row.protocol)?,
            destination: row.destination,
            users: from_json("users", &row.users_json)?,
            append: row.append,
            format: row.format,
            client: row.client,
            forward: row.forward.map(|text| word("protocol", &text)).transpose()?,
            states: from_json("states", &row.states_json)?,
            expires: row.expires_at.map(at),
            model: from_json("model", &format!("\"{}\"", row.model))?,
        },
        created: at(row.created_at),
        tell_now: row.tell_now,
    })
}

//! Tasks as the workers see them: claimed for a limited time, put off, counted. States are changed elsewhere.

use super::backend::Conn;
use super::rows::{from_json, ms, name};
use super::schema::tasks;
use super::{Duty, StoreError, Tx};
use crate::job::{ClusterName, JobId, State, TaskId};
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};

/// A task that one worker holds until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The job.
    pub job: JobId,
    /// The task.
    pub task: TaskId,
    /// Where it stands.
    pub state: State,
    /// Its newest attempt; 0: none yet.
    pub attempt: u32,
    /// How often this duty was tried and put off.
    pub tries: u32,
    /// Who holds it: another name for every claim, so that a claim that was lost is never taken for the one after it.
    pub holder: String,
    /// Which duty it was claimed for.
    pub duty: Duty,
    /// The task's version when it was claimed.
    pub version: i64,
}

/// Tasks of which clusters are claimed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reach {
    /// Of all, and those without a cluster.
    #[default]
    Everywhere,
    /// Of this one.
    Only(ClusterName),
    /// Of none of these, and those without a cluster.
    Except(Vec<ClusterName>),
}

type Row = (String, String, String, i32, i32, i64);

/// Claims tasks that are due for a duty, oldest first. Nobody else gets them before `until`. A task that cannot be read keeps nobody
/// from the others: it stays as it is until the lease ends.
///
/// # Errors
/// The store's own failure.
pub fn claim(
    tx: &mut Tx<'_>,
    duty: Duty,
    reach: &Reach,
    holder: &str,
    limit: u32,
    (now, until): (Timestamp, Timestamp),
) -> Result<Vec<Claimed>, StoreError> {
    let due = tasks::table
        .filter(tasks::duty.eq(duty.as_str()))
        .filter(tasks::due_at.le(ms(now)))
        .filter(tasks::lease_until.lt(ms(now)))
        .order((tasks::due_at, tasks::job_id))
        .limit(i64::from(limit))
        .select((tasks::job_id, tasks::task_id, tasks::state_json, tasks::attempt, tasks::tries, tasks::version));
    // The engines differ here: only PostgreSQL has several writers, and rows another one is claiming are passed over.
    macro_rules! load {
        ($due:expr) => {
            match tx.conn {
                Conn::Pg(conn) => $due.for_update().skip_locked().load(conn)?,
                Conn::Sqlite(conn) => $due.load(conn)?,
            }
        };
    }
    let rows: Vec<Row> = match reach {
        Reach::Everywhere => load!(due),
        Reach::Only(cluster) => load!(due.filter(tasks::cluster.eq(cluster.as_str()))),
        Reach::Except(clusters) => {
            let names = clusters.iter().map(ClusterName::as_str);
            load!(due.filter(tasks::cluster.is_null().or(tasks::cluster.ne_all(names))))
        }
    };
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        diesel::update(tasks::table.find((&row.0, &row.1)))
            .set((tasks::lease_owner.eq(holder), tasks::lease_until.eq(ms(until))))
            .execute(tx.conn)?;
        let (job, task) = (row.0.clone(), row.1.clone());
        match readable(row, duty, holder) {
            Ok(one) => claimed.push(one),
            Err(error) => tracing::error!(job, task, %error, "a task cannot be read; it stays as it is"),
        }
    }
    Ok(claimed)
}

fn readable((job, task, state, attempt, tries, version): Row, duty: Duty, holder: &str) -> Result<Claimed, StoreError> {
    Ok(Claimed {
        job: name("job id", &job)?,
        task: name("task id", &task)?,
        state: from_json("state", &state)?,
        attempt: u32::try_from(attempt).unwrap_or(0),
        tries: u32::try_from(tries).unwrap_or(0),
        holder: holder.to_owned(),
        duty,
        version,
    })
}

/// Keeps a claim alive. Gives `false` when it was lost, or when the task has moved on to another duty.
///
/// # Errors
/// The store's own failure.
pub fn renew(tx: &mut Tx<'_>, claimed: &Claimed, until: Timestamp) -> Result<bool, StoreError> {
    let held = tasks::lease_owner.eq(&claimed.holder).and(tasks::duty.eq(claimed.duty.as_str()));
    let changed = diesel::update(tasks::table.find((claimed.job.as_str(), claimed.task.as_str())).filter(held))
        .set(tasks::lease_until.eq(ms(until)))
        .execute(tx.conn)?;
    Ok(changed == 1)
}

/// Ends a claim: the same duty is tried again at `next`, or at once when somebody asked for something meanwhile. Keeps why, for
/// whoever asks. Gives `false` when the claim was lost.
///
/// # Errors
/// The store's own failure.
pub fn put_off(tx: &mut Tx<'_>, claimed: &Claimed, next: Timestamp, why: &str) -> Result<bool, StoreError> {
    let same = tasks::lease_owner.eq(&claimed.holder).and(tasks::version.eq(claimed.version));
    let changed = diesel::update(tasks::table.find((claimed.job.as_str(), claimed.task.as_str())).filter(same))
        .set((
            tasks::due_at.eq(ms(next)),
            tasks::tries.eq(tasks::tries + 1),
            tasks::lease_owner.eq(None::<String>),
            tasks::lease_until.eq(0_i64),
            tasks::note.eq(why),
        ))
        .execute(tx.conn)?;
    if changed == 0 { release(tx, claimed) } else { Ok(true) }
}

/// Ends a claim and nothing else: whoever has the next step may begin. Gives `false` when the claim was lost.
///
/// # Errors
/// The store's own failure.
pub fn release(tx: &mut Tx<'_>, claimed: &Claimed) -> Result<bool, StoreError> {
    let task = tasks::table.find((claimed.job.as_str(), claimed.task.as_str()));
    let changed = diesel::update(task.filter(tasks::lease_owner.eq(&claimed.holder)))
        .set((tasks::lease_owner.eq(None::<String>), tasks::lease_until.eq(0_i64)))
        .execute(tx.conn)?;
    if changed == 0 {
        return Ok(false);
    }
    let next: Option<String> = task.select(tasks::duty).first(tx.conn).optional()?;
    tx.wake.extend(Duty::ALL.into_iter().filter(|duty| next.as_deref() == Some(duty.as_str())));
    Ok(true)
}

/// Looks for tasks on clusters that are not among `configured`. Those that wait for a slot there look elsewhere at once; those that
/// run there get a note. Gives the clusters with how many tasks run there.
///
/// # Errors
/// The store's own failure.
pub fn note_orphans(
    tx: &mut Tx<'_>,
    configured: &[ClusterName],
    now: Timestamp,
) -> Result<Vec<(String, i64)>, StoreError> {
    let known: Vec<&str> = configured.iter().map(ClusterName::as_str).collect();
    let parked = tasks::table
        .filter(tasks::duty.eq(Duty::Match.as_str()))
        .filter(tasks::due_at.eq(ms(Timestamp::MAX)))
        .filter(tasks::cluster.ne_all(&known));
    diesel::update(parked).set(tasks::due_at.eq(ms(now))).execute(tx.conn)?;
    let watched = tasks::duty.eq(Duty::Monitor.as_str());
    let found = tasks::table.filter(watched).filter(tasks::cluster.eq_any(&known)).filter(tasks::note.is_not_null());
    diesel::update(found).set(tasks::note.eq(None::<String>)).execute(tx.conn)?;
    let orphans: Vec<(Option<String>, i64)> = tasks::table
        .filter(watched)
        .filter(tasks::cluster.ne_all(&known))
        .group_by(tasks::cluster)
        .select((tasks::cluster, diesel::dsl::count_star()))
        .load(tx.conn)?;
    let orphans: Vec<_> = orphans.into_iter().filter_map(|(cluster, count)| Some((cluster?, count))).collect();
    for (cluster, _) in &orphans {
        let note = format!(
            "cluster {cluster} is no longer configured, so nobody looks at the job there; the administrator can put it back"
        );
        diesel::update(tasks::table.filter(watched).filter(tasks::cluster.eq(cluster)))
            .set(tasks::note.eq(note))
            .execute(tx.conn)?;
    }
    Ok(orphans)
}

/// Ends a duty without a change of state: nothing is left to do for this task.
///
/// # Errors
/// The store's own failure.
pub fn rest(tx: &mut Tx<'_>, job: &JobId, task: &TaskId) -> Result<(), StoreError> {
    diesel::update(tasks::table.find((job.as_str(), task.as_str())))
        .set((tasks::duty.eq(Duty::None.as_str()), tasks::lease_owner.eq(None::<String>), tasks::lease_until.eq(0_i64)))
        .execute(tx.conn)?;
    Ok(())
}

/// Remembers for which full cluster a queued task waits.
///
/// # Errors
/// The store's own failure.
pub fn park(tx: &mut Tx<'_>, job: &JobId, task: &TaskId, cluster: &ClusterName) -> Result<(), StoreError> {
    diesel::update(tasks::table.find((job.as_str(), task.as_str())))
        .set(tasks::cluster.eq(cluster.as_str()))
        .execute(tx.conn)?;
    Ok(())
}

/// Makes the oldest tasks that wait for a slot of a cluster due at once.
///
/// # Errors
/// The store's own failure.
pub fn unpark(tx: &mut Tx<'_>, cluster: &ClusterName, how_many: u32, now: Timestamp) -> Result<usize, StoreError> {
    let rows: Vec<(String, String)> = tasks::table
        .filter(tasks::cluster.eq(cluster.as_str()))
        .filter(tasks::duty.eq(Duty::Match.as_str()))
        .filter(tasks::due_at.eq(ms(Timestamp::MAX)))
        .order(tasks::job_id)
        .limit(i64::from(how_many))
        .select((tasks::job_id, tasks::task_id))
        .load(tx.conn)?;
    for (job, task) in &rows {
        diesel::update(tasks::table.find((job, task))).set(tasks::due_at.eq(ms(now))).execute(tx.conn)?;
    }
    if !rows.is_empty() {
        tx.wake.push(Duty::Match);
    }
    Ok(rows.len())
}

/// How many tasks occupy a slot of a cluster: placed there and not ended.
///
/// # Errors
/// The store's own failure.
pub fn occupied(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<u32, StoreError> {
    let count: i64 = tasks::table
        .filter(tasks::cluster.eq(cluster.as_str()))
        .filter(tasks::duty.eq_any([Duty::StageIn.as_str(), Duty::Dispatch.as_str(), Duty::Monitor.as_str()]))
        .count()
        .get_result(tx.conn)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Tasks that were to be looked at longer ago than this are stuck, and nobody waits for them.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// Whether at least `room` tasks of jobs submitted before this one may want a slot of a cluster: those that matching is just
/// looking at, and those that wait for the cluster. First come, first served.
///
/// # Errors
/// The store's own failure.
pub fn is_behind(
    tx: &mut Tx<'_>,
    job: &JobId,
    cluster: &ClusterName,
    room: u32,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let older = || tasks::table.filter(tasks::duty.eq(Duty::Match.as_str())).filter(tasks::job_id.lt(job.as_str()));
    let looked_at = older()
        .filter(tasks::due_at.le(ms(now)).and(tasks::due_at.gt(ms(now - PATIENCE))))
        .limit(i64::from(room))
        .select(tasks::job_id)
        .load::<String>(tx.conn)?
        .len();
    let waiting = older()
        .filter(tasks::cluster.eq(cluster.as_str()).and(tasks::due_at.eq(ms(Timestamp::MAX))))
        .limit(i64::from(room))
        .select(tasks::job_id)
        .load::<String>(tx.conn)?
        .len();
    Ok(looked_at + waiting >= room as usize)
}

/// How many tasks wait for a slot of a cluster.
///
/// # Errors
/// The store's own failure.
pub fn parked(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<u32, StoreError> {
    let count: i64 = tasks::table
        .filter(tasks::cluster.eq(cluster.as_str()))
        .filter(tasks::duty.eq(Duty::Match.as_str()))
        .filter(tasks::due_at.eq(ms(Timestamp::MAX)))
        .count()
        .get_result(tx.conn)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How many tasks each duty has before it, due or not.
///
/// # Errors
/// The store's own failure.
pub fn count_by_duty(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(tasks::table
        .filter(tasks::duty.ne(Duty::None.as_str()))
        .group_by(tasks::duty)
        .select((tasks::duty, diesel::dsl::count_star()))
        .load(tx.conn)?)
}

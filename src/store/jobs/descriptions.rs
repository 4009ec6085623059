//! Descriptions that follow one another: a job may be given a new one while no attempt of it is under way.

use crate::job::{JobId, Spec, TaskId};
use crate::store::rows::{json, name};
use crate::store::schema::{former_descriptions, jobs, tasks};
use crate::store::{StoreError, Tx};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// Puts another description in force, from the next attempt of every task on. Those that attempts were made with are kept. To be called
/// in a transaction that changes the job, while no attempt is under way.
///
/// # Errors
/// The store's own failure.
pub fn replace_description(tx: &mut Tx<'_>, job: &JobId, description: &str, spec: &Spec) -> Result<(), StoreError> {
    let before: String = jobs::table.find(job.as_str()).select(jobs::description).first(tx.conn)?;
    let counts: Vec<(String, i32)> = tasks::table
        .filter(tasks::job_id.eq(job.as_str()))
        .filter(tasks::attempt.gt(0))
        .select((tasks::task_id, tasks::attempt))
        .load(tx.conn)?;
    for (task, last) in counts {
        let known: i64 = former_descriptions::table.find((job.as_str(), &task, last)).count().get_result(tx.conn)?;
        // One that no attempt was made with leaves no trace.
        if known == 0 {
            diesel::insert_into(former_descriptions::table)
                .values((
                    former_descriptions::job_id.eq(job.as_str()),
                    former_descriptions::task_id.eq(task),
                    former_descriptions::last_attempt.eq(last),
                    former_descriptions::description.eq(&before),
                ))
                .execute(tx.conn)?;
        }
    }
    diesel::update(jobs::table.find(job.as_str()))
        .set((jobs::description.eq(description), jobs::spec_json.eq(json(spec))))
        .execute(tx.conn)?;
    Ok(())
}

/// The last attempt of a task that was made with a description which is no longer in force; 0: there is none.
///
/// # Errors
/// The store's own failure.
pub fn last_of_former(tx: &mut Tx<'_>, job: &JobId, task: &TaskId) -> Result<u32, StoreError> {
    let last: Option<i32> = former_descriptions::table
        .filter(former_descriptions::job_id.eq(job.as_str()))
        .filter(former_descriptions::task_id.eq(task.as_str()))
        .select(diesel::dsl::max(former_descriptions::last_attempt))
        .first(tx.conn)?;
    Ok(last.and_then(|last| u32::try_from(last).ok()).unwrap_or(0))
}

/// Which description an attempt was made with.
#[derive(Debug, Clone)]
pub struct InForce {
    now: String,
    former: BTreeMap<(TaskId, u32), String>,
}

impl InForce {
    /// The one of this attempt.
    #[must_use]
    pub fn at(&self, task: &TaskId, attempt: u32) -> &str {
        let next = self.former.range((task.clone(), attempt)..).next();
        match next {
            Some(((of, _), description)) if of == task => description,
            _ => &self.now,
        }
    }
}

/// The descriptions of a job.
///
/// # Errors
/// The store's own failure.
pub fn descriptions_in_force(tx: &mut Tx<'_>, job: &JobId) -> Result<Option<InForce>, StoreError> {
    let now: Option<String> = jobs::table.find(job.as_str()).select(jobs::description).first(tx.conn).optional()?;
    let Some(now) = now else { return Ok(None) };
    let rows: Vec<(String, i32, String)> = former_descriptions::table
        .filter(former_descriptions::job_id.eq(job.as_str()))
        .select((former_descriptions::task_id, former_descriptions::last_attempt, former_descriptions::description))
        .load(tx.conn)?;
    let mut former = BTreeMap::new();
    for (task, last, description) in rows {
        former.insert((name("task id", &task)?, u32::try_from(last).unwrap_or(0)), description);
    }
    Ok(Some(InForce { now, former }))
}

//! `waitForJobs`: returns as soon as the jobs are in one of the states waited for, or when the time is over.

use super::{
    Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, bulk, faults, page, views,
    waiting,
};
use crate::identity::{Action, Caller, Policy};
use crate::job::{JobId, Status};
use crate::store::Tx;
use crate::store::changes::Topic;
use crate::store::jobs::{self, Glance, JobRecord};
use async_trait::async_trait;
use std::time::Duration;

/// What is asked.
#[derive(Clone)]
struct Request {
    /// Which jobs; at least one.
    ids: Vec<JobId>,
    condition: Condition,
    timeout: Duration,
}

/// What is waited for.
#[derive(Debug, Clone)]
struct Condition {
    /// In one of these states.
    states: Vec<Status>,
    /// All of the jobs, or any.
    all: bool,
    /// Only jobs that have changed since this version count.
    after: Option<i64>,
}

impl Condition {
    fn holds(&self, jobs: &[Option<Glance>]) -> bool {
        let fits = |job: &Option<Glance>| {
            job.is_some_and(|job| {
                self.states.contains(&job.status) && self.after.is_none_or(|version| job.version > version)
            })
        };
        // A job that is gone will never be in any state: whoever waits is told at once.
        jobs.iter().any(Option::is_none) || if self.all { jobs.iter().all(fits) } else { jobs.iter().any(fits) }
    }
}

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let ids = bulk::take_ids(context, &mut fields)?;
        let mut states = page::take_statuses(&mut fields, "state")?;
        if states.is_empty() {
            states.extend(Status::ALL.iter().copied().filter(|status| status.is_final()));
        }
        let all = match fields.maybe_text("mode")?.as_deref().map(str::trim) {
            None | Some("ALL") => true,
            Some("ANY") => false,
            Some(other) => {
                let given: String = other.chars().take(60).collect();
                return Err(fields.bad(&format!("mode: expected ANY or ALL, got `{given}`")));
            }
        };
        let condition = Condition { states, all, after: fields.maybe_long("afterVersion")? };
        let timeout = waiting::take_timeout(context, &mut fields)?;
        let ids = ids.iter().map(|text| access::parse_job_id(text)).collect::<Result<_, _>>()?;
        Ok(Self { ids, condition, timeout })
    }
}

static CONTRACT: Contract = Contract {
    name: "waitForJobs",
    request: &[
        Member::several("jobId", Kind::Text),
        Member::many("state", Kind::Named("JobStatus")),
        Member::maybe("mode", Kind::Named("WaitMode")),
        Member::maybe("afterVersion", Kind::Long),
        Member::once("timeoutSeconds", Kind::Int),
    ],
    response: &[Member::once("timedOut", Kind::Bool), Member::many("jobInfo", Kind::Named("JobInfo"))],
    faults: faults!(State),
};

/// The operation.
pub(super) struct WaitForJobs;

#[async_trait]
impl Operation for WaitForJobs {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let Request { ids, condition, timeout } = Request::decode(parts, context)?;
        let topics = ids.iter().map(|id| Topic::Job(id.to_string())).collect();
        let found = waiting::until(context, caller, topics, timeout, || {
            let (policy, caller, ids, condition) =
                (context.policy.clone(), caller.clone(), ids.clone(), condition.clone());
            context.store.read(move |tx| {
                may_read(tx, &policy, &caller, &ids)?;
                Ok::<_, OperationError>(condition.holds(&jobs::glance(tx, &ids)?).then_some(()))
            })
        })
        .await?;
        let (policy, caller) = (context.policy.clone(), caller.clone());
        let shown = context.store.read(move |tx| show(tx, &policy, &caller, &ids)).await?;
        Ok(Parts::new().with("timedOut", found.is_none()).with_list("jobInfo", shown.iter().map(views::job_info)))
    }
}

/// Asks anew at every look: a job may be removed while somebody waits for it.
fn may_read(tx: &mut Tx<'_>, policy: &Policy, caller: &Caller, ids: &[JobId]) -> Result<(), OperationError> {
    access::about_jobs(tx, policy, caller, Action::Read, ids)?.into_iter().try_for_each(|verdict| verdict.map(drop))
}

fn show(tx: &mut Tx<'_>, policy: &Policy, caller: &Caller, ids: &[JobId]) -> Result<Vec<JobRecord>, OperationError> {
    may_read(tx, policy, caller, ids)?;
    let found = jobs::find_many(tx, ids)?.into_iter().zip(ids);
    found.map(|(job, id)| job.ok_or_else(|| access::no_such_job(id.as_str()))).collect()
}

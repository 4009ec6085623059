//! `registerNotification`: somebody is to be told of what happens to a job, or to all jobs of the caller.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults, notification};
use crate::identity::{Action, Caller};
use crate::job::{JobId, Notification};
use crate::store::notifications::NewRegistration;
use async_trait::async_trait;
use jiff::Timestamp;

/// What is asked.
struct Request {
    /// Of which job; absent: of all jobs of the caller.
    job_id: Option<JobId>,
    /// What to tell whom.
    notification: Notification,
}

impl Request {
    fn decode(mut parts: Parts, now: Timestamp) -> Result<Self, OperationError> {
        let legacy = parts.take_legacy();
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let inner = fields.maybe_struct("notification", notification::NOTIFICATION.members)?;
        let Some(inner) = inner else { return Err(fields.bad("notification: it is missing")) };
        let job_id = fields.maybe_text("jobId")?.map(|text| access::parse_job_id(&text)).transpose()?;
        let mut notification = notification::decode(inner, now)?;
        if let Some(legacy) = legacy {
            legacy.complete(&mut notification)?;
        }
        Ok(Self { job_id, notification })
    }
}

static CONTRACT: Contract = Contract {
    name: "registerNotification",
    request: &[
        Member::maybe("jobId", Kind::Text),
        Member::once("notification", Kind::Named(notification::NOTIFICATION.name)),
    ],
    response: &[Member::once("notificationId", Kind::Text)],
    faults: faults!(State, Data),
};

/// The operation.
pub(super) struct RegisterNotification;

#[async_trait]
impl Operation for RegisterNotification {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let now = context.clock.now();
        let Request { job_id, notification } = Request::decode(parts, now)?;
        let id = notification::new_id()?;
        let (policy, caller, most) = (context.policy.clone(), caller.clone(), context.settings.max_notifications);
        let kept = id.clone();
        context
            .store
            .write(move |tx| {
                let allowed = match &job_id {
                    Some(job) => access::to_job(tx, &policy, &caller, Action::Control, job)?,
                    None => access::to_own(&policy, &caller, Action::Control)?,
                };
                let owner = allowed.caller().subject.as_str().to_owned();
                notification::keep(tx, &NewRegistration { id: kept, owner, job: job_id, notification }, most, now)
            })
            .await?;
        Ok(Parts::new().with("notificationId", String::from(id)))
    }
}

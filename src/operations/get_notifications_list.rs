//! `getNotificationsList`: the ids of what is registered for a job, or of everything that the caller registered; oldest first.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{JobId, NotificationId};
use crate::store::Tx;
use crate::store::notifications::{self, Of};
use async_trait::async_trait;
use jiff::Timestamp;

/// What is asked.
struct Request {
    /// Of which job; absent: everything of the caller.
    job_id: Option<JobId>,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        Ok(Self { job_id: fields.maybe_text("jobId")?.map(|text| access::parse_job_id(&text)).transpose()? })
    }
}

static CONTRACT: Contract = Contract {
    name: "getNotificationsList",
    request: &[Member::maybe("jobId", Kind::Text)],
    response: &[Member::many("notificationId", Kind::Text)],
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetNotificationsList;

#[async_trait]
impl Operation for GetNotificationsList {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
        let ids = context
            .store
            .read(move |tx| -> Result<_, OperationError> {
                let allowed = match &request.job_id {
                    Some(job) => access::to_job(tx, &policy, &caller, Action::Read, job)?,
                    None => access::to_own(&policy, &caller, Action::List)?,
                };
                list(tx, &allowed, &request, now)
            })
            .await?;
        Ok(Parts::new().with_list("notificationId", ids.into_iter().map(String::from)))
    }
}

fn list(
    tx: &mut Tx<'_>,
    allowed: &Allowed,
    request: &Request,
    now: Timestamp,
) -> Result<Vec<NotificationId>, OperationError> {
    let of = request.job_id.as_ref().map_or(Of::Owner(allowed.caller().subject.as_str()), Of::Job);
    Ok(notifications::list(tx, of, now)?)
}

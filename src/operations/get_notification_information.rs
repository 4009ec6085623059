//! `getNotificationInformation`: what is registered under an id.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, notification};
use crate::identity::{Action, Caller};
use crate::job::JobId;
use crate::store::notifications::Registration;
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// Which.
    notification_id: String,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        Ok(Self { notification_id: fields.text("notificationId")? })
    }
}

/// What is answered.
struct Response {
    /// What is kept.
    registration: Registration,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new()
            .with_some("jobId", self.registration.job.map(|id: JobId| String::from(id)))
            .with("notification", notification::to_parts(&self.registration.notification))
    }
}

static CONTRACT: Contract = Contract {
    name: "getNotificationInformation",
    request: &[Member::once("notificationId", Kind::Text)],
    response: &[
        Member::maybe("jobId", Kind::Text),
        Member::once("notification", Kind::Named(notification::NOTIFICATION.name)),
    ],
    faults: faults!(State),
};

/// The operation.
pub(super) struct GetNotificationInformation;

#[async_trait]
impl Operation for GetNotificationInformation {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
        let registration = context
            .store
            .read(move |tx| -> Result<_, OperationError> {
                let asked = (&*policy, &caller, Action::Read);
                Ok(notification::find(tx, asked, &request.notification_id, now)?.1)
            })
            .await?;
        Ok(Response { registration }.into_parts())
    }
}

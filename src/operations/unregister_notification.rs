//! `unregisterNotification`: takes a registration back. Nothing more is told by it.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, notification};
use crate::identity::{Action, Caller};
use crate::store::notifications;
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

static CONTRACT: Contract = Contract {
    name: "unregisterNotification",
    request: &[Member::once("notificationId", Kind::Text)],
    response: &[],
    faults: faults!(State),
};

/// The operation.
pub(super) struct UnregisterNotification;

#[async_trait]
impl Operation for UnregisterNotification {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
        context
            .store
            .write(move |tx| -> Result<(), OperationError> {
                let asked = (&*policy, &caller, Action::Control);
                let (_, found) = notification::find(tx, asked, &request.notification_id, now)?;
                notifications::remove(tx, &found.id)?;
                Ok(())
            })
            .await?;
        Ok(Parts::new())
    }
}

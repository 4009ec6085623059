//! `submitJob`: validates the description, stores the job as QUEUED and answers at once with its id.

use super::submission::{self, Draft, Taken};
use super::{
    Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, notification, once, take_dialect,
};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, Spec};
use crate::store::jobs;
use crate::store::notifications::NewRegistration;
use async_trait::async_trait;
use jiff::Timestamp;

/// What is asked.
struct Request(Draft);

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let hold = fields.maybe_bool("hold")? == Some(true);
        let notifications = fields.structs("notification", notification::NOTIFICATION.members)?;
        // Whether one has expired is judged with the description.
        let notifications: Result<_, _> =
            notifications.into_iter().map(|inner| notification::decode(inner, Timestamp::MIN)).collect();
        let request_id = once::take_key(&mut fields)?;
        let dialect = take_dialect(&mut fields)?;
        let notifications = notifications?;
        Ok(Self(Draft { job_definition: fields.text("jobDefinition")?, dialect, request_id, hold, notifications }))
    }
}

impl Taken {
    fn into_parts(self) -> Parts {
        Parts::new().with("jobId", String::from(self.job_id)).with("status", self.status.as_str())
    }
}

static CONTRACT: Contract = Contract {
    name: "submitJob",
    request: &[
        Member::once("jobDefinition", Kind::Text),
        Member::maybe("dialect", Kind::Text),
        Member::maybe("requestId", Kind::Text),
        Member::maybe("hold", Kind::Bool),
        Member::many("notification", Kind::Named("Notification")),
    ],
    response: &[Member::once("jobId", Kind::Text), Member::once("status", Kind::Named("JobStatus"))],
    faults: faults!(Description, State, Data),
};

/// The operation.
pub(super) struct SubmitJob;

#[async_trait]
impl Operation for SubmitJob {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::Submit)?;
        let request = Request::decode(parts)?;
        Ok(submit(context, &allowed, request.0).await?.into_parts())
    }
}

async fn submit(context: &Context, allowed: &Allowed, draft: Draft) -> Result<Taken, OperationError> {
    let owner = allowed.caller().subject.as_str().to_owned();
    let spec = match judge(context, &draft) {
        Ok(spec) => spec,
        // Nothing is judged anew that was accepted once: a deadline may have passed since, or a notification have expired.
        Err(error) => {
            let asked = owner.clone();
            let earlier = context.store.read(move |tx| submission::earlier(tx, &asked, &draft)).await?;
            return earlier.ok_or(error);
        }
    };
    let (at, most) = (context.clock.now(), context.settings.max_notifications);
    if draft.notifications.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        let message = format!("notification: a job can have {most} here, not {}", draft.notifications.len());
        return Err(OperationError::new(Code::QuotaExceeded, message));
    }
    let notifications = draft.notifications.clone();
    let job = draft.into_job(context, &owner, spec, at);
    let quota = context.settings.max_jobs_per_user;
    context
        .store
        .write(move |tx| {
            let taken = submission::accept(tx, job)?;
            if !taken.is_new {
                return Ok(taken);
            }
            // Counted with the new one, which the error takes back.
            if let Some(quota) = quota
                && jobs::count_open(tx, &owner)? > quota
            {
                return Err(submission::over_quota(quota));
            }
            for notification in notifications {
                let (owner, job) = (owner.clone(), Some(taken.job_id.clone()));
                let new = NewRegistration { id: notification::new_id()?, owner, job, notification };
                notification::keep(tx, &new, most, at)?;
            }
            Ok(taken)
        })
        .await
}

fn judge(context: &Context, draft: &Draft) -> Result<Spec, OperationError> {
    let accepted = context.read_description(&draft.job_definition, draft.dialect).map_err(OperationError::refused)?;
    if !accepted.beyond.is_empty() {
        return Err(OperationError::refused(accepted.beyond));
    }
    for (number, one) in (1..).zip(&draft.notifications) {
        let late = |(code, message)| OperationError::new(code, format!("notification {number}: {message}"));
        one.check(context.clock.now()).map_err(late)?;
    }
    Ok(accepted.spec)
}

//! `submitJob`: validates the description, stores the job as QUEUED and answers at once with its id.

use super::submission::{self, Draft, Taken};
use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, once, take_dialect};
use crate::identity::{Action, Allowed, Caller};
use crate::job::Code;
use crate::store::jobs;
use async_trait::async_trait;

/// What is asked.
struct Request(Draft);

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let hold = fields.maybe_bool("hold")? == Some(true);
        if !fields.values("notification").is_empty() {
            let message = "notification: this broker does not notify yet; submit without it and ask getJobInfo";
            return Err(OperationError::new(Code::NotificationUnsupported, message));
        }
        let request_id = once::take_key(&mut fields)?;
        let dialect = take_dialect(&mut fields)?;
        Ok(Self(Draft { job_definition: fields.text("jobDefinition")?, dialect, request_id, hold }))
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
    if draft.request_id.is_some() {
        let (asked, owner) = (draft.clone(), owner.clone());
        if let Some(taken) = context.store.read(move |tx| submission::earlier(tx, &owner, &asked)).await? {
            return Ok(taken);
        }
    }
    let accepted = context.read_description(&draft.job_definition, draft.dialect).map_err(OperationError::refused)?;
    if !accepted.beyond.is_empty() {
        return Err(OperationError::refused(accepted.beyond));
    }
    let job = draft.into_job(context, &owner, accepted.spec, context.clock.now());
    let quota = context.settings.max_jobs_per_user;
    context
        .store
        .write(move |tx| {
            let taken = submission::accept(tx, job)?;
            match quota {
                // Counted with the new one, which the error takes back.
                Some(quota) if taken.is_new && jobs::count_open(tx, &owner)? > quota => {
                    Err(submission::over_quota(quota))
                }
                _ => Ok(taken),
            }
        })
        .await
}

//! `submitJob`: validates the description, stores the job as QUEUED and answers at once with its id.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, take_dialect};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, Dialect, JobId, Status};
use crate::store::StoreError;
use crate::store::jobs::{self, Acceptance, NewJob};
use async_trait::async_trait;
use sha2::{Digest, Sha256};

/// How often another id is tried. Brokers that share a database may choose the same one in the same millisecond.
const TRIES: usize = 4;
/// The longest idempotency key, characters.
const LONGEST_REQUEST_ID: usize = 200;

/// What is asked.
struct Request {
    /// The description.
    job_definition: String,
    /// Its language; absent: detected.
    dialect: Option<Dialect>,
    /// The client's key for this submission: repeating it with the same content gives the first answer.
    request_id: Option<String>,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        if fields.maybe_bool("hold")? == Some(true) {
            let message = "hold: this broker does not hold jobs back until they are committed; submit without hold";
            return Err(OperationError::new(Code::NotImplemented, message));
        }
        if !fields.values("notification").is_empty() {
            let message = "notification: this broker does not notify yet; submit without it and ask getJobInfo";
            return Err(OperationError::new(Code::NotificationUnsupported, message));
        }
        let request_id = fields.maybe_text("requestId")?;
        if request_id.as_ref().is_some_and(|key| key.is_empty() || key.chars().count() > LONGEST_REQUEST_ID) {
            let message = format!("requestId: expected 1 to {LONGEST_REQUEST_ID} characters");
            return Err(OperationError::new(Code::BadArgument, message));
        }
        Ok(Self { dialect: take_dialect(&mut fields)?, request_id, job_definition: fields.text("jobDefinition")? })
    }

    /// A mark of the content, kept beside the key.
    fn digest(&self) -> String {
        let dialect = self.dialect.map_or("", Dialect::as_str);
        let digest =
            Sha256::new().chain_update(dialect).chain_update([0]).chain_update(&self.job_definition).finalize();
        digest.iter().fold(String::with_capacity(64), |mut text, byte| {
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
            }
            text
        })
    }
}

/// What is answered.
struct Response {
    /// The job's id.
    job_id: JobId,
    /// Where it stands.
    status: Status,
}

impl Response {
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
        Ok(submit(context, &allowed, request).await?.into_parts())
    }
}

async fn submit(context: &Context, allowed: &Allowed, request: Request) -> Result<Response, OperationError> {
    let accepted =
        context.read_description(&request.job_definition, request.dialect).map_err(OperationError::refused)?;
    if !accepted.beyond.is_empty() {
        return Err(OperationError::refused(accepted.beyond));
    }
    let at = context.clock.now();
    let digest = request.request_id.is_some().then(|| request.digest());
    let mut job = NewJob {
        id: JobId::new(at.as_millisecond(), &accepted.spec.app_id, context.next_serial()),
        owner: allowed.caller().subject.as_str().to_owned(),
        description: request.job_definition,
        spec: accepted.spec,
        request: request.request_id.zip(digest),
        at,
    };
    for _ in 0..TRIES {
        match accept(context, job.clone()).await {
            Err(Refused::Store(StoreError::Conflict(_))) => {
                job.id = JobId::new(at.as_millisecond(), &job.spec.app_id, context.next_serial());
            }
            Err(Refused::Store(error)) => return Err(error.into()),
            Err(Refused::Operation(error)) => return Err(*error),
            Ok(response) => return Ok(response),
        }
    }
    Err(StoreError::Conflict(job.id.to_string()).into())
}

/// Why a job was not accepted: whether another id may help is only known of the store's own failures.
enum Refused {
    Store(StoreError),
    Operation(Box<OperationError>),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<OperationError> for Refused {
    fn from(error: OperationError) -> Self {
        Self::Operation(Box::new(error))
    }
}

async fn accept(context: &Context, job: NewJob) -> Result<Response, Refused> {
    let quota = context.settings.max_jobs_per_user;
    context
        .store
        .write(move |tx| match jobs::accept(tx, &job)? {
            Acceptance::Accepted => match quota {
                // Counted with the new one, which the error takes back.
                Some(quota) if jobs::has_more_than(tx, &job.owner, quota)? => Err(over_quota(quota).into()),
                _ => Ok(Response { job_id: job.id, status: Status::Queued }),
            },
            Acceptance::Repeated(id) => {
                let status = jobs::find(tx, &id)?.map_or(Status::Queued, |found| found.status);
                Ok(Response { job_id: id, status })
            }
            Acceptance::Conflict(id) => Err(OperationError::new(
                Code::RequestIdConflict,
                format!("requestId: job {id} was submitted under this key with other content; choose a new key"),
            )
            .about(&id)
            .into()),
        })
        .await
}

fn over_quota(quota: u32) -> OperationError {
    let message =
        format!("you have {quota} unfinished jobs, which is the limit here; wait for some to end, or cancel some");
    OperationError::new(Code::QuotaExceeded, message)
}

//! Submitting, as `submitJob` and `submitJobs` share it: the description is judged before the database is asked, and accepting is one
//! part of a transaction.

use super::error::Refused;
use super::once::{digest, taken_by, taken_by_submission};
use super::{Context, OperationError};
use crate::job::{Code, Dialect, JobId, Spec, Status};
use crate::store::jobs::{self, Acceptance, NewJob};
use crate::store::{StoreError, Tx, requests};
use jiff::Timestamp;

/// How often another id is tried. Brokers that share a database may choose the same one in the same millisecond.
const TRIES: usize = 4;

/// What a caller hands in.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The description.
    pub(super) job_definition: String,
    /// Its language; absent: detected.
    pub(super) dialect: Option<Dialect>,
    /// The client's key for this submission: repeating it with the same content gives the first answer.
    pub(super) request_id: Option<String>,
    /// Whether the job waits for a commit.
    pub(super) hold: bool,
}

impl Draft {
    /// A mark of the content, kept beside the key.
    fn digest(&self) -> String {
        let dialect = self.dialect.map_or("", Dialect::as_str);
        digest([dialect, &self.job_definition].into_iter().chain(self.hold.then_some("hold")))
    }

    /// The job to be accepted.
    pub(super) fn into_job(self, context: &Context, owner: &str, spec: Spec, at: Timestamp) -> NewJob {
        let digest = self.digest();
        NewJob {
            id: JobId::new(at.as_millisecond(), &spec.app_id, context.next_serial()),
            owner: owner.to_owned(),
            description: self.job_definition,
            spec,
            request: self.request_id.map(|key| (key, digest)),
            hold: self.hold,
            at,
        }
    }
}

/// What a submission is answered.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// The job's id.
    pub(super) job_id: JobId,
    /// Where it stands.
    pub(super) status: Status,
    /// Whether it is a new job.
    pub(super) is_new: bool,
}

/// What a submission under the draft's key was answered, if there was one. Nothing is judged anew that was accepted once.
pub(super) fn earlier(tx: &mut Tx<'_>, owner: &str, draft: &Draft) -> Result<Option<Taken>, OperationError> {
    let Some(key) = &draft.request_id else { return Ok(None) };
    if let Some(kept) = requests::find(tx, owner, key)? {
        return Err(taken_by(&kept.operation));
    }
    match jobs::submitted_under(tx, owner, key)? {
        None => Ok(None),
        Some((id, known)) if known.as_deref() == Some(&draft.digest()) => repeated(tx, id).map(Some),
        Some((id, _)) => Err(taken_by_submission(&id)),
    }
}

fn repeated(tx: &mut Tx<'_>, id: JobId) -> Result<Taken, OperationError> {
    let status = jobs::find(tx, &id)?.map_or(Status::Queued, |found| found.status);
    Ok(Taken { job_id: id, status, is_new: false })
}

/// Accepts a job, with another id if its own is taken.
pub(super) fn accept(tx: &mut Tx<'_>, mut job: NewJob) -> Result<Taken, OperationError> {
    for _ in 0..TRIES {
        match tx.part(|tx| accept_once(tx, &job)) {
            Err(Refused::Store(StoreError::Conflict(_))) => {
                job.id = JobId::new(job.at.as_millisecond(), &job.spec.app_id, rand::random());
            }
            result => return result.map_err(OperationError::from),
        }
    }
    Err(StoreError::Conflict(job.id.to_string()).into())
}

fn accept_once(tx: &mut Tx<'_>, job: &NewJob) -> Result<Taken, Refused> {
    if let Some((key, _)) = &job.request
        && let Some(kept) = requests::find(tx, &job.owner, key)?
    {
        return Err(taken_by(&kept.operation).into());
    }
    match jobs::accept(tx, job)? {
        Acceptance::Accepted => Ok(Taken { job_id: job.id.clone(), status: Status::Queued, is_new: true }),
        Acceptance::Repeated(id) => Ok(repeated(tx, id)?),
        Acceptance::Conflict(id) => Err(taken_by_submission(&id).into()),
    }
}

/// The refusal of a job too many.
pub(super) fn over_quota(quota: u32) -> OperationError {
    let message =
        format!("you have {quota} unfinished jobs, which is the limit here; wait for some to end, or cancel some");
    OperationError::new(Code::QuotaExceeded, message)
}

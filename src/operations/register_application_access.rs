//! `registerApplicationAccess`: a running program, or its wrapper, tells where it can be asked for a checkpoint. The next call replaces it.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, application, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{ApplicationAccess, JobId, ServiceLocation, Status};
use crate::store::{Tx, attempts};
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// Which job.
    job_id: JobId,
    /// Where, and which process.
    access: ApplicationAccess,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let text = fields.text("serviceLocation")?;
        let location = ServiceLocation::parse(&text).map_err(|why| fields.bad(&format!("serviceLocation: {why}")))?;
        if let Some(word) = fields.maybe_text("protocol")? {
            let given: String = word.trim().chars().take(20).collect();
            if !ServiceLocation::PROTOCOLS.contains(&given.as_str()) {
                let known = ServiceLocation::PROTOCOLS.join(", ");
                return Err(fields.bad(&format!("protocol: expected one of {known}, got `{given}`")));
            }
            if given != location.protocol() {
                let fitting = location.protocol();
                let message = format!("protocol: {given} does not fit {location}; expected {fitting}, or leave it out");
                return Err(fields.bad(&message));
            }
        }
        let pid = fields.maybe_int("pid")?;
        let access = ApplicationAccess::new(location, pid).map_err(|why| fields.bad(&why.to_string()))?;
        Ok(Self { access, job_id: access::parse_job_id(&fields.text("jobId")?)? })
    }
}

static CONTRACT: Contract = Contract {
    name: "registerApplicationAccess",
    request: &[
        Member::once("jobId", Kind::Text),
        Member::once("serviceLocation", Kind::Text),
        Member::maybe("pid", Kind::Int),
        Member::maybe("protocol", Kind::Named("ApplicationProtocol")),
    ],
    response: &[],
    faults: faults!(State),
};

/// The operation.
pub(super) struct RegisterApplicationAccess;

#[async_trait]
impl Operation for RegisterApplicationAccess {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts)?;
        let (policy, caller) = (context.policy.clone(), caller.clone());
        context
            .store
            .write(move |tx| {
                let allowed = access::to_job(tx, &policy, &caller, Action::Control, &request.job_id)?;
                register(tx, &allowed, &request)
            })
            .await?;
        Ok(Parts::new())
    }
}

fn register(tx: &mut Tx<'_>, _: &Allowed, request: &Request) -> Result<(), OperationError> {
    let attempt = application::running(tx, &request.job_id)?;
    if attempts::register_access(tx, &attempt.token, Some(&request.access))? {
        Ok(())
    } else {
        Err(application::not_running(&request.job_id, Status::Stopped))
    }
}

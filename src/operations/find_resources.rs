//! `findResources`: which clusters and queues would take a job, best first, and why the others would not.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, JobId, TaskSpec};
use crate::matchmaking::{Answer, Candidate, find_matches, published};
use crate::store::surveys;
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is asked.
struct Request {
    /// A job description; its resource section counts.
    job_definition: String,
    /// At most so many answers.
    limit: Option<usize>,
    /// Whether refusals are wanted too.
    explain: bool,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let limit = match fields.maybe_int("limit")? {
            None => None,
            Some(given) => Some(usize::try_from(given).ok().filter(|limit| *limit > 0).ok_or_else(|| {
                let message = format!("limit: expected a number greater than 0, got {given}");
                OperationError::new(Code::BadArgument, message)
            })?),
        };
        let explain = fields.maybe_bool("explain")?.unwrap_or(false);
        Ok(Self { limit, explain, job_definition: fields.text("jobDefinition")? })
    }
}

/// What is answered.
struct Response {
    /// Places that would take it, best first.
    resources: Vec<Parts>,
    /// Places that would not.
    rejected: Vec<Parts>,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new().with_list("resource", self.resources).with_list("rejected", self.rejected)
    }
}

static CONTRACT: Contract = Contract {
    name: "findResources",
    request: &[
        Member::once("jobDefinition", Kind::Text),
        Member::maybe("limit", Kind::Int),
        Member::maybe("explain", Kind::Bool),
    ],
    response: &[
        Member::many("resource", Kind::Named("ResourceMatch")),
        Member::many("rejected", Kind::Named("RejectedResource")),
    ],
    faults: faults!(Description, Resource),
};

/// The operation.
pub(super) struct FindResources;

#[async_trait]
impl Operation for FindResources {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let allowed = context.may(caller, Action::Inquire)?;
        let request = Request::decode(parts)?;
        Ok(find(context, &allowed, &request).await?.into_parts())
    }
}

async fn find(context: &Context, _: &Allowed, request: &Request) -> Result<Response, OperationError> {
    let accepted = context.read_description(&request.job_definition, None).map_err(OperationError::refused)?;
    let Some(task) = accepted.spec.tasks.first().and_then(|task| accepted.spec.bounded(&task.id)) else {
        return Err(OperationError::new(Code::DescInvalid, "the description has no task"));
    };
    let known = context.store.read(|tx| surveys::list(tx).map_err(OperationError::from)).await?;
    if known.is_empty() {
        let message = "no cluster has been looked at yet; try again in a minute";
        return Err(OperationError::new(Code::InformationUnavailable, message));
    }
    let candidates: Vec<Candidate> = known
        .iter()
        .flat_map(|record| published(record.survey.as_ref().map(|(text, _)| text.as_str()), record.failure.as_ref()))
        .collect();
    Ok(answer(request, &task, &candidates, context.clock.now()))
}

fn answer(request: &Request, task: &TaskSpec, candidates: &[Candidate], now: Timestamp) -> Response {
    // The id decides between equals only; a question has none, so equals stay in the order of their names.
    let found = find_matches(&JobId::new(0, "", 0), task, candidates, now);
    let most = request.limit.unwrap_or(usize::MAX);
    let resources = found.matches.iter().take(most).map(|found| {
        let candidate = &candidates[found.index];
        Parts::new()
            .with("contact", candidate.contact())
            .with("hostName", host_name(candidate).to_owned())
            .with("localResourceManager", candidate.kind.clone())
            .with_some("queue", candidate.queue.clone())
            .with("rank", found.rank)
            .with_list("note", found.notes.iter().cloned())
    });
    let resources = resources.collect();
    Response { resources, rejected: if request.explain { rejections(&found, candidates) } else { Vec::new() } }
}

/// One entry a place, all its reasons in one sentence.
fn rejections(answer: &Answer, candidates: &[Candidate]) -> Vec<Parts> {
    let mut reasons: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for rejection in &answer.rejections {
        let place = (rejection.cluster.as_str(), rejection.queue.as_deref());
        let known = reasons.entry(place).or_default();
        if !known.contains(&rejection.reason.as_str()) {
            known.push(&rejection.reason);
        }
    }
    let host = |cluster: &str| candidates.iter().find(|candidate| candidate.cluster.as_str() == cluster);
    let mut all = Vec::with_capacity(reasons.len());
    for ((cluster, queue), reasons) in reasons {
        let queue = queue.map(|queue| format!("queue {queue}: ")).unwrap_or_default();
        all.push(
            Parts::new()
                .with("hostName", host(cluster).map_or(cluster, host_name).to_owned())
                .with("reason", format!("{queue}{}", reasons.join("; "))),
        );
    }
    all
}

/// The host without the port.
fn host_name(candidate: &Candidate) -> &str {
    match candidate.host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &candidate.host,
    }
}

//! What callers ask of a job that is there: cancel, suspend, resume, migrate, commit. One function a request.
//!
//! [`transition`] judges whether a state allows a request. What needs the batch system to let go of a job is carried out by nobody
//! yet, so [`judge`] refuses it by name: an accepted request is one that is carried out.

use super::once::{self, Answer, Key};
use super::{Context, Contract, Fields, OperationError, Parts, access};
use crate::identity::{Action, Allowed, Caller};
use crate::job::{Code, Event, Illegal, JobId, Spec, State, Status, TaskId, transition};
use crate::store::jobs::{self, ApplyError, JobRecord, TaskRecord};
use crate::store::{StoreError, Tx};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A description that came with a request.
#[derive(Debug, Clone)]
pub(super) struct Given {
    text: String,
    spec: Spec,
}

/// One of the functions below.
pub(super) type Serve = fn(&mut Tx<'_>, &Allowed, &JobId, Option<&Given>, Timestamp) -> Result<Status, OperationError>;

/// Serves a request on one job: `jobId`, `requestId`, and `jobDefinition` where the contract has it.
pub(super) async fn run(
    context: &Context,
    caller: &Caller,
    contract: &'static Contract,
    parts: Parts,
    (action, serve): (Action, Serve),
) -> Result<Parts, OperationError> {
    let mut fields = Fields::new(parts, contract.request)?;
    let job_id = access::parse_job_id(&fields.text("jobId")?)?;
    let definition = fields.maybe_text("jobDefinition")?;
    let content = [Some(job_id.as_str()), definition.as_deref()].into_iter().flatten();
    let key = once::take_key(&mut fields)?.map(|text| Key::new(caller, contract.name, text, content));
    let given = match definition.map(|text| read(context, text)).transpose() {
        Ok(given) => given,
        // Nothing is judged anew that was accepted once: a deadline may have passed since.
        Err(error) => {
            let first = once::first_answer(context, key.as_ref()).await?;
            return first.map(Answer::into_parts).ok_or(error);
        }
    };
    let (policy, caller, now) = (context.policy.clone(), caller.clone(), context.clock.now());
    let answer = once::once(context, key, move |tx| {
        let allowed = access::to_job(tx, &policy, &caller, action, &job_id)?;
        let status = serve(tx, &allowed, &job_id, given.as_ref(), now)?;
        Ok(Answer { status: Some(status) })
    });
    Ok(answer.await?.into_parts())
}

fn read(context: &Context, text: String) -> Result<Given, OperationError> {
    let accepted = context.read_description(&text, None).map_err(OperationError::refused)?;
    if !accepted.beyond.is_empty() {
        return Err(OperationError::refused(accepted.beyond));
    }
    Ok(Given { text, spec: accepted.spec })
}

/// Stops a job for good, wherever it is. CANCELED comes when nothing is left of it.
pub(super) fn cancel(
    tx: &mut Tx<'_>,
    _: &Allowed,
    id: &JobId,
    _: Option<&Given>,
    now: Timestamp,
) -> Result<Status, OperationError> {
    let job = find(tx, id)?;
    if job.status.is_final() {
        let message = format!("job {id} is {} already; there is nothing to cancel", job.status);
        return Err(OperationError::new(Code::WrongState, message).about(id));
    }
    for task in open_tasks(&job) {
        apply(tx, &job, task, &Event::CancelRequested, now)?;
    }
    status(tx, id)
}

/// Stops a job and keeps it. A queued one is SUSPENDED at once; a description given is the one of its next attempt.
pub(super) fn suspend(
    tx: &mut Tx<'_>,
    _: &Allowed,
    id: &JobId,
    given: Option<&Given>,
    now: Timestamp,
) -> Result<Status, OperationError> {
    let job = find(tx, id)?;
    serve_each(tx, &job, &open_tasks(&job), given, &Event::SuspendRequested, now)
}

/// Lets a suspended job go on: it is QUEUED, and its next attempt is made with the description in force.
pub(super) fn resume(
    tx: &mut Tx<'_>,
    _: &Allowed,
    id: &JobId,
    given: Option<&Given>,
    now: Timestamp,
) -> Result<Status, OperationError> {
    let job = find(tx, id)?;
    let suspended: Vec<_> = job.tasks.iter().filter(|task| matches!(task.state, State::Suspended { .. })).collect();
    serve_each(tx, &job, &suspended, given, &Event::ResumeRequested, now)
}

/// Looks for another place. A queued job has none yet: all clusters are looked at again at once, with the description given if one is.
pub(super) fn migrate(
    tx: &mut Tx<'_>,
    _: &Allowed,
    id: &JobId,
    given: Option<&Given>,
    now: Timestamp,
) -> Result<Status, OperationError> {
    let job = find(tx, id)?;
    serve_each(tx, &job, &open_tasks(&job), given, &Event::MigrateRequested, now)
}

/// Lets tasks go that were submitted on hold: those named, or all of them.
pub(super) fn commit(
    tx: &mut Tx<'_>,
    _: &Allowed,
    id: &JobId,
    named: &[String],
    now: Timestamp,
) -> Result<(), OperationError> {
    let job = find(tx, id)?;
    let known: BTreeMap<&str, &TaskRecord> = job.tasks.iter().map(|task| (task.id.as_str(), task)).collect();
    // One that is named twice is committed once.
    let mut wanted = BTreeMap::new();
    for text in named {
        let task = known.get(text.trim()).copied();
        let task = task.ok_or_else(|| access::no_such_task(text, id, job.tasks.iter().map(|task| &task.id)))?;
        wanted.insert(task.id.as_str(), task);
    }
    let mut tasks: Vec<_> = wanted.into_values().collect();
    if named.is_empty() {
        tasks.extend(job.tasks.iter().filter(|task| task.state.is_held()));
    }
    if let Some(task) = tasks.iter().find(|task| !task.state.is_held()) {
        let state = task.state.status();
        let message = format!("task {} of job {id} is not held: it is {state}; there is nothing to commit", task.id);
        return Err(OperationError::new(Code::WrongState, message).about(id));
    }
    if tasks.is_empty() {
        let message = format!("job {id} is not held: it is {}; there is nothing to commit", job.status);
        return Err(OperationError::new(Code::WrongState, message).about(id));
    }
    tasks.into_iter().try_for_each(|task| apply(tx, &job, task, &Event::Committed, now))
}

/// Serves a request on these tasks: all of them or none.
fn serve_each(
    tx: &mut Tx<'_>,
    job: &JobRecord,
    tasks: &[&TaskRecord],
    given: Option<&Given>,
    event: &Event,
    now: Timestamp,
) -> Result<Status, OperationError> {
    let submission = jobs::submission(tx, &job.id)?.ok_or_else(|| access::no_such_job(job.id.as_str()))?;
    if tasks.is_empty() {
        return Err(refused(job, job.status, Code::WrongState, event));
    }
    for task in tasks {
        judge(job, &submission.spec, task, event, now)?;
    }
    if let Some(given) = given {
        check_kinship(job, &submission.spec, &given.spec)?;
        jobs::replace_description(tx, &job.id, &given.text, &given.spec)?;
    }
    for task in tasks {
        apply(tx, job, task, event, now)?;
    }
    status(tx, &job.id)
}

/// Whether a request on a task can be carried out here and now: what the state forbids is refused with the table's code, and so is what
/// has to be carried out at the batch system. That engine begins here: for an event that the table allows, it asks the program for a
/// checkpoint, and [`serve_each`] applies the event to tasks in every state.
fn judge(job: &JobRecord, spec: &Spec, task: &TaskRecord, event: &Event, now: Timestamp) -> Result<(), OperationError> {
    match (transition(&task.state, event, now), &task.state) {
        (Err(Illegal::Refused(code)), state) => Err(refused(job, state.status(), code, event)),
        (Err(Illegal::Ignored), state) => Err(refused(job, state.status(), Code::WrongState, event)),
        (Ok(_), State::Queued { .. } | State::Suspended { .. }) => Ok(()),
        (Ok(_), State::Running { .. }) if !is_checkpointable(job, spec, &task.id) => {
            Err(refused(job, task.state.status(), Code::NotCheckpointable, event))
        }
        (Ok(_), state) => Err(refused(job, state.status(), Code::NotImplemented, event)),
    }
}

/// Whether a running program can be asked to write down where it is: its description says so or lists the files of a checkpoint, or the
/// program has registered where it can be asked.
fn is_checkpointable(job: &JobRecord, spec: &Spec, task: &TaskId) -> bool {
    let registered = job.last_attempt.as_ref().is_some_and(|attempt| attempt.access.is_some());
    registered || spec.task(task).is_some_and(|task| task.checkpointable || !task.checkpoint.is_empty())
}

fn refused(job: &JobRecord, state: Status, code: Code, event: &Event) -> OperationError {
    let (id, held) = (&job.id, job.tasks.iter().any(|task| task.state.is_held()));
    let (done, when) = match event {
        Event::ResumeRequested => ("resumed", "SUSPENDED"),
        Event::MigrateRequested => ("moved", "QUEUED, PENDING or RUNNING"),
        _ => ("suspended", "QUEUED, PREPROCESSING, PENDING or RUNNING"),
    };
    let message = match code {
        Code::WrongState if held => format!("job {id} is held until it is committed; commit it or cancel it"),
        Code::RequestInProgress => {
            format!("another request on job {id} is still being served; try again when getJobInfo shows its end")
        }
        Code::NotCheckpointable => format!(
            "job {id} is {state} and cannot be {done}: its description does not say checkpointable, and nothing is registered \
             that could be asked for a checkpoint"
        ),
        Code::NotImplemented => format!(
            "job {id} is {state}: this broker cannot yet suspend or move a job that its batch system has; cancel it and submit \
             it again, or let it end"
        ),
        _ => format!("job {id} is {state} and cannot be {done}; only a job that is {when} can"),
    };
    OperationError::new(code, message).about(id)
}

/// Refuses a description that cannot follow the job's: of another family, or with other tasks.
fn check_kinship(job: &JobRecord, old: &Spec, new: &Spec) -> Result<(), OperationError> {
    let refuse = |message| Err(OperationError::new(Code::DescInconsistent, message).about(&job.id));
    if !old.dialect.is_of_family(new.dialect) {
        let (was, is) = (old.dialect.as_str(), new.dialect.as_str());
        return refuse(format!(
            "jobDefinition: job {} is described in {was}, this is {is}; describe it in {was}",
            job.id
        ));
    }
    let mut names = [old, new].map(|spec| spec.tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>());
    names.iter_mut().for_each(|list| list.sort_unstable());
    if names[0] != names[1] {
        let [was, is] = names.map(|list| list.join(", "));
        return refuse(format!(
            "jobDefinition: job {} has the tasks {was}, this has {is}; they must be the same",
            job.id
        ));
    }
    Ok(())
}

/// The job, which nobody else changes until this is committed.
fn find(tx: &mut Tx<'_>, id: &JobId) -> Result<JobRecord, OperationError> {
    jobs::hold(tx, id)?;
    jobs::find(tx, id)?.ok_or_else(|| access::no_such_job(id.as_str()))
}

fn open_tasks(job: &JobRecord) -> Vec<&TaskRecord> {
    job.tasks.iter().filter(|task| !task.state.is_final()).collect()
}

fn apply(
    tx: &mut Tx<'_>,
    job: &JobRecord,
    task: &TaskRecord,
    event: &Event,
    now: Timestamp,
) -> Result<(), OperationError> {
    let id = &job.id;
    match jobs::apply(tx, id, &task.id, event, now) {
        Ok(_) => Ok(()),
        Err(ApplyError::Illegal(illegal)) => {
            let code = match illegal {
                Illegal::Refused(code) => code,
                Illegal::Ignored => Code::WrongState,
            };
            let state = task.state.status();
            let message = format!("{}: task {} of job {id} is {state}, which does not allow it", event.name(), task.id);
            Err(OperationError::new(code, message).about(id))
        }
        Err(ApplyError::NotFound) => Err(access::no_such_job(id.as_str())),
        Err(ApplyError::Store(error)) => Err(error.into()),
    }
}

fn status(tx: &mut Tx<'_>, id: &JobId) -> Result<Status, OperationError> {
    let after = jobs::find(tx, id)?;
    after.map(|job| job.status).ok_or_else(|| {
        StoreError::Unreadable { what: "job", why: format!("{id} disappeared while it was changed") }.into()
    })
}

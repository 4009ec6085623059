//! Output and checkpoint entries: what the six operations on them share. An entry is known by its name.
//!
//! Each item of a request is carried out or refused by itself; the request as a whole fails only when none of them can be.

use super::{Context, Fields, Kind, Member, OperationError, Parts, Structure, access, views};
use crate::description::place;
use crate::identity::{Action, Allowed, Caller};
use crate::job::entry::{self, EntryChange, FileEntry, Role};
use crate::job::{Code, CreationFlag, FileKind, JobId, Location, RelativeName, State, TaskSpec};
use crate::store::{Tx, file_dirs, jobs, tasks};
use std::collections::{HashMap, HashSet};

/// The type in requests.
pub(super) const FILE_DIR: Structure = Structure {
    name: "FileDir",
    members: &[
        Member::once("name", Kind::Text),
        Member::once("path", Kind::Text),
        Member::once("urlType", Kind::Named("UrlType")),
        Member::once("pathType", Kind::Named("PathType")),
        Member::maybe("creationFlag", Kind::Named("CreationFlag")),
    ],
};

/// The request of the operations that change the list.
pub(super) const CHANGE_REQUEST: &[Member] =
    &[Member::once("jobId", Kind::Text), Member::several("item", Kind::Named(FILE_DIR.name))];
/// Their answer.
pub(super) const CHANGE_RESPONSE: &[Member] =
    &[Member::once("errors", Kind::Int), Member::many("result", Kind::Named("ItemResult"))];
/// The request of the operations that show the list.
pub(super) const LIST_REQUEST: &[Member] = &[Member::once("jobId", Kind::Text)];
/// Their answer.
pub(super) const LIST_RESPONSE: &[Member] = &[Member::many("item", Kind::Named(FILE_DIR.name))];

/// Adds the items of a request. One that the description declares is replaced.
pub(super) async fn add(context: &Context, caller: &Caller, parts: Parts, role: Role) -> Result<Parts, OperationError> {
    let (job, items) = decode(context, parts)?;
    let items: Vec<_> = items.into_iter().map(|item| read_entry(context, item)).collect();
    let most = usize::try_from(context.settings.max_file_entries).unwrap_or(usize::MAX);
    change(context, caller, (job, role), items, move |list, entry: FileEntry| {
        if matches!(list.changes.get(&entry.name), Some(EntryChange::Added(_))) {
            let message = format!("`{}` was added before; delete it first to change it", entry.name);
            return Err(OperationError::new(Code::FileEntryExists, message));
        }
        if list.added() >= most {
            let message = format!("{most} entries were added to the job, which is the limit here");
            return Err(OperationError::new(Code::LimitExceeded, message));
        }
        Ok(Step::Put(EntryChange::Added(entry)))
    })
    .await
}

/// Deletes the items of a request, whether they were added or declared.
pub(super) async fn delete(
    context: &Context,
    caller: &Caller,
    parts: Parts,
    role: Role,
) -> Result<Parts, OperationError> {
    let (job, items) = decode(context, parts)?;
    let items: Vec<_> = items.into_iter().map(|mut item| read_name(&mut item)).collect();
    change(context, caller, (job, role), items, |list, name: RelativeName| {
        match (list.changes.get(&name), list.declared.contains(&name)) {
            (Some(EntryChange::Added(_)), false) => Ok(Step::Remove(name)),
            (Some(EntryChange::Added(_)) | None, true) => Ok(Step::Put(EntryChange::Hidden(name))),
            (Some(EntryChange::Hidden(_)), _) | (None, false) => {
                let message =
                    format!("there is no entry `{name}`; the operation that gets the entries of the job names them");
                Err(OperationError::new(Code::FileEntryNotFound, message))
            }
        }
    })
    .await
}

/// Shows the list.
pub(super) async fn list(
    context: &Context,
    caller: &Caller,
    parts: Parts,
    role: Role,
) -> Result<Parts, OperationError> {
    let mut fields = Fields::new(parts, LIST_REQUEST)?;
    let id = access::parse_job_id(&fields.text("jobId")?)?;
    let (policy, caller) = (context.policy.clone(), caller.clone());
    let entries = context
        .store
        .read(move |tx| -> Result<_, OperationError> {
            let allowed = access::to_job(tx, &policy, &caller, Action::Read, &id)?;
            let task = only_task(tx, &allowed, &id)?;
            Ok(file_dirs::merged(tx, &id, &task, role)?)
        })
        .await?;
    Ok(Parts::new().with_list("item", entries.iter().map(file_dir)))
}

/// `FileDir`.
fn file_dir(entry: &FileEntry) -> Parts {
    let (path, url_type) = match &entry.location {
        Location::Url(url) => (url.to_string(), "PHYSICAL"),
        Location::Logical { collection, name } => (format!("{collection}/{name}"), "LOGICAL"),
    };
    let path_type = match entry.kind {
        FileKind::File => "FILE",
        FileKind::Directory => "DIRECTORY",
    };
    Parts::new()
        .with("name", entry.name.to_string())
        .with("path", path)
        .with("urlType", url_type)
        .with("pathType", path_type)
        .with("creationFlag", entry::creation_word(entry.creation))
}

fn decode(context: &Context, parts: Parts) -> Result<(JobId, Vec<Fields>), OperationError> {
    let mut fields = Fields::new(parts, CHANGE_REQUEST)?;
    let items = fields.structs("item", FILE_DIR.members)?;
    let most = context.settings.max_file_entries;
    if items.len() > usize::try_from(most).unwrap_or(usize::MAX) {
        let message = format!("item: {} are more than {most}, the limit here; send them in parts", items.len());
        return Err(OperationError::new(Code::LimitExceeded, message));
    }
    Ok((access::parse_job_id(&fields.text("jobId")?)?, items))
}

fn read_name(item: &mut Fields) -> Result<RelativeName, OperationError> {
    RelativeName::parse(&item.text("name")?).map_err(|why| item.bad(&format!("name: {why}")))
}

fn read_entry(context: &Context, mut item: Fields) -> Result<FileEntry, OperationError> {
    let refused = |item: &Fields, code, message: String| OperationError { code, ..item.bad(&message) };
    let name = read_name(&mut item)?;
    let kind = match item.text("pathType")?.trim() {
        "FILE" => FileKind::File,
        "DIRECTORY" => FileKind::Directory,
        other => return Err(item.bad(&unknown("pathType", "FILE or DIRECTORY", other))),
    };
    if kind == FileKind::File && name.is_working_directory() {
        return Err(item.bad("name: it is the working directory itself; give the file a name, or write DIRECTORY"));
    }
    match item.text("urlType")?.trim() {
        // Clients of 1.9.0 were made from a contract with this spelling.
        "PHYSICAL" | "PHISICAL" => {}
        "LOGICAL" => {
            let say = "urlType: logical files need a catalogue, and this broker has none; give a PHYSICAL path";
            return Err(refused(&item, Code::DescUnsupported, say.to_owned()));
        }
        other => return Err(item.bad(&unknown("urlType", "PHYSICAL or LOGICAL", other))),
    }
    let flag = item.maybe_text("creationFlag")?;
    match flag.as_deref().map(|word| (word.trim(), entry::creation_of(word.trim()))) {
        None | Some((_, Some(CreationFlag::Overwrite))) => {}
        Some((word, Some(CreationFlag::Append | CreationFlag::DontOverwrite))) => {
            let say = format!("creationFlag: this broker does not offer {word}; leave it out, or write OVERWRITE");
            return Err(refused(&item, Code::DescUnsupported, say));
        }
        Some((other, None)) => {
            return Err(item.bad(&unknown("creationFlag", "OVERWRITE, APPEND or DONTOVERWRITE", other)));
        }
    }
    let path = item.text("path")?;
    match place::target(path.trim(), &context.rules()) {
        Ok(url) => Ok(FileEntry { name, kind, location: Location::Url(url), creation: CreationFlag::Overwrite }),
        Err(wrong) => {
            let code = wrong.first().map_or(Code::DescBadUrl, |(code, _)| *code);
            let say: Vec<_> = wrong.into_iter().map(|(_, say)| say).collect();
            Err(refused(&item, code, format!("path: {}", say.join("; "))))
        }
    }
}

fn unknown(part: &str, expected: &str, given: &str) -> String {
    let given: String = given.chars().take(40).collect();
    format!("{part}: expected {expected}, got `{given}`")
}

/// The list of a task while the items of a request are carried out.
struct List {
    declared: HashSet<RelativeName>,
    changes: HashMap<RelativeName, EntryChange>,
}

impl List {
    fn added(&self) -> usize {
        self.changes.values().filter(|change| matches!(change, EntryChange::Added(_))).count()
    }
}

/// What an item comes to.
enum Step {
    /// A change, in the place of the one with its name.
    Put(EntryChange),
    /// The change of this name is taken back.
    Remove(RelativeName),
}

/// Carries the items out one by one, in their order, in one transaction.
async fn change<T: Send + 'static>(
    context: &Context,
    caller: &Caller,
    (id, role): (JobId, Role),
    items: Vec<Result<T, OperationError>>,
    decide: impl Fn(&List, T) -> Result<Step, OperationError> + Send + 'static,
) -> Result<Parts, OperationError> {
    let (policy, caller) = (context.policy.clone(), caller.clone());
    let results = context
        .store
        .write(move |tx| -> Result<_, OperationError> {
            let allowed = access::to_job(tx, &policy, &caller, Action::Control, &id)?;
            let task = only_task(tx, &allowed, &id)?;
            check_state(tx, &id, &task)?;
            let known = file_dirs::list(tx, &id, &task.id, role)?;
            let mut list = List {
                declared: entry::declared(&task, role).into_iter().map(|entry| entry.name).collect(),
                changes: known.into_iter().map(|change| (change.name().clone(), change)).collect(),
            };
            let mut results = Vec::with_capacity(items.len());
            for (number, item) in (1..).zip(items) {
                let step = item.and_then(|item| decide(&list, item).map_err(|error| numbered(number, error)));
                results.push(match step {
                    Err(error) => Err(error),
                    Ok(Step::Put(change)) => {
                        file_dirs::put(tx, &id, &task.id, role, &change)?;
                        list.changes.insert(change.name().clone(), change);
                        Ok(())
                    }
                    Ok(Step::Remove(name)) => {
                        file_dirs::remove(tx, &id, &task.id, role, &name)?;
                        list.changes.remove(&name);
                        Ok(())
                    }
                });
            }
            Ok(results)
        })
        .await?;
    let errors = results.iter().filter(|result| result.is_err()).count();
    let results = (1..).zip(&results).map(|(number, result)| views::item_result(number, result.as_ref().err()));
    Ok(Parts::new().with("errors", u32::try_from(errors).unwrap_or(u32::MAX)).with_list("result", results))
}

/// Refuses a change once the files are being collected. The task stays as it is until the transaction ends.
fn check_state(tx: &mut Tx<'_>, id: &JobId, task: &TaskSpec) -> Result<(), OperationError> {
    let state = tasks::hold(tx, id, &task.id)?.ok_or_else(|| access::no_such_job(id.as_str()))?;
    if !matches!(state, State::Postprocessing { .. }) && !state.is_final() {
        return Ok(());
    }
    let message = format!(
        "job {id} is {}: its files are being collected, or were; entries are changed before that",
        state.status()
    );
    Err(OperationError::new(Code::WrongState, message).about(id))
}

fn numbered(number: u32, error: OperationError) -> OperationError {
    OperationError { message: format!("item {number}: {}", error.message), ..error }
}

/// The task that the entries belong to. These operations name none, so a job must have just one.
fn only_task(tx: &mut Tx<'_>, _: &Allowed, id: &JobId) -> Result<TaskSpec, OperationError> {
    let submission = jobs::submission(tx, id)?.ok_or_else(|| access::no_such_job(id.as_str()))?;
    let mut tasks = submission.spec.tasks;
    match (tasks.len(), tasks.pop()) {
        (1, Some(task)) => Ok(task),
        (count, _) => {
            let message =
                format!("job {id} has {count} tasks; the entries of jobs with one task only can be asked for");
            Err(OperationError::new(Code::NotImplemented, message).about(id))
        }
    }
}

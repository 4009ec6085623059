//! Changes of the files that a task's description declares: one row for each name that was added, or that is no longer collected.

use super::rows::name;
use super::schema::file_dirs;
use super::{StoreError, Tx};
use crate::job::entry::{self, EntryChange, FileEntry, Role};
use crate::job::{FileKind, JobId, Location, RelativeName, TaskId, TaskSpec, Url};
use diesel::prelude::*;

const PHYSICAL: &str = "PHYSICAL";
const FILE: &str = "FILE";
const DIRECTORY: &str = "DIRECTORY";

/// The changes of a task's list, by name.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>, job: &JobId, task: &TaskId, role: Role) -> Result<Vec<EntryChange>, StoreError> {
    type Row = (String, Option<String>, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = file_dirs::table
        .filter(file_dirs::job_id.eq(job.as_str()))
        .filter(file_dirs::task_id.eq(task.as_str()))
        .filter(file_dirs::role.eq(role.as_str()))
        .order(file_dirs::name)
        .select((file_dirs::name, file_dirs::path, file_dirs::url_type, file_dirs::path_type, file_dirs::creation_flag))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(local, path, url_type, path_type, flag)| {
            let local: RelativeName = name("file name", &local)?;
            let Some(path) = path else { return Ok(EntryChange::Hidden(local)) };
            if url_type.as_deref() != Some(PHYSICAL) {
                let why = format!("a place of the type {}", url_type.unwrap_or_default());
                return Err(StoreError::Unreadable { what: "file entry", why });
            }
            let kind = if path_type.as_deref() == Some(DIRECTORY) { FileKind::Directory } else { FileKind::File };
            let url: Url = name("location", &path)?;
            let flag = flag.unwrap_or_default();
            let creation = entry::creation_of(&flag);
            let creation = creation.ok_or(StoreError::Unreadable { what: "creation flag", why: flag })?;
            Ok(EntryChange::Added(FileEntry { name: local, kind, location: Location::Url(url), creation }))
        })
        .collect()
}

/// The final list of a task: what its description declares, with the changes.
///
/// # Errors
/// The store's own failure.
pub fn merged(tx: &mut Tx<'_>, job: &JobId, task: &TaskSpec, role: Role) -> Result<Vec<FileEntry>, StoreError> {
    Ok(entry::merged(entry::declared(task, role), list(tx, job, &task.id, role)?))
}

/// Writes a change down in the place of the one with the same name.
///
/// # Errors
/// The store's own failure; a logical location, which this broker keeps nowhere.
pub fn put(tx: &mut Tx<'_>, job: &JobId, task: &TaskId, role: Role, change: &EntryChange) -> Result<(), StoreError> {
    remove(tx, job, task, role, change.name())?;
    let place = match change {
        EntryChange::Hidden(_) => None,
        EntryChange::Added(FileEntry { kind, location: Location::Url(url), creation, .. }) => {
            let kind = if *kind == FileKind::Directory { DIRECTORY } else { FILE };
            Some((String::from(url.clone()), kind, entry::creation_word(*creation)))
        }
        EntryChange::Added(FileEntry { location: Location::Logical { .. }, .. }) => {
            return Err(StoreError::Unreadable { what: "file entry", why: "it is at a logical place".to_owned() });
        }
    };
    diesel::insert_into(file_dirs::table)
        .values((
            file_dirs::job_id.eq(job.as_str()),
            file_dirs::task_id.eq(task.as_str()),
            file_dirs::role.eq(role.as_str()),
            file_dirs::name.eq(change.name().as_str()),
            file_dirs::path.eq(place.as_ref().map(|(path, ..)| path)),
            file_dirs::url_type.eq(place.as_ref().map(|_| PHYSICAL)),
            file_dirs::path_type.eq(place.as_ref().map(|(_, kind, _)| *kind)),
            file_dirs::creation_flag.eq(place.as_ref().map(|(.., flag)| *flag)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes a change back. Gives whether there was one.
///
/// # Errors
/// The store's own failure.
pub fn remove(
    tx: &mut Tx<'_>,
    job: &JobId,
    task: &TaskId,
    role: Role,
    name: &RelativeName,
) -> Result<bool, StoreError> {
    let row = file_dirs::table.find((job.as_str(), task.as_str(), role.as_str(), name.as_str()));
    Ok(diesel::delete(row).execute(tx.conn)? == 1)
}

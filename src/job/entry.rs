//! The files that are collected after a run, or carried along with a checkpoint: those of the description, changed while the job lives.

use super::{CreationFlag, FileKind, Location, RelativeName, TaskSpec};
use std::collections::{HashMap, HashSet};

/// What the files are collected for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Delivered after the end.
    Output,
    /// Kept with a checkpoint.
    Checkpoint,
}

impl Role {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Output, Self::Checkpoint];

    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Output => "OUTPUT",
            Self::Checkpoint => "CHECKPOINT",
        }
    }
}

/// The word for what happens to a target that exists.
#[must_use]
pub const fn creation_word(flag: CreationFlag) -> &'static str {
    match flag {
        CreationFlag::Overwrite => "OVERWRITE",
        CreationFlag::Append => "APPEND",
        CreationFlag::DontOverwrite => "DONTOVERWRITE",
    }
}

/// The meaning of such a word.
#[must_use]
pub fn creation_of(word: &str) -> Option<CreationFlag> {
    let all = [CreationFlag::Overwrite, CreationFlag::Append, CreationFlag::DontOverwrite];
    all.into_iter().find(|flag| creation_word(*flag) == word)
}

/// One file or directory to be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name in the working directory.
    pub name: RelativeName,
    /// File or directory.
    pub kind: FileKind,
    /// Where it goes.
    pub location: Location,
    /// What happens to what is there.
    pub creation: CreationFlag,
}

/// A change of the list that the description declares. There is one for a name at the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryChange {
    /// This entry, beside the declared ones or in the place of the one with its name.
    Added(FileEntry),
    /// The declared entry with this name is not collected.
    Hidden(RelativeName),
}

impl EntryChange {
    /// The name it is about.
    #[must_use]
    pub fn name(&self) -> &RelativeName {
        match self {
            Self::Added(entry) => &entry.name,
            Self::Hidden(name) => name,
        }
    }
}

/// What a description declares for a role, each name once: of two checkpoint entries with one name the place it is saved to counts.
#[must_use]
pub fn declared(task: &TaskSpec, role: Role) -> Vec<FileEntry> {
    let all = match role {
        Role::Output => &task.staging,
        Role::Checkpoint => &task.checkpoint,
    };
    let saved = all.iter().filter(|staged| staged.direction.is_out());
    let restored = all.iter().filter(|staged| role == Role::Checkpoint && !staged.direction.is_out());
    let mut names = HashSet::new();
    let once = saved.chain(restored).filter(|staged| names.insert(&staged.name));
    once.map(|staged| FileEntry {
        name: staged.name.clone(),
        kind: staged.kind,
        location: staged.location.clone(),
        creation: staged.creation,
    })
    .collect()
}

/// The final list: the declared entries, each as it was changed, then the others that were added.
#[must_use]
pub fn merged(declared: Vec<FileEntry>, changes: Vec<EntryChange>) -> Vec<FileEntry> {
    let order: Vec<RelativeName> = changes.iter().map(|change| change.name().clone()).collect();
    let mut changes: HashMap<RelativeName, EntryChange> =
        changes.into_iter().map(|change| (change.name().clone(), change)).collect();
    let mut entries = Vec::with_capacity(declared.len() + changes.len());
    for entry in declared {
        match changes.remove(&entry.name) {
            None => entries.push(entry),
            Some(EntryChange::Added(added)) => entries.push(added),
            Some(EntryChange::Hidden(_)) => {}
        }
    }
    entries.extend(order.into_iter().filter_map(|name| match changes.remove(&name) {
        Some(EntryChange::Added(entry)) => Some(entry),
        _ => None,
    }));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Url;

    fn entry(name: &str, path: &str) -> FileEntry {
        FileEntry {
            name: RelativeName::parse(name).unwrap(),
            kind: FileKind::File,
            location: Location::Url(Url::parse(&format!("file:///{path}")).unwrap()),
            creation: CreationFlag::Overwrite,
        }
    }

    #[test]
    fn changes_win_and_keep_the_order_of_the_description() {
        let declared = vec![entry("a", "/1"), entry("b", "/2"), entry("c", "/3")];
        let changes = [
            EntryChange::Added(entry("b", "/other")),
            EntryChange::Hidden(RelativeName::parse("c").unwrap()),
            EntryChange::Added(entry("d", "/4")),
            EntryChange::Hidden(RelativeName::parse("gone").unwrap()),
        ];
        assert_eq!(
            merged(declared.clone(), changes.to_vec()),
            [entry("a", "/1"), entry("b", "/other"), entry("d", "/4")]
        );
        assert_eq!(merged(declared.clone(), Vec::new()), declared);
    }
}

//! Reading outputs safely. They belong to an account that may have put links among them, so they are read with that account's
//! rights, into a private copy, and only the copy is sent.

use super::failure::with_causes;
use super::landing::{aside, text};
use super::tools::Tools;
use super::{Landing, TransferError};
use crate::job::{Code, FileKind};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A path that the broker may read without being led elsewhere. Dropping it removes what was copied for it.
pub(super) struct Outgoing {
    /// What to send.
    pub(super) path: PathBuf,
    /// Names of links that lead out of a directory and were left out.
    pub(super) left_out: Vec<String>,
    copy: Option<PathBuf>,
}

impl Outgoing {
    /// Opens a landing for sending.
    pub(super) async fn open(from: &Landing, spool: &Path) -> Result<Self, TransferError> {
        let path = from.reachable(Code::StageOutFailed)?;
        let doing = format!("reading {} on {}", from.path.display(), from.shell.host());
        let Some(user) = &from.user else {
            return Self { path, left_out: Vec::new(), copy: None }.checked(from.kind, &doing);
        };
        let private = spool.join(format!("grms-out-{}", Uuid::new_v4()));
        from.shell
            .make_directory(&private)
            .await
            .map_err(|error| TransferError::shell(&doing, Code::StageOutFailed, &error))?;
        // The guard exists before anything is copied, so that a transfer that is given up leaves nothing.
        let mut outgoing =
            Self { path: private.join("content"), left_out: Vec::new(), copy: from.shell.local_path(&private) };
        let tools = Tools { shell: &*from.shell, user: Some(user), doing: &doing, otherwise: Code::StageOutFailed };
        tools.look(&text(&from.path)?, from.kind).await?;
        from.shell
            .copy_as(Some(user), &from.path, &outgoing.path)
            .await
            .map_err(|error| TransferError::shell(&doing, Code::StageOutFailed, &error))?;
        if from.kind == FileKind::Directory {
            let root = outgoing.path.clone();
            outgoing.left_out = aside(move || remove_outside_links(&root))
                .await
                .map_err(|error| TransferError::io(&doing, Code::StageOutFailed, &error))?;
        }
        outgoing.checked(from.kind, &doing)
    }

    fn checked(self, kind: FileKind, doing: &str) -> Result<Self, TransferError> {
        let found =
            std::fs::metadata(&self.path).map_err(|error| TransferError::io(doing, Code::StageOutFailed, &error))?;
        match kind {
            FileKind::File if !found.is_file() => Err(TransferError::permanent(
                Code::StageOutFailed,
                format!("{doing} failed: it is not a file; declare a directory as directory"),
            )),
            FileKind::Directory if !found.is_dir() => Err(TransferError::permanent(
                Code::StageOutFailed,
                format!("{doing} failed: it is not a directory; declare a file as file"),
            )),
            FileKind::File | FileKind::Directory => Ok(self),
        }
    }

    /// An error when links had to be left out of a directory that was otherwise sent.
    pub(super) fn complete(&self, to: &str) -> Result<(), TransferError> {
        if self.left_out.is_empty() {
            return Ok(());
        }
        let names = self.left_out.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
        let message = format!(
            "everything was delivered to {to} but {} symbolic link(s) that lead out of the directory: {names}; \
             write files there instead",
            self.left_out.len()
        );
        Err(TransferError::permanent(Code::StageOutFailed, message))
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let Some(copy) = &self.copy
            && let Err(error) = std::fs::remove_dir_all(copy)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %copy.display(), error = %with_causes(&error), "a private copy could not be removed");
        }
    }
}

/// Removes the links of a private copy that lead out of it, or nowhere, and gives their names.
fn remove_outside_links(root: &Path) -> io::Result<Vec<String>> {
    let real = root.canonicalize()?;
    let mut left_out = Vec::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                waiting.push(path);
            } else if !kind.is_file() {
                // A link to a directory inside could lead round in circles; devices and pipes have no content.
                let inside = path.canonicalize().is_ok_and(|target| target.starts_with(&real) && target.is_file());
                if !inside {
                    std::fs::remove_file(&path)?;
                    let name = path.strip_prefix(root).unwrap_or(&path);
                    left_out.push(name.display().to_string());
                }
            }
        }
    }
    left_out.sort();
    Ok(left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_that_lead_out_of_a_copy_are_removed_and_named() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("content");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(root.join("file"), "x").unwrap();
        std::fs::write(directory.path().join("secret"), "x").unwrap();
        symlink("../file", root.join("sub/inside")).unwrap();
        symlink("../../secret", root.join("sub/outside")).unwrap();
        symlink("/etc/hostname", root.join("absolute")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        symlink("..", root.join("sub/circle")).unwrap();

        let left_out = remove_outside_links(&root).unwrap();

        assert_eq!(left_out, ["absolute", "dangling", "sub/circle", "sub/outside"]);
        assert!(root.join("sub/inside").exists() && root.join("file").exists());
        assert!(!root.join("sub/outside").is_symlink() && !root.join("absolute").is_symlink());
    }
}

//! `file:` locations: files that are already on the executing machine. Everything is read and written with the rights of the job's
//! own account, by the landing's shell, so it works the same on a remote machine.
//!
//! Copies, never links: a program that archives its inputs must find files. `file:////dev/null` is empty and swallows everything.

use super::failure::shown;
use super::landing::{aside, delivery, digest_of, patience, size_of_tree, temporary, text};
use super::tools::{LOOK, Tools};
use super::{Access, Landing, Moved, TransferError, TransferProtocol};
use crate::job::{Code, FileKind, Scheme, Url};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The protocol of `file:`.
pub(super) struct LocalFiles;

const NOWHERE: &str = "/dev/null";

#[async_trait]
impl TransferProtocol for LocalFiles {
    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme::File]
    }

    fn moves_directories(&self) -> bool {
        true
    }

    async fn fetch(&self, from: &Url, to: &Landing, access: &Access) -> Result<Moved, TransferError> {
        let source = absolute(from, Code::StageInFailed)?;
        let doing = format!("copying {} on {}", shown(from), to.shell.host());
        let failed = |error| TransferError::shell(&doing, Code::StageInFailed, &error);
        to.make_room(&doing).await?;
        if source == NOWHERE && to.kind == FileKind::File {
            to.shell.write_file(&to.path, &[], 0o600).await.map_err(failed)?;
            return Ok(Moved { bytes: 0, sha256: Some(super::landing::hexadecimal(&Sha256::digest([]))) });
        }
        let theirs = Tools { shell: &*to.shell, user: to.user.as_ref(), doing: &doing, otherwise: Code::StageInFailed };
        let bytes = theirs.look(&source, to.kind).await?;

        let half = temporary(&to.path);
        to.shell.remove_tree(&half).await.map_err(failed)?;
        if let Err(error) = to.shell.copy_as(to.user.as_ref(), Path::new(&source), &half).await {
            // Whatever cannot be removed now is removed by the next try.
            let _ = to.shell.remove_tree(&half).await;
            return Err(failed(error));
        }
        let moved = measure(to, &half, bytes).await.map_err(|error| {
            TransferError::io(&format!("reading the copy of {}", shown(from)), Code::StageInFailed, &error)
        })?;
        let ours = Tools { user: None, ..theirs };
        ours.place(to.kind, &text(&half)?, &text(&to.path)?, patience(access.stall, moved.bytes)).await?;
        Ok(moved)
    }

    async fn push(&self, from: &Landing, to: &Url, access: &Access) -> Result<Moved, TransferError> {
        let target = absolute(to, Code::StageOutFailed)?;
        let source = text(&from.path)?;
        let doing = format!("copying {source} to {} on {}", shown(to), from.shell.host());
        let tools =
            Tools { shell: &*from.shell, user: from.user.as_ref(), doing: &doing, otherwise: Code::StageOutFailed };
        let bytes = tools.look(&source, from.kind).await?;
        if target == NOWHERE {
            return Ok(Moved { bytes, sha256: None });
        }
        let Some(parent) = Path::new(&target).parent() else {
            let message = format!("{doing} failed: it is the root directory; name a file below it");
            return Err(TransferError::permanent(Code::StageOutFailed, message));
        };
        tools.run("mkdir", &["-p", "--", &text(parent)?], LOOK).await?;
        let half = text(&delivery(Path::new(&target), &from.path))?;
        let delivered = deliver(&tools, from.kind, [&source, &half, &target], patience(access.stall, bytes)).await;
        if delivered.is_err() {
            // What cannot be removed now is overwritten by the next try.
            let _ = tools.run("rm", &["-rf", "--", &half], LOOK).await;
        }
        delivered
    }
}

/// Copies `source` to `half` and puts it in its place.
async fn deliver(
    tools: &Tools<'_>,
    kind: FileKind,
    [source, half, target]: [&str; 3],
    timeout: std::time::Duration,
) -> Result<Moved, TransferError> {
    tools.run("rm", &["-rf", "--", half], timeout).await?;
    // The tree's size is not known before it is copied.
    let timeout = if kind == FileKind::Directory { timeout.max(TREE) } else { timeout };
    tools.run("cp", &["-RHT", "--", source, half], timeout).await?;
    let moved = match kind {
        FileKind::File => {
            let bytes = tools.look(half, kind).await?;
            let said = tools.run("sha256sum", &["-z", "--", half], timeout).await?;
            Moved { bytes, sha256: said.get(..64).map(str::to_owned) }
        }
        FileKind::Directory => {
            let said = tools.run("du", &["-sb", "--", half], timeout).await?;
            let bytes = said.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0);
            Moved { bytes, sha256: None }
        }
    };
    tools.place(kind, half, target, timeout).await?;
    Ok(moved)
}

/// The bound for copying a directory tree.
const TREE: std::time::Duration = std::time::Duration::from_secs(6 * 3600);

/// Length and checksum of the copy, where the broker can see it.
async fn measure(to: &Landing, copy: &Path, bytes: u64) -> std::io::Result<Moved> {
    let Some(path) = to.shell.local_path(copy) else {
        return Ok(Moved { bytes, sha256: None });
    };
    match to.kind {
        FileKind::File => {
            let (bytes, sha256) = aside(move || digest_of(&path)).await?;
            Ok(Moved { bytes, sha256: Some(sha256) })
        }
        FileKind::Directory => Ok(Moved { bytes: aside(move || size_of_tree(&path)).await?, sha256: None }),
    }
}

/// The absolute path a `file:` URL names, percent-encoding undone.
fn absolute(url: &Url, otherwise: Code) -> Result<String, TransferError> {
    if !url.path().starts_with('/') {
        let message = format!("{} still holds a variable that nothing gave a value", shown(url));
        return Err(TransferError::permanent(otherwise, message));
    }
    url.plain_path().ok_or_else(|| {
        let message = format!("{} is not a path: its %-escapes do not give UTF-8 text without NUL", shown(url));
        TransferError::permanent(otherwise, message)
    })
}

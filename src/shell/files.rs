//! File work of the local shell, synchronous. Trees that may belong to an account are walked by descriptors and links
//! are never followed, so that nobody can send the broker's rights elsewhere.

use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat};
use nix::unistd::{Gid, Uid, fchownat, getegid, geteuid};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const DEEPEST: usize = 200;

/// Creates a directory, mode 0700, and missing parents, mode 0711.
pub(super) fn make_directory(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let missing: Vec<_> = path.ancestors().skip(1).take_while(|parent| !parent.exists()).collect();
    for parent in missing.into_iter().rev() {
        create_directory(parent, 0o711)?;
    }
    create_directory(path, 0o700)
}

fn create_directory(path: &Path, mode: u32) -> Result<()> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Creates a directory that must not exist, for this owner.
pub(super) fn make_private_directory(path: &Path, owner: Option<(Uid, Gid)>) -> Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    if let Some((uid, gid)) = owner {
        std::os::unix::fs::lchown(path, Some(uid.as_raw()), Some(gid.as_raw()))?;
    }
    Ok(())
}

/// Creates a file that must not exist, readable by the broker alone.
pub(super) fn create_new(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Lets the owner of a fresh file execute it.
pub(super) fn make_executable(file: &File) -> Result<()> {
    file.set_permissions(Permissions::from_mode(0o700))
}

/// Writes a file by a temporary name beside it.
pub(super) fn write_file(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    let name = path.file_name().ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the path names no file"))?;
    let temporary = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), uuid::Uuid::new_v4().simple()));
    let written = create_new(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    if written.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Reads a regular file of at most `limit` bytes.
pub(super) fn read_file(path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    let file = match OpenOptions::new().read(true).custom_flags(flags.bits()).open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(Error::other("it is not a regular file"));
    }
    let mut content = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut content)?;
    if content.len() > limit {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it is longer than {limit} bytes")));
    }
    Ok(Some(content))
}

/// Removes whatever is there.
pub(super) fn remove_tree(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Gives a tree to an account and opens the way to it by one step.
pub(super) fn hand_over(path: &Path, uid: Uid, gid: Gid) -> Result<()> {
    let top = open(path, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
    change_owner(&top, uid, gid, Some(uid), 0)?;
    let Some(parent) = path.parent() else { return Ok(()) };
    let meta = fs::symlink_metadata(parent)?;
    let mode = meta.permissions().mode();
    if meta.is_dir() && meta.uid() == geteuid().as_raw() && mode & 0o011 != 0o011 {
        fs::set_permissions(parent, Permissions::from_mode(mode | 0o011))?;
    }
    Ok(())
}

/// Makes a tree the broker's own.
pub(super) fn take_over(path: &Path) -> Result<()> {
    let top = open(path, OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC, Mode::empty())?;
    change_owner(&top, geteuid(), getegid(), None, 0)
}

/// `what` was opened with `O_PATH`: the thing itself, which cannot be exchanged any more. Only files of `linked` may
/// have several names.
fn change_owner(what: &OwnedFd, uid: Uid, gid: Gid, linked: Option<Uid>, depth: usize) -> Result<()> {
    let stat = fstat(what)?;
    match kind(&stat) {
        SFlag::S_IFDIR => {
            if depth > DEEPEST {
                return Err(Error::other(format!("directories are nested deeper than {DEEPEST}")));
            }
            let listing = openat(what, ".", OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
            for entry in fs::read_dir(format!("/proc/self/fd/{}", listing.as_raw_fd()))? {
                let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
                let entry = openat(&listing, entry?.file_name().as_os_str(), flags, Mode::empty())?;
                change_owner(&entry, uid, gid, linked, depth + 1)?;
            }
        }
        SFlag::S_IFLNK => {}
        SFlag::S_IFREG if stat.st_nlink == 1 || linked.is_some_and(|owner| owner.as_raw() == stat.st_uid) => {}
        SFlag::S_IFREG => return Err(Error::other("a file in it has a second name elsewhere (hard link)")),
        _ => return Err(Error::other("there is a special file in it")),
    }
    fchownat(what.as_fd(), "", Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH)?;
    Ok(())
}

fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT
}

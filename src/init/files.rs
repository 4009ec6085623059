//! Writing files of a site: with the right mode from the first moment, and whole or not at all.

use super::InitError;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// For people and daemons that must read it.
pub(super) const PUBLIC: u32 = 0o644;
/// For the owner alone.
pub(super) const PRIVATE: u32 = 0o600;
/// Keys: grid tools refuse keys that others, or a slip of the owner's hand, could change.
pub(super) const KEY: u32 = 0o400;

pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> InitError {
    move |source| InitError::File { action, path: path.to_owned(), source }
}

/// Makes a directory with this mode, whatever the umask. Parents are made with the usual mode.
pub(super) fn make_directory(path: &Path, mode: u32) -> Result<(), InitError> {
    fs::DirBuilder::new().recursive(true).mode(mode).create(path).map_err(failed("create", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed("set the mode of", path))
}

/// Writes a file that must not exist.
pub(super) fn write_new(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> Result<(), InitError> {
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(failed("create", path))?;
    file.write_all(content.as_ref()).map_err(failed("write", path))
}

/// Replaces a file: readers see the old or the new one, never half of it.
pub(super) fn replace(path: &Path, content: impl AsRef<[u8]>, mode: u32) -> Result<(), InitError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = Path::new(&temporary);
    match fs::remove_file(temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed("remove", temporary)(error)),
        _ => {}
    }
    write_new(temporary, content, mode)?;
    fs::rename(temporary, path).map_err(failed("replace", path))
}

pub(super) fn read(path: &Path) -> Result<String, InitError> {
    fs::read_to_string(path).map_err(failed("read", path))
}

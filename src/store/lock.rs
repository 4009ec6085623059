//! The lock beside a SQLite file: one broker at a time. The kernel drops it when the holder ends, however it ends.

use super::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// A held lock.
#[derive(Debug)]
pub(super) struct FileLock(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

impl FileLock {
    /// Takes the lock of a database file, or tells who has it.
    pub(super) fn take(database: &Path) -> Result<Self, StoreError> {
        let path = database.with_extension("lock");
        let failed =
            |error: std::io::Error| StoreError::Unavailable(format!("cannot open {}: {error}", path.display()));
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let holder = if holder.is_empty() { "unknown process".to_owned() } else { holder.trim().to_owned() };
                return Err(StoreError::InUse { path: path.display().to_string(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let note = format!("process {}\n", std::process::id());
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note.as_bytes())).map_err(failed)?;
        Ok(Self(file))
    }
}

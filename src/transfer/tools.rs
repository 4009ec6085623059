//! The system's own tools (`cp`, `mv`, `stat`), run by the landing's shell with the rights of an account.

use super::TransferError;
use crate::job::{Code, FileKind};
use crate::shell::{Command, LocalUser, Shell};
use std::time::Duration;

/// For commands that move nothing.
pub(super) const LOOK: Duration = Duration::from_secs(30);

/// Runs a tool and gives its standard output, or its words on standard error when it failed.
pub(super) struct Tools<'a> {
    /// Where.
    pub(super) shell: &'a dyn Shell,
    /// With whose rights.
    pub(super) user: Option<&'a LocalUser>,
    /// What is being done, for messages.
    pub(super) doing: &'a str,
    /// The code of failures that have no better one.
    pub(super) otherwise: Code,
}

impl Tools<'_> {
    /// Runs `program` with `arguments`.
    pub(super) async fn run(
        &self,
        program: &str,
        arguments: &[&str],
        timeout: Duration,
    ) -> Result<String, TransferError> {
        let mut command = Command::new(program, arguments.iter().copied());
        command.environment.push(("LC_ALL".into(), "C".into()));
        command.user = self.user.cloned();
        command.timeout = timeout;
        let output =
            self.shell.run(command).await.map_err(|error| TransferError::shell(self.doing, self.otherwise, &error))?;
        if output.code == Some(0) {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(TransferError::words(self.doing, self.otherwise, words.trim()))
    }

    /// Puts the whole file or directory `temporary` under its final name. A directory that is already there keeps its other
    /// content; files of the same name are replaced one by one, each at once.
    pub(super) async fn place(
        &self,
        kind: FileKind,
        temporary: &str,
        path: &str,
        timeout: Duration,
    ) -> Result<(), TransferError> {
        let exists = kind == FileKind::Directory && self.run("test", &["-d", path], timeout).await.is_ok();
        if !exists {
            return self.run("mv", &["-fT", "--", temporary, path], timeout).await.map(drop);
        }
        self.run("cp", &["-alT", "--remove-destination", "--", temporary, path], timeout).await?;
        self.run("rm", &["-rf", "--", temporary], timeout).await.map(drop)
    }

    /// Looks at a path with the account's rights, links followed, and gives its length. Anything but `expected` is refused.
    pub(super) async fn look(&self, path: &str, expected: FileKind) -> Result<u64, TransferError> {
        let said = self.run("stat", &["-L", "-c", "%s %F", "--", path], LOOK).await?;
        let (bytes, word) = said.trim().split_once(' ').unwrap_or(("0", "something unknown"));
        match (expected, word) {
            (FileKind::File, "regular file" | "regular empty file") | (FileKind::Directory, "directory") => {
                Ok(bytes.parse().unwrap_or(0))
            }
            _ => {
                let wanted = match expected {
                    FileKind::File => "a file",
                    FileKind::Directory => "a directory",
                };
                let message = format!("{} failed: it is a {word}, not {wanted}", self.doing);
                Err(TransferError::permanent(self.otherwise, message))
            }
        }
    }
}

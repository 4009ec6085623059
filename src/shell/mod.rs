//! Where a command runs and where a cluster's files are. What is run is decided elsewhere.
//!
//! Arguments are vectors and never pass through a command interpreter here; every call has a time limit and a cap on
//! output.

mod files;
mod local;

pub use local::LocalShell;

use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A local account that commands and jobs run as. Never `root`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalUser {
    /// The account's name.
    pub name: String,
}

/// One command.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program, found through `PATH` when it has no slash.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables set in addition to the shell's own clean environment.
    pub environment: Vec<(String, String)>,
    /// The working directory; absent: `/`.
    pub directory: Option<PathBuf>,
    /// Fed to the command; absent: nothing.
    pub stdin: Option<Vec<u8>>,
    /// The account; absent: the broker's own.
    pub user: Option<LocalUser>,
    /// After this the command's process group is killed.
    pub timeout: Duration,
}

impl Command {
    /// A command with arguments, 30 seconds and nothing else.
    #[must_use]
    pub fn new<A: Into<String>>(program: impl Into<String>, arguments: impl IntoIterator<Item = A>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            directory: None,
            stdin: None,
            user: None,
            timeout: Duration::from_secs(30),
        }
    }
}

/// What a command left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit code; absent when a signal ended it.
    pub code: Option<i32>,
    /// Standard output, at most 64 MiB.
    pub stdout: Vec<u8>,
    /// Standard error, at most 64 KiB.
    pub stderr: Vec<u8>,
}

/// Why a command or a file operation gave no answer. An answer with a non-zero exit code is not an error here.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The program does not exist or may not be started.
    #[error("cannot start {program} on {host}")]
    Start {
        /// The program.
        program: String,
        /// The machine.
        host: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It took too long and was killed.
    #[error("{program} on {host} gave no answer within {seconds} s")]
    Timeout {
        /// The program.
        program: String,
        /// The machine.
        host: String,
        /// The limit.
        seconds: u64,
    },
    /// It printed more than any sane command prints.
    #[error("{program} on {host} printed more than {limit} bytes")]
    TooMuchOutput {
        /// The program.
        program: String,
        /// The machine.
        host: String,
        /// The cap, bytes.
        limit: usize,
    },
    /// A file operation failed.
    #[error("cannot {action} {path} on {host}")]
    File {
        /// What was tried: `create`, `read`, …
        action: &'static str,
        /// The path.
        path: String,
        /// The machine.
        host: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The account does not exist or must not be used.
    #[error("cannot act as local user {user}: {why}")]
    User {
        /// The account.
        user: String,
        /// Why not.
        why: String,
    },
}

/// A place where commands run and files lie.
#[async_trait]
pub trait Shell: Send + Sync {
    /// The machine's name, for messages.
    fn host(&self) -> &str;

    /// Runs a command to its end.
    async fn run(&self, command: Command) -> Result<Output, ShellError>;

    /// Starts a command in a process group of its own, detached: it survives the broker. Standard streams are
    /// `/dev/null`. Gives its process id. `timeout` and `stdin` of the command are ignored.
    async fn spawn(&self, command: Command) -> Result<u32, ShellError>;

    /// Counts the processes started by [`Shell::spawn`] that have ended; absent where nobody can tell. A hint, never
    /// proof.
    fn ended(&self) -> Option<tokio::sync::watch::Receiver<u64>> {
        None
    }

    /// Creates a directory, mode 0700. An existing directory is fine. Parents that are missing get mode 0711, so that
    /// an account reaches its own directory below them and sees nothing else.
    async fn make_directory(&self, path: &Path) -> Result<(), ShellError>;

    /// Writes a whole file with these permission bits: to a temporary name, synced, renamed.
    async fn write_file(&self, path: &Path, content: &[u8], mode: u32) -> Result<(), ShellError>;

    /// Reads a whole file of at most `limit` bytes; `None` when there is none. A link or a special file is an error,
    /// so that a file in a directory of an account cannot lead elsewhere.
    async fn read_file(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, ShellError>;

    /// Copies a file or directory, read with the rights of `user`, to a new path owned by the broker. Symbolic links
    /// inside a directory stay links; a file that is a link is followed with the user's rights. What the user may execute stays
    /// executable.
    async fn copy_as(&self, user: Option<&LocalUser>, from: &Path, to: &Path) -> Result<(), ShellError>;

    /// Gives a directory and everything in it to `user`, links not followed, and lets accounts pass through the
    /// directory above it when that is the broker's. Files with other names elsewhere (hard links) are refused.
    async fn hand_over(&self, path: &Path, user: &LocalUser) -> Result<(), ShellError>;

    /// Removes a file or a directory with everything in it; missing is fine.
    async fn remove_tree(&self, path: &Path) -> Result<(), ShellError>;

    /// The path through which the broker itself reaches a file of this place, when it can.
    fn local_path(&self, path: &Path) -> Option<PathBuf>;
}

//! The broker's own machine as a shell.
//!
//! Every command starts with a clean environment in a process group of its own. Another account is taken on by
//! `setpriv` before the command starts, so that the rights of root never touch what the account names.

use super::{Command, LocalUser, Output, Shell, ShellError, files};
use async_trait::async_trait;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, User, geteuid};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin};
use tokio::sync::watch;

const MAX_STDOUT: usize = 64 << 20;
const MAX_STDERR: usize = 64 << 10;
/// A copy that moves no byte for so long is given up.
const COPY_PATIENCE: Duration = Duration::from_secs(120);

/// Commands and files on the machine the broker runs on.
#[derive(Debug)]
pub struct LocalShell {
    host: String,
    ended: watch::Sender<u64>,
}

impl Default for LocalShell {
    fn default() -> Self {
        Self::new()
    }
}

/// An account as the user database describes it.
struct Account {
    user: User,
    /// Whether `setpriv` is needed.
    switch: bool,
}

impl LocalShell {
    /// The shell of this machine.
    #[must_use]
    pub fn new() -> Self {
        let host = nix::unistd::gethostname().map_or_else(|_| "localhost".into(), |h| h.to_string_lossy().into_owned());
        Self { host, ended: watch::Sender::new(0) }
    }

    /// Looks the account up; refuses root and, unless the broker is root, everybody else's.
    async fn account(&self, user: Option<&LocalUser>) -> Result<Account, ShellError> {
        let wanted = user.cloned();
        let looked_up = blocking(move || match &wanted {
            Some(user) => User::from_name(&user.name),
            None => User::from_uid(geteuid()),
        })
        .await;
        let name = user.map_or_else(|| geteuid().to_string(), |user| user.name.clone());
        let refuse = |why: String| ShellError::User { user: name.clone(), why };
        let found = looked_up
            // No answer is not a refusal: the same account may be there in a moment.
            .map_err(|error| self.file_error("look up the account", Path::new(&name), error.into()))?
            .ok_or_else(|| refuse(format!("there is no such account on {}", self.host)))?;
        if user.is_some() && found.uid.is_root() {
            return Err(refuse("root never runs jobs; map the caller to an ordinary account".into()));
        }
        let switch = user.is_some() && found.uid != geteuid();
        if switch && !geteuid().is_root() {
            return Err(refuse("the broker does not run as root and cannot change accounts".into()));
        }
        Ok(Account { user: found, switch })
    }

    #[expect(clippy::disallowed_methods, reason = "the place where commands are started")]
    fn prepare(&self, command: &Command, account: &Account) -> tokio::process::Command {
        let mut prepared = if account.switch {
            let mut setpriv = tokio::process::Command::new("setpriv");
            setpriv.arg(format!("--reuid={}", account.user.uid));
            setpriv.arg(format!("--regid={}", account.user.gid));
            setpriv.args(["--init-groups", "--"]).arg(&command.program);
            setpriv
        } else {
            tokio::process::Command::new(&command.program)
        };
        prepared
            .args(&command.arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("HOME", &account.user.dir)
            .env("USER", &account.user.name)
            .env("LOGNAME", &account.user.name)
            .envs(command.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(command.directory.as_deref().unwrap_or(Path::new("/")))
            .process_group(0)
            .stdin(Stdio::null());
        prepared
    }

    fn start(&self, command: &Command, prepared: &mut tokio::process::Command) -> Result<Child, ShellError> {
        prepared.spawn().map_err(|source| self.cannot_start(command, source))
    }

    fn cannot_start(&self, command: &Command, source: std::io::Error) -> ShellError {
        ShellError::Start { program: command.program.clone(), host: self.host.clone(), source }
    }

    fn file_error(&self, action: &'static str, path: &Path, source: std::io::Error) -> ShellError {
        ShellError::File { action, path: path.display().to_string(), host: self.host.clone(), source }
    }

    async fn file_work<T: Send + 'static>(
        &self,
        action: &'static str,
        path: &Path,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, ShellError> {
        let owned = path.to_path_buf();
        blocking(move || work(&owned)).await.map_err(|source| self.file_error(action, path, source))
    }

    /// Packs a directory with the account's rights and unpacks it with the same rights inside `to`, which the account
    /// can reach only as its working directory. Nothing in the stream can therefore name a place of the broker.
    async fn copy_directory(&self, account: &Account, from: &Path, to: &Path) -> Result<(), ShellError> {
        let (uid, gid) = (account.user.uid, account.user.gid);
        let switch = account.switch;
        self.file_work("create", to, move |to| files::make_private_directory(to, switch.then_some((uid, gid)))).await?;
        let mut pack = Command::new("tar", ["--create", "--file=-", "--hard-dereference", "--directory"]);
        pack.arguments.extend([from.display().to_string(), ".".to_owned()]);
        let mut unpack = Command::new("tar", ["--extract", "--file=-", "--no-same-owner"]);
        unpack.directory = Some(to.to_path_buf());

        let (read, write) = std::io::pipe().map_err(|source| self.cannot_start(&pack, source))?;
        // The builders hold the pipe's ends too, and must be gone before anybody waits for its end.
        let packing = {
            let mut prepared = self.prepare(&pack, account);
            self.start(&pack, prepared.stdout(write).stderr(Stdio::piped()))?
        };
        let unpacking = {
            let mut prepared = self.prepare(&unpack, account);
            self.start(&unpack, prepared.stdin(read).stdout(Stdio::null()).stderr(Stdio::piped()))?
        };
        let (packed, unpacked) = tokio::join!(self.finish_copy(packing, from), self.finish_copy(unpacking, to));
        let broken = |said: &str| std::io::Error::other(said.trim().to_owned());
        match (packed?, unpacked?) {
            ((Some(0), _), (Some(0), _)) => {}
            ((Some(0), _), (_, said)) => return Err(self.file_error("create", to, broken(&said))),
            ((_, said), _) => return Err(self.file_error("read", from, broken(&said))),
        }
        self.file_work("take over", to, files::take_over).await
    }

    /// Waits for a copying process as long as it moves bytes.
    async fn finish_copy(&self, mut child: Child, path: &Path) -> Result<(Option<i32>, String), ShellError> {
        let group = Group::of(&child);
        let moved = child.id().map(|pid| PathBuf::from(format!("/proc/{pid}/io")));
        let stderr = child.stderr.take();
        let end = async {
            let (said, status) = tokio::join!(read_up_to(stderr, MAX_STDERR), child.wait());
            (status.ok().and_then(|status| status.code()), String::from_utf8_lossy(&said).into_owned())
        };
        tokio::pin!(end);
        let mut before = None;
        loop {
            if let Ok(ended) = tokio::time::timeout(COPY_PATIENCE, &mut end).await {
                group.left();
                return Ok(ended);
            }
            let now = moved.as_deref().and_then(|path| std::fs::read_to_string(path).ok());
            if now == before {
                let stuck = std::io::Error::new(std::io::ErrorKind::TimedOut, "no byte moved for two minutes");
                return Err(self.file_error("copy", path, stuck));
            }
            before = now;
        }
    }
}

#[async_trait]
impl Shell for LocalShell {
    fn host(&self) -> &str {
        &self.host
    }

    async fn run(&self, command: Command) -> Result<Output, ShellError> {
        let account = self.account(command.user.as_ref()).await?;
        let mut prepared = self.prepare(&command, &account);
        prepared.stdout(Stdio::piped()).stderr(Stdio::piped());
        if command.stdin.is_some() {
            prepared.stdin(Stdio::piped());
        }
        let mut child = self.start(&command, &mut prepared)?;
        let group = Group::of(&child);
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let too_much = || ShellError::TooMuchOutput {
            program: command.program.clone(),
            host: self.host.clone(),
            limit: MAX_STDOUT,
        };
        let output = async {
            let read = async {
                let stdout = read_up_to(stdout, MAX_STDOUT + 1).await;
                if stdout.len() > MAX_STDOUT { Err(too_much()) } else { Ok(stdout) }
            };
            let rest =
                async { Ok(tokio::join!(feed(stdin, command.stdin.as_deref()), read_up_to(stderr, MAX_STDERR))) };
            let wait = async { child.wait().await.map_err(|source| self.cannot_start(&command, source)) };
            let (stdout, ((), stderr), status) = tokio::try_join!(read, rest, wait)?;
            Ok::<_, ShellError>(Output { code: status.code(), stdout, stderr })
        };
        let output = tokio::time::timeout(command.timeout, output).await.map_err(|_| ShellError::Timeout {
            program: command.program.clone(),
            host: self.host.clone(),
            seconds: command.timeout.as_secs(),
        })??;
        group.left();
        if account.switch && output.code == Some(127) && output.stderr.starts_with(b"setpriv: failed to execute ") {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(self.cannot_start(&command, std::io::Error::new(std::io::ErrorKind::NotFound, said)));
        }
        Ok(output)
    }

    async fn spawn(&self, command: Command) -> Result<u32, ShellError> {
        let account = self.account(command.user.as_ref()).await?;
        let mut prepared = self.prepare(&command, &account);
        let mut child = self.start(&command, prepared.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let pid = child.id().expect("a process that was not waited for has its id");
        let ended = self.ended.clone();
        tokio::spawn(async move {
            // Only to leave no zombie: the result is in the records of the job.
            let _ = child.wait().await;
            ended.send_modify(|count| *count += 1);
        });
        Ok(pid)
    }

    fn ended(&self) -> Option<watch::Receiver<u64>> {
        Some(self.ended.subscribe())
    }

    async fn make_directory(&self, path: &Path) -> Result<(), ShellError> {
        self.file_work("create", path, files::make_directory).await
    }

    async fn write_file(&self, path: &Path, content: &[u8], mode: u32) -> Result<(), ShellError> {
        let content = content.to_vec();
        self.file_work("write", path, move |path| files::write_file(path, &content, mode)).await
    }

    async fn read_file(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, ShellError> {
        self.file_work("read", path, move |path| files::read_file(path, limit)).await
    }

    async fn copy_as(&self, user: Option<&LocalUser>, from: &Path, to: &Path) -> Result<(), ShellError> {
        /// Tells a directory, a missing file, an unreadable one and a special one by exit codes of its own, and a program by a line.
        const COPY: &str = r#"[ -e "$1" ] || exit 101; [ -r "$1" ] || exit 102; [ ! -d "$1" ] || exit 103
[ -f "$1" ] || exit 104; [ ! -x "$1" ] || echo executable >&2; exec cat -- "$1""#;
        let account = self.account(user).await?;
        let file = self.file_work("create", to, files::create_new).await?;
        let made = file.try_clone().map_err(|error| self.file_error("create", to, error))?;
        let mut copy = Command::new("/bin/sh", ["-c", COPY, "sh"]);
        copy.arguments.push(from.display().to_string());
        let child = {
            let mut prepared = self.prepare(&copy, &account);
            self.start(&copy, prepared.stdout(file).stderr(Stdio::piped()))?
        };
        let ended = self.finish_copy(child, from).await;
        if let Ok((Some(0), said)) = &ended {
            return if said.starts_with("executable") {
                files::make_executable(&made).map_err(|error| self.file_error("create", to, error))
            } else {
                Ok(())
            };
        }
        self.remove_tree(to).await?;
        use std::io::{Error, ErrorKind};
        let source = match ended? {
            (Some(101), _) => Error::new(ErrorKind::NotFound, "there is no such file"),
            (Some(102), _) => Error::new(ErrorKind::PermissionDenied, format!("{} may not read it", account.user.name)),
            (Some(103), _) => return self.copy_directory(&account, from, to).await,
            (Some(104), _) => Error::other("it is neither a file nor a directory"),
            (_, said) => Error::other(said.trim_start_matches("executable").trim().to_owned()),
        };
        Err(self.file_error("read", from, source))
    }

    async fn hand_over(&self, path: &Path, user: &LocalUser) -> Result<(), ShellError> {
        let account = self.account(Some(user)).await?;
        if !account.switch {
            return Ok(());
        }
        let (uid, gid) = (account.user.uid, account.user.gid);
        self.file_work("hand over", path, move |path| files::hand_over(path, uid, gid)).await
    }

    async fn remove_tree(&self, path: &Path) -> Result<(), ShellError> {
        let first = self.file_work("remove", path, files::remove_tree).await;
        match &first {
            Err(ShellError::File { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => {}
            _ => return first,
        }
        // A directory that its owner made unwritable.
        let mut open = Command::new("chmod", ["-R", "u+rwX", "--"]);
        open.arguments.push(path.display().to_string());
        self.run(open).await?;
        self.file_work("remove", path, files::remove_tree).await
    }

    fn local_path(&self, path: &Path) -> Option<PathBuf> {
        Some(path.to_path_buf())
    }
}

/// Kills a process group when it is dropped, unless its leader was seen to end.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw))
    }

    fn left(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended in this moment; that is what was wanted.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("file work does not panic and is never aborted")
}

async fn feed(stdin: Option<ChildStdin>, content: Option<&[u8]>) {
    if let (Some(mut stdin), Some(content)) = (stdin, content) {
        // A command that does not read all of it is free to do so.
        let _ = stdin.write_all(content).await;
    }
}

/// Reads to the end and keeps the first `limit` bytes; stops reading one step after a limit that the caller will
/// refuse.
async fn read_up_to(source: Option<impl AsyncRead + Unpin>, limit: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let Some(mut source) = source else { return kept };
    let _ = (&mut source).take(limit as u64).read_to_end(&mut kept).await;
    if limit <= MAX_STDERR {
        let _ = tokio::io::copy(&mut source, &mut tokio::io::sink()).await;
    }
    kept
}

#[cfg(test)]
mod tests;

//! The records that the wrapper script leaves, and the fence between it and the broker.
//!
//! They are written by the job's account. A record with a foreign token is no record; what cannot be read for reasons
//! of the file system is an error and never "no record".

use super::{BatchError, BatchJob, Site, Vanished, Workplace, script};
use crate::job::{ClusterName, Code, Ending, Exit, Failure, Outcome, Token, Usage};
use crate::shell::{Command, Shell, ShellError};
use jiff::Timestamp;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: usize = 64 << 10;

/// The directory of an attempt's records.
#[must_use]
pub fn directory(place: &Workplace) -> PathBuf {
    place.control.join("records")
}

/// `start.json`: who took the fence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StartRecord {
    token: String,
    /// The batch system's id of the job whose script it is; empty where there is none.
    #[serde(default)]
    pub native: String,
    /// The executing host.
    #[serde(default)]
    pub host: String,
    /// The script's process.
    #[serde(default)]
    pub pid: i32,
    /// Its start time in clock ticks since the boot.
    #[serde(default)]
    pub pid_start: u64,
    /// The boot.
    #[serde(default)]
    pub boot: String,
    #[serde(default)]
    started_ms: i64,
    /// The broker took it: nothing has started and nothing will.
    #[serde(default)]
    pub fenced: bool,
}

impl StartRecord {
    /// When the script began.
    #[must_use]
    pub fn started(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.started_ms).ok()
    }
}

/// `exit.json`: how the program ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ExitRecord {
    version: u32,
    token: String,
    #[serde(default)]
    native: String,
    code: Option<i32>,
    signal: Option<i32>,
    phase: String,
    limit: String,
    stopped: String,
    text: String,
    user: String,
    system: String,
    started_ms: i64,
    ended_ms: i64,
}

impl ExitRecord {
    /// Reads a record; one that is broken or carries a foreign token is none.
    #[must_use]
    pub fn parse(bytes: &[u8], token: &Token) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let whole = record.version == 1 && record.token == token.as_str();
        let dated = Timestamp::from_millisecond(record.started_ms).is_ok();
        (whole && dated && Timestamp::from_millisecond(record.ended_ms).is_ok()).then_some(record)
    }

    /// Whether a signal from outside ended the run, so that only the batch system or the broker knows why.
    #[must_use]
    pub fn was_stopped(&self) -> bool {
        !self.stopped.is_empty() && self.limit.is_empty()
    }

    /// Whether the program was started at all.
    #[must_use]
    pub fn ran(&self) -> bool {
        self.phase == "payload"
    }

    /// Exit code or signal of the program; absent when it never ran.
    #[must_use]
    pub fn exit(&self) -> Option<Exit> {
        match (self.ran(), self.signal, self.code) {
            (true, Some(signal), _) => Some(Exit::Signal(signal)),
            (true, None, Some(code)) => Some(Exit::Code(code)),
            _ => None,
        }
    }

    /// When it ended.
    #[must_use]
    pub fn ended(&self) -> Timestamp {
        Timestamp::from_millisecond(self.ended_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// When the script began.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        Timestamp::from_millisecond(self.started_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The batch system's id of the job whose script it is.
    #[must_use]
    pub fn native(&self) -> &str {
        &self.native
    }

    /// What was used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let wall = u64::try_from(self.ended_ms - self.started_ms).ok().map(Duration::from_millis);
        Usage { wall, user: cpu_time(&self.user), system: cpu_time(&self.system), max_rss: None }
    }

    /// How the run ended, judged by this record and by whether the broker had asked for the end.
    #[must_use]
    pub fn ending(&self, canceled: bool) -> Ending {
        let exit = self.exit();
        let (outcome, failure) = if self.was_stopped() && canceled {
            (Outcome::Canceled, None)
        } else if self.limit == "wall" {
            (Outcome::Failed, Some(limit_exceeded("the program ran longer than its wall clock limit")))
        } else if exit == Some(Exit::Signal(nix::libc::SIGXCPU)) {
            (Outcome::Failed, Some(limit_exceeded("the program used more processor time than its limit")))
        } else if exit == Some(Exit::Signal(nix::libc::SIGXFSZ)) {
            (Outcome::Failed, Some(limit_exceeded("the program wrote a file larger than its limit")))
        } else if self.was_stopped() {
            let message = format!("the program was stopped from outside by {}", printable(&self.stopped));
            (Outcome::Failed, Some(Failure::new(Code::LrmError, message)))
        } else if !self.ran() {
            (Outcome::Failed, Some(Failure::new(Code::LrmError, printable(&self.text))))
        } else {
            judge_exit(exit)
        };
        Ending { at: self.ended(), outcome, exit, failure, evidence: "exit record".into() }
    }
}

/// What an exit code or signal of the program comes to.
#[must_use]
pub fn judge_exit(exit: Option<Exit>) -> (Outcome, Option<Failure>) {
    match exit {
        Some(Exit::Code(0)) => (Outcome::Done, None),
        Some(exit) => {
            let failure = Failure::new(Code::ExecutionFailed, format!("the program ended with {exit}"))
                .advice("read its standard error");
            (Outcome::Failed, Some(failure))
        }
        None => {
            let failure = Failure::new(Code::LrmError, "the batch system calls the job ended but does not tell how");
            (Outcome::Failed, Some(failure))
        }
    }
}

/// A limit was exceeded.
#[must_use]
pub fn limit_exceeded(message: &str) -> Failure {
    Failure::new(Code::LimitKilled, message).advice("ask for more in the resource section of the description")
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// `1m2.5s`, as the shell's `times` prints it.
fn cpu_time(text: &str) -> Option<Duration> {
    let (minutes, seconds) = text.trim().strip_suffix('s')?.split_once('m')?;
    let minutes = minutes.parse::<u32>().ok()?;
    let seconds = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    seconds.checked_add(Duration::from_secs(u64::from(minutes) * 60))
}

/// The records of one attempt.
#[derive(Debug, Clone)]
pub struct Records {
    /// Who started it.
    pub start: Option<StartRecord>,
    /// How it ended.
    pub exit: Option<ExitRecord>,
    /// Whether the broker asked for the end.
    pub canceled: bool,
}

/// Reads the records of an attempt.
///
/// # Errors
/// When the files cannot be reached. A damaged record counts as none.
pub async fn read(shell: &dyn Shell, place: &Workplace, token: &Token) -> Result<Records, ShellError> {
    let directory = directory(place);
    let exit = read_file(shell, &directory.join("exit.json")).await?;
    Ok(Records {
        start: read_start(shell, place, token).await?,
        exit: exit.and_then(|bytes| ExitRecord::parse(&bytes, token)),
        canceled: shell.read_file(&place.control.join("cancel"), LIMIT).await?.is_some(),
    })
}

/// Reads `start.json`.
///
/// # Errors
/// When the file cannot be reached.
pub async fn read_start(
    shell: &dyn Shell,
    place: &Workplace,
    token: &Token,
) -> Result<Option<StartRecord>, ShellError> {
    let bytes = read_file(shell, &directory(place).join("start.json")).await?;
    let record = bytes.and_then(|bytes| serde_json::from_slice::<StartRecord>(&bytes).ok());
    Ok(record.filter(|record| record.token == token.as_str()))
}

/// A file of the account that is a link, too long or something special is a damaged record, not trouble of the broker.
pub(super) async fn read_file(shell: &dyn Shell, path: &Path) -> Result<Option<Vec<u8>>, ShellError> {
    match shell.read_file(path, LIMIT).await {
        Err(ShellError::File { source, .. })
            if matches!(source.kind(), std::io::ErrorKind::FileTooLarge | std::io::ErrorKind::Other)
                || source.raw_os_error() == Some(nix::libc::ELOOP) =>
        {
            Ok(None)
        }
        other => other,
    }
}

/// Leaves the mark that tells a canceled job from one that was stopped by somebody else.
///
/// # Errors
/// When it cannot be written; then nobody must be stopped yet.
pub async fn mark_canceled(shell: &dyn Shell, place: &Workplace) -> Result<(), ShellError> {
    shell.write_file(&place.control.join("cancel"), b"", 0o600).await
}

/// What became of an attempt to take the fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fence {
    /// No script with this token can start its program any more.
    Taken,
    /// A script has it.
    Started(StartRecord),
    /// Something is in the way that is neither.
    Unclear,
}

/// Takes the fence of an attempt for the broker, in one step that either script or broker wins.
///
/// # Errors
/// When the files cannot be reached.
pub async fn fence(shell: &dyn Shell, attempt: &Vanished) -> Result<Fence, ShellError> {
    let (place, token) = (&attempt.place, &attempt.token);
    shell.make_directory(&directory(place)).await?;
    let own = place.control.join("fence.json");
    let content = format!("{{\"version\":1,\"token\":\"{token}\",\"fenced\":true}}\n");
    shell.write_file(&own, content.as_bytes(), 0o600).await?;
    let target = directory(place).join("start.json");
    let link = Command::new("ln", ["-T".to_owned(), own.display().to_string(), target.display().to_string()]);
    if shell.run(link).await?.code == Some(0) {
        return Ok(Fence::Taken);
    }
    Ok(match read_start(shell, place, token).await? {
        Some(start) if start.fenced => Fence::Taken,
        Some(start) => Fence::Started(start),
        None => Fence::Unclear,
    })
}

/// Writes the script of an attempt where its account finds it. Gives the start record instead when it has already
/// started.
///
/// # Errors
/// [`BatchError::Rejected`] for values that no script can carry and for an attempt that was fenced off.
pub async fn prepare(
    site: &Site,
    job: &BatchJob,
    flavour: &script::Flavour,
) -> Result<Option<StartRecord>, BatchError> {
    let shell = site.shell.as_ref();
    let failed = |error: ShellError| no_answer(&site.cluster, &error);
    let reject = |why: String| BatchError::Rejected { cluster: site.cluster.clone(), why };
    let text = script::render(job, flavour, site.grace).map_err(|error| reject(error.to_string()))?;
    match read_start(shell, &job.place, &job.token).await.map_err(failed)? {
        Some(start) if start.fenced => return Err(reject("this attempt was given up before; make a new one".into())),
        Some(start) => return Ok(Some(start)),
        None => {}
    }
    let records = directory(&job.place);
    shell.make_directory(&records).await.map_err(failed)?;
    shell.write_file(&records.join("job.sh"), text.as_bytes(), 0o500).await.map_err(failed)?;
    if let Some(user) = &job.user {
        shell.hand_over(&records, user).await.map_err(failed)?;
    }
    Ok(None)
}

/// The batch system's error for a shell that gave no answer. Only a refused account is final.
#[must_use]
pub fn no_answer(cluster: &ClusterName, error: &ShellError) -> BatchError {
    let mut why = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        why = format!("{why}: {next}");
        cause = next.source();
    }
    match error {
        ShellError::User { .. } => BatchError::Rejected { cluster: cluster.clone(), why },
        _ => BatchError::Unreachable { cluster: cluster.clone(), why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token::from_random(7)
    }

    fn record(change: impl Fn(&mut serde_json::Value)) -> ExitRecord {
        let mut value = serde_json::json!({
            "version": 1, "token": token().as_str(), "native": "", "code": 0, "phase": "payload", "limit": "",
            "stopped": "", "text": "", "user": "1m2.500s", "system": "0m0.25s", "started_ms": 1000, "ended_ms": 3500,
        });
        change(&mut value);
        ExitRecord::parse(value.to_string().as_bytes(), &token()).unwrap()
    }

    #[test]
    fn a_foreign_or_broken_record_is_none() {
        let text = r#"{"version":1,"token":"other","code":0,"phase":"payload","limit":"","stopped":"","text":"",
            "user":"","system":"","started_ms":1,"ended_ms":2}"#;
        assert!(ExitRecord::parse(text.as_bytes(), &token()).is_none());
        let ours = text.replace("other", token().as_str());
        assert!(ExitRecord::parse(ours.as_bytes(), &token()).is_some());
        assert!(ExitRecord::parse(&ours.as_bytes()[..60], &token()).is_none());
        assert!(ExitRecord::parse(ours.replace(":2}", ":99999999999999999}").as_bytes(), &token()).is_none());
    }

    #[test]
    fn usage_is_read_as_the_shell_prints_it() {
        let usage = record(|_| ()).usage();
        assert_eq!(usage.wall, Some(Duration::from_millis(2500)));
        assert_eq!((usage.user, usage.system), (Some(Duration::from_millis(62_500)), Some(Duration::from_millis(250))));
    }

    #[test]
    fn each_way_to_end_is_told_apart() {
        let verdict = |record: ExitRecord, canceled| {
            let ending = record.ending(canceled);
            (ending.outcome, ending.failure.map(|f| f.code), ending.exit)
        };
        let code = |code: i32| record(move |r| r["code"] = code.into());
        assert_eq!(verdict(code(0), false), (Outcome::Done, None, Some(Exit::Code(0))));
        // It ended by itself before the signal came.
        assert_eq!(verdict(code(0), true), (Outcome::Done, None, Some(Exit::Code(0))));
        assert_eq!(verdict(code(3), true), (Outcome::Failed, Some(Code::ExecutionFailed), Some(Exit::Code(3))));
        let stopped = || record(|r| (r["signal"], r["stopped"]) = (15.into(), "TERM".into()));
        assert_eq!(verdict(stopped(), true), (Outcome::Canceled, None, Some(Exit::Signal(15))));
        assert_eq!(verdict(stopped(), false), (Outcome::Failed, Some(Code::LrmError), Some(Exit::Signal(15))));
        let limit = record(|r| (r["signal"], r["limit"]) = (9.into(), "wall".into()));
        assert_eq!(verdict(limit, true), (Outcome::Failed, Some(Code::LimitKilled), Some(Exit::Signal(9))));
        let cpu = record(|r| r["signal"] = 24.into());
        assert_eq!(verdict(cpu, false), (Outcome::Failed, Some(Code::LimitKilled), Some(Exit::Signal(24))));
        let setup = record(|r| (r["code"], r["phase"]) = (66.into(), "setup".into()));
        assert_eq!(verdict(setup, false), (Outcome::Failed, Some(Code::LrmError), None));
    }
}

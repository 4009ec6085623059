//! The one wrapper script of every batch system, in POSIX sh: a head with the values of one attempt, then `wrapper.sh`.
//!
//! Every value goes through [`shell_quote`]. The script takes the attempt's fence before anything else, so that
//! whatever happens to the submission the program is started at most once.

mod limits;

use super::{BatchJob, records};
use crate::job::Launch;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// The part of the script that is the same for every job.
const BODY: &str = include_str!("wrapper.sh");

/// A value that cannot be written into a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// No program can receive a NUL byte.
    #[error("{what} contains a NUL character")]
    Nul {
        /// The kind of value.
        what: &'static str,
    },
    /// The path is not text.
    #[error("{what} is not UTF-8: {path}")]
    NotText {
        /// The kind of path.
        what: &'static str,
        /// The path, as far as it can be shown.
        path: String,
    },
    /// A variable's name is empty or contains `=`.
    #[error("`{name}` cannot be the name of an environment variable")]
    BadVariable {
        /// The name.
        name: String,
    },
    /// Two oddities that only together cannot be expressed.
    #[error(
        "the program `{program}` has an equals sign in its name and the variable `{name}` cannot be set by a shell"
    )]
    OddTogether {
        /// The program.
        program: String,
        /// The variable.
        name: String,
    },
}

/// How one kind of batch system starts programs and what it leaves to the wrapper.
#[derive(Debug, Clone, Copy)]
pub struct Flavour {
    /// The shell's word for the batch system's own job id; empty where there is none.
    pub native: &'static str,
    /// Starts the processes of a parallel program; the word `{count}` stands for their number.
    pub launcher: &'static [&'static str],
    /// Gives `GRMS_PROCESS` its value when the launcher also starts `multiple`; otherwise the copies run on one host.
    pub process_number: Option<&'static str>,
    /// Whether the wrapper itself watches time and memory.
    pub limits: bool,
}

/// Quotes a value for the shell.
///
/// # Errors
/// [`Unwritable::Nul`].
pub fn shell_quote(what: &'static str, value: &str) -> Result<String, Unwritable> {
    if value.contains('\0') {
        return Err(Unwritable::Nul { what });
    }
    Ok(format!("'{}'", value.replace('\'', r"'\''")))
}

/// Writes the script of an attempt.
///
/// # Errors
/// [`Unwritable`] names the value.
pub fn render(job: &BatchJob, flavour: &Flavour, grace: Duration) -> Result<String, Unwritable> {
    let mut script =
        String::from("#!/bin/sh\n# One attempt of one task of a grms job. Generated; a change is not read again.\n");
    let mut set = |name: &str, value: String| {
        let _ = writeln!(script, "{name}={value}");
    };
    set("PATH", "${PATH:-/usr/local/bin:/usr/bin:/bin}".into());
    set("token", shell_quote("the token", job.token.as_str())?);
    set("native", format!("\"{}\"", flavour.native));
    set("records", quoted_path("the records' directory", &records::directory(&job.place))?);
    set("work", quoted_path("the working directory", &job.place.work)?);
    set("stdin", quoted_path("the standard input", job.stdin.as_deref().unwrap_or(Path::new("/dev/null")))?);
    set("stdout", quoted_path("the standard output", &job.stdout)?);
    set("stderr", quoted_path("the standard error", &job.stderr)?);
    set("grace", seconds_up(grace).max(1).to_string());
    set("wall", if flavour.limits { wall_limit(job).map_or(0, seconds_up) } else { 0 }.to_string());
    script.push_str("export PATH\numask 077\nunset CDPATH\n\n");
    script.push_str(&payload(job, flavour)?);
    script.push('\n');
    script.push_str(BODY);
    Ok(script)
}

/// The wall clock limit of an attempt.
#[must_use]
pub fn wall_limit(job: &BatchJob) -> Option<Duration> {
    job.limits.wall.or(job.limits.time)
}

fn seconds_up(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

fn quoted_path(what: &'static str, path: &Path) -> Result<String, Unwritable> {
    let text = path.to_str().ok_or_else(|| Unwritable::NotText { what, path: path.display().to_string() })?;
    shell_quote(what, text)
}

/// The function that becomes the program. It runs in a subshell, so that the job's variables never reach the wrapper.
fn payload(job: &BatchJob, flavour: &Flavour) -> Result<String, Unwritable> {
    let mut text = String::from("payload() {\n");
    text.push_str(&limits::lines(job, flavour.limits));
    let mut odd = String::new();
    for (name, value) in &job.environment {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(Unwritable::BadVariable { name: name.clone() });
        }
        if shell_can_set(name) {
            let _ = writeln!(text, "  export {name}={}", shell_quote("an environment variable", value)?);
        } else if job.program.contains('=') {
            return Err(Unwritable::OddTogether { program: job.program.clone(), name: name.clone() });
        } else {
            let _ = write!(odd, " {}", shell_quote("an environment variable", &format!("{name}={value}"))?);
        }
    }
    let mut program = if odd.is_empty() { String::new() } else { format!("/usr/bin/env --{odd} ") };
    program.push_str(&shell_quote("the program", &job.program)?);
    for argument in &job.arguments {
        let _ = write!(program, " {}", shell_quote("an argument", argument)?);
    }
    let stderr = if job.stdout == job.stderr { "2>&1" } else { "2>\"$stderr\"" };
    let _ = writeln!(text, "  exec <\"$stdin\" >\"$stdout\" {stderr}");
    let count = job.count.max(1);
    let start = "exec ${setsid:+\"$setsid\"}";
    let launcher = flavour.launcher.iter().map(|word| word.replace("{count}", &count.to_string())).collect::<Vec<_>>();
    let launcher_line = launcher.join(" ");
    let check = format!(
        "  command -v {} >/dev/null 2>&1 || {{ : >\"$records/no_launcher\"; exit 72; }}\n",
        launcher.first().map_or("", String::as_str)
    );
    match (job.launch, flavour.process_number) {
        (Launch::Single | Launch::OpenMp, _) => {
            let _ = writeln!(text, "  {start} {program}");
        }
        (Launch::Multiple, None) => {
            let _ = writeln!(text, "  {start} /bin/sh -c {} sh {count} {program}", shell_quote("the copies", COPIES)?);
        }
        (Launch::Multiple, Some(number)) => {
            let one = shell_quote("the copies", &format!("GRMS_PROCESS=${number}; export GRMS_PROCESS; exec \"$@\""))?;
            let _ = writeln!(text, "{check}  {start} {launcher_line} /bin/sh -c {one} sh {program}");
        }
        (Launch::Mpi | Launch::MpichG | Launch::OpenMpi, _) => {
            let _ = writeln!(text, "{check}  {start} {launcher_line} {program}");
        }
    }
    text.push_str("}\n");
    Ok(text)
}

/// Starts copies of a program and waits for all; the first code that is not 0 wins. A signal to the group ends the
/// copies, not this script, so that it can wait for them.
const COPIES: &str = r#"
trap : TERM HUP XCPU USR1 USR2
count=$1 pids='' code=0 GRMS_PROCESS=0
shift
export GRMS_PROCESS
while [ "$GRMS_PROCESS" -lt "$count" ]; do
  "$@" <&0 &
  pids="$pids $!"
  GRMS_PROCESS=$((GRMS_PROCESS + 1))
done
for pid in $pids; do
  wait "$pid"
  seen=$?
  while kill -s 0 "$pid" 2>/dev/null; do
    wait "$pid"
    seen=$?
  done
  [ "$code" != 0 ] || code=$seen
done
exit "$code"
"#;

/// Whether `export NAME=value` does what it says in every sh. The rest is set by env.
fn shell_can_set(name: &str) -> bool {
    /// Variables that shells use, watch or forbid.
    const SPECIAL: &[&str] = &[
        "_",
        "DIRSTACK",
        "ENV",
        "EPOCHREALTIME",
        "EPOCHSECONDS",
        "EUID",
        "FUNCNAME",
        "GROUPS",
        "HISTCMD",
        "IFS",
        "LINENO",
        "OLDPWD",
        "OPTARG",
        "OPTERR",
        "OPTIND",
        "POSIXLY_CORRECT",
        "PPID",
        "PS1",
        "PS2",
        "PS4",
        "PWD",
        "RANDOM",
        "SECONDS",
        "SHELLOPTS",
        "SHLVL",
        "SRANDOM",
        "UID",
    ];
    /// Names the wrapper uses in the same shell.
    const OWN: &[&str] = &["records", "setsid", "stdin", "stdout", "stderr"];
    let identifier =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.as_bytes()[0].is_ascii_digit();
    identifier && !name.starts_with("BASH") && !SPECIAL.contains(&name) && !OWN.contains(&name)
}

#[cfg(test)]
mod tests;

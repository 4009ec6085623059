//! Processes of this machine, known by boot, number and start time; never by the number alone.

use crate::job::LocalJobId;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    /// Clock ticks between the boot and its start; 0: it had ended before anybody looked.
    pub(super) start: u64,
    /// The first eight characters of the boot's id.
    pub(super) boot: String,
}

/// The part of a boot's id that is kept.
pub(super) fn short_boot(id: &str) -> String {
    id.trim().chars().filter(char::is_ascii_alphanumeric).take(8).collect()
}

/// This boot.
pub(super) fn this_boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(|_| "unknown".into(), |id| short_boot(&id))
}

impl Process {
    /// The process that has this number now.
    pub(super) fn now(pid: u32, boot: &str) -> Self {
        let pid = i32::try_from(pid).unwrap_or(0);
        Self { pid, start: stat(pid).map_or(0, |stat| stat.start), boot: boot.to_owned() }
    }

    /// Reads `pid-start@boot`.
    pub(super) fn parse(id: &LocalJobId) -> Option<Self> {
        let (process, boot) = id.as_str().split_once('@')?;
        let (pid, start) = process.split_once('-')?;
        let pid = pid.parse().ok().filter(|pid| *pid > 1)?;
        Some(Self { pid, start: start.parse().ok()?, boot: boot.to_owned() })
    }

    pub(super) fn id(&self) -> Option<LocalJobId> {
        LocalJobId::parse(&format!("{}-{}@{}", self.pid, self.start, self.boot)).ok()
    }

    /// Whether it still runs. A zombie does not.
    pub(super) fn is_alive(&self, this_boot: &str) -> bool {
        self.boot == this_boot
            && self.start != 0
            && stat(self.pid).is_some_and(|stat| stat.start == self.start && !matches!(stat.state, 'Z' | 'X'))
    }

    /// Sends a signal to the process, or to the group it leads. Nothing happens when the number has another owner by
    /// now.
    pub(super) fn signal(&self, this_boot: &str, signal: Signal, group: bool) -> bool {
        if self.pid <= 1 || !self.is_alive(this_boot) {
            return false;
        }
        let pid = Pid::from_raw(self.pid);
        if group { killpg(pid, signal).is_ok() } else { kill(pid, signal).is_ok() }
    }

    /// The account it runs as.
    pub(super) fn uid(&self) -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?.parse().ok()
    }
}

struct Stat {
    state: char,
    start: u64,
}

/// Two fields of proc(5) `stat`. The name in brackets may itself contain brackets and blanks.
fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    Some(Stat { state, start: fields.nth(18)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_more_than_its_number() {
        let boot = this_boot();
        let own = Process::now(std::process::id(), &boot);
        assert!(own.is_alive(&boot));
        assert_eq!(Process::parse(&own.id().unwrap()), Some(own.clone()));
        let reused = Process { start: own.start + 1, ..own.clone() };
        assert!(!reused.is_alive(&boot) && !reused.signal(&boot, Signal::SIGKILL, false));
        assert!(!own.is_alive("00000000"));
        assert_eq!(own.uid(), Some(nix::unistd::getuid().as_raw()));
        assert!(Process::parse(&LocalJobId::parse("1-5@abc").unwrap()).is_none(), "never init");
    }
}

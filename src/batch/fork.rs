//! The machine itself as a cluster: each job is a process group that outlives the broker.
//!
//! There is no queue: the broker hands over no more jobs than there are slots. What runs is known from `/proc`, what
//! ended from the wrapper's records; no command is run to find out. A job whose processes are gone and that left no
//! record is never called finished.

use super::process::{Process, short_boot, this_boot};
use super::records::{self, Fence, Records, StartRecord};
use super::script::Flavour;
use super::{
    BatchError, BatchJob, BatchSystem, Cancelled, Capabilities, Found, Kind, Listing, NativeRecord, NativeState,
    QueueFacts, Site, Survey, Vanished, Workplace,
};
use crate::job::{Code, Ending, Exit, Failure, LocalJobId, Outcome, Usage};
use crate::shell::Command;
use async_trait::async_trait;
use jiff::Timestamp;
use nix::sys::signal::Signal;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const FLAVOUR: Flavour =
    Flavour { native: "", launcher: &["mpirun", "-np", "{count}"], process_number: None, limits: true };

/// What the wrapper may take beyond the grace before it is killed itself.
const WRAPPER_GRACE: Duration = Duration::from_secs(5);

/// The kind `fork`.
#[derive(Debug)]
pub struct Fork;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Jobs at once. Twice the processors unless set: short jobs wait for disks more than they compute.
    slots: Option<u32>,
}

impl Kind for Fork {
    fn name(&self) -> &'static str {
        "fork"
    }

    fn open(&self, site: Site, settings: toml::Table) -> Result<Arc<dyn BatchSystem>, String> {
        let settings: Settings = settings.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
        if site.shell.local_path(Path::new("/proc")).is_none() {
            return Err("a cluster of kind fork is the broker's own machine; its shell must be local".into());
        }
        let slots = settings.slots.unwrap_or_else(|| processors().saturating_mul(2));
        if slots == 0 {
            return Err("slots = 0: expected the number of jobs that may run at once, at least 1".into());
        }
        Ok(Arc::new(Machine {
            boot: this_boot(),
            site,
            slots,
            wakeups: Arc::new(Notify::new()),
            forwarding: Once::new(),
            asked: Mutex::default(),
        }))
    }
}

fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

struct Machine {
    site: Site,
    slots: u32,
    boot: String,
    wakeups: Arc<Notify>,
    forwarding: Once,
    /// When the end of a job was asked for first. Only since this broker started: a restart gives the grace again.
    asked: Mutex<HashMap<LocalJobId, Instant>>,
}

impl Machine {
    /// What processes and records say of an attempt; nothing when there is neither.
    async fn examine(&self, attempt: &Vanished) -> Result<Option<NativeRecord>, crate::shell::ShellError> {
        let shell = self.site.shell.as_ref();
        let found = records::read(shell, &attempt.place, &attempt.token).await?;
        if found.exit.is_some() || found.start.as_ref().is_some_and(|start| start.fenced) {
            return Ok(self.ended(attempt, &found));
        }
        let wrapper = found.start.as_ref().map(process_of).or_else(|| attempt.id.as_ref().and_then(Process::parse));
        let Some(wrapper) = wrapper else { return Ok(None) };
        let running = |state| self.record(attempt, &wrapper, found.start.as_ref(), state);
        if wrapper.is_alive(&self.boot) {
            let pending = NativeState::Pending { reason: Some("is being started".into()) };
            return Ok(running(if found.start.is_some() { NativeState::Running } else { pending }));
        }
        if self.payload(&attempt.place).await?.is_some() {
            return Ok(running(NativeState::Running));
        }
        // The last thing a wrapper does is to leave its record: what was missing before it was seen dead may be there
        // now.
        let found = records::read(shell, &attempt.place, &attempt.token).await?;
        if found.exit.is_some() {
            return Ok(self.ended(attempt, &found));
        }
        let at = found.start.as_ref().and_then(StartRecord::started).unwrap_or(Timestamp::UNIX_EPOCH);
        let ending = unrecorded(&found, wrapper.boot != self.boot, at);
        Ok(self.record(attempt, &wrapper, found.start.as_ref(), NativeState::Ended(ending)))
    }

    fn ended(&self, attempt: &Vanished, found: &Records) -> Option<NativeRecord> {
        let exit = found.exit.as_ref()?;
        let id = attempt.id.clone().or_else(|| found.start.as_ref().and_then(|start| process_of(start).id()))?;
        Some(NativeRecord {
            id,
            token: Some(attempt.token.clone()),
            state: NativeState::Ended(exit.ending(found.canceled)),
            host: Some(self.site.shell.host().to_owned()),
            submitted: None,
            started: Some(exit.started()),
            usage: exit.usage(),
        })
    }

    fn record(
        &self,
        attempt: &Vanished,
        wrapper: &Process,
        start: Option<&StartRecord>,
        state: NativeState,
    ) -> Option<NativeRecord> {
        Some(NativeRecord {
            id: attempt.id.clone().or_else(|| wrapper.id())?,
            token: Some(attempt.token.clone()),
            state,
            host: Some(self.site.shell.host().to_owned()),
            submitted: None,
            started: start.and_then(StartRecord::started),
            usage: Usage::default(),
        })
    }

    /// The leader of the program's group, as the wrapper noted it, while it runs and belongs to the records' owner:
    /// the note is the account's own and must not name somebody else's process.
    async fn payload(&self, place: &Workplace) -> Result<Option<Process>, crate::shell::ShellError> {
        let directory = records::directory(place);
        let Some(note) = records::read_file(self.site.shell.as_ref(), &directory.join("payload")).await? else {
            return Ok(None);
        };
        let Some((pid, start)) = std::str::from_utf8(&note).ok().and_then(|note| note.trim().split_once(' ')) else {
            return Ok(None);
        };
        let (Ok(pid), Ok(start)) = (pid.parse(), start.parse()) else { return Ok(None) };
        let leader = Process { pid, start, boot: self.boot.clone() };
        let owner = owner_of(&directory);
        let known = leader.pid > 1 && leader.is_alive(&self.boot) && owner.is_some() && leader.uid() == owner;
        Ok(known.then_some(leader))
    }

    async fn cancel_one(&self, id: &LocalJobId, place: &Workplace) -> Result<Cancelled, crate::shell::ShellError> {
        let Some(wrapper) = Process::parse(id) else { return Ok(Cancelled::Unknown) };
        let payload = self.payload(place).await?;
        if !wrapper.is_alive(&self.boot) && payload.is_none() {
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
            return Ok(Cancelled::Unknown);
        }
        records::mark_canceled(self.site.shell.as_ref(), place).await?;
        let since =
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner).entry(id.clone()).or_insert_with(Instant::now);
        let orphan = !wrapper.is_alive(&self.boot);
        if !orphan && wrapper.uid() != owner_of(&records::directory(place)) {
            // An id that was read from the records was written by the account, and must not name somebody else's process.
            return Ok(Cancelled::Asked);
        }
        if orphan || since.elapsed() > self.site.grace + WRAPPER_GRACE {
            wrapper.signal(&self.boot, Signal::SIGKILL, true);
            if let Some(payload) = payload {
                payload.signal(&self.boot, Signal::SIGKILL, true);
            }
        } else {
            // To the wrapper alone: it passes it on, and sees to the grace.
            wrapper.signal(&self.boot, Signal::SIGTERM, false);
        }
        Ok(Cancelled::Asked)
    }

    /// Turns the shell's count of ended processes into wakeups. Begins with the first job, since nothing can end
    /// before.
    fn forward_wakeups(&self) {
        self.forwarding.call_once(|| {
            let Some(mut ended) = self.site.shell.ended() else { return };
            let wakeups = Arc::downgrade(&self.wakeups);
            tokio::spawn(async move {
                while ended.changed().await.is_ok() {
                    let Some(wakeups) = wakeups.upgrade() else { return };
                    wakeups.notify_one();
                }
            });
        });
    }

    async fn examine_all(&self, attempts: &[Vanished]) -> Listing {
        let mut listing = Listing::default();
        for attempt in attempts {
            match self.examine(attempt).await {
                Ok(found) => listing.records.extend(found),
                Err(error) => listing.unreadable.push(format!("{}: {error}", attempt.token)),
            }
        }
        listing
    }
}

fn process_of(start: &StartRecord) -> Process {
    Process { pid: start.pid, start: start.pid_start, boot: short_boot(&start.boot) }
}

fn owner_of(directory: &Path) -> Option<u32> {
    std::fs::symlink_metadata(directory).ok().map(|meta| std::os::unix::fs::MetadataExt::uid(&meta))
}

/// The verdict on processes that are gone and left no record.
fn unrecorded(found: &Records, rebooted: bool, at: Timestamp) -> Ending {
    let evidence = "process table".to_owned();
    if found.canceled {
        let exit = found.start.is_some().then_some(Exit::Signal(Signal::SIGKILL as i32));
        return Ending { at, outcome: Outcome::Canceled, exit, failure: None, evidence };
    }
    let (outcome, failure) = if rebooted {
        (Outcome::Failed, Failure::new(Code::ResourceLost, "the worker node has rebooted"))
    } else if found.start.is_some() {
        let failure = Failure::new(Code::ResourceLost, "the job's processes disappeared without leaving a record");
        (Outcome::Lost, failure.advice("somebody may have killed them, or the disk of the working area may be full"))
    } else {
        let failure = Failure::new(Code::ResourceLost, "the job's script ended before it could start the program");
        (Outcome::Lost, failure.advice("check that the job's account can reach the working area of the cluster"))
    };
    Ending { at, outcome, exit: None, failure: Some(failure), evidence }
}

#[async_trait]
impl BatchSystem for Machine {
    fn kind(&self) -> &'static str {
        Fork.name()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { queues_by_itself: false, accounting: true }
    }

    fn slots(&self) -> Option<u32> {
        Some(self.slots)
    }

    async fn ping(&self) -> Result<String, BatchError> {
        let kernel = nix::sys::utsname::uname().map(|u| u.release().to_string_lossy().into_owned());
        Ok(format!("fork (Linux {})", kernel.unwrap_or_else(|_| "of unknown release".into())))
    }

    async fn submit(&self, job: &BatchJob) -> Result<LocalJobId, BatchError> {
        let unintelligible = |output: String| BatchError::Unintelligible { cluster: self.site.cluster.clone(), output };
        if let Some(start) = records::prepare(&self.site, job, &FLAVOUR).await? {
            return process_of(&start).id().ok_or_else(|| unintelligible("a damaged start record".into()));
        }
        self.forward_wakeups();
        let script = records::directory(&job.place).join("job.sh");
        let mut command = Command::new("/bin/sh", [script.display().to_string()]);
        command.user.clone_from(&job.user);
        let pid = self.site.shell.spawn(command).await.map_err(|e| records::no_answer(&self.site.cluster, &e))?;
        Process::now(pid, &self.boot).id().ok_or_else(|| unintelligible(format!("process {pid}")))
    }

    async fn list(&self, known: &[Vanished]) -> Result<Listing, BatchError> {
        Ok(self.examine_all(known).await)
    }

    async fn account(&self, gone: &[Vanished]) -> Result<Vec<NativeRecord>, BatchError> {
        Ok(self.examine_all(gone).await.records)
    }

    async fn look_up(&self, attempt: &Vanished) -> Result<Found, BatchError> {
        let found = records::fence(self.site.shell.as_ref(), attempt)
            .await
            .map_err(|error| records::no_answer(&self.site.cluster, &error))?;
        Ok(match found {
            Fence::Taken => Found::Absent,
            Fence::Started(start) => Found::Jobs(process_of(&start).id().into_iter().collect()),
            Fence::Unclear => Found::NotYet,
        })
    }

    async fn cancel(&self, jobs: &[(LocalJobId, Workplace)]) -> Result<Vec<Cancelled>, BatchError> {
        let mut answers = Vec::with_capacity(jobs.len());
        for (id, place) in jobs {
            let answer = self.cancel_one(id, place).await;
            answers.push(answer.unwrap_or_else(|error| Cancelled::Refused(error.to_string())));
        }
        Ok(answers)
    }

    async fn survey(&self) -> Result<Survey, BatchError> {
        let uname = nix::sys::utsname::uname().ok();
        let text = |value: &std::ffi::OsStr| value.to_string_lossy().into_owned();
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let free_disk = nix::sys::statvfs::statvfs(&self.site.area).ok();
        Ok(Survey {
            product: self.ping().await?,
            os_name: uname.as_ref().map(|u| text(u.sysname())),
            architecture: uname.as_ref().map(|u| text(u.machine())),
            os_release: uname.as_ref().map(|u| text(u.release())),
            free_disk: free_disk.map(|disk| disk.blocks_available() * disk.fragment_size()),
            queues: vec![QueueFacts {
                name: "default".into(),
                open: true,
                default: true,
                slots: Some(self.slots),
                memory: meminfo_bytes(&meminfo, "MemTotal:"),
                free_memory: meminfo_bytes(&meminfo, "MemAvailable:"),
                cpus_per_node: Some(processors()),
                ..QueueFacts::default()
            }],
        })
    }

    fn wakeups(&self) -> Option<Arc<Notify>> {
        Some(Arc::clone(&self.wakeups))
    }
}

/// A line of `/proc/meminfo`, in bytes.
fn meminfo_bytes(meminfo: &str, key: &str) -> Option<u64> {
    let kib: u64 = meminfo.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(start: bool, canceled: bool, rebooted: bool) -> (Outcome, Option<Exit>, Option<String>) {
        let start = start.then(|| serde_json::from_str(r#"{"token":"t"}"#).unwrap());
        let ending = unrecorded(&Records { start, exit: None, canceled }, rebooted, Timestamp::UNIX_EPOCH);
        (ending.outcome, ending.exit, ending.failure.map(|f| f.message))
    }

    #[test]
    fn processes_without_a_record_are_never_called_finished() {
        assert_eq!(verdict(true, true, false), (Outcome::Canceled, Some(Exit::Signal(9)), None));
        assert_eq!(verdict(false, true, false), (Outcome::Canceled, None, None), "nothing ran, nothing to collect");
        let reboot = verdict(true, false, true);
        assert_eq!((reboot.0, reboot.2.as_deref()), (Outcome::Failed, Some("the worker node has rebooted")));
        assert_eq!(verdict(true, false, false).0, Outcome::Lost);
        assert_ne!(verdict(true, false, false).2, verdict(false, false, false).2);
    }

    #[test]
    fn memory_is_given_in_bytes() {
        assert_eq!(meminfo_bytes("MemTotal:       24689132 kB\nMemFree: 1 kB\n", "MemFree:"), Some(1024));
    }
}

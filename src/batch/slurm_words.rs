//! What Slurm's words mean: states, reasons, times, lists. Tried with 22.05; the words are those of squeue(1) and
//! sacct(1).

use super::records::{judge_exit, limit_exceeded};
use super::{NativeRecord, NativeState, QueueFacts};
use crate::job::{Code, Exit, Failure, LocalJobId, Outcome, Token, Usage};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::collections::BTreeMap;
use std::time::Duration;

/// Columns of `squeue`. What users choose comes last, so that it cannot shift what Slurm says.
pub(super) const SQUEUE: &str = "%i|%T|%r|%V|%S|%N|%j|%k";
/// Columns of `sacct`, likewise.
pub(super) const SACCT: &str =
    "JobID,State,ExitCode,UID,Submit,Start,End,NodeList,ElapsedRaw,UserCPU,SystemCPU,JobName";
/// Columns of `sinfo`.
pub(super) const SINFO: &str = "%P|%a|%l|%C|%m|%c|%e";

/// One line of `squeue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueueLine {
    pub(super) word: String,
    pub(super) record: NativeRecord,
}

/// One line of `sacct`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccountLine {
    pub(super) id: LocalJobId,
    pub(super) token: Token,
    pub(super) word: String,
    pub(super) exit: Option<Exit>,
    /// Whether the account that owns the job canceled it.
    pub(super) by_owner: bool,
    pub(super) submitted: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) host: Option<String>,
    pub(super) usage: Usage,
}

/// A token of ours, not just any name that could be one.
pub(super) fn token(text: &str) -> Option<Token> {
    let ours = text.len() == 26
        && text.starts_with('g')
        && text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
    ours.then(|| Token::parse(text).ok()).flatten()
}

/// Reads a line of `squeue`: `Ok(None)` for a job of somebody else, `Err` for a line that is none.
pub(super) fn parse_queue_line(line: &str) -> Result<Option<QueueLine>, String> {
    let fields: Vec<&str> = line.splitn(8, '|').collect();
    let [id, word, reason, submitted, started, host, name, comment] = fields[..] else {
        return Err(line.chars().take(200).collect());
    };
    let Some(token) = token(name).or_else(|| token(comment)) else { return Ok(None) };
    let id = LocalJobId::parse(id).map_err(|_| line.chars().take(200).collect::<String>())?;
    let state = live_state(word, reason);
    // For a waiting job this column is a guess at its start.
    let waits = matches!(state, NativeState::Pending { .. } | NativeState::Held { .. });
    let started = if waits { None } else { parse_time(started) };
    let host = (!host.is_empty()).then(|| host.to_owned());
    let submitted = parse_time(submitted);
    let record = NativeRecord { id, token: Some(token), state, host, submitted, started, usage: Usage::default() };
    Ok(Some(QueueLine { word: word.to_owned(), record }))
}

/// Reads a line of `sacct`; `None` for a job of somebody else and for a line that is none.
pub(super) fn parse_account_line(line: &str) -> Option<AccountLine> {
    let fields: Vec<&str> = line.splitn(12, '|').collect();
    let [id, state, exit, uid, submitted, started, ended, host, elapsed, user, system, name] = fields[..] else {
        return None;
    };
    let (word, by) = state.split_once(" by ").map_or((state, None), |(word, by)| (word, Some(by)));
    Some(AccountLine {
        id: LocalJobId::parse(id).ok()?,
        token: token(name)?,
        word: word.to_owned(),
        exit: parse_exit(exit),
        by_owner: by == Some(uid),
        submitted: parse_time(submitted),
        started: parse_time(started),
        ended: parse_time(ended),
        host: (!host.is_empty() && host != "None assigned").then(|| host.to_owned()),
        usage: Usage {
            wall: elapsed.parse().ok().map(Duration::from_secs),
            user: parse_duration(user),
            system: parse_duration(system),
            max_rss: None,
        },
    })
}

/// What the controller still remembers, in the form of the accounting. It does not show exit codes and who canceled.
pub(super) fn without_accounting(line: QueueLine) -> Option<AccountLine> {
    Some(AccountLine {
        id: line.record.id,
        token: line.record.token?,
        word: line.word,
        exit: None,
        by_owner: false,
        submitted: line.record.submitted,
        started: line.record.started,
        ended: None,
        host: line.record.host,
        usage: line.record.usage,
    })
}

/// The exit of a job that was stopped, whatever Slurm shows for it.
pub(super) fn not_zero(exit: Exit) -> Exit {
    if exit == Exit::Code(0) { Exit::Signal(nix::libc::SIGTERM) } else { exit }
}

/// `code:signal`.
fn parse_exit(text: &str) -> Option<Exit> {
    let (code, signal) = text.split_once(':')?;
    match (code.parse().ok()?, signal.parse().ok()?) {
        (code, 0) => Some(super::exit_from_shell(code)),
        (_, signal) => Some(Exit::Signal(signal)),
    }
}

/// `2026-11-21T06:26:36`; the commands run in UTC.
fn parse_time(text: &str) -> Option<Timestamp> {
    let time: DateTime = text.parse().ok()?;
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// `[days-][[hours:]minutes:]seconds[.fraction]`; words such as `infinite` are no duration.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let mut seconds = 0.0;
    for part in clock.split(':') {
        seconds = seconds * 60.0 + part.parse::<f64>().ok()?;
    }
    let days = Duration::from_secs(days.parse::<u32>().ok().map(u64::from)? * 86_400);
    Duration::try_from_secs_f64(seconds).ok()?.checked_add(days)
}

/// Whether a job with this word is over.
pub(super) fn is_final(word: &str) -> bool {
    matches!(
        word,
        "COMPLETED"
            | "FAILED"
            | "CANCELLED"
            | "TIMEOUT"
            | "DEADLINE"
            | "OUT_OF_MEMORY"
            | "PREEMPTED"
            | "REVOKED"
            | "NODE_FAIL"
            | "BOOT_FAIL"
            | "LAUNCH_FAILED"
    )
}

/// The state of a job that is not over.
pub(super) fn live_state(word: &str, reason: &str) -> NativeState {
    match (word, reason) {
        ("PENDING", "JobHeldUser") => NativeState::Held { reason: "is held by its owner".into() },
        ("PENDING", "JobHeldAdmin") => {
            NativeState::Held { reason: "is held by an administrator of the cluster".into() }
        }
        ("PENDING", "JobHoldMaxRequeue") => NativeState::Held { reason: "was started in vain too often".into() },
        ("PENDING", "launch_failed_requeued_held" | "launch failed requeued held") => {
            NativeState::Held { reason: "could not be launched".into() }
        }
        ("PENDING" | "CONFIGURING" | "REQUEUED" | "REQUEUE_FED", _) => NativeState::Pending { reason: explain(reason) },
        ("REQUEUE_HOLD" | "RESV_DEL_HOLD" | "SPECIAL_EXIT", _) => {
            NativeState::Held { reason: format!("waits to be released by the cluster's staff ({word})") }
        }
        // Also the words of a job that has just ended: its ending comes from the accounting and the records.
        ("RUNNING" | "COMPLETING" | "SIGNALING" | "STAGE_OUT" | "RESIZING", _) => NativeState::Running,
        ("SUSPENDED" | "STOPPED", _) => NativeState::Suspended,
        _ if is_final(word) => NativeState::Running,
        _ => NativeState::Unknown(word.to_owned()),
    }
}

/// A reason for waiting, for people. Reasons without a sentence are shown as they are.
fn explain(reason: &str) -> Option<String> {
    let sentence = match reason {
        "" | "None" | "(null)" => return None,
        "Resources" => "waits for free nodes",
        "Priority" => "waits behind jobs of higher priority",
        "Dependency" => "waits for another job",
        "DependencyNeverSatisfied" => "waits for a job that can never satisfy it; cancel it",
        "BeginTime" => "waits for its begin time",
        "Licenses" => "waits for licences",
        "Reservation" => "waits for its reservation",
        "NodeDown" | "ReqNodeNotAvail" | "Nodes required for job are DOWN, DRAINED or reserved" => {
            "waits for nodes that are down or reserved"
        }
        "PartitionDown" => "the queue is down",
        "PartitionInactive" => "the queue is inactive",
        "PartitionTimeLimit" => "asks for more time than the queue allows; it will not start",
        "PartitionNodeLimit" | "PartitionConfig" => "asks for more than the queue has; it will not start",
        "BadConstraints" => "asks for something no node has; it will not start",
        "AssociationJobLimit" | "AssocMaxJobsLimit" | "QOSJobLimit" | "QOSMaxJobsPerUserLimit" => {
            "the account has as many running jobs as it may have"
        }
        "AssocGrpCpuLimit" | "AssocGrpCPUMinutesLimit" | "AssocGrpBillingMinutes" | "QOSResourceLimit" => {
            "the account's share of the cluster is used up"
        }
        "Cleaning" => "waits until the previous run is cleaned up",
        "Prolog" => "its nodes are being prepared",
        other => return Some(format!("waits; the batch system's reason is {other}")),
    };
    Some(sentence.to_owned())
}

/// How a job ended, by Slurm's word. `asked`: the broker or the owner wanted it.
pub(super) fn judge(word: &str, exit: Option<Exit>, asked: bool) -> (Outcome, Option<Failure>) {
    let failed = |code, message: &str| (Outcome::Failed, Some(Failure::new(code, message)));
    match word {
        "COMPLETED" => judge_exit(exit.or(Some(Exit::Code(0)))),
        // The word means no more than: a code other than 0, or a signal.
        "FAILED" => judge_exit(exit.filter(|exit| *exit != Exit::Code(0))),
        "CANCELLED" if asked => (Outcome::Canceled, None),
        "CANCELLED" => failed(Code::LrmError, "the job was canceled at the batch system by an operator"),
        "TIMEOUT" => (Outcome::Failed, Some(limit_exceeded("the program ran longer than its wall clock limit"))),
        "DEADLINE" => (Outcome::Failed, Some(limit_exceeded("the job could not end before its deadline"))),
        "OUT_OF_MEMORY" => (Outcome::Failed, Some(limit_exceeded("the program used more memory than its limit"))),
        "PREEMPTED" => failed(Code::LrmError, "the job had to make room for another one (pre-empted)"),
        "REVOKED" => failed(Code::LrmError, "the job was started by another cluster of the federation"),
        "NODE_FAIL" => failed(Code::ResourceLost, "the worker node failed"),
        "BOOT_FAIL" => failed(Code::ResourceLost, "the worker node could not be booted"),
        "LAUNCH_FAILED" => failed(Code::ResourceLost, "the job could not be launched on its worker node"),
        other => failed(Code::LrmError, &format!("the batch system ended the job as {other}")),
    }
}

/// Whether `sbatch` understood and refused. Everything else leaves open whether there is a job.
pub(super) fn is_refusal(stderr: &str) -> bool {
    const OPEN: &[&str] = &[
        "Unable to contact slurm controller",
        "Socket timed out",
        "Connection refused",
        "Connection reset",
        "Communication",
        "temporarily unable",
        "Resource temporarily unavailable",
        "Zero Bytes",
        "Transport endpoint",
        "Unexpected message",
        "slurm_receive_msg",
        "Protocol authentication error",
        "Message receive failure",
        "backup controller",
        "standby mode",
    ];
    const REFUSED: &[&str] = &[
        "Batch job submission failed:",
        "sbatch: error: Invalid",
        "sbatch: error: Unknown",
        "sbatch: unrecognized option",
    ];
    REFUSED.iter().any(|text| stderr.contains(text)) && !OPEN.iter().any(|text| stderr.contains(text))
}

/// Reads `sinfo` and the counts of `squeue -o '%P|%T'`.
pub(super) fn parse_queues(sinfo: &str, counts: &str) -> Vec<QueueFacts> {
    let mut queues: BTreeMap<String, QueueFacts> = BTreeMap::new();
    for line in sinfo.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let [name, available, limit, cpus, memory, per_node, free] = fields[..] else { continue };
        let name_only = name.trim_end_matches('*');
        let queue = queues.entry(name_only.to_owned()).or_insert_with(|| QueueFacts {
            name: name_only.to_owned(),
            default: name.ends_with('*'),
            max_wall: parse_duration(limit),
            running: Some(0),
            waiting: Some(0),
            ..QueueFacts::default()
        });
        queue.open |= available == "up";
        // Allocated/idle/other/total.
        let cpus: Vec<u32> = cpus.split('/').filter_map(|n| n.parse().ok()).collect();
        if let [_, idle, _, total] = cpus[..] {
            queue.free_slots = Some(queue.free_slots.unwrap_or(0) + idle);
            queue.slots = Some(queue.slots.unwrap_or(0) + total);
        }
        queue.memory = smaller(queue.memory, leading_number(memory).map(|mib| mib << 20));
        queue.free_memory = smaller(queue.free_memory, leading_number(free).map(|mib| mib << 20));
        let per_node = leading_number(per_node).and_then(|n| u32::try_from(n).ok());
        queue.cpus_per_node = smaller(queue.cpus_per_node, per_node);
    }
    for (name, word) in counts.lines().filter_map(|line| line.split_once('|')) {
        let Some(queue) = name.split(',').next().and_then(|name| queues.get_mut(name)) else { continue };
        let waits = matches!(live_state(word, ""), NativeState::Pending { .. } | NativeState::Held { .. });
        let count = if waits { &mut queue.waiting } else { &mut queue.running };
        *count = count.map(|n| n + 1);
    }
    queues.into_values().collect()
}

/// `4000`, `4000+`, `18413-20000`.
fn leading_number(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(text, |end| &text[..end]);
    digits.parse().ok().filter(|n| *n < 1 << 40)
}

fn smaller<T: Ord>(known: Option<T>, seen: Option<T>) -> Option<T> {
    match (known, seen) {
        (Some(known), Some(seen)) => Some(known.min(seen)),
        (known, seen) => known.or(seen),
    }
}

/// A field of `scontrol -o show nodes`: the value up to the next ` Key=`.
pub(super) fn node_field(nodes: &str, key: &str) -> Option<String> {
    let line = nodes.lines().next()?;
    let start = line.find(&format!(" {key}="))? + key.len() + 2;
    let rest = &line[start..];
    let end = rest.find('=').map_or(rest.len(), |next| rest[..next].rfind(' ').unwrap_or(next));
    Some(rest[..end].trim().to_owned()).filter(|value| !value.is_empty() && value != "(null)")
}

#[cfg(test)]
mod tests;

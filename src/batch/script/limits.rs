//! The limits that the shell sets before it becomes the program. One that it cannot set is named in the attempt's record, and the
//! program is not started.
//!
//! Letters and units are those of dash and of bash when it is called sh, which counts blocks of 512 bytes.

use super::{BatchJob, seconds_up};
use crate::job::ProcessLimit;
use std::fmt::Write as _;

/// Bash counts other blocks when it is not called sh.
const BLOCKS: &str = "  if (set -o posix) 2>/dev/null; then set -o posix; fi\n";

/// The lines for a job. `whole` says that those of the whole run are the wrapper's matter too.
pub(super) fn lines(job: &BatchJob, whole: bool) -> String {
    let asked =
        |limit| job.process_limits.iter().filter(move |(known, _)| *known == limit).map(|(_, value)| *value).min();
    let stricter = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
    // Nothing enforces a limit on resident memory; that on addresses holds it down.
    let memory = stricter(asked(ProcessLimit::VirtualMemory), asked(ProcessLimit::Memory));
    let memory = stricter(memory, job.memory.filter(|_| whole));
    let cpu = stricter(asked(ProcessLimit::CpuTime), job.limits.cpu.filter(|_| whole).map(seconds_up));
    let mut text = String::new();
    if let Some(bytes) = memory {
        set(&mut text, "memory", &format!("ulimit -v {}", bytes.div_ceil(1024)));
    }
    if let Some(seconds) = cpu {
        // At the soft limit XCPU tells what happened; the hard one is for programs that ignore it, and may not go below it.
        let soft = seconds.max(1);
        let both = format!("{{ ulimit -S -t {soft} && ulimit -H -t {}; }}", soft.saturating_add(30));
        set(&mut text, "processor time", &both);
    }
    let in_blocks = [(ProcessLimit::FileSize, 'f', "file size"), (ProcessLimit::CoreDump, 'c', "core dumps")];
    if in_blocks.iter().any(|(limit, ..)| asked(*limit).is_some()) {
        text.push_str(BLOCKS);
    }
    for (limit, letter, name) in in_blocks {
        if let Some(bytes) = asked(limit) {
            set(&mut text, name, &format!("ulimit -{letter} {}", bytes.div_ceil(512)));
        }
    }
    for (limit, letter, unit, name) in [
        (ProcessLimit::DataSegment, 'd', 1024, "the data segment"),
        (ProcessLimit::LockedMemory, 'l', 1024, "locked memory"),
        (ProcessLimit::StackSize, 's', 1024, "the stack"),
        (ProcessLimit::OpenDescriptors, 'n', 1, "open descriptors"),
    ] {
        if let Some(value) = asked(limit) {
            set(&mut text, name, &format!("ulimit -{letter} {}", value.div_ceil(unit)));
        }
    }
    if let Some(count) = asked(ProcessLimit::Processes) {
        // The letter is the one difference between the shells.
        set(&mut text, "processes", &format!("{{ ulimit -u {count} 2>/dev/null || ulimit -p {count}; }}"));
    }
    for (limit, name) in [(ProcessLimit::PipeSize, "pipes"), (ProcessLimit::Threads, "threads")] {
        if asked(limit).is_some() {
            set(&mut text, name, "false");
        }
    }
    text
}

/// `name` is one of this file's own.
fn set(text: &mut String, name: &str, command: &str) {
    let _ = writeln!(text, "  {command} || {{ echo '{name}' >\"$records/no_limit\"; exit 71; }}");
}

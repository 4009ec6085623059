//! How a job at Slurm ended: the wrapper's record and Slurm's word, joined.

use super::super::records::{self, Records};
use super::super::slurm_words::{self as words, AccountLine};
use super::super::{NativeRecord, NativeState, Vanished, Workplace};
use super::Cluster;
use crate::job::{Code, Ending, Exit, Failure, LocalJobId, Outcome};

impl Cluster {
    /// The record of an attempt that left the queue, from what the wrapper and Slurm say; `None` when neither says anything.
    pub(super) async fn end(
        &self,
        attempt: &Vanished,
        id: LocalJobId,
        found: &Records,
        line: Option<AccountLine>,
    ) -> Option<NativeRecord> {
        let exit = found.exit.as_ref();
        let (ending, line) = match (exit, line) {
            (None, None) => return None,
            (Some(exit), None) => (exit.ending(found.canceled), None),
            (_, Some(line)) if !words::is_final(&line.word) => {
                let state = words::live_state(&line.word, "");
                return Some(native(id, attempt, state, Some(&line)));
            }
            (exit, Some(line)) => (self.combine(attempt, found, exit, &line).await, Some(line)),
        };
        let mut record = native(id, attempt, NativeState::Ended(ending), line.as_ref());
        if let Some(exit) = exit {
            record.usage = exit.usage();
            record.started = Some(exit.started());
        }
        record.host = record.host.or_else(|| found.start.as_ref().map(|start| start.host.clone()));
        Some(record)
    }

    /// Slurm's word tells why, the exit record tells with which code.
    async fn combine(
        &self,
        attempt: &Vanished,
        found: &Records,
        exit: Option<&records::ExitRecord>,
        line: &AccountLine,
    ) -> Ending {
        let at = line.ended.or_else(|| exit.map(records::ExitRecord::ended)).or(line.started).or(line.submitted);
        let at = at.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let by_program = matches!(line.word.as_str(), "COMPLETED" | "FAILED");
        if let Some(exit) = exit.filter(|_| by_program) {
            return exit.ending(found.canceled);
        }
        let evidence = if self.accounting.get() == Some(&false) { "squeue" } else { "sacct" }.to_owned();
        if by_program && found.start.is_none() {
            let said = self.wrapper_said(&attempt.place).await;
            let text = "the job's script ended before it could start the program";
            let failure = Failure::new(Code::LrmError, text)
                .said(&said)
                .advice("check that the worker nodes and the job's account can reach the working area of the cluster");
            return Ending { at, outcome: Outcome::Failed, exit: None, failure: Some(failure), evidence };
        }
        let code = exit.and_then(records::ExitRecord::exit).or(line.exit).filter(|_| line.started.is_some());
        let (outcome, failure) = words::judge(&line.word, code, found.canceled || line.by_owner);
        // A canceled job that never started has nothing to collect; Slurm shows 0:0 for it.
        let code = if outcome == Outcome::Canceled { code.map(words::not_zero) } else { code };
        Ending { at, outcome, exit: code, failure, evidence }
    }

    async fn wrapper_said(&self, place: &Workplace) -> String {
        let path = records::directory(place).join("wrapper.out");
        let read = records::read_file(self.site.shell.as_ref(), &path).await;
        read.ok().flatten().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

fn native(id: LocalJobId, attempt: &Vanished, state: NativeState, line: Option<&AccountLine>) -> NativeRecord {
    NativeRecord {
        id,
        token: Some(attempt.token.clone()),
        state,
        host: line.and_then(|line| line.host.clone()),
        submitted: line.and_then(|line| line.submitted),
        started: line.and_then(|line| line.started),
        usage: line.map(|line| line.usage).unwrap_or_default(),
    }
}

/// Whether the exit record alone decides. What ended by a signal needs Slurm's word: it may kill the program before the wrapper
/// hears of it, and the out-of-memory killer tells nobody.
pub(super) fn decides(found: &Records) -> bool {
    found.exit.as_ref().is_some_and(|exit| !exit.was_stopped() && !matches!(exit.exit(), Some(Exit::Signal(_))))
}

//! The monitor of one cluster: one listing for all its jobs, one question to the accounting for those that left it.
//!
//! Absence alone never ends a job: only a record of the batch system, of its accounting or of the wrapper does. A listing that failed
//! changes nothing. The watch list in memory is a copy of what the store says, read again in full whenever this broker takes the cluster over.

mod verdict;

use self::verdict::{Change, judge};
use super::{Cluster, Context, StepError};
use crate::batch::{BatchError, Cancelled, Found, NativeRecord, NativeState, Vanished};
use crate::job::{Code, Control, Ending, Failure, Outcome, Token};
use crate::store::attempts::{self, Watched};
use crate::store::{Duty, jobs, leases, surveys, tasks};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// The least time between two looks at a system without a queue of its own, whose looks cost no command.
const SHORTEST_GAP: Duration = Duration::from_millis(20);
/// The longest time between two looks at a controller that is slow or fails.
const LONGEST_GAP: Duration = Duration::from_secs(120);
/// After this the watch list is read in full again. Changes are found by their time, and another broker's clock may be behind, or its
/// commit may have waited for long.
const READ_AGAIN: SignedDuration = SignedDuration::from_secs(120);
/// A cancel that had no effect is repeated after this.
const CANCEL_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// The monitor of one cluster.
pub struct Monitor {
    ctx: Arc<Context>,
    cluster: Arc<Cluster>,
    watched: HashMap<Token, Watched>,
    /// Up to when the watch list is known to be complete; absent: read it in full.
    known_to: Option<Timestamp>,
    /// When the watch list was read in full.
    read_in_full: Timestamp,
    /// Until when the cluster is this broker's.
    mine_until: Timestamp,
    absent_since: HashMap<Token, Timestamp>,
    cancel_asked: HashMap<Token, Timestamp>,
    alarmed: HashSet<String>,
    failures: u32,
}

impl Monitor {
    /// The monitor of a cluster.
    #[must_use]
    pub fn new(ctx: Arc<Context>, cluster: Arc<Cluster>) -> Self {
        Self {
            ctx,
            cluster,
            watched: HashMap::new(),
            known_to: None,
            read_in_full: Timestamp::UNIX_EPOCH,
            mine_until: Timestamp::UNIX_EPOCH,
            absent_since: HashMap::new(),
            cancel_asked: HashMap::new(),
            alarmed: HashSet::new(),
            failures: 0,
        }
    }

    /// Looks at the cluster again and again until `stop` becomes true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut changed = self.ctx.store.wakeups().listen(Duty::Monitor);
        let hints = self.cluster.system.wakeups().unwrap_or_else(|| Arc::new(Notify::new()));
        let mut next = Instant::now();
        while !*stop.borrow() {
            changed.mark_unchanged();
            let ask = Instant::now() >= next;
            if let Err(error) = self.look(ask).await {
                tracing::warn!(cluster = %self.cluster.name, %error, "the cluster could not be looked at");
            }
            if ask {
                next = Instant::now() + self.gap();
            }
            let looked = Instant::now();
            tokio::select! {
                _ = changed.changed() => {}
                () = hints.notified() => {}
                () = tokio::time::sleep(self.cluster.poll) => {}
                _ = stop.changed() => break,
            }
            // Signals come in bursts. A system without a queue of its own is then asked again as soon as it may be.
            let own_queue = self.cluster.system.capabilities().queues_by_itself;
            let rest = if own_queue { looked + SHORTEST_GAP } else { next.max(looked + SHORTEST_GAP) };
            tokio::select! { () = tokio::time::sleep_until(rest) => {}, _ = stop.changed() => break }
        }
    }

    /// The time until the batch system may be asked again: longer when it failed.
    fn gap(&self) -> Duration {
        let own_queue = self.cluster.system.capabilities().queues_by_itself;
        let gap = if own_queue { self.cluster.poll } else { SHORTEST_GAP };
        gap.saturating_mul(1 << self.failures.min(6)).min(LONGEST_GAP.max(gap))
    }

    /// One look: cancels what is to be canceled, and, when `ask` allows, asks the batch system about everything else.
    ///
    /// # Errors
    /// The store's own failure. A batch system that gives no answer is noted and changes nothing.
    pub async fn look(&mut self, ask: bool) -> Result<(), StepError> {
        if !self.refresh().await? || self.watched.is_empty() {
            return Ok(());
        }
        self.cancel_wanted().await?;
        if !ask {
            return Ok(());
        }
        let known =
            if self.cluster.system.capabilities().queues_by_itself { Vec::new() } else { self.vanished(|_| true) };
        let listing = match self.cluster.system.list(&known).await {
            Ok(listing) => listing,
            Err(error) => return self.failed(&error).await,
        };
        self.answered().await?;
        for line in &listing.unreadable {
            tracing::warn!(cluster = %self.cluster.name, line, "a line of the listing was not understood");
        }
        let mut listed = HashSet::new();
        let mut changes = Vec::new();
        for record in &listing.records {
            if let Some(token) = &record.token
                && let Some(watched) = self.watched.get(token)
                && watched.attempt.local_id.as_ref().is_none_or(|id| *id == record.id)
            {
                // Batch systems use ids again, and anybody may give a job of his own somebody else's token: both have to fit.
                listed.insert(token.clone());
                self.absent_since.remove(token);
                changes.extend(self.judge(watched, record));
            }
        }
        changes.extend(self.account(&listed).await?);
        self.alarm(&listing.records);
        self.apply(changes).await
    }

    /// Takes or keeps the cluster, and brings the watch list up to date. Gives `false` when another broker has it.
    async fn refresh(&mut self) -> Result<bool, StepError> {
        let (name, owner, now) =
            (format!("monitor:{}", self.cluster.name), self.ctx.name.clone(), self.ctx.clock.now());
        let lease = self.ctx.settings.lease.max(self.cluster.poll * 3);
        if self.mine_until < now + lease / 2 {
            let mine = self.ctx.store.write(move |tx| leases::take(tx, &name, &owner, now, now + lease)).await?;
            if !mine {
                self.watched.clear();
                self.known_to = None;
                return Ok(false);
            }
            self.mine_until = now + lease;
        }
        let (cluster, since) =
            (self.cluster.name.clone(), self.known_to.filter(|_| self.read_in_full + READ_AGAIN > now));
        let fresh = self.ctx.store.read(move |tx| attempts::watched(tx, &cluster, since)).await?;
        if since.is_none() {
            self.watched.clear();
            self.read_in_full = now;
        }
        self.watched.extend(fresh.into_iter().map(|watched| (watched.attempt.token.clone(), watched)));
        // A change that was stamped before this look may be committed after it.
        self.known_to = Some(now - SignedDuration::from_secs(5));
        Ok(true)
    }

    fn vanished(&self, wanted: impl Fn(&Watched) -> bool) -> Vec<Vanished> {
        self.watched.values().filter(|watched| wanted(watched)).map(|watched| self.as_vanished(watched)).collect()
    }

    fn as_vanished(&self, watched: &Watched) -> Vanished {
        Vanished {
            id: watched.attempt.local_id.clone(),
            token: watched.attempt.token.clone(),
            place: super::paths::workplace(&self.cluster, &watched.job, &watched.task, watched.attempt.number),
        }
    }

    fn judge(&self, watched: &Watched, record: &NativeRecord) -> Option<Change> {
        judge(watched, record, self.ctx.settings.max_attempts, self.ctx.clock.now())
    }

    /// Asks for the fate of those that are not in the listing and are old enough to be missed.
    async fn account(&mut self, listed: &HashSet<Token>) -> Result<Vec<Change>, StepError> {
        let now = self.ctx.clock.now();
        let settle = self.ctx.settings.settle;
        let young = |watched: &Watched| {
            let attempt = &watched.attempt;
            attempt.local_submitted.or(attempt.submit_intended).unwrap_or(attempt.started) + settle > now
        };
        let absent: Vec<Token> = self.watched.keys().filter(|token| !listed.contains(*token)).cloned().collect();
        if absent.is_empty() {
            return Ok(Vec::new());
        }
        let gone = self.vanished(|watched| !listed.contains(&watched.attempt.token));
        let records = match self.cluster.system.account(&gone).await {
            Ok(records) => records,
            Err(error) => {
                self.failed(&error).await?;
                return Ok(Vec::new());
            }
        };
        let mut changes = Vec::new();
        let mut found = HashSet::new();
        for record in &records {
            if let Some(watched) = record.token.as_ref().and_then(|token| self.watched.get(token)) {
                found.insert(watched.attempt.token.clone());
                changes.extend(self.judge(watched, record));
            }
        }
        for token in absent.into_iter().filter(|token| !found.contains(token)) {
            let Some(watched) = self.watched.get(&token) else { continue };
            if young(watched) {
                continue;
            }
            let since = *self.absent_since.entry(token).or_insert(now);
            if since + self.ctx.settings.lost_after <= now {
                changes.push(lost(watched, &self.cluster, since, now));
            }
        }
        Ok(changes)
    }

    /// Carries out cancel requests. A job that the batch system does not know is searched by its token.
    async fn cancel_wanted(&mut self) -> Result<(), StepError> {
        let now = self.ctx.clock.now();
        let due = |token: &Token| self.cancel_asked.get(token).is_none_or(|asked| *asked + CANCEL_AGAIN <= now);
        let wanted: Vec<Watched> = self
            .watched
            .values()
            .filter(|watched| watched.state.control() == Some(Control::Cancel) && due(&watched.attempt.token))
            .cloned()
            .collect();
        let (asked, unheard): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|watched| watched.attempt.local_id.is_some());
        let jobs: Vec<_> = asked
            .iter()
            .filter_map(|watched| Some((watched.attempt.local_id.clone()?, self.as_vanished(watched).place)))
            .collect();
        let answers = match jobs.is_empty() {
            true => Ok(Vec::new()),
            false => self.cluster.system.cancel(&jobs).await,
        };
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return self.failed(&error).await,
        };
        let mut changes = Vec::new();
        let unheard = unheard.into_iter().map(|watched| (watched, Cancelled::Unknown));
        for (watched, answer) in asked.into_iter().zip(answers).chain(unheard) {
            self.cancel_asked.insert(watched.attempt.token.clone(), now);
            match answer {
                Cancelled::Asked => {}
                Cancelled::Refused(why) => {
                    tracing::warn!(job = %watched.job, cluster = %self.cluster.name, why, "the batch system refused to cancel");
                }
                Cancelled::Unknown => {
                    if let Ok(Found::Absent) = self.cluster.system.look_up(&self.as_vanished(&watched)).await {
                        changes.push(withdrawn(&watched, now));
                    }
                }
            }
        }
        self.apply(changes).await
    }

    /// No answer changes no job; that there is none is kept, so that users see how old what they see is.
    async fn failed(&mut self, error: &BatchError) -> Result<(), StepError> {
        self.failures = self.failures.saturating_add(1);
        let retry_ms = self.gap().as_millis();
        tracing::warn!(cluster = %self.cluster.name, %error, retry_ms, "no answer; no job changes");
        let (name, why, now) = (self.cluster.name.clone(), error.to_string(), self.ctx.clock.now());
        Ok(self.ctx.store.write(move |tx| surveys::failed(tx, &name, &why, now)).await?)
    }

    async fn answered(&mut self) -> Result<(), StepError> {
        if self.failures > 0 {
            let name = self.cluster.name.clone();
            self.ctx.store.write(move |tx| surveys::answered(tx, &name)).await?;
        }
        self.failures = 0;
        Ok(())
    }

    /// Unknown native states alarm once for each distinct word.
    fn alarm(&mut self, records: &[NativeRecord]) {
        for record in records {
            if let NativeState::Unknown(word) = &record.state
                && self.alarmed.insert(word.clone())
            {
                tracing::error!(cluster = %self.cluster.name, state = word, local_id = %record.id, "unknown state of the batch system; its jobs go on");
            }
        }
    }

    /// Writes changes down, each in its own right; the store commits them together.
    async fn apply(&mut self, changes: Vec<Change>) -> Result<(), StepError> {
        let now = self.ctx.clock.now();
        let mut freed = 0_u32;
        for part in changes.chunks(256) {
            let writes = part.iter().cloned().map(|change| {
                let token = change.token.clone();
                let written = self.ctx.store.write(move |tx| -> Result<_, StepError> {
                    if let Some((host, started)) = &change.started {
                        attempts::active(tx, &change.token, host.as_deref(), *started)?;
                    }
                    if let Some((ending, started, usage)) = &change.ended {
                        attempts::ended(tx, &change.token, ending, *started, usage)?;
                    }
                    Ok(jobs::apply_to(tx, &change.job, &change.task, change.attempt, &change.event, now)?)
                });
                async move { (token, written.await) }
            });
            for (token, written) in futures_util::future::join_all(writes).await {
                match written {
                    Ok(state) => {
                        let stays =
                            matches!(state, crate::job::State::Pending { .. } | crate::job::State::Running { .. });
                        match self.watched.get_mut(&token) {
                            Some(watched) if stays => watched.state = state,
                            _ => {
                                freed += 1;
                                self.forget(&token);
                            }
                        }
                    }
                    Err(StepError::Store(error)) => return Err(error.into()),
                    // Somebody else moved it on: what the store says is read again.
                    Err(StepError::Gone | StepError::Later { .. }) => {
                        self.forget(&token);
                        self.known_to = None;
                    }
                }
            }
        }
        if freed > 0 && !self.cluster.system.capabilities().queues_by_itself {
            let cluster = self.cluster.name.clone();
            self.ctx.store.write(move |tx| tasks::unpark(tx, &cluster, freed, now)).await?;
        }
        Ok(())
    }

    fn forget(&mut self, token: &Token) {
        self.watched.remove(token);
        self.absent_since.remove(token);
        self.cancel_asked.remove(token);
    }
}

fn lost(watched: &Watched, cluster: &Cluster, since: Timestamp, now: Timestamp) -> Change {
    let why = format!("job disappeared: {} has known nothing of it since {since}", cluster.name);
    let failure = Failure::new(Code::ResourceLost, why).advice("submit it again; its outputs may be incomplete");
    let ending = Ending {
        at: now,
        outcome: Outcome::Lost,
        exit: None,
        failure: Some(failure),
        evidence: "no record in queue, accounting or working directory".to_owned(),
    };
    Change::ended(watched, ending, None, crate::job::Usage::default())
}

fn withdrawn(watched: &Watched, now: Timestamp) -> Change {
    let ending = Ending {
        at: now,
        outcome: Outcome::Canceled,
        exit: None,
        failure: None,
        evidence: "the token is nowhere in the batch system".to_owned(),
    };
    Change::ended(watched, ending, None, crate::job::Usage::default())
}

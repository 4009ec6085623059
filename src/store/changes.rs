//! Who wants to know of which change. A commit wakes those who watch one of its jobs, or the jobs of their owner, and nobody else.
//!
//! A signal says that looking may be worth while, and nothing more. It costs a look-up in a map; whoever is woken decides when to
//! look, and holds nothing meanwhile.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// A job that a transaction changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Touched {
    /// Its id.
    pub job: String,
    /// Whose it is.
    pub owner: String,
}

/// What can be watched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A job, by its id.
    Job(String),
    /// Every job of an owner.
    Owner(String),
}

type Listeners = HashMap<Topic, Vec<Arc<Notify>>>;

/// Everybody who watches.
#[derive(Debug, Default)]
pub struct Changes {
    listeners: Mutex<Listeners>,
    watching: AtomicUsize,
}

impl Changes {
    fn listeners(&self) -> MutexGuard<'_, Listeners> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to watch. Whoever looks after this misses no change.
    #[must_use]
    pub fn watch(self: &Arc<Self>, topics: impl IntoIterator<Item = Topic>) -> Watch {
        let signal = Arc::new(Notify::new());
        let mut topics: Vec<_> = topics.into_iter().collect();
        topics.dedup();
        let mut listeners = self.listeners();
        for topic in &topics {
            listeners.entry(topic.clone()).or_default().push(Arc::clone(&signal));
        }
        drop(listeners);
        self.watching.fetch_add(1, Ordering::Relaxed);
        Watch { changes: Arc::clone(self), topics, signal }
    }

    /// How many watch anything.
    #[must_use]
    pub fn watching(&self) -> usize {
        self.watching.load(Ordering::Relaxed)
    }

    /// Wakes whoever watches one of these.
    pub fn publish(&self, touched: impl IntoIterator<Item = Touched>) {
        let listeners = self.listeners();
        if listeners.is_empty() {
            return;
        }
        for Touched { job, owner } in touched {
            for topic in [Topic::Job(job), Topic::Owner(owner)] {
                listeners.get(&topic).into_iter().flatten().for_each(|signal| signal.notify_one());
            }
        }
    }

    /// Wakes everybody: something may have been missed.
    pub fn publish_all(&self) {
        self.listeners().values().flatten().for_each(|signal| signal.notify_one());
    }
}

/// One who watches; ends with this value.
#[derive(Debug)]
pub struct Watch {
    changes: Arc<Changes>,
    topics: Vec<Topic>,
    signal: Arc<Notify>,
}

impl Watch {
    /// Returns when something changed since the last return, at once if it has already.
    pub async fn changed(&self) {
        self.signal.notified().await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.changes.watching.fetch_sub(1, Ordering::Relaxed);
        let mut listeners = self.changes.listeners();
        for topic in &self.topics {
            let Some(signals) = listeners.get_mut(topic) else { continue };
            signals.retain(|signal| !Arc::ptr_eq(signal, &self.signal));
            if signals.is_empty() {
                listeners.remove(topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn touched(job: &str, owner: &str) -> Touched {
        Touched { job: job.to_owned(), owner: owner.to_owned() }
    }

    #[test]
    fn only_who_watches_the_job_or_its_owner_is_woken_and_once_for_many_changes() {
        let changes = Arc::new(Changes::default());
        let job = changes.watch([Topic::Job("a".into()), Topic::Job("b".into())]);
        let owner = changes.watch([Topic::Owner("ada".into())]);
        let other = changes.watch([Topic::Job("c".into()), Topic::Owner("eve".into())]);
        changes.publish([touched("a", "ada"), touched("b", "ada")]);
        assert!(job.changed().now_or_never().is_some());
        assert!(job.changed().now_or_never().is_none(), "two changes are one signal");
        assert!(owner.changed().now_or_never().is_some());
        assert!(other.changed().now_or_never().is_none());
        changes.publish_all();
        assert!(other.changed().now_or_never().is_some());
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let changes = Arc::new(Changes::default());
        let (one, two) = (changes.watch([Topic::Job("a".into())]), changes.watch([Topic::Job("a".into())]));
        drop(one);
        assert_eq!(changes.watching(), 1);
        changes.publish([touched("a", "ada")]);
        assert!(two.changed().now_or_never().is_some());
        drop(two);
        assert_eq!(changes.watching(), 0);
        assert!(changes.listeners().is_empty());
    }
}

//! The store: jobs, attempts, history and promised work, on SQLite or PostgreSQL. The only room that says diesel.
//!
//! There is one way to change a job: [`jobs::apply`]. It reads, asks [`crate::job::transition`], compares and sets, appends to the
//! history and promises the announcement, in one transaction. Nothing else writes a state column.

mod backend;
#[cfg(debug_assertions)]
mod crash;
mod lock;
mod rows;
mod schema;

pub mod attempts;
pub mod changes;
pub mod events;
pub mod history;
pub mod jobs;
pub mod leases;
pub mod outbox;
pub mod requests;
pub mod surveys;
pub mod tasks;
pub mod transfers;

pub use backend::{Location, Tx};

use changes::Changes;
use std::sync::{Arc, mpsc};
use tokio::sync::{oneshot, watch};

/// Why the store gave no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full, or refused a commit. Trying again may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Something with the same name was written meanwhile. Trying again helps.
    #[error("the database holds the same already: {0}")]
    Conflict(String),
    /// What it holds cannot be read: a row of another version, or damage.
    #[error("the database holds {what} that cannot be read: {why}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The tables could not be brought up to date.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// Another broker works on this SQLite file.
    #[error(
        "{path} is in use by another broker ({holder}); one SQLite file serves one broker, several brokers share a PostgreSQL"
    )]
    InUse {
        /// The lock file.
        path: String,
        /// Who holds it.
        holder: String,
    },
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind::UniqueViolation, Error::DatabaseError};
        match error {
            DatabaseError(UniqueViolation, what) => Self::Conflict(what.message().to_owned()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<diesel::ConnectionError> for StoreError {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The worker that has a task's next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duty {
    /// Find a place.
    Match,
    /// Fetch files.
    StageIn,
    /// Hand over to the batch system.
    Dispatch,
    /// Watch the batch job. Not claimed task by task: one look serves all tasks of a cluster.
    Monitor,
    /// Deliver files.
    StageOut,
    /// Remove what is no longer needed.
    Sweep,
    /// Make announcements.
    Deliver,
    /// Nothing.
    None,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 8] = [
        Self::Match,
        Self::StageIn,
        Self::Dispatch,
        Self::Monitor,
        Self::StageOut,
        Self::Sweep,
        Self::Deliver,
        Self::None,
    ];

    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::StageIn => "stage_in",
            Self::Dispatch => "dispatch",
            Self::Monitor => "monitor",
            Self::StageOut => "stage_out",
            Self::Sweep => "sweep",
            Self::Deliver => "deliver",
            Self::None => "none",
        }
    }
}

/// Signals that wake workers earlier than their tick. A lost signal costs one tick, never a job.
#[derive(Debug)]
pub struct Wakeups([watch::Sender<u64>; 8]);

impl Default for Wakeups {
    fn default() -> Self {
        Self(std::array::from_fn(|_| watch::Sender::new(0)))
    }
}

impl Wakeups {
    /// Wakes everybody who listens for a duty.
    pub fn notify(&self, duty: Duty) {
        self.0[duty as usize].send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A listener: `changed()` returns when there may be something to do.
    #[must_use]
    pub fn listen(&self, duty: Duty) -> watch::Receiver<u64> {
        self.0[duty as usize].subscribe()
    }
}

/// The door to the database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: mpsc::SyncSender<backend::Work>,
    readers: backend::Readers,
    wakeups: Arc<Wakeups>,
    changes: Arc<Changes>,
    mark: Arc<str>,
    lock: Option<Arc<lock::FileLock>>,
}

impl Store {
    /// Brings the tables up to date. Gives the versions that were run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn migrate(location: &Location) -> Result<Vec<String>, StoreError> {
        location.migrate()
    }

    /// Opens a database whose tables are up to date. A SQLite file is locked for this process.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another broker has the SQLite file.
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        let lock = match location {
            Location::Sqlite(path) => Some(Arc::new(lock::FileLock::take(path)?)),
            Location::Postgres(_) => None,
        };
        location.migrate()?;
        if lock.is_some() {
            // Whoever held leases in this file is dead: its tasks go on at once.
            location.alone(leases::end_all)?;
        }
        let mark = location.alone(events::mark)?.into();
        let (wakeups, changes) = (Arc::new(Wakeups::default()), Arc::new(Changes::default()));
        let writer = backend::start_writer(location.clone(), Arc::clone(&wakeups), Arc::clone(&changes))?;
        Ok(Self { writer, readers: backend::readers(location)?, wakeups, changes, mark, lock })
    }

    /// Who watches which job.
    #[must_use]
    pub fn changes(&self) -> &Arc<Changes> {
        &self.changes
    }

    /// The name of this database among all.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// Whether other brokers may write, too.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.lock.is_none()
    }

    /// The signals of this store.
    #[must_use]
    pub fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    /// Runs a change. Returns after it is durable; an error rolls it back whole.
    ///
    /// # Errors
    /// Whatever the closure gave, or the store's own failure.
    pub async fn write<T, E>(&self, change: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let work: backend::Work = Box::new(move |tx| {
            let result = change(tx);
            backend::Done {
                keep: result.is_ok(),
                answer: Box::new(move |committed| {
                    let _ = sender.send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
                }),
            }
        });
        let gone = || E::from(StoreError::Unavailable("the writer could not begin a transaction".to_owned()));
        match self.writer.try_send(work) {
            Ok(()) => {}
            Err(mpsc::TrySendError::Full(work)) => {
                let writer = self.writer.clone();
                let sent = tokio::task::spawn_blocking(move || writer.send(work)).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return Err(gone());
                }
            }
            Err(mpsc::TrySendError::Disconnected(_)) => return Err(gone()),
        }
        receiver.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Looks something up, beside the writer: one moment of the database, however many questions are asked.
    ///
    /// # Errors
    /// Whatever the closure gave, or the store's own failure.
    pub async fn read<T, E>(&self, look: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let readers = self.readers.clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut conn = readers.get().map_err(|error| StoreError::Unavailable(error.to_string()))?;
            backend::snapshot(&mut conn, look)
        });
        done.await.unwrap_or_else(|error| Err(E::from(StoreError::Unavailable(error.to_string()))))
    }
}

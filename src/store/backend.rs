//! The two engines behind one connection type, and the one thread that writes.
//!
//! Every change is a closure sent to the writer. It runs all closures that wait in one transaction, each inside a
//! savepoint of its own, commits once, and only then answers: a burst of submissions costs one sync. A closure that fails is rolled
//! back alone. Closures are synchronous, so nobody can hold the database while waiting for a cluster.

use super::changes::{Changes, Touched};
use super::{Duty, StoreError, Wakeups, events};
use diesel::connection::{AnsiTransactionManager as Ansi, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// How many closures share one commit at the most.
const LARGEST_GROUP: usize = 256;

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub(super) enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Which database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(std::path::PathBuf),
    /// A `postgres://` URL. May hold a password: never logged.
    Postgres(String),
}

impl Location {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// A text that says what was expected.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err("a database is given as sqlite:PATH or postgres://USER@HOST:PORT/NAME".to_owned())
    }

    pub(super) fn connect(&self) -> Result<Conn, StoreError> {
        match self {
            Self::Sqlite(path) => {
                // Descriptions of jobs are nobody else's business. An existing file keeps the mode it has.
                let made = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path);
                made.map_err(|error| StoreError::Unavailable(format!("cannot open {}: {error}", path.display())))?;
                let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
                conn.batch_execute(
                    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
                )?;
                Ok(Conn::Sqlite(conn))
            }
            Self::Postgres(url) => Ok(Conn::Pg(PgConnection::establish(&patient(url))?)),
        }
    }

    /// Does something on a connection of its own, before there is a writer.
    pub(super) fn alone<T>(&self, act: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        act(&mut Tx { conn: &mut self.connect()?, wake: &mut Vec::new(), changed: &mut Vec::new() })
    }

    pub(super) fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let run = |result: Result<Vec<diesel::migration::MigrationVersion<'_>>, _>| {
            result
                .map(|versions| versions.iter().map(ToString::to_string).collect())
                .map_err(|error: Box<dyn std::error::Error + Send + Sync>| StoreError::Migration(error.to_string()))
        };
        match self.connect()? {
            Conn::Sqlite(mut conn) => run(conn.run_pending_migrations(SQLITE_MIGRATIONS)),
            Conn::Pg(mut conn) => {
                // Several brokers may start at once: the first migrates, the others wait.
                conn.batch_execute("SELECT pg_advisory_lock(7310460)")?;
                let done = run(conn.run_pending_migrations(POSTGRES_MIGRATIONS));
                conn.batch_execute("SELECT pg_advisory_unlock(7310460)")?;
                done
            }
        }
    }
}

/// The URL with bounds for a server that has vanished without a word, unless it has its own.
fn patient(url: &str) -> String {
    let mut url = url.to_owned();
    for (key, value) in [
        ("connect_timeout", "10"),
        ("keepalives_idle", "15"),
        ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "30000"),
    ] {
        if !url.contains(&format!("{key}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{key}={value}"));
        }
    }
    url
}

/// A broker that stands still in the middle of a commit must not hold up the others: the server ends its transaction, and nobody waits
/// for a row for long.
const WRITER_BOUNDS: &str = "SET idle_in_transaction_session_timeout = '20s'; SET lock_timeout = '10s'";

#[derive(Debug)]
struct OnOpen(bool);

impl CustomizeConnection<Conn, diesel::r2d2::Error> for OnOpen {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        let setup = if self.0 {
            "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;"
        } else {
            "SET default_transaction_read_only = on; SET default_transaction_isolation = 'repeatable read'"
        };
        conn.batch_execute(setup).map_err(diesel::r2d2::Error::QueryError)
    }
}

pub(super) type Readers = Pool<ConnectionManager<Conn>>;

pub(super) fn readers(location: &Location) -> Result<Readers, StoreError> {
    let (url, sqlite) = match location {
        Location::Sqlite(path) => (path.to_string_lossy().into_owned(), true),
        Location::Postgres(url) => (patient(url), false),
    };
    Pool::builder()
        .max_size(4)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(10))
        .connection_customizer(Box::new(OnOpen(sqlite)))
        .build(ConnectionManager::new(url))
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Looks at one moment of the database: what is written meanwhile is not seen.
pub(super) fn snapshot<T, E: From<StoreError>>(
    conn: &mut Conn,
    look: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let begun = match conn {
        Conn::Pg(conn) => Ansi::begin_transaction(conn),
        Conn::Sqlite(conn) => Ansi::begin_transaction(conn),
    };
    begun.map_err(StoreError::from)?;
    let seen = look(&mut Tx { conn, wake: &mut Vec::new(), changed: &mut Vec::new() });
    rollback(conn).map_err(StoreError::from)?;
    seen
}

/// What a closure of the writer sees: the connection inside its savepoint.
pub struct Tx<'a> {
    pub(super) conn: &'a mut Conn,
    pub(super) wake: &'a mut Vec<Duty>,
    pub(super) changed: &'a mut Vec<Touched>,
}

impl Tx<'_> {
    /// Makes a part of the changes. When it fails it is undone alone, and the rest may go on.
    ///
    /// # Errors
    /// What the part gave, or the store's own failure.
    pub fn part<T, E: From<StoreError>>(&mut self, change: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let (wake, changed) = (self.wake.len(), self.changed.len());
        self.conn.batch_execute("SAVEPOINT part").map_err(StoreError::from)?;
        let result = change(&mut Tx { conn: self.conn, wake: self.wake, changed: self.changed });
        let end = if result.is_ok() {
            "RELEASE SAVEPOINT part"
        } else {
            self.wake.truncate(wake);
            self.changed.truncate(changed);
            "ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part"
        };
        self.conn.batch_execute(end).map_err(StoreError::from)?;
        result
    }
}

/// What a closure leaves behind: whether its changes are kept, and how its caller is answered after the commit.
pub(super) struct Done {
    pub(super) keep: bool,
    pub(super) answer: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

pub(super) type Work = Box<dyn FnOnce(&mut Tx<'_>) -> Done + Send>;

/// Starts the writer. It ends when every sender is gone.
pub(super) fn start_writer(
    location: Location,
    wakeups: Arc<Wakeups>,
    changes: Arc<Changes>,
) -> Result<mpsc::SyncSender<Work>, StoreError> {
    let mut conn = writing(&location)?;
    let (sender, receiver) = mpsc::sync_channel::<Work>(4096);
    std::thread::Builder::new()
        .name("store-writer".to_owned())
        .spawn(move || {
            while let Ok(first) = receiver.recv() {
                let mut group = vec![first];
                while group.len() < LARGEST_GROUP
                    && let Ok(next) = receiver.try_recv()
                {
                    group.push(next);
                }
                let broken = run_group(&mut conn, group, &wakeups, &changes);
                if broken && let Ok(fresh) = writing(&location) {
                    conn = fresh;
                }
            }
        })
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok(sender)
}

fn writing(location: &Location) -> Result<Conn, StoreError> {
    let mut conn = location.connect()?;
    if let Conn::Pg(conn) = &mut conn {
        conn.batch_execute(WRITER_BOUNDS)?;
    }
    Ok(conn)
}

/// Runs a group in one transaction. Gives `true` when the connection should be replaced.
fn run_group(conn: &mut Conn, group: Vec<Work>, wakeups: &Wakeups, changes: &Changes) -> bool {
    let (mut wake, mut changed) = (Vec::new(), Vec::new());
    let mut answers = Vec::with_capacity(group.len());
    let mut result = begin(conn);
    let savepoints = group.len() > 1;
    let mut panicked = false;
    for work in group {
        if result.is_err() {
            // The closure is dropped unrun; its caller sees the closed channel as an unavailable store.
            continue;
        }
        if savepoints {
            result = conn.batch_execute("SAVEPOINT one");
        }
        if result.is_err() {
            continue;
        }
        let marks = (wake.len(), changed.len());
        let ran = catch_unwind(AssertUnwindSafe(|| work(&mut Tx { conn, wake: &mut wake, changed: &mut changed })));
        let Ok(done) = ran else {
            // Its caller sees the closed channel. What state the connection is in nobody knows: the whole group is undone.
            tracing::error!("a change of the database panicked; it and those beside it are undone");
            result = Err(diesel::result::Error::RollbackTransaction);
            panicked = true;
            continue;
        };
        if !done.keep {
            wake.truncate(marks.0);
            changed.truncate(marks.1);
        }
        result = match (savepoints, done.keep) {
            (true, true) => conn.batch_execute("RELEASE SAVEPOINT one"),
            (true, false) => conn.batch_execute("ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one"),
            (false, true) => Ok(()),
            (false, false) => {
                let rolled_back = rollback(conn);
                (done.answer)(Ok(()));
                return rolled_back.is_err();
            }
        };
        answers.push(done.answer);
    }
    #[cfg(debug_assertions)]
    super::crash::before_commit(conn);
    let result = result.and_then(|()| commit(conn));
    #[cfg(debug_assertions)]
    super::crash::after_commit();
    if result.is_ok() {
        wake.sort_unstable();
        wake.dedup();
        for duty in wake {
            wakeups.notify(duty);
        }
        changes.publish(changed);
    }
    let broken = result.is_err() && (rollback(conn).is_err() || panicked || matches!(conn, Conn::Pg(_)));
    for answer in answers {
        answer(match &result {
            Ok(()) => Ok(()),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        });
    }
    broken
}

fn begin(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => Ansi::begin_transaction(conn).and_then(|()| events::announce_writer(conn)),
        Conn::Sqlite(conn) => Ansi::begin_transaction_sql(conn, "BEGIN IMMEDIATE"),
    }
}

fn commit(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => Ansi::commit_transaction(conn),
        Conn::Sqlite(conn) => Ansi::commit_transaction(conn),
    }
}

fn rollback(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Pg(conn) => Ansi::rollback_transaction(conn),
        Conn::Sqlite(conn) => Ansi::rollback_transaction(conn),
    }
}

//! The store on SQLite. `live_postgres` runs the same scenarios on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

#[path = "store/registrations.rs"]
mod registrations;
#[path = "store/scenarios.rs"]
mod scenarios;
#[path = "store/upgrade.rs"]
mod upgrade;

use grms::store::tasks::{self, Reach};
use grms::store::{Duty, Location, Store, StoreError, jobs, leases};
use jiff::SignedDuration;

struct Kept {
    location: Location,
    _dir: tempfile::TempDir,
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn sqlite(_: &str) -> Kept {
    let dir = tempfile::tempdir().unwrap();
    Kept { location: Location::Sqlite(dir.path().join("grms.db")), _dir: dir }
}

store_scenarios! { sqlite }
registration_scenarios! { sqlite }
upgrade_scenarios! { sqlite }

#[tokio::test]
async fn a_second_broker_on_one_sqlite_file_is_refused_by_name() {
    let kept = sqlite("");
    let first = Store::open(&kept.location).unwrap();
    let Err(StoreError::InUse { holder, .. }) = Store::open(&kept.location) else { panic!("two brokers on one file") };
    assert_eq!(holder, format!("process {}", std::process::id()));
    drop(first);
}

#[tokio::test]
async fn a_restarted_broker_does_not_wait_for_the_leases_of_the_one_that_died() {
    let kept = sqlite("");
    let (at, until) = (scenarios::now() + seconds(10), scenarios::now() + seconds(70));
    let died = Store::open(&kept.location).unwrap();
    died.write(|tx| jobs::accept(tx, &scenarios::new_job(1))).await.unwrap();
    let claim = |store: &Store, owner: &'static str| {
        let store = store.clone();
        async move {
            let lease = store.write(move |tx| leases::take(tx, "monitor:alpha", owner, at, until)).await.unwrap();
            let tasks = store
                .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, owner, 8, (at, until)))
                .await
                .unwrap();
            (lease, tasks.len())
        }
    };
    assert_eq!(claim(&died, "first").await, (true, 1));
    assert_eq!(claim(&died, "second").await, (false, 0));
    drop(died);
    let restarted = loop {
        // The writer of the first store ends, and with it the lock, a moment after the last handle is gone.
        match Store::open(&kept.location) {
            Ok(store) => break store,
            Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(claim(&restarted, "second").await, (true, 1));
}

#[tokio::test]
async fn what_is_registered_for_a_job_goes_with_it() {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, RunQueryDsl as _};
    let kept = sqlite("");
    let store = Store::open(&kept.location).unwrap();
    store.write(|tx| jobs::accept(tx, &scenarios::new_job(1))).await.unwrap();
    let Location::Sqlite(path) = &kept.location else { unreachable!("it is SQLite") };
    let mut conn = diesel::SqliteConnection::establish(&path.to_string_lossy()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON").unwrap();
    let job = scenarios::new_job(1).id;
    conn.batch_execute(&format!(
        "INSERT INTO file_dirs (job_id, task_id, role, name) VALUES ('{job}', 'main', 'OUTPUT', 'a'); \
         INSERT INTO notifications (id, owner, job_id, model, events_json, protocol, users_json, states_json, created_at, tell_now) \
         VALUES ('n', 'o', '{job}', '2', '[]', 'SOAP', '[]', '[]', 0, 0)"
    ))
    .unwrap();
    assert_eq!(diesel::sql_query("DELETE FROM jobs").execute(&mut conn).unwrap(), 1);
    for table in ["file_dirs", "notifications"] {
        assert_eq!(diesel::sql_query(format!("DELETE FROM {table}")).execute(&mut conn).unwrap(), 0, "{table}");
    }
}

#[test]
fn database_addresses_are_checked() {
    assert!(matches!(Location::parse("sqlite:/a/b.db"), Ok(Location::Sqlite(path)) if path.ends_with("b.db")));
    assert!(matches!(Location::parse("postgres://u@h/db"), Ok(Location::Postgres(_))));
    assert!(Location::parse("mysql://x").unwrap_err().contains("sqlite:PATH"));
}

#[test]
fn a_new_database_file_is_for_the_broker_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let kept = sqlite("");
    let _store = Store::open(&kept.location).unwrap();
    let Location::Sqlite(path) = &kept.location else { unreachable!("it is SQLite") };
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

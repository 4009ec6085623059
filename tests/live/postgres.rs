//! The store on a real PostgreSQL. Needs `GRMS_TEST_POSTGRES_URL`, a database on a server where databases may be made:
//! `scripts/test live postgres` starts one and sets it.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

#[path = "../store/registrations.rs"]
mod registrations;
#[path = "../store/scenarios.rs"]
mod scenarios;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use grms::job::entry::Role;
use grms::job::{EntryChange, Event, RelativeName, Status, TaskId};
use grms::store::jobs::{self, ApplyError};
use grms::store::{Location, Store, file_dirs, tasks};
use std::sync::mpsc;
use std::time::{Duration, Instant};

struct Kept {
    location: Location,
    admin: String,
    name: String,
}

fn postgres(scenario: &str) -> Kept {
    let admin = std::env::var("GRMS_TEST_POSTGRES_URL")
        .expect("GRMS_TEST_POSTGRES_URL is not set: run `scripts/test live postgres`, which starts a server");
    let (server, _) = admin.rsplit_once('/').expect("the URL ends in a database name");
    let name = format!("grms_{}_{scenario}", std::process::id());
    let mut conn = PgConnection::establish(&admin).expect("the PostgreSQL server does not answer");
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).unwrap();
    Kept { location: Location::Postgres(format!("{server}/{name}")), admin: admin.clone(), name }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.admin) {
            let _ = diesel::sql_query(format!("DROP DATABASE {} WITH (FORCE)", self.name)).execute(&mut conn);
        }
    }
}

store_scenarios! { postgres }
registration_scenarios! { postgres }

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Waits until somebody waits for a lock in this database.
fn wait_for_a_waiter(kept: &Kept) {
    let mut conn = PgConnection::establish(&kept.admin).unwrap();
    let question = format!(
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = '{}' AND wait_event_type = 'Lock'",
        kept.name
    );
    let end = Instant::now() + Duration::from_secs(9);
    while diesel::sql_query(&question).get_result::<Waiting>(&mut conn).unwrap().count == 0 {
        assert!(Instant::now() < end, "nobody waits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_outputs_at_one_broker_is_seen_by_the_collection_that_another_one_begins() {
    let kept = postgres("held");
    let (one, other) = (Store::open(&kept.location).unwrap(), Store::open(&kept.location).unwrap());
    let job = scenarios::new_job(1);
    let (id, task) = (job.id.clone(), job.spec.tasks[0].clone());
    let stopped = id.clone();
    one.write(move |tx| -> Result<(), ApplyError> {
        jobs::accept(tx, &job)?;
        for event in [Event::Placed, Event::StagedIn, Event::LocallyActive, Event::LocallyEnded(scenarios::done())] {
            jobs::apply(tx, &stopped, &TaskId::main(), &event, scenarios::now())?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let (held, holds) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let changing = id.clone();
    let change = tokio::spawn(async move {
        one.write(move |tx| -> Result<(), ApplyError> {
            let state = tasks::hold(tx, &changing, &TaskId::main())?.unwrap();
            assert_eq!(state.status(), Status::Stopped);
            held.send(()).unwrap();
            released.recv_timeout(Duration::from_secs(10)).unwrap();
            let hidden = EntryChange::Hidden(RelativeName::parse("late").unwrap());
            Ok(file_dirs::put(tx, &changing, &TaskId::main(), Role::Output, &hidden)?)
        })
        .await
    });
    tokio::task::spawn_blocking(move || holds.recv_timeout(Duration::from_secs(10))).await.unwrap().unwrap();
    let begin = tokio::spawn(async move {
        other
            .write(move |tx| -> Result<_, ApplyError> {
                jobs::apply(tx, &id, &TaskId::main(), &Event::CollectionBegan, scenarios::now())?;
                Ok(file_dirs::list(tx, &id, &task.id, Role::Output)?)
            })
            .await
    });
    let kept = tokio::task::spawn_blocking(move || {
        wait_for_a_waiter(&kept);
        kept
    });
    let _kept = kept.await.unwrap();
    release.send(()).unwrap();
    change.await.unwrap().unwrap();
    assert_eq!(begin.await.unwrap().unwrap().len(), 1, "the change came before the collection");
}

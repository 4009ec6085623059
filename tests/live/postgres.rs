//! The store on a real PostgreSQL. Needs `GRMS_TEST_POSTGRES_URL`, a database on a server where databases may be made:
//! `scripts/test live postgres` starts one and sets it.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

#[path = "../store/registrations.rs"]
mod registrations;
#[path = "../store/scenarios.rs"]
mod scenarios;
#[path = "../store/upgrade.rs"]
mod upgrade;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use futures_util::FutureExt as _;
use grms::clock::SystemClock;
use grms::identity::{Caller, Policy, Subject};
use grms::job::entry::Role;
use grms::job::{EntryChange, Event, RelativeName, Status, TaskId};
use grms::operations::{self, Context, Parts, Settings, Value};
use grms::store::changes::Topic;
use grms::store::jobs::ApplyError;
use grms::store::{Location, Store, StoreError, events, file_dirs, jobs, requests, tasks};
use grms::workers::follow::Follower;
use std::sync::{Arc, mpsc};
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
upgrade_scenarios! { postgres }

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

/// A job with a number of its own, accepted in a transaction that stays open until `finish` is dropped.
fn slow_submission(
    store: &Store,
    serial: u32,
) -> (tokio::task::JoinHandle<()>, std::sync::mpsc::Sender<()>, tokio::sync::oneshot::Receiver<()>) {
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    let (written, is_written) = tokio::sync::oneshot::channel();
    let (store, job) = (store.clone(), scenarios::new_job(serial));
    let task = tokio::spawn(async move {
        let accepted = store.write(move |tx| {
            jobs::accept(tx, &job)?;
            let _ = written.send(());
            let _ = finished.recv();
            Ok::<_, StoreError>(())
        });
        accepted.await.unwrap();
    });
    (task, finish, is_written)
}

fn job_ids(lines: &[events::Line]) -> Vec<String> {
    lines.iter().map(|line| line.job.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_past_an_event_that_another_broker_has_not_committed_yet() {
    let kept = postgres("order");
    let (one, other) = (Store::open(&kept.location).unwrap(), Store::open(&kept.location).unwrap());
    assert_eq!(one.mark(), other.mark(), "cursors of one are good at the other");
    other.write(|tx| jobs::accept(tx, &scenarios::new_job(1))).await.unwrap();
    let before = other.read(events::settled).await.unwrap();
    let (task, finish, written) = slow_submission(&one, 2);
    written.await.unwrap();
    // Takes a larger number and is committed first.
    other.write(|tx| jobs::accept(tx, &scenarios::new_job(3))).await.unwrap();
    let whose = || events::Whose::Owner("/O=Grid/CN=Ada".to_owned());
    let read = async |to: i64| other.read(move |tx| events::list(tx, &whose(), 0, to, 100)).await.unwrap();
    assert_eq!(job_ids(&read(i64::MAX).await), [1, 3].map(|n| scenarios::new_job(n).id.to_string()), "it is there");
    let settled = other.read(events::settled).await.unwrap();
    assert_eq!(settled, before, "but nobody reads as far while a smaller number is to come");
    finish.send(()).unwrap();
    task.await.unwrap();
    let settled = other.read(events::settled).await.unwrap();
    assert_eq!(job_ids(&read(settled).await), [1, 2, 3].map(|n| scenarios::new_job(n).id.to_string()));
    assert_eq!(one.read(events::settled).await.unwrap(), settled);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_while_several_brokers_write_misses_nothing() {
    let kept = postgres("follow");
    let stores = [Store::open(&kept.location).unwrap(), Store::open(&kept.location).unwrap()];
    let reader = Store::open(&kept.location).unwrap();
    let writers: Vec<_> = (0..2_u32)
        .map(|which| {
            let store = stores[which as usize].clone();
            tokio::spawn(async move {
                for serial in 0..150 {
                    let job = scenarios::new_job(serial * 2 + which);
                    store.write(move |tx| jobs::accept(tx, &job)).await.unwrap();
                }
            })
        })
        .collect();
    let (mut seen, mut next) = (Vec::new(), 0);
    loop {
        let over = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let settled = reader.read(events::settled).await.unwrap();
        let whose = events::Whose::Owner("/O=Grid/CN=Ada".to_owned());
        let lines = reader.read(move |tx| events::list(tx, &whose, next, settled, 10_000)).await.unwrap();
        seen.extend(lines.iter().map(|line| line.seq));
        next = next.max(settled + 1);
        if over {
            break;
        }
    }
    assert_eq!(seen.len(), 300, "every line once");
    assert!(seen.is_sorted_by(|a, b| a < b), "in order");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_by_another_broker_wakes_who_watches_the_job_here() {
    let kept = postgres("wake");
    let (here, there) = (Store::open(&kept.location).unwrap(), Store::open(&kept.location).unwrap());
    there.write(|tx| jobs::accept(tx, &scenarios::new_job(1))).await.unwrap();
    let mut follower = Follower::default();
    let (watched, other) = (scenarios::new_job(1).id, scenarios::new_job(2).id);
    let watch = here.changes().watch([Topic::Job(watched.to_string())]);
    let elsewhere = here.changes().watch([Topic::Job(other.to_string())]);
    follower.look(&here).await.unwrap();
    for all in [&watch, &elsewhere] {
        assert!(all.changed().now_or_never().is_some(), "the first look wakes everybody");
    }
    follower.look(&here).await.unwrap();
    assert!(watch.changed().now_or_never().is_none(), "nothing happened");
    let id = watched.clone();
    let canceled = there.write(move |tx| {
        jobs::apply(tx, &id, &grms::job::TaskId::main(), &grms::job::Event::CancelRequested, scenarios::now())
    });
    canceled.await.unwrap();
    follower.look(&here).await.unwrap();
    assert!(watch.changed().now_or_never().is_some());
    assert!(elsewhere.changed().now_or_never().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_at_two_brokers_at_once_is_kept_once() {
    let kept = postgres("keys");
    let stores = [Store::open(&kept.location).unwrap(), Store::open(&kept.location).unwrap()];
    let keep = |answer: &str| requests::Kept {
        operation: "suspendJob".to_owned(),
        digest: "d".to_owned(),
        answer_json: answer.to_owned(),
    };
    let both = [keep("\"one\""), keep("\"other\"")]
        .into_iter()
        .zip(&stores)
        .map(|(kept, store)| store.write(move |tx| requests::keep(tx, "/O=Grid/CN=Ada", "k", &kept, scenarios::now())));
    let results = futures_util::future::join_all(both).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert!(results.iter().any(|result| matches!(result, Err(StoreError::Conflict(_)))), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_while_a_writer_that_was_slow_to_announce_itself_takes_the_bound_back() {
    let kept = postgres("bound");
    let store = Store::open(&kept.location).unwrap();
    store.write(|tx| jobs::accept(tx, &scenarios::new_job(1))).await.unwrap();
    let subject = Subject::parse("/O=Grid/CN=Ada").unwrap();
    let caller = Caller { subject, limited: false };
    let context = Context::new(store, Arc::new(SystemClock), Policy::default(), Settings::default());
    let wait = async |cursor: Option<String>| {
        let parts = Parts::new().with("timeoutSeconds", 0_i64).with_some("cursor", cursor);
        let answer = operations::find("waitForEvents").unwrap().run(&context, &caller, parts).await.unwrap();
        let Some(Value::Text(cursor)) = answer.get("cursor") else { panic!("no cursor: {answer:?}") };
        cursor.to_string()
    };
    let cursor = wait(None).await;
    let Location::Postgres(url) = &kept.location else { unreachable!("it is a PostgreSQL") };
    let mut writer = PgConnection::establish(url).unwrap();
    // Another writer read the last number before the first line was there, and announces it only now.
    diesel::sql_query("BEGIN").execute(&mut writer).unwrap();
    diesel::sql_query("SELECT pg_advisory_xact_lock_shared(7310461, 0)").execute(&mut writer).unwrap();
    assert_eq!(wait(Some(cursor.clone())).await, cursor, "it goes neither back nor away");
}

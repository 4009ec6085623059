//! What becomes of a database that an earlier version filled, and of everything that is known of a job when it is deleted. Every table
//! that names jobs is looked at: a new one that nothing here fills is noticed.

use super::scenarios::{new_job, now};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::{FileBasedMigrations, MigrationHarness as _};
use grms::job::entry::Role;
use grms::job::{
    EntryChange, Event, EventType, JobId, Model, Notification, NotificationId, Protocol, RelativeName, TaskId,
};
use grms::store::events::{self, Whose};
use grms::store::jobs::{self, Removal};
use grms::store::notifications::{self, NewRegistration};
use grms::store::{Location, Store, StoreError, file_dirs, tasks};

/// The versions before the operations on jobs.
const FIRST: usize = 3;

const OWNER: &str = "/O=Grid/CN=Ada";

/// What an earlier version left behind: a job that was looked at twice, and one of somebody else.
const LEFT: &[&str] = &[
    "INSERT INTO jobs VALUES ('1767261601000_clock_0001', '/O=Grid/CN=Ada', 'clock', 'p', '<grmsjob/>', 'SPEC', 1, 'QUEUED', 4,
     1767261600001, NULL, NULL, 'monday', 'digest')",
    "INSERT INTO jobs VALUES ('1767261602000_clock_0002', '/O=Grid/CN=Eve', 'clock', NULL, '<grmsjob/>', 'SPEC', 1, 'QUEUED', 1,
     1767261600002, NULL, NULL, NULL, NULL)",
    "INSERT INTO tasks VALUES ('1767261601000_clock_0001', 'main', '{\"state\":\"queued\",\"waiting\":null}', 'QUEUED', 4, 1, NULL,
     'match', 0, 0, NULL, 0, NULL)",
    "INSERT INTO tasks VALUES ('1767261602000_clock_0002', 'main', '{\"state\":\"queued\",\"waiting\":null}', 'QUEUED', 1, 0, NULL,
     'match', 0, 0, NULL, 0, NULL)",
    "INSERT INTO attempts VALUES ('1767261601000_clock_0001', 'main', 1, 'alpha', NULL, 'ce1', NULL, 'token1', NULL, 1767261601000,
     NULL, NULL, NULL, NULL, NULL, NULL, 'FAILED', NULL)",
    "INSERT INTO history (job_id, task_id, version, at, event, status) VALUES
     ('1767261601000_clock_0001', 'main', 1, 1767261600001, 'submitted', 'QUEUED'),
     ('1767261602000_clock_0002', 'main', 1, 1767261600002, 'submitted', 'QUEUED'),
     ('1767261601000_clock_0001', 'main', 2, 1767261601000, 'placed', 'PREPROCESSING'),
     ('1767261601000_clock_0001', 'main', 3, 1767261602000, 'staged in', 'PREPROCESSING'),
     ('1767261601000_clock_0001', 'main', 4, 1767261603000, 'attempt failed', 'QUEUED')",
    "INSERT INTO outbox (job_id, task_id, version, at, from_status, status) VALUES
     ('1767261601000_clock_0001', 'main', 4, 1767261603000, 'PREPROCESSING', 'QUEUED')",
    "INSERT INTO transfers VALUES ('1767261601000_clock_0001', 'main', 1, 'in', 0, 'a', 'file', 'file:////a', 'done', 1, NULL, NULL, NULL,
     NULL, NULL)",
];

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Asks in plain SQL, on a connection of its own.
macro_rules! on {
    ($location:expr, |$conn:ident| $act:expr) => {
        match $location {
            Location::Sqlite(path) => {
                let $conn = &mut SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                $act
            }
            Location::Postgres(url) => {
                let $conn = &mut PgConnection::establish(url).unwrap();
                $act
            }
        }
    };
}

fn fill(location: &Location) {
    let engine = if matches!(location, Location::Sqlite(_)) { "sqlite" } else { "postgres" };
    let path = format!("{}/migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let spec = serde_json::to_string(&new_job(1).spec).unwrap();
    on!(location, |conn| {
        for _ in 0..FIRST {
            conn.run_next_migration(FileBasedMigrations::from_path(&path).unwrap()).unwrap();
        }
        for statement in LEFT {
            diesel::sql_query(statement.replace("SPEC", &spec)).execute(conn).unwrap();
        }
    });
}

/// How many lines each table has that names this job.
fn lines(location: &Location, id: &JobId) -> Vec<(String, i64)> {
    let tables = match location {
        Location::Sqlite(_) => {
            "SELECT t.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'job_id' \
             WHERE t.type = 'table' ORDER BY 1"
        }
        Location::Postgres(_) => {
            "SELECT table_name::text AS name FROM information_schema.columns WHERE column_name = 'job_id' \
             AND table_schema = 'public' ORDER BY 1"
        }
    };
    on!(location, |conn| {
        let tables: Vec<Name> = diesel::sql_query(tables).load(conn).unwrap();
        let count = |Name { name }: Name| {
            let question = format!("SELECT count(*) AS count FROM {name} WHERE job_id = '{id}'");
            let found: Count = diesel::sql_query(question).get_result(conn).unwrap();
            (name, found.count)
        };
        tables.into_iter().map(count).collect()
    })
}

pub(crate) async fn a_database_of_an_earlier_version_is_brought_up_to_date_with_its_jobs(location: Location) {
    fill(&location);
    let store = Store::open(&location).unwrap();
    let id = new_job(1).id;
    let (job, of_eve) = (id.clone(), Whose::Owner("/O=Grid/CN=Eve".to_owned()));
    let (found, lines, hers, former, key) = store
        .read(move |tx| {
            let to = events::settled(tx)?;
            Ok::<_, StoreError>((
                jobs::find(tx, &job)?.unwrap(),
                events::list(tx, &Whose::Owner(OWNER.to_owned()), 0, to, 99)?,
                events::list(tx, &of_eve, 0, to, 99)?,
                jobs::descriptions_in_force(tx, &job)?.unwrap().at(&TaskId::main(), 1).to_owned(),
                jobs::submitted_under(tx, OWNER, "monday")?,
            ))
        })
        .await
        .unwrap();
    assert_eq!((found.version, found.tasks.len(), found.last_attempt.unwrap().number), (4, 1, 1));
    assert_eq!((former.as_str(), key), ("<grmsjob/>", Some((id.clone(), Some("digest".to_owned())))));
    let steps: Vec<_> = lines.iter().map(|line| (line.status.0.as_deref(), line.status.1.as_str())).collect();
    let expected = [
        (None, "QUEUED"),
        (Some("QUEUED"), "PREPROCESSING"),
        (Some("PREPROCESSING"), "PREPROCESSING"),
        (Some("PREPROCESSING"), "QUEUED"),
    ];
    assert_eq!(steps, expected, "a line that changed nothing is no change");
    assert_eq!(hers.len(), 1);
    // It goes on where it was.
    let canceled = store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &Event::CancelRequested, now())).await;
    assert!(canceled.unwrap().is_final());
}

pub(crate) async fn nothing_is_left_of_a_deleted_job_but_what_is_to_be_announced(location: Location) {
    fill(&location);
    let store = Store::open(&location).unwrap();
    let id = new_job(1).id;
    let notification = Notification {
        events: vec![EventType::Status],
        protocol: Protocol::Profile,
        destination: None,
        users: Vec::new(),
        append: None,
        format: None,
        client: None,
        forward: None,
        states: Vec::new(),
        expires: None,
        model: Model::Modern,
    };
    let registration = NewRegistration {
        id: NotificationId::parse("n-1").unwrap(),
        owner: OWNER.to_owned(),
        job: Some(id.clone()),
        notification,
    };
    let job = id.clone();
    store
        .write(move |tx| -> Result<(), jobs::ApplyError> {
            let task = TaskId::main();
            notifications::register(tx, &registration, 20, now())?;
            let hidden = EntryChange::Hidden(RelativeName::parse("log").unwrap());
            file_dirs::put(tx, &job, &task, Role::Output, &hidden)?;
            jobs::replace_description(tx, &job, "<other/>", &new_job(1).spec)?;
            jobs::apply(tx, &job, &task, &Event::CancelRequested, now())?;
            Ok(tasks::rest(tx, &job, &task)?)
        })
        .await
        .unwrap();
    let before = lines(&location, &id);
    assert!(before.len() >= 8 && before.iter().all(|(_, count)| *count > 0), "a table is empty: {before:?}");
    let (mut gone, job) = (0, id.clone());
    assert_eq!(store.write(move |tx| jobs::remove(tx, &job)).await.unwrap(), Removal::Removed);
    for (table, count) in lines(&location, &id) {
        assert!(table == "outbox" || count == 0, "{table} has {count} lines of a job that is gone");
        gone += usize::from(count == 0);
    }
    assert_eq!(gone + 1, before.len(), "what was promised is still announced");
    let other = new_job(2).id;
    assert!(store.read(move |tx| jobs::find(tx, &other)).await.unwrap().is_some(), "another job is untouched");
}

/// Runs every scenario of this file on the engine that `$location` makes.
#[macro_export]
macro_rules! upgrade_scenarios {
    ($location:expr) => {
        $crate::upgrade_scenarios! { $location;
            a_database_of_an_earlier_version_is_brought_up_to_date_with_its_jobs
            nothing_is_left_of_a_deleted_job_but_what_is_to_be_announced
        }
    };
    ($location:expr; $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let kept = $location(stringify!($name));
                upgrade::$name(kept.location.clone()).await;
            }
        )*
    };
}

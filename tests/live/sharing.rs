//! Several brokers on one PostgreSQL, and a PostgreSQL that goes away and comes back.
//!
//! Run by `scripts/test live postgres`, which starts the server and sets `GRMS_TEST_POSTGRES_URL` and the variables of
//! `scripts/components/postgres.sh`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

use diesel::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use support::portal::Portal;
use support::{Site, shell_job};

const JOBS: usize = 200;

/// Held by each test: one of them stops the server.
static SERVER: Mutex<()> = Mutex::new(());

/// A database of one test.
struct Database {
    admin: String,
    name: String,
    _server: MutexGuard<'static, ()>,
}

impl Database {
    fn create(name: &str) -> Self {
        let server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
        let admin = std::env::var("GRMS_TEST_POSTGRES_URL")
            .expect("GRMS_TEST_POSTGRES_URL is not set: run `scripts/test live postgres`, which starts a server");
        let name = format!("grms_{}_{name}", std::process::id());
        let mut conn = PgConnection::establish(&admin).expect("the PostgreSQL server does not answer");
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut conn).unwrap();
        Self { admin, name, _server: server }
    }

    fn url(&self) -> String {
        format!("{}/{}", self.admin.rsplit_once('/').unwrap().0, self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.admin) {
            let _ = diesel::sql_query(format!("DROP DATABASE {} WITH (FORCE)", self.name)).execute(&mut conn);
        }
    }
}

fn site(database: &Database) -> Site {
    let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
    site.set("GRMS_DATABASE_URL", &database.url());
    site.configure(|text| text.replace("[[cluster]]", "[broker]\nlease = \"3s\"\n\n[[cluster]]") + "slots = 6\n");
    site
}

/// A file that every account may write to.
fn ledger(site: &Site) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = site.dir.path().join("ledger");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    path.display().to_string()
}

/// How many commands a broker has run for its cluster.
fn commands(portal: &mut Portal) -> u64 {
    let metrics = portal.get("/metrics").unwrap().body;
    let line = metrics.lines().find(|line| line.starts_with("grms_cluster_commands_total")).unwrap_or("- 0");
    line.rsplit_once(' ').unwrap().1.parse().unwrap()
}

fn finished(portal: &mut Portal, ids: &[String]) -> usize {
    ids.iter().filter(|id| portal.status(id) == "FINISHED").count()
}

/// Waits for a number of ends; every one of them must be a good one.
fn wait_finished(portal: &mut Portal, ids: &[String], how_many: usize) {
    let end = Instant::now() + Duration::from_secs(120);
    while finished(portal, ids) < how_many {
        assert!(Instant::now() < end, "{} of {how_many} after two minutes", finished(portal, ids));
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn two_brokers_share_the_work_and_one_may_die() {
    let database = Database::create("shared");
    let mut first = site(&database);
    let mut second = first.twin();
    let ledger = ledger(&first);
    first.start();
    second.start();
    let (mut one, mut other) = (Portal::connect(&first).unwrap(), Portal::connect(&second).unwrap());
    let line = format!("echo $GRMS_JOB_ID began >>{ledger}; sleep 0.2; echo $GRMS_JOB_ID ended >>{ledger}");
    let document = shell_job("shared", &line, "");
    let ids: Vec<String> =
        (0..JOBS).map(|n| if n % 2 == 0 { one.submit(&document) } else { other.submit(&document) }).collect();
    wait_finished(&mut other, &ids, JOBS / 4);
    let (of_one, of_other) = (commands(&mut one), commands(&mut other));
    assert!(of_one >= 10 && of_other >= 10, "both start programs: {of_one} and {of_other} commands");
    first.kill();
    wait_finished(&mut other, &ids, JOBS * 3 / 4);
    first.start();
    wait_finished(&mut other, &ids, JOBS);
    let mut lines: HashMap<String, usize> = HashMap::new();
    for line in std::fs::read_to_string(&ledger).unwrap().lines() {
        *lines.entry(line.to_owned()).or_default() += 1;
    }
    assert_eq!(lines.len(), 2 * JOBS, "every program began and ended");
    assert!(lines.values().all(|count| *count == 1), "and did so once");
    let mut one = Portal::connect(&first).unwrap();
    assert_eq!(finished(&mut one, &ids), JOBS, "the one that came back knows them all");
    assert_eq!((first.stop(), second.stop()), (Some(0), Some(0)));
}

#[expect(clippy::disallowed_methods, reason = "the server under the broker, not the broker's own")]
fn server(what: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/components/postgres.sh");
    assert!(Command::new(script).arg(what).status().unwrap().success(), "postgres.sh {what}");
}

/// The server; runs again when this is dropped.
struct Away;

impl Away {
    fn stop() -> Self {
        server("stop");
        Self
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        server("start");
    }
}

#[test]
fn a_database_that_goes_away_is_said_so_and_found_again() {
    let database = Database::create("away");
    let mut site = site(&database);
    let ledger = ledger(&site);
    site.start();
    let mut portal = Portal::connect(&site).unwrap();
    let line = format!("echo ran >>{ledger}; sleep 2");
    let running = portal.submit(&shell_job("away", &line, ""));
    portal.wait_for(&running, &["RUNNING"]);
    let waiting: Vec<_> = (0..10).map(|_| portal.submit(&shell_job("away", &line, ""))).collect();
    let away = Away::stop();
    let asked = Instant::now();
    assert_eq!(portal.get("/healthz").unwrap().status, 503);
    let refused = portal.try_submit(&shell_job("away", "exit 0", ""), Some("key")).unwrap();
    assert_eq!(refused.fault_code(), Some(902), "{}", refused.body);
    let unknown = portal.info(&running).unwrap();
    assert_eq!(unknown.fault_code(), Some(902), "{}", unknown.body);
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?} for three refusals", asked.elapsed());
    // Longer than the program that runs.
    std::thread::sleep(Duration::from_secs(3));
    drop(away);
    let back = Instant::now();
    while portal.get("/healthz").unwrap().status != 200 {
        assert!(back.elapsed() < Duration::from_secs(30), "not found again:\n{}", site.log_text());
        std::thread::sleep(Duration::from_millis(100));
    }
    let id = portal.try_submit(&shell_job("away", "exit 0", ""), Some("key")).unwrap();
    let id = support::element(&id.body, "jobId").unwrap();
    for id in waiting.iter().chain([&running, &id]) {
        portal.wait_for(id, &["FINISHED"]);
    }
    assert_eq!(std::fs::read_to_string(&ledger).unwrap().lines().count(), 11, "each ran once");
}

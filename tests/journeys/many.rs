//! Many jobs in one request, waiting for their ends, and what is left of them when they are deleted: nothing.

use crate::scene::{IDLE, Job, Scene, member};
use crate::support::elements;
use crate::support::portal::{Portal, escaped};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use std::fs;
use std::time::Instant;

const JOBS: usize = 200;

fn items(documents: impl Iterator<Item = String>) -> String {
    documents.map(|text| format!("<job><jobDefinition>{}</jobDefinition></job>", escaped(&text))).collect()
}

fn named(ids: &[String]) -> String {
    ids.iter().map(|id| format!("<jobId>{id}</jobId>")).collect()
}

/// Waits for all by the web service itself.
fn wait_for_all(portal: &mut Portal, ids: &[String]) -> String {
    let end = Instant::now() + 3 * crate::support::BOUND;
    loop {
        let members = format!("{}<timeoutSeconds>30</timeoutSeconds>", named(ids));
        let answer = portal.call("waitForJobs", &members).unwrap().body;
        if member(&answer, "timedOut") == "false" {
            return answer;
        }
        assert!(Instant::now() < end, "not all are over: {answer}");
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// The tables of the broker's database that have rows, with how many.
fn rows(scene: &Scene) -> Vec<(String, i64)> {
    let config = fs::read_to_string(scene.site.config()).unwrap();
    let path = config.split_once("sqlite:").unwrap().1.split('"').next().unwrap();
    let mut conn = SqliteConnection::establish(scene.site.path().join(path).to_str().unwrap()).unwrap();
    let tables: Vec<Name> =
        diesel::sql_query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").load(&mut conn).unwrap();
    assert!(tables.len() > 10, "the database is another one");
    let counted = tables.into_iter().map(|table| {
        let question = format!("SELECT count(*) AS rows FROM \"{}\"", table.name);
        (table.name, diesel::sql_query(question).get_result::<Count>(&mut conn).unwrap().rows)
    });
    counted.filter(|(_, rows)| *rows > 0).collect()
}

#[test]
fn two_hundred_jobs_of_one_request_all_run_and_leave_nothing_when_they_are_deleted() {
    let mut scene = Scene::with("slots = 8\n");
    scene.site.start();
    let mut portal = scene.portal();
    // All or none: one that is wrong keeps out all.
    let wrong = (0..JOBS).map(|at| if at == 150 { "<wrong/>".to_owned() } else { Job::sh("true").text() });
    let refused = portal.call("submitJobs", &(items(wrong) + "<atomic>true</atomic>")).unwrap().body;
    assert_eq!(member(&refused, "errors"), JOBS.to_string(), "{refused}");
    assert!(elements(&portal.call("getJobsList", "").unwrap().body, "jobId").is_empty());

    let ledger = scene.path("ledger");
    let line = |at: usize| Job::of("/bin/sh", &["-c", &format!("echo {at} >>\"$0\""), ledger.to_str().unwrap()]).text();
    // The second time one is wrong and the others run.
    let wrong = (0..=JOBS).map(|at| if at == JOBS { "<wrong/>".to_owned() } else { line(at) });
    let mixed = portal.call("submitJobs", &items(wrong)).unwrap().body;
    let mut ids = elements(&mixed, "jobId");
    assert_eq!((member(&mixed, "errors").as_str(), ids.len()), ("1", JOBS));
    let whole = portal.call("submitJobs", &(items((JOBS..2 * JOBS).map(line)) + "<atomic>true</atomic>")).unwrap().body;
    assert_eq!(member(&whole, "errors"), "0", "{whole}");
    ids.extend(elements(&whole, "jobId"));
    let ends = wait_for_all(&mut portal, &ids);
    let states = elements(&ends, "status");
    assert_eq!(states, vec!["FINISHED"; states.len()]);
    let mut ran: Vec<usize> = scene.read("ledger").lines().map(|line| line.parse().unwrap()).collect();
    ran.sort_unstable();
    assert_eq!(ran, (0..2 * JOBS).collect::<Vec<_>>(), "each once");
    scene.wait_swept();

    let key =
        "<item><name>x</name><path>file:////tmp/x</path><urlType>PHYSICAL</urlType><pathType>FILE</pathType></item>";
    let late = portal.call("addOutputFileDirs", &format!("<jobId>{}</jobId>{key}", ids[0])).unwrap();
    assert_eq!(late.fault_code(), Some(306), "{}", late.body);
    crate::scene::wait_until("all are deleted", || {
        let deleted = portal.call("deleteJobs", &named(&ids)).unwrap().body;
        let codes = elements(&deleted, "errorCode");
        // What is still being swept says so; what is gone is not known any more.
        codes.iter().all(|code| code == "301")
    });
    // The schema, what brokers know of clusters and each other, and up to where events are incomplete.
    let others = ["__diesel_schema_migrations", "event_floors", "leases", "marks", "sqlite_sequence", "surveys"];
    crate::scene::wait_until("no row is left", || {
        rows(&scene).iter().all(|(table, _)| others.contains(&table.as_str()))
    });
    assert!(scene.left().is_empty(), "{:?}", scene.left());
}

#[test]
fn who_waits_for_a_job_is_answered_by_its_end_and_not_by_the_clock() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let id = portal.submit(&Job::sh(IDLE).text());
    portal.wait_for(&id, &["RUNNING"]);
    let mut waiting = scene.portal();
    let members = format!("<jobId>{id}</jobId><timeoutSeconds>55</timeoutSeconds>");
    let asked = std::thread::spawn(move || waiting.call("waitForJobs", &members).unwrap().body);
    crate::scene::wait_until("the caller waits", || {
        let metrics = portal.get("/metrics").unwrap().body;
        metrics.lines().any(|line| line == "grms_waiting_callers 1")
    });
    let canceled = portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
    assert_eq!(canceled.status, 200, "{}", canceled.body);
    // Well before the time it was ready to wait, or it would have been told so.
    let answer = asked.join().unwrap();
    assert_eq!((member(&answer, "timedOut").as_str(), member(&answer, "status").as_str()), ("false", "CANCELED"));
}

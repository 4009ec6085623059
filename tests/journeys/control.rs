//! What callers ask of jobs of a whole broker: an answer that was lost is given again, nobody who waits holds up the stop, and a held or
//! suspended job runs when it is let go.

use crate::scene::{Job, Scene, member};
use crate::support::elements;
use crate::support::portal::{Portal, escaped};
use std::time::{Duration, Instant};

/// More commits than the requests below need, with those of the broker's own work.
const MOST: u32 = 60;

/// A job that no cluster takes.
fn nowhere() -> String {
    Job::sh("true").resource("<osname>Plan9</osname>").text()
}

/// Asks one after the other, each under a key of its own. Gives the answers up to the one that did not come.
fn ask_all(scene: &Scene) -> (Vec<String>, bool) {
    let mut answers = Vec::new();
    let Ok(mut portal) = Portal::connect(&scene.site) else { return (answers, false) };
    let submission =
        format!("<jobDefinition>{}</jobDefinition><hold>true</hold><requestId>k0</requestId>", escaped(&nowhere()));
    let Ok(submitted) = portal.call("submitJob", &submission) else { return (answers, false) };
    let id = member(&submitted.body, "jobId");
    answers.push(id.clone());
    let requests = ["commitJob", "suspendJob", "resumeJob", "migrateJob", "suspendJob", "resumeJob", "cancelJob"];
    for (at, operation) in requests.into_iter().enumerate() {
        let members = format!("<jobId>{id}</jobId><requestId>k{}</requestId>", at + 1);
        let Ok(answer) = portal.call(operation, &members) else { return (answers, false) };
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answers.push(crate::support::element(&answer.body, "status").unwrap_or_default());
    }
    let item =
        |key| format!("<job><jobDefinition>{}</jobDefinition><requestId>{key}</requestId></job>", escaped(&nowhere()));
    let several = item("s1") + &item("s2") + "<atomic>true</atomic>";
    let Ok(answer) = portal.call("submitJobs", &several) else { return (answers, false) };
    assert_eq!(member(&answer.body, "errors"), "0", "{}", answer.body);
    answers.push(elements(&answer.body, "jobId").join(" "));
    (answers, true)
}

#[test]
fn a_broker_that_dies_after_a_commit_gives_the_lost_answer_when_it_is_asked_again() {
    lost_answers_come_again("after");
}

#[test]
fn a_broker_that_dies_before_a_commit_carries_the_request_out_when_it_is_asked_again() {
    lost_answers_come_again("before");
}

fn lost_answers_come_again(when: &str) {
    let expected = ["", "SUSPENDED", "QUEUED", "QUEUED", "SUSPENDED", "QUEUED", "CANCELED"];
    let mut lost = 0;
    for commit in 1..MOST {
        let mut scene = Scene::with("");
        scene.site.set("GRMS_TEST_CRASH", &format!("{when}:{commit}"));
        scene.site.launch();
        let (first, whole) = if scene.site.wait_ready() { ask_all(&scene) } else { (Vec::new(), false) };
        if whole {
            break;
        }
        lost += u32::from(!first.is_empty());
        scene.site.wait_ended();
        scene.site.set("GRMS_TEST_CRASH", "");
        scene.site.start();
        let (again, whole) = ask_all(&scene);
        assert!(whole, "{again:?}");
        assert_eq!(again[..first.len()], first, "{when} commit {commit}: the same answers");
        assert_eq!(again[1..=expected.len()], expected, "{when} commit {commit}");
        let members =
            format!("<jobId>{}</jobId><eventType>STATUS</eventType><timeoutSeconds>0</timeoutSeconds>", again[0]);
        let events = scene.portal().call("waitForEvents", &members).unwrap();
        let states = elements(&events.body, "newValue");
        let once = ["QUEUED", "SUSPENDED", "QUEUED", "SUSPENDED", "QUEUED", "CANCELED"];
        let mut listed = elements(&scene.portal().call("getJobsList", "").unwrap().body, "jobId");
        let mut known: Vec<_> = again[..1].iter().chain(&again[8..]).flat_map(|ids| ids.split(' ')).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known, "{when} commit {commit}: no job twice");
        assert_eq!(states, once, "{when} commit {commit}: each was done once: {}", events.body);
    }
    assert!(lost >= 5, "only {lost} crashes in the middle");
}

#[test]
fn who_waits_is_answered_when_the_broker_stops() {
    let mut scene = Scene::new();
    let mut portal = scene.portal();
    let id = portal.submit(&nowhere());
    let waiting: Vec<_> = ["waitForJobs", "waitForEvents"]
        .map(|operation| {
            let mut portal = scene.portal();
            let job = if operation == "waitForJobs" { format!("<jobId>{id}</jobId>") } else { String::new() };
            std::thread::spawn(move || {
                portal.call(operation, &format!("{job}<timeoutSeconds>60</timeoutSeconds>")).unwrap()
            })
        })
        .into_iter()
        .collect();
    crate::scene::wait_until("both wait", || {
        let metrics = portal.get("/metrics").unwrap().body;
        metrics.lines().any(|line| line == "grms_waiting_callers 2")
    });
    let begun = Instant::now();
    assert_eq!(scene.site.stop(), Some(0), "{}", scene.site.log_text());
    assert!(begun.elapsed() < Duration::from_secs(10), "the stop took {:?}", begun.elapsed());
    for answer in waiting {
        let answer = answer.join().unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[test]
fn a_held_job_runs_when_it_is_committed_and_a_suspended_one_when_it_is_resumed_with_its_new_description() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let job = |name: &str| Job::sh(&format!("echo {name}")).stream("stdout", &scene.url("out")).text();
    let members = format!("<jobDefinition>{}</jobDefinition><hold>true</hold>", escaped(&job("old")));
    let id = member(&portal.call("submitJob", &members).unwrap().body, "jobId");
    // One that was submitted later is served; the held one is not.
    assert_eq!(member(&portal_end(&mut portal, &Job::sh("true").text()), "status"), "FINISHED");
    assert_eq!(member(&portal.info(&id).unwrap().body, "phase"), "TASK_UNCOMMITTED");
    assert_eq!(portal.call("commitJob", &format!("<jobId>{id}</jobId>")).unwrap().status, 200);
    assert_eq!(member(&wait_end(&mut portal, &id), "status"), "FINISHED");
    assert_eq!(scene.read("out"), "old\n");

    let id = portal.submit(&nowhere());
    let suspended = portal.call("suspendJob", &format!("<jobId>{id}</jobId>")).unwrap();
    assert_eq!(member(&suspended.body, "status"), "SUSPENDED");
    let members = format!("<jobId>{id}</jobId><jobDefinition>{}</jobDefinition>", escaped(&job("new")));
    assert_eq!(member(&portal.call("resumeJob", &members).unwrap().body, "status"), "QUEUED");
    assert_eq!(member(&wait_end(&mut portal, &id), "status"), "FINISHED");
    assert_eq!(scene.read("out"), "new\n");
    assert_made_with(&mut portal, &id, &job("new"));

    let id = portal.submit(&nowhere());
    let members = format!("<jobId>{id}</jobId><jobDefinition>{}</jobDefinition>", escaped(&job("moved")));
    assert_eq!(member(&portal.call("migrateJob", &members).unwrap().body, "status"), "QUEUED");
    assert_eq!(member(&wait_end(&mut portal, &id), "status"), "FINISHED");
    assert_eq!(scene.read("out"), "moved\n");
    assert_made_with(&mut portal, &id, &job("moved"));
}

/// The only attempt was made with this description, not with the one that it replaced.
fn assert_made_with(portal: &mut Portal, id: &str, document: &str) {
    let history = portal.call("getJobHistory", &format!("<jobId>{id}</jobId>")).unwrap().body;
    assert_eq!(elements(&history, "jobDescription"), [document], "{history}");
}

fn portal_end(portal: &mut Portal, document: &str) -> String {
    let id = portal.submit(document);
    wait_end(portal, &id)
}

/// Waits by the web service itself.
fn wait_end(portal: &mut Portal, id: &str) -> String {
    let answer =
        portal.call("waitForJobs", &format!("<jobId>{id}</jobId><timeoutSeconds>60</timeoutSeconds>")).unwrap();
    assert_eq!(member(&answer.body, "timedOut"), "false", "{}", answer.body);
    answer.body
}

//! The broker dies right before and right after every single commit of a job's life. Whatever it was: the job ends well, its
//! program ran once, and nothing is left.

use crate::scene::{Job, Scene, member};
use crate::support::element;
use crate::support::portal::Portal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

const AT_ONCE: usize = 4;
/// A life has fewer commits than this, or something is repeated without end.
const MOST: u32 = 120;

/// Crashes at one commit and lives on. Gives `false` when the life was over before.
fn crash_at(when: &str, commit: u32) -> bool {
    let mut scene = Scene::with("[transfers]\nretry_after = \"200ms\"\n");
    scene.write("in", "input\n");
    let ledger = scene.path("ledger").display().to_string();
    let job = Job::of("/bin/sh", &["-c", "cat; cat given; echo ran >>\"$0\"; echo result >result", &ledger])
        .file("given", "in", &scene.url("in"))
        .file("result", "out", &scene.url("result"))
        .stream("stdin", &scene.url("in"))
        .stream("stdout", &scene.url("out"))
        .text();
    scene.site.set("GRMS_TEST_CRASH", &format!("{when}:{commit}"));
    scene.site.launch();
    let known = if scene.site.wait_ready() { submit(&scene, &job) } else { None };
    let died = known.as_ref().is_none_or(|id| ends_or_crashes(&mut scene, id));
    // The stop has commits too.
    let code = if died { scene.site.wait_ended() } else { scene.site.stop() };
    assert!(code.is_none_or(|code| code == 0 && !died), "it did not die of a signal: {}", scene.site.log_text());
    scene.site.set("GRMS_TEST_CRASH", "");
    scene.site.start();
    let at = format!("{when} commit {commit}");
    let id = submit(&scene, &job).unwrap_or_else(|| panic!("{at}: {}", scene.site.log_text()));
    assert!(known.is_none_or(|known| known == id), "{at}: another job under the same key");
    let end = scene.portal().wait_end(&id).body;
    assert_eq!(element(&end, "status").as_deref(), Some("FINISHED"), "{at}: {end}\n{}", scene.site.log_text());
    assert_eq!(member(&end, "exitCode"), "0", "{at}");
    assert_eq!(scene.read("ledger"), "ran\n", "{at}: the program ran more than once");
    assert_eq!((scene.read("out").as_str(), scene.read("result").as_str()), ("input\ninput\n", "result\n"), "{at}");
    scene.wait_swept();
    code.is_none()
}

/// Submits under one key. Gives nothing when the broker died of it.
fn submit(scene: &Scene, job: &str) -> Option<String> {
    let answer = Portal::connect(&scene.site).ok()?.try_submit(job, Some("the-only-one")).ok()?;
    Some(member(&answer.body, "jobId"))
}

/// Waits until the job is over and swept, or the broker dead.
fn ends_or_crashes(scene: &mut Scene, id: &str) -> bool {
    let mut crashed = false;
    let mut portal = Portal::connect(&scene.site).ok();
    crate::scene::wait_until("the job is over or the broker dead", || {
        crashed = scene.site.has_ended();
        let answer = portal.as_mut().and_then(|portal| portal.info(id).ok());
        let status = answer.and_then(|answer| element(&answer.body, "status"));
        crashed || (status.as_deref() == Some("FINISHED") && scene.left().is_empty())
    });
    crashed
}

fn crash_at_every_commit(when: &'static str) {
    let (next, over) = (AtomicU32::new(1), AtomicBool::new(false));
    let reached = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let commit = next.fetch_add(1, Ordering::Relaxed);
                    assert!(commit < MOST, "the life never ends");
                    if crash_at(when, commit) {
                        let mut reached = reached.lock().unwrap();
                        *reached = commit.max(*reached);
                    } else {
                        over.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let reached = *reached.lock().unwrap();
    assert!(reached >= 15, "a life has more commits than {reached}");
}

#[test]
fn a_crash_before_any_commit_loses_and_doubles_nothing() {
    crash_at_every_commit("before");
}

#[test]
fn a_crash_after_any_commit_loses_and_doubles_nothing() {
    crash_at_every_commit("after");
}

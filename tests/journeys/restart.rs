//! The broker stops or is killed while jobs run: they go on, and are found again.

use crate::scene::{Job, Scene, WAIT, member, wait_for_reason};
use crate::support::element;
use std::process::Command;
use std::time::{Duration, Instant};

fn waits_for(scene: &Scene, name: &str) -> Job {
    let go = scene.path(name).display().to_string();
    let line = format!("echo >\"$0.runs\"; {WAIT}; echo done; echo >\"$0.over\"; exit 5");
    Job::of("/bin/sh", &["-c", &line, &go]).stream("stdout", &scene.url(&format!("{name}.out")))
}

/// Two jobs run while the broker ends; one of them ends before it is back.
fn jobs_survive(end_broker: impl FnOnce(&mut Scene)) {
    let mut scene = Scene::with("slots = 2\n");
    scene.site.start();
    let mut portal = scene.portal();
    let ids: Vec<String> =
        ["early", "late"].iter().map(|name| portal.submit(&waits_for(&scene, name).text())).collect();
    let queued = portal.submit(&Job::sh("true").resource("<osname>Plan9</osname>").text());
    for (id, name) in ids.iter().zip(["early.runs", "late.runs"]) {
        scene.wait_for_file(name);
        portal.wait_for(id, &["RUNNING"]);
    }
    let parked = portal.submit(&Job::sh("true").text());
    wait_for_reason(&mut portal, &parked, &["2 slots"]);
    end_broker(&mut scene);
    scene.write("early", "");
    scene.wait_for_file("early.over");
    scene.site.start();
    let mut portal = scene.portal();
    scene.write("late", "");
    for (id, name) in ids.iter().zip(["early", "late"]) {
        let end = portal.wait_end(id).body;
        assert_eq!(element(&end, "errorCode").as_deref(), Some("603"), "{name}: {end}");
        assert_eq!(member(&end, "exitCode"), "5", "{name}: {end}");
        assert_eq!(member(&end, "historyLength"), "1", "{name}: {end}");
        assert_eq!(scene.read(&format!("{name}.out")), "done\n");
    }
    assert_eq!(portal.status(&queued), "QUEUED");
    assert_eq!(member(&portal.wait_end(&parked).body, "status"), "FINISHED");
    scene.wait_swept();
}

#[test]
fn an_orderly_stop_leaves_jobs_alone_and_they_are_found_again() {
    jobs_survive(|scene| {
        // An idle caller does not hold the stop up.
        let idle = scene.portal();
        let begun = Instant::now();
        assert_eq!(scene.site.stop(), Some(0), "{}", scene.site.log_text());
        assert!(begun.elapsed() < Duration::from_secs(8), "the stop took {:?}", begun.elapsed());
        drop(idle);
    });
}

#[test]
fn a_killed_broker_leaves_jobs_alone_and_they_are_found_again() {
    jobs_survive(|scene| scene.site.kill());
}

#[test]
fn work_that_a_killed_broker_had_in_hand_goes_on_at_once() {
    // With a lease this long nobody would see the end of it.
    let mut scene = Scene::with("[broker]\nlease = \"1h\"\n");
    scene.site.start();
    let mut portal = scene.portal();
    let ids: Vec<String> = (0..8).map(|_| portal.submit(&Job::sh("true").text())).collect();
    scene.site.kill();
    scene.site.start();
    let mut portal = scene.portal();
    for id in &ids {
        assert_eq!(member(&portal.wait_end(id).body, "status"), "FINISHED");
    }
    scene.wait_swept();
}

#[test]
fn a_second_broker_on_the_same_file_is_refused_by_name() {
    let scene = Scene::new();
    let other = scene.site.path().join("other.toml");
    let text = std::fs::read_to_string(scene.site.config()).unwrap();
    std::fs::write(&other, text.replace("listen = \"127.0.0.1:", "listen = \"127.0.0.2:")).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    let second = Command::new(env!("CARGO_BIN_EXE_grmsd")).args(["serve", "--config"]).arg(&other).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    let holder = format!("process {}", scene.site.pid());
    assert!(said.contains(&holder) && said.contains("grms.lock") && said.contains("PostgreSQL"), "{said}");
}

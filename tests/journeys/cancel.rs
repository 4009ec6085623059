//! Canceling: at every stage, twice, too late; and nothing of the job is left.

use crate::scene::{IDLE, Job, Scene, WAIT, member, wait_until};
use crate::support::element;
use crate::support::portal::Portal;
use crate::web::Web;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::net::TcpListener;
use std::path::Path;

fn cancel(portal: &mut Portal, id: &str) -> String {
    member(&portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap().body, "status")
}

/// Waits for the end, which must be this.
fn ends(portal: &mut Portal, id: &str, status: &str) -> String {
    let end = portal.wait_end(id).body;
    assert_eq!(element(&end, "status").as_deref(), Some(status), "{end}");
    end
}

fn refused_as_over(portal: &mut Portal, id: &str) {
    let answer = portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
    assert_eq!(answer.fault_code(), Some(306), "{}", answer.body);
}

fn is_gone(pid: &str) -> bool {
    !Path::new("/proc").join(pid.trim()).exists()
}

#[test]
fn a_job_that_waits_is_canceled_at_once() {
    let mut scene = Scene::with("slots = 1\n");
    scene.site.start();
    let mut portal = scene.portal();
    let nowhere = portal.submit(&Job::sh("true").resource("<osname>Plan9</osname>").text());
    assert_eq!(cancel(&mut portal, &nowhere), "CANCELED");
    let first = portal.submit(&Job::sh(&format!("echo >{}; sleep 60", scene.path("runs").display())).text());
    scene.wait_for_file("runs");
    let parked = portal.submit(&Job::sh(&format!("echo >{}", scene.path("never").display())).text());
    crate::scene::wait_for_reason(&mut portal, &parked, &["slots"]);
    assert_eq!(cancel(&mut portal, &parked), "CANCELED");
    refused_as_over(&mut portal, &parked);
    cancel(&mut portal, &first);
    ends(&mut portal, &first, "CANCELED");
    // The slot of the canceled job is free again.
    Job::sh("true").run(&mut portal, "FINISHED");
    assert!(!scene.has("never"));
    scene.wait_swept();
}

#[test]
fn a_job_that_fetches_its_files_is_canceled_and_leaves_nothing() {
    // A server that takes connections and says nothing, and one that says what happened after it.
    let (silent, web) = (TcpListener::bind("127.0.0.1:0").unwrap(), Web::start());
    let url = format!("<url>http://{}/x</url>", silent.local_addr().unwrap());
    let mut scene = Scene::with("[broker]\nlease = \"9s\"\n");
    scene.site.start();
    let mut portal = scene.portal();
    let job = Job::sh("true").file("deep/x", "in", &url).file("deep/er/y", "in", &web.url("/y"));
    let mut canceled = || {
        let id = portal.submit(&job.text());
        let (connection, _) = silent.accept().unwrap();
        assert_eq!(cancel(&mut portal, &id), "CANCELED");
        refused_as_over(&mut portal, &id);
        connection
    };
    // The step that was under way goes on with the next file: what it makes must not stay either.
    drop(canceled());
    wait_until("the next file is asked for", || web.was_asked_in_vain("/y"));
    scene.wait_swept();
    // A step that would go on for long is given up.
    let held = canceled();
    scene.wait_swept();
    drop(held);
}

#[test]
fn a_running_job_is_canceled_with_all_its_processes_and_its_output_comes_back() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let line = "echo before; sleep 60 & echo $! $$$$ >\"$0\"; wait";
    let pids = scene.path("pids").display().to_string();
    let job = Job::of("/bin/sh", &["-c", line, &pids]).stream("stdout", &scene.url("out"));
    let id = portal.submit(&job.text());
    wait_until("the processes are told", || scene.has("pids") && scene.read("pids").ends_with('\n'));
    portal.wait_for(&id, &["RUNNING"]);
    let first = cancel(&mut portal, &id);
    assert!(["RUNNING", "CANCELED", "STOPPED", "POSTPROCESSING"].contains(&first.as_str()), "{first}");
    ends(&mut portal, &id, "CANCELED");
    assert_eq!(scene.read("out"), "before\n");
    refused_as_over(&mut portal, &id);
    for pid in scene.read("pids").split_whitespace() {
        assert!(is_gone(pid), "process {pid} is left");
    }
    scene.wait_swept();
}

#[test]
fn a_program_that_ignores_term_is_killed_after_the_grace() {
    let mut scene = Scene::with("grace = \"1s\"\n");
    scene.site.start();
    let mut portal = scene.portal();
    let pid = scene.path("pid").display().to_string();
    let line = format!("trap '' TERM INT HUP; echo $$$$ >\"$0\"; {IDLE}");
    let id = portal.submit(&Job::of("/bin/sh", &["-c", &line, &pid]).text());
    wait_until("the process is told", || scene.has("pid") && scene.read("pid").ends_with('\n'));
    portal.wait_for(&id, &["RUNNING"]);
    for _ in 0..2 {
        assert_eq!(cancel(&mut portal, &id), "RUNNING");
        assert_eq!(member(&portal.info(&id).unwrap().body, "statusDescription"), "being canceled");
    }
    let end = ends(&mut portal, &id, "CANCELED");
    assert!(is_gone(&scene.read("pid")), "{end}");
    scene.wait_swept();
}

#[test]
fn a_program_that_ends_itself_when_asked_was_canceled_whatever_its_code() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    for code in ["0", "7"] {
        let begun = format!("begun{code}");
        let path = scene.path(&begun).display().to_string();
        let line = format!("trap 'echo saved; exit {code}' TERM; echo >\"$0\"; {IDLE}");
        let job = Job::of("/bin/sh", &["-c", &line, &path]).stream("stdout", &scene.url("out"));
        let id = portal.submit(&job.text());
        scene.wait_for_file(&begun);
        portal.wait_for(&id, &["RUNNING"]);
        cancel(&mut portal, &id);
        ends(&mut portal, &id, "CANCELED");
        assert_eq!(scene.read("out"), "saved\n");
    }
}

#[test]
fn a_program_that_ended_before_the_cancel_is_finished() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let (go, pid) = (scene.path("go").display().to_string(), scene.path("pid").display().to_string());
    let line = format!("echo $PPID >\"$1\"; {WAIT}");
    let id = portal.submit(&Job::of("/bin/sh", &["-c", &line, &go, &pid]).text());
    wait_until("the wrapper is told", || scene.has("pid") && scene.read("pid").ends_with('\n'));
    portal.wait_for(&id, &["RUNNING"]);
    let broker = Pid::from_raw(i32::try_from(scene.site.pid()).unwrap());
    kill(broker, Signal::SIGSTOP).unwrap();
    scene.write("go", "");
    let wrapper = format!("/proc/{}/stat", scene.read("pid").trim());
    let over = || std::fs::read_to_string(&wrapper).map_or(true, |stat| stat.contains(") Z "));
    wait_until("the wrapper has ended", over);
    let answer = std::thread::scope(|scope| {
        let asked = scope.spawn(|| portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap());
        kill(broker, Signal::SIGCONT).unwrap();
        asked.join().unwrap()
    });
    // A cancel that comes while files are collected ends the collection, and says so at once.
    let expected = if element(&answer.body, "status").as_deref() == Some("CANCELED") { "CANCELED" } else { "FINISHED" };
    ends(&mut portal, &id, expected);
}

//! Holding, committing, suspending, resuming, migrating, waiting and watching.

use crate::support::{BOUND, shell_job};
use crate::terminal::{LONG, Terminal};
use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::time::{Duration, Instant};

#[test]
fn a_held_job_begins_when_it_is_committed() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    terminal.output(&["submit", "true.xml", "--hold", "-q"]);
    let late = terminal.run(&["wait", "--timeout", "1", "--state", "RUNNING"]);
    assert_eq!(late.status.code(), Some(7), "{late:?}");
    terminal.transcript("held", &[&["info", "-q"], &["commit", "-q"], &["wait", "--timeout", "60", "-q"], &["commit"]]);
    let id = terminal.output(&["submit", "true.xml", "--hold", "-q"]);
    let told = terminal.output(&["commit"]);
    assert!(told.lines().any(|line| line.starts_with(&id)), "{told}");
    terminal.output(&["submit_job", "true.xml", "--hold"]);
    assert!(terminal.output(&["commit_job"]).starts_with("Status = "));
    assert_eq!(terminal.output(&["wait", "-q", "--timeout", "60"]), "FINISHED");
}

#[test]
fn a_queued_job_is_suspended_moved_and_resumed_under_a_new_description() {
    let terminal = Terminal::new();
    let nowhere = shell_job("nowhere", "exit 3", "")
        .replace("<executable", "<resource><osname>Plan9</osname></resource><executable");
    terminal.write("nowhere.xml", &nowhere);
    terminal.write("here.xml", &shell_job("here", "true", ""));
    terminal.write("wrong.xml", "<grmsjob appid=\"wrong\"><simplejob/></grmsjob>\n");
    let ids = terminal.output(&["submit", "nowhere.xml", "nowhere.xml", "-q"]);
    let (first, second) = ids.split_once('\n').unwrap();
    terminal.transcript(
        "queued",
        &[
            &["suspend", first],
            &["info", first, "-q"],
            &["suspend", first],
            &["suspend_job", second],
            &["resume", "--jobs", first, "1795000000000_true_0001", second],
            &["resume", first],
            &["migrate", first],
            &["migrate", first, "wrong.xml"],
            &["suspend", second],
            &["resume", second, "here.xml"],
            &["migrate_job", first, "here.xml", "--style", "qcg"],
            &["wait", first, second, "--timeout", "60"],
            &["migrate", first],
        ],
    );
}

#[test]
fn what_cannot_be_checkpointed_is_neither_suspended_nor_migrated() {
    let terminal = Terminal::new();
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    terminal.output(&["submit", "sleep.xml", "-q"]);
    terminal.output(&["wait", "--state", "RUNNING", "--timeout", "60"]);
    terminal.transcript(
        "not_checkpointable",
        &[
            &["suspend", "last"],
            &["migrate", "last"],
            &["resume", "last"],
            &["suspend_job", "last"],
            &["migrate", "--jobs", "last", "last", "--json"],
        ],
    );
    assert_eq!(terminal.output(&["info", "-q"]), "RUNNING");
    terminal.output(&["cancel", "last"]);
}

#[test]
fn waiting_for_any_ends_with_the_first() {
    let terminal = Terminal::new();
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    terminal.write("true.xml", &shell_job("true", "true", ""));
    let slow = terminal.output(&["submit", "sleep.xml", "-q"]);
    let fast = terminal.output(&["submit", "true.xml", "-q"]);
    let begun = Instant::now();
    let states = terminal.output(&["wait", "--any", &slow, &fast, "-q", "--timeout", "60"]);
    assert_eq!(states.lines().last(), Some("FINISHED"), "{states}");
    assert!(begun.elapsed() < BOUND);
    terminal.output(&["cancel", &slow]);
}

#[test]
fn whatever_happens_to_ones_jobs_is_told_as_it_happens() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    let mut watch = terminal.start(&["watch", "--all", "--quiet"]);
    let (told, lines) = mpsc::channel();
    let output = watch.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if told.send(line).is_err() {
                return;
            }
        }
    });
    // It tells what happens from its beginning on, and nobody knows when that is: jobs are submitted until it speaks.
    let end = Instant::now() + BOUND;
    let seen = loop {
        terminal.output(&["submit", "true.xml", "-q"]);
        match lines.recv_timeout(Duration::from_secs(2)) {
            Ok(line) => break line,
            Err(_) => assert!(Instant::now() < end, "nothing was told"),
        }
    };
    let (id, _) = seen.split_once(' ').unwrap();
    let finished = std::iter::from_fn(|| lines.recv_timeout(BOUND).ok()).find(|line| line.ends_with("FINISHED"));
    assert!(finished.is_some() && id.contains("true"), "{seen} {finished:?}");
    watch.kill().unwrap();
    watch.wait().unwrap();
    reader.join().unwrap();
}

#[test]
fn watching_two_jobs_names_them_in_every_line() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    terminal.write("false.xml", &shell_job("false", "exit 3", ""));
    let seen = terminal.run(&["submit", "true.xml", "false.xml", "--watch", "--timeout", "60"]);
    let text = String::from_utf8(seen.stdout).unwrap();
    assert_eq!(seen.status.code(), Some(5), "{text}");
    for (label, state) in [("_true_", "FINISHED"), ("_false_", "FAILED")] {
        let mut lines = text.lines().filter(|line| line.contains(label));
        assert!(lines.any(|line| line.contains(state)), "{label} {state} in\n{text}");
    }
}

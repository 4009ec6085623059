//! Submitting, following, canceling.

use crate::support::shell_job;
use crate::terminal::{LONG, Terminal};

/// The states of a watched job, in the order of its lines.
fn states(text: &str) -> Vec<&str> {
    text.lines().skip(1).filter_map(|line| line.split_whitespace().nth(2)).collect()
}

#[test]
fn a_watched_job_shows_every_state_however_fast_it_was() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    let seen = terminal.output(&["submit", "true.xml", "--watch", "--timeout", "60"]);
    assert!(seen.starts_with("JobId = 1"), "{seen}");
    let mut told = states(&seen);
    told.dedup();
    told.retain(|state| *state != "POSTPROCESSING");
    assert_eq!(told, ["QUEUED", "PREPROCESSING", "PENDING", "RUNNING", "STOPPED", "FINISHED"], "{seen}");
    assert!(seen.lines().last().is_some_and(|line| line.ends_with(": exit code 0")), "{seen}");
    let seen = terminal.output(&["submit", "true.xml", "--watch", "--json"]);
    assert!(seen.lines().next().is_some_and(|line| line.starts_with("{\"jobId\":")), "{seen}");
    assert!(seen.lines().last().is_some_and(|line| line.contains("\"status\":\"FINISHED\"")), "{seen}");
}

#[test]
fn the_exit_code_tells_how_a_job_ended() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    terminal.write("false.xml", &shell_job("false", "exit 3", ""));
    terminal.transcript(
        "submit",
        &[
            &["submit", "true.xml"],
            &["submit", "true.xml", "--json"],
            &["submit", "true.xml", "--wait", "--timeout", "60"],
            &["submit", "false.xml", "--wait", "--timeout", "60"],
            &["submit", "false.xml", "--wait", "--quiet"],
        ],
    );
    let twice = [(); 2].map(|()| terminal.output(&["submit", "true.xml", "--request-id", "k1", "-q"]));
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn a_job_is_canceled_and_waiting_for_it_says_so() {
    let terminal = Terminal::new();
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    let id = terminal.output(&["submit", "sleep.xml", "--quiet"]);
    let late = terminal.run(&["wait", &id, "--timeout", "0"]);
    assert_eq!(late.status.code(), Some(7), "{late:?}");
    assert_eq!(terminal.output(&["cancel", &id, "--quiet"]), id);
    terminal.transcript("canceled", &[&["wait", &id, "--timeout", "60"], &["info", &id, "-q"], &["cancel", &id]]);
    let id = terminal.output(&["submit", "sleep.xml", "--quiet"]);
    let json = terminal.output(&["cancel", &id, "--json"]);
    assert!(json.contains("\"errors\": 0"), "{json}");
    assert_eq!(terminal.run(&["wait", &id, "--timeout", "60"]).status.code(), Some(6));
}

//! Everything that only asks.

use crate::support::shell_job;
use crate::terminal::{Terminal, USER};
use std::time::{Duration, Instant};

#[test]
fn the_broker_describes_itself() {
    let terminal = Terminal::new();
    terminal.transcript(
        "description",
        &[&["description"], &["description", "FULL"], &["description", "--json"], &["description", "--quiet"]],
    );
}

#[test]
fn a_description_is_tested_and_a_place_for_it_is_found() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    terminal.write(
        "huge.xml",
        &shell_job("true", "true", "")
            .replace("<executable", "<resource><memory>99999999</memory></resource><executable"),
    );
    terminal.transcript("test", &[&["test", "true.xml"], &["test", "true.xml", "--json"], &["test", "true.xml", "-q"]]);
    // The first look at the clusters follows the start of the broker.
    let end = Instant::now() + Duration::from_secs(30);
    while terminal.run(&["resources", "true.xml", "-q"]).stdout.is_empty() {
        assert!(Instant::now() < end, "no cluster is known");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(terminal.output(&["resources", "true.xml", "-q"]), "localhost/jobmanager-fork");
    let table = terminal.output(&["resources", "true.xml"]);
    assert!(table.starts_with("Contact") && table.contains("free processors"), "{table}");
    let json = terminal.output(&["resources", "true.xml", "--json"]);
    assert!(json.contains("\"localResourceManager\": \"fork\""), "{json}");
    let none = terminal.output(&["resources", "huge.xml", "--explain"]);
    assert!(none.contains("no resource fits now") && none.contains("memory"), "{none}");
    let explained = terminal.output(&["explain", "true.xml"]);
    let (tree, places) = explained.split_once("\n\nContact").unwrap();
    assert!(
        tree.contains("task") && tree.contains("/bin/sh") && places.contains("localhost/jobmanager-fork"),
        "{explained}"
    );
    let explained = terminal.output(&["explain", "huge.xml"]);
    assert!(explained.contains("no resource fits now") && explained.contains("Rejected"), "{explained}");
    terminal.transcript(
        "translate",
        &[
            &["translate", "true.xml"],
            &["translate_description", "true.xml", "--json"],
            &["translate", "true.xml", "--to", "ESPERANTO"],
            &["test_description", "true.xml"],
        ],
    );
    let translated = terminal.output(&["translate", "true.xml"]);
    terminal.write("translated.xml", &translated);
    assert!(terminal.run(&["find_resources", "huge.xml"]).status.success());
}

#[test]
fn a_job_that_ended_is_shown_in_every_form() {
    let terminal = Terminal::new();
    let id = terminal.finished("true.xml", &shell_job("true", "true", ""));
    let id = id.as_str();
    terminal.transcript("info", &[&["info", id], &["info", id, "--json"], &["info", id, "--quiet"]]);
    terminal.transcript("history", &[&["history", id], &["history", id, "--quiet"]]);
    let json = terminal.output(&["history", id, "--json"]);
    assert!(json.contains("\"outcome\": \"DONE\"") && json.contains("grmsjob"), "{json}");
    terminal.transcript("wait", &[&["wait", id], &["wait", id, "--json", "--timeout", "5"], &["wait", id, "-q"]]);
}

#[test]
fn lists_show_ones_own_jobs_newest_first() {
    let mut terminal = Terminal::with_administrator();
    terminal.transcript("list_empty", &[&["list"], &["list", "--quiet"], &["list", "--json"]]);
    let ids = ["one", "two", "two"].map(|label| {
        let fails = if label == "one" { "exit 3" } else { "true" };
        terminal.finished("job.xml", &shell_job(label, fails, ""))
    });
    terminal.transcript(
        "list",
        &[&["list"], &["list", "finished", "--limit", "1"], &["list", "FAILED", "--json"], &["list_all", "FINISHED"]],
    );
    assert_eq!(terminal.output(&["list", "-q"]).lines().rev().collect::<Vec<_>>(), ids);
    let format = terminal.output(&["list", "-F", "%-9L|%8S|%X", "--limit", "2"]);
    assert_eq!(format, "two      |FINISHED|0\ntwo      |FINISHED|0");
    assert_eq!(terminal.output(&["list_jobs", "2", "FINISHED", "-q"]).lines().collect::<Vec<_>>(), [&ids[2], &ids[1]]);
    assert_eq!(terminal.output(&["list", "--since", "1h", "-q"]).lines().count(), 3);
    assert_eq!(terminal.output(&["list", "--since", "2035-01-01", "-q"]), "");
    assert_eq!(terminal.output(&["list", "--project", "none", "--everybody", "-q"]), "");
    terminal.become_user("Ada Nowak");
    assert_eq!(terminal.output(&["list", "-q"]), "");
    terminal.become_owner();
    terminal.transcript("list_all", &[&["list_all", "FAILED"], &["list_all", "FINISHED", "-q"], &["list"]]);
    let user = format!("/O=GRMS Test/CN={USER}");
    assert_eq!(terminal.output(&["list", "--user", &user, "-q"]).lines().count(), 3);
    assert_eq!(terminal.output(&["list_user_jobs", "1", "FAILED", &user, "-q"]), ids[0]);
}

//! Who is told, which files are collected, where a running program listens.

use crate::support::shell_job;
use crate::terminal::{LONG, Terminal};
use std::os::unix::fs::PermissionsExt as _;

/// A step of a loop in a job; it ends the job when its site is gone.
const STEP: &str = "[ -d \"$PWD\" ] || exit 9; i=$((i+1)); [ $i -lt 300 ] || exit 8; sleep 0.2";

fn running() -> Terminal {
    let terminal = Terminal::new();
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    terminal.output(&["submit", "sleep.xml", "-q"]);
    terminal.output(&["wait", "--state", "RUNNING", "--timeout", "60"]);
    terminal
}

#[test]
fn listeners_come_and_go() {
    let terminal = running();
    let ids = [
        &["add_listener", "last", "mailto:jan@example.org", "-q"][..],
        &["add_listener", "last", "https://portal.example.org/listener", "REQUEST", "SMS", "jan", "-q"],
        &["add_listener", "all", "", "STATUS", "PROFILE", "-q"],
    ]
    .map(|arguments| terminal.output(arguments));
    assert_eq!(terminal.output(&["listeners", "-q"]).lines().collect::<Vec<_>>(), ids[..2]);
    assert_eq!(terminal.output(&["listeners", "all", "-q"]).lines().count(), 3);
    let json = terminal.output(&["listeners", "--json"]);
    assert!(json.contains("\"protocol\": \"MAIL\"") && json.contains("\"jan@example.org\""), "{json}");
    let table = terminal.output(&["listeners"]);
    assert!(table.contains("https://portal.example.org/listener") && table.contains("REQUEST"), "{table}");
    assert_eq!(terminal.output(&["del_listener", &ids[0], &ids[1], "-q"]).lines().collect::<Vec<_>>(), ids[..2]);
    terminal.transcript(
        "listeners",
        &[
            &["listeners"],
            &["add_listener", "last", "", "STATUS", "MAIL"],
            &["add_listener", "last", "mailto:jan@example.org", "--expires", "2001-01-01"],
            &["add_listener", "last", "jan"],
        ],
    );
    let id = terminal.output(&["submit", "sleep.xml", "--notify", "mailto:jan@example.org", "-q"]);
    assert_eq!(terminal.output(&["listeners", &id, "-q"]).lines().count(), 1);
}

#[test]
fn files_are_added_to_what_is_collected_and_come_back() {
    let terminal = Terminal::new();
    terminal.write("write.xml", &shell_job("write", &format!("echo done > late.txt; {LONG}"), ""));
    terminal.output(&["submit", "write.xml", "-q"]);
    terminal.output(&["wait", "--state", "RUNNING", "--timeout", "60"]);
    let path = "file:////tmp/grms-client-collected";
    terminal.transcript(
        "files",
        &[
            &["get_output"],
            &["add_output", "last", "late.txt", path],
            &["add_output", "last", "late.txt", path],
            &["get_output"],
            &["get_output", "-q"],
            &["add_output", "last", "../escape", path],
            &["add_output", "last", "lfn.txt", "lfn:x", "LOGICAL"],
            &["del_output", "last", "late.txt", path],
            &["del_output", "last", "late.txt", path],
            &["add_checkpoint", "last", "state", path, "PHISICAL", "DIRECTORY", "--json"],
            &["get_checkpoint", "--json"],
            &["del_checkpoint", "last", "state", path, "PHYSICAL", "DIRECTORY"],
            &["get_checkpoint"],
        ],
    );
    terminal.output(&["cancel", "last"]);
}

#[test]
fn a_file_that_was_added_while_the_program_ran_arrives() {
    let terminal = Terminal::new();
    let place = terminal.site.dir.path().join("place");
    std::fs::create_dir(&place).unwrap();
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o777)).unwrap();
    let line =
        format!("echo kept >late.txt; echo gone >early.txt; until [ -e {}/go ]; do {STEP}; done", place.display());
    terminal.write("write.xml", &shell_job("write", &line, ""));
    terminal.output(&["submit", "write.xml", "-q"]);
    terminal.output(&["wait", "--state", "RUNNING", "--timeout", "60"]);
    let url = |name: &str| format!("file:///{}", place.join(name).display());
    assert_eq!(terminal.output(&["add_output", "last", "late.txt", &url("arrived")]), "done");
    assert_eq!(terminal.output(&["add_output", "last", "early.txt", &url("never")]), "done");
    assert_eq!(terminal.output(&["del_output", "last", "early.txt", &url("never")]), "done");
    std::fs::write(place.join("go"), "").unwrap();
    assert_eq!(terminal.output(&["wait", "--timeout", "60", "-q"]), "FINISHED");
    assert_eq!(std::fs::read_to_string(place.join("arrived")).unwrap(), "kept\n");
    assert!(!place.join("never").exists());
    let late = terminal.run(&["add_output", "last", "late.txt", &url("more")]);
    assert!(late.status.code() == Some(1) && String::from_utf8_lossy(&late.stderr).contains("(306)"), "{late:?}");
}

#[test]
fn a_program_says_where_it_listens() {
    let terminal = running();
    terminal.transcript(
        "access",
        &[
            &["get_access"],
            &["register", "last", "http://node7.example.org:9000/checkpoint", "4711"],
            &["get_access"],
            &["register", "last", "signal:USR1", "4711", "--protocol", "SIGNAL"],
            &["get_access", "--json"],
            &["register", "last", "signal:NONSENSE", "4711"],
            &["register", "last", "signal:USR1", "1"],
            &["register", "last", "signal:USR1"],
            &["register", "last", "exitcode:85"],
            &["unregister", "last"],
            &["unregister", "last"],
        ],
    );
    terminal.output(&["cancel", "last"]);
}

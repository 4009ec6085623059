//! Many files and many jobs in one command: every one has its own result.

use crate::support::shell_job;
use crate::terminal::{LONG, Terminal};
use std::process::Stdio;

#[test]
fn files_are_submitted_together_and_a_wrong_one_stops_no_other() {
    let terminal = Terminal::new();
    terminal.write("a.xml", &shell_job("a", "true", ""));
    terminal.write("b.xml", "<grmsjob appid=\"b\">\n  <simplejob><executable/></simplejob>\n</grmsjob>\n");
    terminal.write("c.xml", &shell_job("c", "exit 3", ""));
    let files = ["a.xml", "b.xml", "c.xml"];
    terminal.transcript("submit_many", &[&["submit", "a.xml", "b.xml", "c.xml"], &["test", "a.xml", "b.xml", "c.xml"]]);
    let submit = |key: &str| terminal.run(&[&["submit", "-q", "--request-id", key][..], &files].concat()).stdout;
    let first = submit("k");
    assert_eq!(String::from_utf8_lossy(&first).lines().count(), 2);
    assert_eq!(submit("k"), first, "the same key gives the same jobs");
    assert_ne!(submit("other"), first);
    let before = terminal.output(&["list", "-q"]).lines().count();
    let none = terminal.run(&["submit", "--atomic", "-q", "a.xml", "b.xml"]);
    assert_eq!((none.status.code(), none.stdout.as_slice()), (Some(1), &b""[..]));
    assert_eq!(terminal.output(&["list", "-q"]).lines().count(), before, "all or none");
}

#[test]
fn jobs_from_a_list_are_waited_for_shown_and_deleted() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    terminal.write("false.xml", &shell_job("false", "exit 3", ""));
    let ids = terminal.output(&["submit", "true.xml", "false.xml", "-q"]);
    let ids: Vec<_> = ids.lines().collect();
    let unknown = "1795000000000_true_0001";
    terminal.transcript(
        "many",
        &[
            &["wait", ids[0], ids[1], "--timeout", "60"],
            &["info", ids[0], unknown, ids[1], "-F", "%L %S"],
            &["info", ids[0], unknown, "-q"],
            &["cancel", ids[0], ids[1]],
            &["delete", ids[0], unknown],
            &["info", ids[0]],
        ],
    );
    assert_eq!(terminal.shell("grms-client list -q | grms-client delete - -q"), ids[1]);
    assert_eq!(terminal.output(&["list", "-q"]), "");
    assert_eq!(terminal.shell("grms-client list -q | grms-client delete - -q"), "", "nothing to do is no mistake");
}

#[test]
fn many_running_jobs_are_canceled_at_once() {
    let terminal = Terminal::new();
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    terminal.output(&["submit", "sleep.xml", "sleep.xml", "sleep.xml", "-q"]);
    let canceled = terminal.shell("grms-client list -q | grms-client cancel - --json");
    assert!(canceled.contains("\"errors\": 0") && canceled.contains("\"index\": 3"), "{canceled}");
    let ended = terminal.shell("grms-client list -q | grms-client wait - -q --timeout 60 || [ $? = 6 ]");
    assert_eq!(ended, "CANCELED\nCANCELED\nCANCELED");
}

#[test]
fn a_description_comes_from_standard_input() {
    let terminal = Terminal::new();
    terminal.write("true.xml", &shell_job("true", "true", ""));
    let id = terminal.shell("sed s/true/stdin/ true.xml | grms-client submit - -q");
    assert!(id.contains("_stdin_"), "{id}");
    terminal.write("empty.xml", "\n");
    let file = std::fs::File::open(terminal.site.dir.path().join("empty.xml")).unwrap();
    let client = crate::terminal::client();
    let seen = terminal.command(client).args(["submit", "-"]).stdin(Stdio::from(file)).output().unwrap();
    let told = String::from_utf8(seen.stderr).unwrap();
    assert_eq!(told, "grms-client: standard input is empty; a job description is expected\n");
    assert_eq!(seen.status.code(), Some(2));
}

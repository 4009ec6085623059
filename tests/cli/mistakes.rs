//! What people read when something is wrong.

use crate::support::shell_job;
use crate::terminal::Terminal;

const FAULTS: &str = "<grmsjob appid=\"pack\">
  <simplejob>
    <executable type=\"single\" count=\"two\">
      <file name=\"tar\" type=\"in\"><url>gopher://example.org/tar</url></file>
      <argument>-cf</argument>
    </executable>
  </simplejob>
</grmsjob>
";

#[test]
fn every_fault_of_a_description_is_shown_in_it() {
    let terminal = Terminal::new();
    terminal.write("pack.xml", FAULTS);
    terminal.write("cut.xml", "<grmsjob appid=\"pack\">\n  <simplejob>\n");
    terminal.transcript(
        "faults",
        &[&["test", "pack.xml"], &["submit", "pack.xml"], &["resources", "cut.xml"], &["test", "pack.xml", "--json"]],
    );
    assert_eq!(terminal.output(&["list", "-q"]), "");
}

#[test]
fn jobs_that_are_not_there_or_not_ones_own_are_told_apart_from_nothing() {
    let mut terminal = Terminal::new();
    let id = terminal.finished("true.xml", &shell_job("true", "true", ""));
    let unknown = "1795000000000_true_0001";
    terminal.transcript(
        "unknown_job",
        &[
            &["info", unknown],
            &["history", unknown],
            &["wait", unknown],
            &["watch", unknown],
            &["commit", unknown],
            &["suspend", unknown],
            &["resume", unknown],
            &["migrate", unknown],
            &["cancel", unknown],
            &["cancel", unknown, unknown],
            &["delete", unknown],
            &["add_listener", unknown, "mailto:jan@example.org"],
            &["listeners", unknown],
            &["del_listener", "00000000-0000-0000-0000-000000000000"],
            &["add_output", unknown, "a", "file:////tmp/a"],
            &["get_output", unknown],
            &["del_checkpoint", unknown, "a", "file:////tmp/a"],
            &["register", unknown, "signal:USR1", "4711"],
            &["get_access", unknown],
            &["unregister", unknown],
            &["job_info", unknown],
            &["task_info", unknown, "main"],
            &["cancel_job", unknown],
        ],
    );
    terminal.become_user("Ada Nowak");
    let id = id.as_str();
    terminal.transcript(
        "foreign_job",
        &[
            &["info", id],
            &["history", id],
            &["cancel", id],
            &["wait", id],
            &["watch", id],
            &["delete", id],
            &["listeners", id],
            &["get_output", id],
            &["list_all", "FINISHED"],
            &["list_user_jobs", "/O=GRMS Test/CN=Jan Kowalski"],
        ],
    );
}

#[test]
fn a_wrong_command_line_is_explained() {
    let terminal = Terminal::new();
    terminal.transcript(
        "usage",
        &[
            &["submit", "nowhere.xml"],
            &["submti", "a.xml"],
            &["list", "DONE"],
            &["info", "two words"],
            &["submit", "a.xml", "--timeout", "5"],
            &["info", "1", "--json", "--quiet"],
        ],
    );
}

#[test]
fn nobody_answers_when_the_broker_is_away() {
    let mut terminal = Terminal::new();
    assert_eq!(terminal.site.stop(), Some(0));
    terminal.transcript("no_contact", &[&["list"], &["description", "--endpoint", "https://localhost:1"]]);
}

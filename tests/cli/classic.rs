//! The commands of GRMS 2 and 3 in scripts as they were written then.

use crate::support::shell_job;
use crate::terminal::{LONG, Terminal};

#[test]
fn a_script_of_the_time_submits_and_waits() {
    let terminal = Terminal::new();
    terminal.write("job.xml", &shell_job("Status", "true", ""));
    let script = "id=`grms-client submit_job job.xml | grep JobId | cut -d= -f2`
        status=NONE
        tries=0
        while [ \"$status\" != FINISHED ] && [ \"$status\" != FAILED ] && [ $tries -lt 600 ]; do
          status=`grms-client job_info $id | grep Status | awk '{print $3}'`
          tries=`expr $tries + 1`
        done
        echo $status";
    assert_eq!(terminal.shell(script), "FINISHED");
    // In both styles the id is the part behind the sign and the state is the last word of its line.
    terminal.shell("grms-client submit_job job.xml | grep -c '^JobId = ' | grep -x 1");
    for (style, line) in [
        ("grms", "grms-client job_info $id | grep Status | awk '{print $3}'"),
        ("grms", "grms-client job_info $id | grep Status | cut -d= -f2 | tr -d ' '"),
        ("qcg", "grms-client job_info $id | grep Status: | awk '{print $2}'"),
        ("qcg", "grms-client job_info $id | sed -n 's/^Status: //p'"),
    ] {
        let script = format!(
            "export GRMS_STYLE={style}; id=`grms-client submit_job job.xml | grep -i JobId | cut -d= -f2`; \
             grms-client wait $id --timeout 60 -q >/dev/null; {line}"
        );
        assert_eq!(terminal.shell(&script), "FINISHED", "{style}: {line}");
    }
}

#[test]
fn the_lines_are_those_that_scripts_know() {
    let terminal = Terminal::new();
    terminal.write("job.xml", &shell_job("job", "exit 3", ""));
    let id = terminal.finished("job.xml", &shell_job("job", "exit 3", ""));
    let id = id.as_str();
    terminal.transcript(
        "classic",
        &[
            &["job_info", id],
            &["job_info", id, "--style", "qcg"],
            &["task_info", id, "main"],
            &["task_info", id, "main", "--style", "qcg"],
            &["cancel_job", id],
            &["resume_job", id],
            &["list_jobs", "1", "FAILED"],
            &["submit_job", "nowhere.xml"],
        ],
    );
    terminal.write("sleep.xml", &shell_job("sleep", LONG, ""));
    let told = terminal.output(&["submit_job", "sleep.xml", "--style", "qcg"]);
    assert!(told.starts_with("jobId = 1") && told.lines().count() == 1, "{told}");
    assert!(terminal.output(&["cancel_job", "last"]).starts_with("Status = "));
}

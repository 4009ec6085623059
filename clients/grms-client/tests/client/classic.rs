//! The commands of GRMS 2 and 3, as the scripts of their time read them.

use crate::support::transcript::{Site, fixture};

const JOB: &str = "1767261845123_tar_0417";

#[test]
fn scripts_read_the_job_id_from_the_output_of_submit_job() {
    let site = Site::answering("submitted");
    site.write("job.xml", "<grmsJob/>\n");
    for line in [
        "grms-client submit_job job.xml | grep JobId | cut -d= -f2 | tr -d ' '",
        "grms-client submit_job job.xml | grep JobId | awk '{print $3}'",
        "grms-client submit_job job.xml | awk -F= '/JobId/ {gsub(/ /, \"\", $2); print $2}'",
        "id=`grms-client submit_job - < job.xml | sed -n 's/^.*JobId *= *//p'`; echo $id",
        "out=`grms-client submit_job job.xml`; set -- $out; echo $3",
    ] {
        assert_eq!(site.shell(line), format!("{JOB}\n"), "{line}");
    }
}

#[test]
fn scripts_read_the_state_from_the_output_of_job_info() {
    for (answer, state) in
        [("running", "RUNNING"), ("failed", "FAILED"), ("queued", "QUEUED"), ("label_status", "RUNNING")]
    {
        let site = Site::answering(answer);
        for line in [
            format!("grms-client job_info {JOB} | grep Status | awk '{{print $3}}'"),
            format!("grms-client job_info {JOB} | grep Status | cut -d' ' -f3"),
            format!("grms-client job_info {JOB} true | awk '/Status/ {{print $3; exit}}'"),
            format!("set -- `grms-client job_info {JOB} | grep Status`; echo $3"),
        ] {
            assert_eq!(site.shell(&line), format!("{state}\n"), "{line}");
        }
    }
}

#[test]
fn a_loop_of_the_time_waits_for_the_end() {
    let site = Site::new(["submitted", "queued", "running", "finished"].map(fixture).to_vec());
    site.write("job.xml", "<grmsJob/>\n");
    let script = "id=`grms-client submit_job job.xml | grep JobId | cut -d= -f2`
        status=NONE
        while [ \"$status\" != FINISHED ] && [ \"$status\" != FAILED ]; do
          status=`grms-client job_info $id | grep Status | awk '{print $3}'`
          echo $status
        done";
    assert_eq!(site.shell(script), "QUEUED\nRUNNING\nFINISHED\n");
}

#[test]
fn the_lines_are_exact_in_both_styles() {
    let site = Site::answering("submitted");
    site.write("job.xml", "<grmsJob/>\n");
    site.transcript("submit_job", "submit_job job.xml");
    site.transcript("submit_job_qcg", "submit_job job.xml --style qcg");
    site.transcript("submit_job_json", "submit_job job.xml --json");
    let mut site = Site::answering("failed");
    site.transcript("job_info", &format!("job_info {JOB}"));
    site.set("GRMS_STYLE", "QCG").transcript("job_info_qcg", &format!("job_info {JOB}"));
    site.transcript("job_info_quiet", &format!("job_info {JOB} -q"));
    let site = Site::new(vec![fixture("running"), fixture("history")]);
    site.transcript("task_info", &format!("task_info {JOB} main"));
    let site = Site::new(vec![fixture("workflow"), fixture("history")]);
    site.transcript("task_info_qcg", &format!("task_info {JOB} solve --style qcg"));
    let site = Site::new(vec![fixture("workflow"), fixture("history")]);
    site.transcript("task_info_unknown", &format!("task_info {JOB} nobody"));
    let site = Site::new(vec![fixture("running"), fixture("history")]);
    site.transcript("task_info_json", &format!("task_info {JOB} --json"));
}

#[test]
fn what_changes_a_job_prints_its_state() {
    Site::answering("cancel").transcript("cancel_job", &format!("cancel_job {JOB}"));
    Site::answering("suspended").transcript("suspend_job", &format!("suspend_job {JOB} --style qcg"));
    Site::answering("resumed").transcript("resume_job", &format!("resume_job {JOB} --json"));
    Site::answering("migrated").transcript("migrate_job", &format!("migrate_job {JOB} --quiet"));
    Site::new(vec![fixture("committed"), fixture("queued")]).transcript("commit_job", &format!("commit_job {JOB}"));
}

#[test]
fn lists_take_a_limit_a_state_and_a_user() {
    let site = Site::new(vec![fixture("list"), fixture("info_list_both")]);
    site.transcript("list_jobs", "list_jobs 2 running");
    let body = &site.asked()[0].body;
    assert!(body.contains("<status>RUNNING</status><limit>2</limit>"), "{body}");
    let site = Site::new(vec![fixture("list_all"), fixture("info_list")]);
    site.transcript("list_user_jobs", "list_user_jobs 5 RUNNING /O=Grid/CN=Jan");
    let body = &site.asked()[0].body;
    assert!(body.contains("<status>RUNNING</status><userDn>/O=Grid/CN=Jan</userDn><limit>5</limit>"), "{body}");
    Site::answering("list").transcript("list_jobs_wrong", "list_jobs DONE");
}

#[test]
fn the_questions_have_their_old_names() {
    for (name, answer, arguments) in [
        ("test_description", "test_valid", "test_description tar.xml"),
        ("find_resources", "resources", "find_resources tar.xml"),
        ("translate_description", "translated", "translate_description tar.xml"),
    ] {
        let site = Site::answering(answer);
        site.write("tar.xml", "<grmsJob/>\n");
        site.transcript(name, arguments);
    }
}

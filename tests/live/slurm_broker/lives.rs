//! Jobs that go well or end as their callers wanted, with and without accounting.

use super::cluster::{Broker, OVER, Which, is};
use super::support::element;
use std::fs;

#[test]
fn a_job_is_staged_in_runs_and_its_files_come_back_with_accounting() {
    a_job_is_staged_in_runs_and_its_files_come_back(Which::Accounted);
}

#[test]
fn a_job_is_staged_in_runs_and_its_files_come_back_without_accounting() {
    a_job_is_staged_in_runs_and_its_files_come_back(Which::Plain);
}

fn a_job_is_staged_in_runs_and_its_files_come_back(which: Which) {
    let mut broker = Broker::start(which, "");
    fs::write(broker.file("in.txt"), "b\na\n").unwrap();
    let (input, output) = (broker.url("in.txt"), broker.url("sorted.txt"));
    let (stdout, stderr) = (broker.url("stdout.txt"), broker.url("stderr.txt"));
    let files = format!(
        "<file name=\"words\" type=\"in\"><url>{input}</url></file><file name=\"sorted\" type=\"out\"><url>{output}</url></file>\
         </arguments><stdout><url>{stdout}</url></stdout><stderr><url>{stderr}</url></stderr>"
    );
    let id =
        broker.submit("sort words >sorted; echo $GRMS_JOB_ID $SLURM_JOB_ID; id -un >&2; exit $((1 - 1))", "", &files);
    let answer = broker.wait(&id, 60, is(OVER));
    assert_eq!(element(&answer.body, "status").as_deref(), Some("FINISHED"), "{}", answer.body);
    assert_eq!(element(&answer.body, "exitCode").as_deref(), Some("0"), "{}", answer.body);
    assert_eq!(broker.text("sorted.txt"), "a\nb\n");
    assert_eq!(broker.text("stdout.txt"), format!("{id} {}\n", broker.local_id(&id)));
    assert_ne!(broker.text("stderr.txt"), "root\n");

    let failing = format!("</arguments><stdout><url>{stdout}</url></stdout>");
    let id = broker.submit("echo said before the end; exit 3", "", &failing);
    let answer = broker.wait(&id, 60, is(OVER));
    assert_eq!(element(&answer.body, "status").as_deref(), Some("FAILED"), "{}", answer.body);
    assert_eq!(element(&answer.body, "exitCode").as_deref(), Some("3"), "{}", answer.body);
    assert_eq!(broker.text("stdout.txt"), "said before the end\n");
}

#[test]
fn a_waiting_job_tells_why_and_can_be_canceled() {
    let mut broker = Broker::start(Which::Accounted, "extra_arguments = [\"--hold\"]");
    let id = broker.submit("exit 0", "", "</arguments>");
    let answer = broker.wait(&id, 60, |answer| element(&answer.body, "statusDescription").is_some());
    assert_eq!(element(&answer.body, "status").as_deref(), Some("PENDING"), "{}", answer.body);
    assert!(answer.body.contains("held by its owner"), "{}", answer.body);
    broker.portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
    broker.wait(&id, 60, is(&["CANCELED"]));
    assert_eq!(broker.squeue(&id, "%T"), "CANCELLED");
}

#[test]
fn a_running_job_is_canceled_there_before_it_is_called_canceled() {
    for which in [Which::Accounted, Which::Plain] {
        let mut broker = Broker::start(which, "");
        let id = broker.submit("exec sleep 900", "", "</arguments>");
        broker.wait(&id, 60, is(&["RUNNING"]));
        broker.portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
        let answer = broker.wait(&id, 60, is(OVER));
        assert_eq!(element(&answer.body, "status").as_deref(), Some("CANCELED"), "{}", answer.body);
        assert!(["CANCELLED", "COMPLETING"].contains(&broker.squeue(&id, "%T").as_str()));
    }
}

#[test]
fn time_memory_and_queue_are_asked_for() {
    let mut broker = Broker::start(Which::Accounted, "extra_arguments = [\"--hold\"]");
    let mut asked = |resource: &str, format: &str| {
        let id = broker.submit("exit 0", resource, "</arguments>");
        broker.wait(&id, 60, is(&["PENDING"]));
        let shown = broker.squeue(&id, format);
        broker.portal.call("cancelJob", &format!("<jobId>{id}</jobId>")).unwrap();
        shown
    };
    assert_eq!(asked("<memory>300</memory><maxwalltime>7</maxwalltime>", "%m %l"), "300M 7:00");
    assert_eq!(asked("<maxwalltime>60</maxwalltime>", "%P %l"), "main 1:00:00", "the other one allows ten minutes");
    assert_eq!(asked("<queue>short</queue>", "%P"), "short");
    for impossible in ["<queue>short</queue><maxwalltime>60</maxwalltime>", "<memory>9000</memory>"] {
        let id = broker.submit("exit 0", impossible, "</arguments>");
        let answer = broker.wait(&id, 60, |answer| element(&answer.body, "statusDescription").is_some());
        assert_eq!(element(&answer.body, "status").as_deref(), Some("QUEUED"), "{impossible}: {}", answer.body);
    }
}

#[test]
fn a_job_that_exceeds_its_time_is_told_so() {
    let mut broker = Broker::start(Which::Accounted, "");
    let id = broker.submit("exec sleep 900", "<maxwalltime>1</maxwalltime>", "</arguments>");
    let answer = broker.wait(&id, 180, is(OVER));
    assert_eq!(element(&answer.body, "status").as_deref(), Some("FAILED"), "{}", answer.body);
    assert!(answer.body.contains("wall clock limit"), "{}", answer.body);
}

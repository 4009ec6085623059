//! Submitting, following, canceling.

use crate::support::responder::Answer;
use crate::support::transcript::{Site, fixture};

const GJD: &str =
    "<grmsJob appid=\"tar\">\n  <simplejob>\n    <executable file=\"gopher://a/b\"/>\n  </simplejob>\n</grmsJob>\n";

fn submitting(states: &[&str]) -> Site {
    let site = Site::new(std::iter::once("submitted").chain(states.iter().copied()).map(fixture).collect());
    site.write("tar.xml", GJD);
    site
}

#[test]
fn submit_prints_the_id_in_the_form_that_scripts_read() {
    submitting(&[]).transcript("submit", "submit tar.xml");
    submitting(&[]).transcript("submit_quiet", "submit --quiet tar.xml");
    submitting(&[]).transcript("submit_json", "submit --json tar.xml");
}

#[test]
fn the_description_is_sent_as_it_is_with_a_key_against_double_submission() {
    let mut site = submitting(&[]);
    site.input("<grmsJob a='1 &amp; 2'><![CDATA[<x>]]></grmsJob>");
    assert!(site.run("submit -").status.success());
    let asked = site.asked().remove(0);
    assert!(asked.head.contains("\"urn:grms:2/submitJob\"") && asked.head.contains("text/xml"), "{}", asked.head);
    let document = roxmltree::Document::parse(&asked.body).expect("well-formed");
    let text = |name| document.descendants().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
    assert_eq!(text("jobDefinition"), Some("<grmsJob a='1 &amp; 2'><![CDATA[<x>]]></grmsJob>"));
    assert_eq!(text("requestId").map(str::len), Some(32));
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let site = Site::new(vec![Answer::Silence, fixture("fault_busy"), fixture("submitted")]);
    site.write("tar.xml", GJD);
    assert!(site.run("submit tar.xml").status.success());
    let asked = site.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|one| one.body == asked[0].body));
}

#[test]
fn submit_and_wait_ends_as_the_job_ends() {
    submitting(&["waiting_queued", "waiting", "waited"]).transcript("submit_wait", "submit tar.xml --wait");
    submitting(&["waiting", "waited_failed"]).transcript("submit_wait_failed", "submit tar.xml --wait");
    submitting(&["waited_canceled"]).transcript("submit_wait_canceled", "submit tar.xml --wait --quiet");
}

#[test]
fn the_broker_is_asked_to_wait_and_never_longer_than_a_call_may_take() {
    let site = Site::new(vec![fixture("waiting"), fixture("waited")]);
    assert!(site.run("wait 17_a_1 --timeout 20").status.success());
    assert!(site.run("wait 17_a_1 17_b_2 --any --state running --call-timeout 10").status.success());
    let asked: Vec<_> = site.asked().iter().map(|asked| asked.body.clone()).collect();
    assert!(asked[0].contains("<timeoutSeconds>20</timeoutSeconds>") && !asked[0].contains("<state>"), "{}", asked[0]);
    let any = &asked[2];
    assert!(any.contains("<mode>ANY</mode>") && any.contains("<timeoutSeconds>5</timeoutSeconds>"), "{any}");
    let states = "<state>RUNNING</state><state>FINISHED</state><state>FAILED</state><state>CANCELED</state>";
    assert!(any.contains(&format!("<jobId>17_a_1</jobId><jobId>17_b_2</jobId>{states}")), "{any}");
}

#[test]
fn watching_prints_each_change_once() {
    let answers = ["events_none", "queued", "events_none", "event", "running", "event", "running", "event", "finished"];
    submitting(&answers).transcript("submit_watch", "submit tar.xml --watch");
    let answers = ["events_none", "queued", "event", "finished"];
    submitting(&answers).transcript("submit_watch_json", "submit tar.xml --watch --json");
    submitting(&answers).transcript("submit_watch_quiet", "submit tar.xml --watch --quiet");
    Site::new(answers.map(fixture).to_vec()).transcript("watch", "watch 1767261845123_tar_0417");
}

#[test]
fn a_place_in_the_stream_that_is_too_old_is_taken_anew_and_no_change_is_lost() {
    let answers = ["events_none", "queued", "fault_cursor", "events_none", "finished"];
    let site = Site::new(answers.map(fixture).to_vec());
    let seen = site.run("watch 1767261845123_tar_0417 --timeout 20");
    let text = String::from_utf8(seen.stdout).expect("UTF-8");
    assert!(text.contains("QUEUED") && text.contains("FINISHED"), "{text}");
}

#[test]
fn all_events_are_printed_as_they_come() {
    let answers = || ["events", "events_none"].map(fixture).to_vec();
    Site::new(answers()).transcript("watch_all", "watch --all --timeout 1");
    Site::new(answers()).transcript("watch_all_json", "watch --all --json --timeout 1");
    let site = Site::new(answers());
    site.transcript("watch_all_quiet", "watch --all --quiet --requests --cursor c0 --timeout 1");
    let asked = site.asked();
    assert!(asked[0].body.contains("<cursor>c0</cursor>") && !asked[0].body.contains("eventType"), "{}", asked[0].body);
    assert!(asked[1].body.contains("<cursor>c2</cursor>"), "{}", asked[1].body);
}

#[test]
fn waiting_has_an_end_and_says_how_to_go_on() {
    submitting(&["waiting"]).transcript("submit_wait_timeout", "submit tar.xml --wait --timeout 1");
    Site::answering("waiting").transcript("wait_timeout", "wait 1767261845123_tar_0417 --timeout 0");
}

#[test]
fn waiting_survives_a_broker_that_is_away_for_a_moment() {
    let away = || Answer::Status(502, "<html>Bad Gateway</html>".to_owned());
    let site = Site::new(vec![fixture("waiting"), away(), Answer::Silence, fixture("waited")]);
    site.transcript("wait", "wait 1767261845123_tar_0417");
}

#[test]
fn wait_takes_many_jobs_and_the_worst_decides() {
    let site = Site::answering("waited_many");
    site.transcript("wait_many", "wait 1767261845123_tar_0417 1767261845124_tar_0418");
    Site::answering("waited_canceled").transcript("wait_quiet", "wait --quiet 1767261845123_tar_0417");
    Site::answering("fault_not_found").transcript("wait_unknown", "wait 17_no_1");
}

#[test]
fn an_interrupted_wait_leaves_the_job_and_says_how_to_find_it() {
    let site = submitting(&["waiting"]);
    let mut child = site.start("submit tar.xml --wait");
    // The second question means that the first one was answered: the program waits.
    site.until_asked(3);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("small"));
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("sent");
    let status = child.wait().expect("it ends");
    let mut told = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("piped"), &mut told).expect("UTF-8");
    assert_eq!(status.code(), Some(130), "{told}");
    let expected =
        "grms-client: interrupted; the job goes on, find it again with: grms-client wait 1767261845123_tar_0417\n";
    assert_eq!(told, expected);
    assert!(!site.asked().iter().any(|asked| asked.body.contains("cancelJob")));
}

#[test]
fn several_files_are_one_request_and_each_has_its_result() {
    let site = Site::new(vec![fixture("bulk_submitJobs"), fixture("test_invalid")]);
    for name in ["a.xml", "bad.xml", "c.xml"] {
        site.write(name, GJD);
    }
    site.transcript("submit_many", "submit a.xml bad.xml c.xml --request-id k");
    let asked = site.asked();
    let document = roxmltree::Document::parse(&asked[0].body).expect("well-formed");
    let keys: Vec<_> = document.descendants().filter(|node| node.has_tag_name("requestId")).collect();
    assert_eq!(keys.iter().filter_map(roxmltree::Node::text).collect::<Vec<_>>(), ["k.1", "k.2", "k.3"]);
    assert!(asked[1].body.contains("testJobDescription"), "the broker is asked for every fault of the bad one");
    let site = Site::new(vec![fixture("bulk_submitJobs"), fixture("test_invalid")]);
    for name in ["a.xml", "bad.xml", "c.xml"] {
        site.write(name, GJD);
    }
    site.transcript("submit_many_json", "submit a.xml bad.xml c.xml --json");
    site.transcript("submit_many_missing", "submit a.xml nowhere.xml");
}

#[test]
fn what_the_bulk_operation_cannot_carry_goes_one_by_one() {
    let site = Site::new(vec![fixture("submitted"), fixture("fault_description"), fixture("test_invalid")]);
    site.write("a.xml", GJD);
    site.write("b.xml", GJD);
    let seen = site.run("submit a.xml b.xml --hold --quiet --notify mailto:jan@example.org");
    assert_eq!((seen.status.code(), seen.stdout.as_slice()), (Some(1), &b"1767261845123_tar_0417\n"[..]));
    let first = &site.asked()[0].body;
    let expected = "<hold>true</hold><notification><eventType>STATUS</eventType><protocol>MAIL</protocol><user>jan@example.org</user>";
    assert!(first.contains(expected), "{first}");
}

#[test]
fn a_script_with_directives_is_sent_as_it_is_and_its_faults_are_shown_in_it() {
    let script = "#!/bin/bash\n#QCG walltime=yesterday\nexec ./solve\n";
    let site = Site::new(vec![fixture("submitted"), fixture("fault_script")]);
    site.write("solve.sh", script);
    assert!(site.run("submit solve.sh").status.success());
    let asked = site.asked().remove(0);
    let document = roxmltree::Document::parse(&asked.body).expect("well-formed");
    let text = document.descendants().find(|node| node.has_tag_name("jobDefinition")).and_then(|node| node.text());
    assert_eq!(text, Some(script));
    site.transcript("submit_script_faults", "submit solve.sh");
}

#[test]
fn cancel_goes_through_all_jobs_and_names_those_that_refused() {
    Site::answering("cancel").transcript("cancel", "cancel 1767261845123_tar_0417");
    Site::answering("fault_not_found").transcript("cancel_unknown", "cancel 17_no_1");
    let answers = || vec![fixture("bulk_cancelJobs"), fixture("info_list_canceled")];
    Site::new(answers()).transcript("cancel_some", "cancel 17_a_1 17_no_1 17_b_2");
    Site::new(answers()).transcript("cancel_json", "cancel --json 17_a_1 17_no_1 17_b_2");
    Site::new(answers()).transcript("cancel_quiet", "cancel --quiet 17_a_1 17_no_1 17_b_2");
    let mut site = Site::new(answers());
    site.input("17_a_1\n17_no_1 17_b_2\n");
    site.transcript("cancel_from_input", "cancel -");
}

#[test]
fn a_request_that_must_not_be_repeated_is_not_and_says_so() {
    let site = Site::new(vec![Answer::Silence, fixture("bulk_deleteJobs")]);
    site.transcript("delete_silence", "delete 17_a_1 17_no_1 17_b_2");
    assert_eq!(site.asked().len(), 1);
    site.transcript("delete", "delete 17_a_1 17_no_1 17_b_2");
}

#[test]
fn faults_of_a_description_are_shown_in_it() {
    let site = Site::answering("fault_description");
    site.write("tar.xml", GJD);
    site.transcript("submit_faults", "submit tar.xml");
}

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
    submitting(&["queued", "running", "finished"]).transcript("submit_wait", "submit tar.xml --wait");
    submitting(&["running", "failed"]).transcript("submit_wait_failed", "submit tar.xml --wait");
    submitting(&["canceled"]).transcript("submit_wait_canceled", "submit tar.xml --wait --quiet");
}

#[test]
fn watching_prints_each_change_once() {
    let states = ["queued", "queued", "running", "running", "finished"];
    submitting(&states).transcript("submit_watch", "submit tar.xml --watch");
    submitting(&["queued", "finished"]).transcript("submit_watch_json", "submit tar.xml --watch --json");
}

#[test]
fn waiting_has_an_end_and_says_how_to_go_on() {
    submitting(&["running"]).transcript("submit_wait_timeout", "submit tar.xml --wait --timeout 1");
    Site::answering("running").transcript("wait_timeout", "wait 1767261845123_tar_0417 --timeout 0");
}

#[test]
fn waiting_survives_a_broker_that_is_away_for_a_moment() {
    let away = || Answer::Status(502, "<html>Bad Gateway</html>".to_owned());
    let site = Site::new(vec![fixture("running"), away(), away(), fixture("finished")]);
    site.transcript("wait", "wait 1767261845123_tar_0417");
}

#[test]
fn wait_takes_many_jobs_and_the_worst_decides() {
    let site = Site::new(vec![fixture("finished"), fixture("failed")]);
    site.transcript("wait_many", "wait 1767261845123_tar_0417 1767261845124_tar_0418");
    Site::answering("canceled").transcript("wait_quiet", "wait --quiet 1767261845123_tar_0417");
    Site::answering("fault_not_found").transcript("wait_unknown", "wait 17_no_1");
}

#[test]
fn cancel_goes_through_all_jobs_and_names_those_that_refused() {
    Site::answering("cancel").transcript("cancel", "cancel 1767261845123_tar_0417");
    let answers = || vec![fixture("cancel"), fixture("fault_not_found"), fixture("cancel")];
    Site::new(answers()).transcript("cancel_some", "cancel 17_a_1 17_no_1 17_b_2");
    Site::new(answers()).transcript("cancel_json", "cancel --json 17_a_1 17_no_1 17_b_2");
    Site::new(answers()).transcript("cancel_quiet", "cancel --quiet 17_a_1 17_no_1 17_b_2");
}

#[test]
fn faults_of_a_description_are_shown_in_it() {
    let site = Site::answering("fault_description");
    site.write("tar.xml", GJD);
    site.transcript("submit_faults", "submit tar.xml");
}

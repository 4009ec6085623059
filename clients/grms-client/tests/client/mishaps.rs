//! Wrong usage, nobody there, somebody else there, and a broker that says no.

use crate::support::responder::Answer;
use crate::support::transcript::Site;
use std::net::TcpListener;

const JOB: &str = "1767261845123_tar_0417";

#[test]
fn without_an_address_the_way_to_one_is_named() {
    Site::answering("running").unset("GRMS_ENDPOINT").transcript("no_endpoint", &format!("info {JOB}"));
    Site::answering("running").transcript("bad_endpoint", &format!("info {JOB} --endpoint gopher://x"));
}

#[test]
fn wrong_usage_is_explained() {
    Site::answering("running").transcript("usage_state", "list WAITING");
    Site::answering("running").transcript("usage_timeout", "submit tar.xml --timeout 5");
    Site::answering("running").transcript("usage_forms", "list --json --quiet");
    Site::answering("running").transcript("no_file", "submit nowhere.xml");
}

#[test]
fn a_closed_port_is_no_contact() {
    let mut site = Site::answering("running");
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    site.set("GRMS_ENDPOINT", &format!("https://127.0.0.1:{port}"));
    let seen = site.run(&format!("info {JOB}"));
    let message = String::from_utf8(seen.stderr).expect("UTF-8");
    assert_eq!(seen.status.code(), Some(3));
    let expected = format!("grms-client: no contact with https://127.0.0.1:{port}/services/grms: Connection refused");
    assert!(message.starts_with(&expected) && message.trim_end().ends_with("is the address right?"), "{message}");
    assert_eq!(seen.stdout, b"");
}

#[test]
fn a_broker_that_never_answers_is_given_up() {
    Site::new(vec![Answer::Silence]).transcript("silence", &format!("info {JOB}"));
    let site = Site::new(vec![Answer::Silence]);
    site.write("tar.xml", "<grmsJob/>");
    site.transcript("submit_silence", "submit tar.xml --request-id mine");
}

#[test]
fn a_web_server_that_is_no_broker_is_recognised() {
    let html = Answer::Status(404, "<html><body>Not Found</body></html>".to_owned());
    Site::new(vec![html]).transcript("no_broker", &format!("info {JOB}"));
    let moved = Answer::Status(401, String::new());
    Site::new(vec![moved]).transcript("http_unauthorized", &format!("info {JOB}"));
}

#[test]
fn what_the_broker_refuses_is_printed_with_name_and_code() {
    Site::answering("fault_not_found").transcript("unknown_job", "info 17_no_1");
    Site::answering("fault_not_found").transcript("unknown_job_history", "history 17_no_1 --json");
    Site::answering("fault_internal").transcript("internal_error", &format!("info {JOB}"));
    Site::answering("fault_plain").transcript("plain_fault", &format!("info {JOB}"));
    Site::answering("fault_expired").transcript("expired_there", &format!("info {JOB}"));
}

#[test]
fn nothing_that_cannot_be_a_job_id_is_sent() {
    let site = Site::answering("running");
    let seen = site.run("info a\u{1}b");
    assert_eq!(seen.status.code(), Some(2));
    assert!(site.asked().is_empty());
}

#[test]
fn colours_reach_terminals_only_and_never_against_the_users_wish() {
    let mut site = Site::answering("failed");
    let colored = |site: &Site| site.run(&format!("info {JOB}")).stdout.contains(&0x1b);
    assert!(!colored(&site), "a pipe");
    assert!(colored(site.set("CLICOLOR_FORCE", "1")), "asked for");
    assert!(!colored(site.set("NO_COLOR", "1")), "not wanted");
}

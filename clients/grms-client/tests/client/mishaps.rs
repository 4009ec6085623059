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
fn every_command_names_what_it_misses() {
    let site = Site::answering("running");
    let no_argument = [
        "submit",
        "test",
        "explain",
        "resources",
        "translate",
        "list_all",
        "suspend",
        "resume",
        "migrate",
        "cancel",
        "delete",
        "add_listener",
        "del_listener",
        "add_output",
        "del_output",
        "add_checkpoint",
        "del_checkpoint",
        "register",
        "unregister",
        "completions",
        "submit_job",
        "task_info",
        "list_user_jobs",
        "cancel_job",
        "suspend_job",
        "resume_job",
        "migrate_job",
        "test_description",
        "translate_description",
        "find_resources",
    ];
    let wrong = [
        "list DONE",
        "list_all DONE",
        "wait --state DONE",
        "watch --requests",
        "info a -F %Z",
        "list --limit 0",
        "list --everybody",
        "list --all --limit 1",
        "submit a --hold --wait",
        "submit a --notify jan",
        "commit a b\u{1}c d\u{7} --nothing",
        "description LONG",
        "add_listener a mailto:j STATES",
        "add_listener a mailto:j STATUS PIGEON",
        "add_output a b c VIRTUAL",
        "add_checkpoint a b c LOGICAL LINK",
        "add_output a b c --creation MAYBE",
        "register a signal:USR1 me",
        "register a signal:USR1 0",
        "register a http://h/ 4711 --protocol CORBA",
        "submit_job a --style modern",
        "job_info a perhaps",
        "suspend a b c",
        "suspend a --jobs b",
        "resume --jobs",
        "add_listener a mailto:j --expires later",
    ];
    for arguments in no_argument.iter().chain(&wrong) {
        let seen = site.run(arguments);
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        assert_eq!((seen.status.code(), seen.stdout.as_slice()), (Some(2), &b""[..]), "{arguments}: {told}");
        assert!(told.starts_with("error: ") && told.contains("--help"), "{arguments}: {told}");
    }
    for arguments in ["list_jobs DONE", "list_user_jobs 0 jan", "add_listener a jan", "info", "history", "get_output"] {
        let seen = site.run(arguments);
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        assert_eq!(seen.status.code(), Some(2), "{arguments}: {told}");
        assert!(told.starts_with("grms-client: "), "{arguments}: {told}");
    }
    assert!(site.asked().is_empty(), "nothing wrong is sent");
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

/// Every command that asks about or does something to a job.
const OF_A_JOB: [&str; 26] = [
    "info 17_no_1",
    "history 17_no_1",
    "wait 17_no_1",
    "watch 17_no_1",
    "commit 17_no_1",
    "suspend 17_no_1",
    "resume 17_no_1",
    "migrate 17_no_1",
    "cancel 17_no_1",
    "delete 17_no_1",
    "add_listener 17_no_1 mailto:j@example.org",
    "listeners 17_no_1",
    "add_output 17_no_1 a file:///a",
    "get_output 17_no_1",
    "del_output 17_no_1 a file:///a",
    "add_checkpoint 17_no_1 a file:///a",
    "get_checkpoint 17_no_1",
    "del_checkpoint 17_no_1 a file:///a",
    "register 17_no_1 signal:USR1 4711",
    "get_access 17_no_1",
    "unregister 17_no_1",
    "job_info 17_no_1",
    "task_info 17_no_1 main",
    "cancel_job 17_no_1",
    "suspend_job 17_no_1",
    "commit_job 17_no_1",
];

#[test]
fn an_unknown_job_is_the_same_for_every_command() {
    let mut site = Site::answering("fault_not_found");
    for arguments in OF_A_JOB {
        let seen = site.run(arguments);
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        let expected = (Some(1), "JOB_NOT_FOUND (301): there is no job with this id (job 17_no_1)\n", &b""[..]);
        assert_eq!((seen.status.code(), told.as_str(), seen.stdout.as_slice()), expected, "{arguments}");
    }
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    site.set("GRMS_ENDPOINT", &format!("https://127.0.0.1:{port}"));
    for arguments in OF_A_JOB {
        assert_eq!(site.run(arguments).status.code(), Some(3), "{arguments}");
    }
    site.set("X509_USER_CERT", "/nowhere/cert.pem");
    for arguments in OF_A_JOB {
        assert_eq!(site.run(arguments).status.code(), Some(4), "{arguments}");
    }
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

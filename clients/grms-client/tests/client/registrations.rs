//! Listeners, files of a running job, and the access to a running program.

use crate::support::responder::Answer;
use crate::support::transcript::{Site, fixture};

const JOB: &str = "1767261845123_tar_0417";

/// What was sent for these arguments.
fn sent(answer: &str, arguments: &str) -> String {
    let site = Site::answering(answer);
    let seen = site.run(arguments);
    assert!(seen.status.success(), "{arguments}: {}", String::from_utf8_lossy(&seen.stderr));
    site.asked().remove(0).body
}

#[test]
fn a_listener_is_added_in_the_words_of_grms_1_and_in_those_of_today() {
    Site::answering("notification_id")
        .transcript("add_listener", &format!("add_listener {JOB} mailto:jan@example.org"));
    let quiet = format!("add_listener {JOB} https://portal.example.org/listener REQUEST SMS jan -q");
    Site::answering("notification_id").transcript("add_listener_quiet", &quiet);
    let portal = sent("notification_id", &quiet);
    let expected = "<notification><eventType>REQUEST</eventType><protocol>SOAP</protocol>\
                    <destination>https://portal.example.org/listener</destination><user>jan</user></notification>";
    assert!(portal.contains(expected) && portal.contains(&format!("<jobId>{JOB}</jobId>")), "{portal}");
    let broker = sent("notification_id", "add_listener all \"\" STATUS MAIL jan@example.org ada@example.org");
    let expected = "<eventType>STATUS</eventType><protocol>MAIL</protocol><user>jan@example.org</user><user>ada@example.org</user>";
    assert!(broker.contains(expected) && !broker.contains("jobId"), "{broker}");
    let profile = sent("notification_id", &format!("add_listener {JOB} \"\""));
    assert!(profile.contains("<protocol>PROFILE</protocol></notification>"), "{profile}");
    let options = "--append --format %t --state failed --state FINISHED --expires 2026-12-31T00:00:00Z";
    let file = sent("notification_id", &format!("add_listener {JOB} gsiftp://h//log {options}"));
    let expected = "<protocol>GASS</protocol><destination>gsiftp://h//log</destination><append>true</append><format>%t</format>\
                    <state>FAILED</state><state>FINISHED</state><expires>2026-12-31T00:00:00Z</expires>";
    assert!(file.contains(expected), "{file}");
    let hook = sent("notification_id", &format!("add_listener {JOB} https://h/hook --protocol http"));
    assert!(hook.contains("<protocol>HTTP</protocol><destination>https://h/hook</destination>"), "{hook}");
}

#[test]
fn listeners_are_shown_and_removed() {
    let answers = || ["notifications", "notification_mail", "notification_soap"].map(fixture).to_vec();
    Site::new(answers()).transcript("listeners", &format!("listeners {JOB}"));
    Site::new(answers()).transcript("listeners_json", "listeners all --json");
    Site::new(answers()).transcript("listeners_quiet", &format!("listeners {JOB} --quiet"));
    Site::answering("notifications_none").transcript("listeners_none", &format!("listeners {JOB}"));
    let site = Site::new(
        ["unregistered_notification", "fault_no_notification", "unregistered_notification"].map(fixture).to_vec(),
    );
    site.transcript("del_listener", "del_listener n-17 n-no n-18");
}

#[test]
fn files_of_a_job_are_added_shown_and_taken_back() {
    let file = format!("{JOB} out.dat gsiftp://host//data/out.dat");
    Site::answering("addOutputFileDirs").transcript("add_output", &format!("add_output {file}"));
    Site::answering("deleteOutputFileDirs").transcript("del_output", &format!("del_output {file} --quiet"));
    Site::answering("addCheckpointFileDirs").transcript("add_checkpoint", &format!("add_checkpoint {file} --json"));
    Site::answering("deleteCheckpointFileDirs").transcript("del_checkpoint", &format!("del_checkpoint {file}"));
    Site::answering("addOutputFileDirs_there").transcript("add_output_there", &format!("add_output {file}"));
    Site::answering("addOutputFileDirs_there")
        .transcript("add_output_there_json", &format!("add_output {file} --json"));
    Site::answering("getOutputFileDirs").transcript("get_output", &format!("get_output {JOB}"));
    Site::answering("getOutputFileDirs").transcript("get_output_json", &format!("get_output {JOB} --json"));
    Site::answering("getOutputFileDirs").transcript("get_output_quiet", &format!("get_output {JOB} --quiet"));
    Site::answering("getCheckpointFileDirs").transcript("get_checkpoint", &format!("get_checkpoint {JOB}"));
}

#[test]
fn the_words_for_kinds_of_files_have_defaults_and_their_old_spelling() {
    let item = |words: &str| sent("addOutputFileDirs", &format!("add_output {JOB} log lfn:run {words}"));
    assert!(item("").contains("<urlType>PHYSICAL</urlType><pathType>FILE</pathType></item>"));
    assert!(item("PHISICAL directory").contains("<urlType>PHYSICAL</urlType><pathType>DIRECTORY</pathType></item>"));
    let flag = item("logical --creation append");
    assert!(
        flag.contains("<urlType>LOGICAL</urlType><pathType>FILE</pathType><creationFlag>APPEND</creationFlag>"),
        "{flag}"
    );
}

#[test]
fn a_program_registers_where_it_listens() {
    let register = format!("register {JOB} http://node7:9000/checkpoint 4711");
    Site::answering("registered").transcript("register", &register);
    let body = sent("registered", &format!("{register} --protocol SOAP"));
    let expected =
        "<serviceLocation>http://node7:9000/checkpoint</serviceLocation><pid>4711</pid><protocol>SOAP</protocol>";
    assert!(body.contains(expected), "{body}");
    Site::answering("access").transcript("get_access", &format!("get_access {JOB}"));
    Site::answering("access").transcript("get_access_json", &format!("get_access {JOB} --json"));
    Site::answering("access").transcript("get_access_quiet", &format!("get_access {JOB} -q"));
    Site::answering("unregistered").transcript("unregister", &format!("unregister {JOB}"));
}

#[test]
fn a_registration_with_a_lost_answer_is_not_repeated_but_one_the_broker_had_no_time_for_is() {
    let site = Site::new(vec![Answer::Silence]);
    site.transcript("add_listener_silence", &format!("add_listener {JOB} mailto:jan@example.org"));
    assert_eq!(site.asked().len(), 1);
    let site = Site::new(vec![fixture("fault_busy"), fixture("notification_id")]);
    assert!(site.run(&format!("add_listener {JOB} mailto:jan@example.org")).status.success());
    assert_eq!(site.asked().len(), 2);
}

//! Everything that only asks.

use crate::support::transcript::{Site, fixture};

const JOB: &str = "1767261845123_tar_0417";

#[test]
fn info_shows_a_job_in_every_form() {
    Site::answering("running").transcript("info", &format!("info {JOB}"));
    Site::answering("failed").transcript("info_failed", &format!("info {JOB}"));
    Site::answering("queued").transcript("info_queued", &format!("info {JOB}"));
    Site::answering("workflow").transcript("info_workflow", &format!("info {JOB}"));
    Site::answering("running").transcript("info_json", &format!("info {JOB} --json"));
    Site::answering("running").transcript("info_quiet", &format!("info {JOB} --quiet"));
}

#[test]
fn history_shows_every_attempt_in_every_form() {
    Site::answering("history").transcript("history", &format!("history {JOB}"));
    Site::answering("history").transcript("history_json", &format!("history {JOB} --json"));
    Site::answering("history").transcript("history_quiet", &format!("history {JOB} -q"));
    Site::answering("history_empty").transcript("history_empty", &format!("history {JOB}"));
}

#[test]
fn list_shows_what_each_job_does_and_forgets_those_that_vanished() {
    let site = Site::new(vec![fixture("list"), fixture("running"), fixture("fault_not_found")]);
    site.transcript("list", "list running");
    assert!(site.asked()[0].body.contains("<status>RUNNING</status>"));
    Site::answering("list").transcript("list_json", "list --json");
    Site::answering("list").transcript("list_quiet", "list --quiet");
    Site::answering("list_empty").transcript("list_empty", "list");
    Site::answering("list_empty").transcript("list_empty_quiet", "list -q");
}

#[test]
fn a_list_that_was_cut_says_so_and_a_quiet_one_is_never_cut() {
    let site = Site::new(vec![fixture("list_first_page"), fixture("running")]);
    site.transcript("list_cut", "list --limit 1");
    let site = Site::new(vec![fixture("list_first_page"), fixture("list")]);
    site.transcript("list_pages", "list --quiet");
    assert!(site.asked()[1].body.contains("<cursor>c1</cursor>"));
}

#[test]
fn list_all_names_the_owner() {
    Site::new(vec![fixture("list_all"), fixture("running")]).transcript("list_all", "list_all RUNNING");
    Site::answering("list_all").transcript("list_all_json", "list_all RUNNING --json");
    Site::answering("list_all").transcript("list_all_quiet", "list_all RUNNING --quiet");
    Site::answering("fault_security").transcript("list_all_refused", "list_all RUNNING");
}

#[test]
fn test_says_valid_or_shows_every_fault() {
    let gjd = "<grmsJob color=\"blue\">\n  <simplejob>\n    <file url=\"gopher://a/b\"/>\n  </simplejob>\n</grmsJob>\n";
    for (transcript, answer, arguments) in [
        ("test_valid", "test_valid", "test tar.xml"),
        ("test_valid_json", "test_valid", "test tar.xml --json"),
        ("test_valid_quiet", "test_valid", "test tar.xml --quiet"),
        ("test_warning", "test_warning", "test tar.xml"),
        ("test_invalid", "test_invalid", "test tar.xml"),
        ("test_invalid_json", "test_invalid", "test tar.xml --json"),
    ] {
        let site = Site::answering(answer);
        site.write("tar.xml", gjd);
        site.transcript(transcript, arguments);
    }
    Site::answering("test_invalid").input(gjd).transcript("test_invalid_stdin", "test -");
}

#[test]
fn resources_are_listed_best_first_and_explained() {
    for (transcript, answer, arguments) in [
        ("resources", "resources", "resources tar.xml --explain"),
        ("resources_json", "resources", "resources tar.xml --json"),
        ("resources_quiet", "resources", "resources tar.xml --quiet"),
        ("resources_none", "resources_none", "resources tar.xml"),
        ("resources_fault", "fault_description", "resources tar.xml"),
    ] {
        let site = Site::answering(answer);
        site.write("tar.xml", "<grmsJob/>\n");
        site.transcript(transcript, arguments);
        assert_eq!(site.asked()[0].body.contains("<explain>true</explain>"), arguments.contains("--explain"));
    }
}

#[test]
fn description_asks_for_the_length_wanted() {
    let site = Site::answering("description");
    site.transcript("description", "description");
    site.transcript("description_json", "description FULL --json");
    site.transcript("description_quiet", "description --quiet");
    let types: Vec<_> = site.asked().into_iter().map(|one| one.body.contains("<type>FULL</type>")).collect();
    assert_eq!(types, [false, true, false]);
}

#[test]
fn the_manual_and_the_completions_need_no_broker() {
    let mut site = Site::answering("description");
    site.unset("GRMS_ENDPOINT").unset("X509_USER_CERT").unset("X509_USER_KEY");
    let page = String::from_utf8(site.run("man").stdout).expect("UTF-8");
    for word in [".TH grms", "EXIT STATUS", "X509_USER_PROXY", "submit", "list_all", "a job waited for is FAILED"] {
        assert!(page.contains(word), "{word} is missing in:\n{page}");
    }
    let page = String::from_utf8(site.run("man submit").stdout).expect("UTF-8");
    assert!(page.contains("GJD_FILE") && page.contains("watch"), "{page}");
    assert_eq!(site.run("man nonsense").status.code(), Some(2));
    for shell in ["bash", "zsh", "fish"] {
        let script = site.run(&format!("completions {shell}")).stdout;
        assert!(String::from_utf8(script).expect("UTF-8").contains("list_all"), "{shell}");
    }
}

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
    let site = Site::new(vec![fixture("list"), fixture("info_list")]);
    site.transcript("list", "list running");
    assert!(site.asked()[0].body.contains("<status>RUNNING</status>"));
    Site::answering("list").transcript("list_json", "list --json");
    Site::answering("list").transcript("list_quiet", "list --quiet");
    Site::answering("list_empty").transcript("list_empty", "list");
    Site::answering("list_empty").transcript("list_empty_quiet", "list -q");
}

#[test]
fn a_list_that_was_cut_says_so_and_a_quiet_one_is_never_cut() {
    let site = Site::new(vec![fixture("list_first_page"), fixture("info_list")]);
    site.transcript("list_cut", "list --limit 1");
    let site = Site::new(vec![fixture("list_first_page"), fixture("list")]);
    site.transcript("list_pages", "list --quiet");
    assert!(site.asked()[1].body.contains("<cursor>c1</cursor>"));
}

#[test]
fn list_all_names_the_owner() {
    Site::new(vec![fixture("list_all"), fixture("info_list")]).transcript("list_all", "list_all RUNNING");
    Site::answering("list_all").transcript("list_all_json", "list_all RUNNING --json");
    Site::answering("list_all").transcript("list_all_quiet", "list_all RUNNING --quiet");
    Site::answering("fault_security").transcript("list_all_refused", "list_all RUNNING");
}

#[test]
fn info_takes_many_jobs_and_names_those_it_cannot_show() {
    let both = "1767261845123_tar_0417 1767261845124_tar_0418";
    Site::answering("info_list_both").transcript("info_many", &format!("info {both}"));
    Site::answering("info_list").transcript("info_some", &format!("info {both} -q"));
    Site::answering("info_list").transcript("info_some_json", &format!("info {both} --json"));
}

#[test]
fn a_format_chooses_the_columns() {
    let formats = ["%-28I|%-16S|%-8H", "%I\\t%P\\t%R"];
    for (number, format) in formats.iter().enumerate() {
        let answers = vec![fixture("list"), fixture("info_list_both")];
        Site::new(answers).transcript(&format!("list_format_{number}"), &format!("list -F {format}"));
    }
    Site::answering("running").transcript("info_format", &format!("info {JOB} -F [%9S]%X"));
    Site::answering("running").transcript("list_format_wrong", "list -F %Z");
}

#[test]
fn filters_reach_the_broker() {
    let body = |arguments: &str| {
        let site = Site::answering("list_empty");
        let seen = site.run(arguments);
        assert!(seen.status.success(), "{arguments}: {}", String::from_utf8_lossy(&seen.stderr));
        site.asked().remove(0).body
    };
    let all = body("list running PENDING --project astro --since 2026-11-21T06:00:00Z --limit 7 -q");
    let expected = "<status>RUNNING</status><status>PENDING</status><project>astro</project>\
                    <since>2026-11-21T06:00:00Z</since><limit>7</limit>";
    assert!(all.contains(expected), "{all}");
    let site = Site::answering("project_list");
    assert!(site.run("list FAILED --project astro --everybody -q").status.success());
    let project = &site.asked()[0].body;
    assert!(
        project.contains("getProjectJobsList") && project.contains("<project>astro</project><status>FAILED"),
        "{project}"
    );
    let site = Site::answering("list_all");
    assert!(site.run("list --user /O=Grid/CN=Ada -q").status.success());
    assert!(site.asked()[0].body.contains("<userDn>/O=Grid/CN=Ada</userDn>"));
    Site::answering("list").transcript("usage_since", "list --since yesterday");
}

#[test]
fn several_descriptions_are_tested_one_after_the_other() {
    let site = Site::new(vec![fixture("test_valid"), fixture("test_invalid")]);
    site.write("a.xml", "<grmsJob/>\n");
    site.write("b.xml", "<grmsJob>\n  <simplejob>\n");
    site.transcript("test_many", "test a.xml b.xml");
    let site = Site::new(vec![fixture("test_valid"), fixture("test_invalid")]);
    site.write("a.xml", "<grmsJob/>\n");
    site.write("b.xml", "<grmsJob>\n  <simplejob>\n");
    assert_eq!(String::from_utf8(site.run("test a.xml b.xml --json").stdout).expect("UTF-8").lines().count(), 2);
}

#[test]
fn a_description_is_translated_and_explained() {
    let site = Site::answering("translated");
    site.write("tar.xml", "<grmsjob>\n  <resource tileSize='2'/>\n</grmsjob>\n");
    site.transcript("translate", "translate tar.xml --to GJD3 --from GJD1");
    assert!(site.asked()[0].body.contains("<from>GJD1</from><to>GJD3</to>"));
    site.transcript("translate_json", "translate tar.xml --json");
    site.transcript("translate_quiet", "translate_description tar.xml --quiet");
    let site = Site::new(vec![fixture("tree"), fixture("resources")]);
    site.write("tar.xml", "<grmsjob/>\n");
    site.transcript("explain", "explain tar.xml");
    assert!(site.asked()[0].body.contains("<to>TREE</to>"));
    assert!(site.asked()[1].body.contains("<explain>true</explain>"));
    let site = Site::new(vec![fixture("tree"), fixture("resources")]);
    site.write("tar.xml", "<grmsjob/>\n");
    site.transcript("explain_json", "explain tar.xml --json");
    let site = Site::answering("fault_description");
    site.write("tar.xml", "<grmsJob>\n");
    site.transcript("explain_faults", "explain tar.xml");
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
    for heading in ["SH COMMANDS", "SS Looking", "As GRMS 2 and 3", "submit_job", "130  interrupted"] {
        assert!(page.contains(heading), "{heading} is missing in:\n{page}");
    }
    let page = String::from_utf8(site.run("man submit").stdout).expect("UTF-8");
    assert!(
        page.contains("GJD_FILE") && page.contains("watch") && page.contains("grms\\-client submit tar.xml"),
        "{page}"
    );
    assert_eq!(site.run("man nonsense").status.code(), Some(2));
    for shell in ["bash", "zsh", "fish"] {
        let script = site.run(&format!("completions {shell}")).stdout;
        assert!(String::from_utf8(script).expect("UTF-8").contains("list_all"), "{shell}");
    }
}

//! Suspending, resuming, migrating, committing: one job with or without a new description, and many at once.

use crate::support::transcript::{Site, fixture};

const GJD: &str =
    "<grmsJob appid=\"tar\">\n  <simplejob>\n    <executable file=\"gopher://a/b\"/>\n  </simplejob>\n</grmsJob>\n";
const JOB: &str = "1767261845123_tar_0417";

#[test]
fn a_job_is_suspended_resumed_migrated_and_committed() {
    Site::answering("suspended").transcript("suspend", &format!("suspend {JOB}"));
    Site::answering("resumed").transcript("resume", &format!("resume {JOB} --quiet"));
    Site::answering("migrated").transcript("migrate", &format!("migrate {JOB} --json"));
    let site = Site::new(vec![fixture("committed"), fixture("info_list")]);
    site.transcript("commit", &format!("commit {JOB} first second"));
    assert!(site.asked()[0].body.contains("<taskId>first</taskId><taskId>second</taskId>"));
}

#[test]
fn a_new_description_travels_with_the_request_and_its_faults_are_shown_in_it() {
    for (verb, answer) in [("suspend", "suspended"), ("resume", "resumed"), ("migrate", "migrated")] {
        let site = Site::new(vec![fixture(answer), fixture("fault_description")]);
        site.write("new.xml", GJD);
        assert!(site.run(&format!("{verb} {JOB} new.xml")).status.success());
        let body = &site.asked()[0].body;
        let operation = format!("{verb}Job");
        let document = roxmltree::Document::parse(body).expect("well-formed");
        let text = |name| document.descendants().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
        assert!(body.contains(&operation) && text("jobDefinition") == Some(GJD), "{body}");
        assert_eq!(text("requestId").map(str::len), Some(32));
        let seen = site.run(&format!("{verb} {JOB} new.xml"));
        let told = String::from_utf8(seen.stderr).expect("UTF-8");
        assert!(seen.status.code() == Some(1) && told.contains("new.xml:") && told.contains('^'), "{told}");
    }
    let mut site = Site::answering("resumed");
    site.input(GJD);
    assert!(site.run(&format!("resume {JOB} -")).status.success());
    assert!(site.asked()[0].body.contains("gopher"));
}

#[test]
fn many_jobs_are_one_request() {
    let site = Site::new(vec![fixture("bulk_suspendJobs"), fixture("info_list_canceled")]);
    site.transcript("suspend_many", "suspend --jobs 17_a_1 17_no_1 17_b_2");
    let body = &site.asked()[0].body;
    assert!(body.contains("<jobId>17_a_1</jobId><jobId>17_no_1</jobId><jobId>17_b_2</jobId>"), "{body}");
    let mut site = Site::answering("bulk_suspendJobs");
    site.input("17_a_1 17_no_1\n17_b_2\n");
    site.transcript("suspend_many_json", "suspend --jobs - --json");
    let mut site = Site::answering("bulk_suspendJobs");
    site.input("");
    let seen = site.run("suspend --jobs - -q");
    assert!(seen.status.success() && site.asked().is_empty(), "no jobs are no request");
}

#[test]
fn more_jobs_than_one_request_takes_are_several() {
    let mut site = Site::answering("info_list");
    let ids: Vec<_> = (0..250).map(|number| format!("17_a_{number}")).collect();
    site.input(&ids.join("\n"));
    site.run("info - -q");
    let asked = site.asked();
    let counts: Vec<_> = asked.iter().map(|asked| asked.body.matches("<jobId>").count()).collect();
    assert_eq!(counts, [100, 100, 50]);
}

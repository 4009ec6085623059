//! The job submitted last is meant when none is named, for each broker apart.

use crate::support::responder::Responder;
use crate::support::transcript::{Site, fixture};

#[test]
fn the_last_job_of_this_broker_is_meant_when_none_is_named() {
    let mut site = Site::new(vec![fixture("submitted"), fixture("running")]);
    site.write("tar.xml", "<grmsJob/>\n");
    site.transcript("last_none", "info");
    assert!(site.run("submit tar.xml").status.success());
    for arguments in ["info -q", "history", "get_output", "job_info", "cancel last", "info last"] {
        site.run(arguments);
    }
    for asked in &site.asked()[1..] {
        assert!(asked.body.contains("<jobId>1767261845123_tar_0417</jobId>"), "{}", asked.body);
    }
    assert_eq!(site.asked().len(), 7);
    let host = site.authority.host("127.0.0.1");
    let other = Responder::start(&site.authority, &host, vec![fixture("running")]);
    site.set("GRMS_ENDPOINT", &other.url());
    assert_eq!(site.run("info").status.code(), Some(2), "another broker has no last job");
    assert!(other.asked().is_empty());
}

#[test]
fn submitting_works_where_nothing_can_be_remembered() {
    let mut site = Site::answering("submitted");
    site.write("tar.xml", "<grmsJob/>\n");
    site.set("XDG_STATE_HOME", "/proc/nowhere");
    assert!(site.run("submit tar.xml").status.success());
    assert_eq!(site.run("info").status.code(), Some(2));
}

#[test]
fn what_destroys_never_means_the_last_job_by_itself() {
    let site = Site::new(vec![fixture("submitted"), fixture("cancel")]);
    site.write("tar.xml", "<grmsJob/>\n");
    assert!(site.run("submit tar.xml").status.success());
    for arguments in ["cancel", "delete", "suspend", "migrate", "unregister", "cancel_job"] {
        assert_eq!(site.run(arguments).status.code(), Some(2), "{arguments}");
    }
    assert_eq!(site.asked().len(), 1);
}

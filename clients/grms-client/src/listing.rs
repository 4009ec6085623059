//! Lists of jobs: collects the pages of ids and, for people, asks for each job shown what it is doing.

use crate::broker::Broker;
use crate::failure::Failure;
use crate::messages::{GetJobInfo, JobInfo, JobsPage};
use crate::output::table::{cell, grid};
use crate::output::{Form, Output, Report};
use crate::time;
use jiff::Timestamp;
use serde::Serialize;

/// As many as a person reads.
const SHOWN_TO_PEOPLE: usize = 100;
/// What every broker gives at once; longer lists come in several pages.
const PAGE: usize = 100;
const JOB_NOT_FOUND: i32 = 301;

/// A list of jobs. Its JSON is the answer of the broker, all pages in one.
#[derive(Serialize)]
pub(crate) struct Listing {
    #[serde(flatten)]
    page: JobsPage,
    #[serde(skip)]
    jobs: Vec<JobInfo>,
    #[serde(skip)]
    with_owner: bool,
}

/// Collects and prints a list. `ask` fetches one page: at most so many ids, from this cursor on.
pub(crate) fn show(
    broker: &Broker,
    output: &Output,
    limit: Option<usize>,
    with_owner: bool,
    ask: impl Fn(Option<i32>, Option<String>) -> Result<JobsPage, Failure>,
) -> Result<(), Failure> {
    let people = output.form() == Form::Table;
    let page = collect(limit.or(people.then_some(SHOWN_TO_PEOPLE)), ask)?;
    let mut jobs = Vec::new();
    if people {
        for job_id in &page.job_id {
            match broker.call(&GetJobInfo { job_id: job_id.clone() }) {
                Ok(answer) => jobs.push(answer.job_info),
                Err(Failure::Refused(fault)) if fault.code == JOB_NOT_FOUND => {}
                Err(failure) => return Err(failure),
            }
        }
    }
    let more = page.cursor.is_some();
    let listing = Listing { page, jobs, with_owner };
    output.report(&listing)?;
    if more {
        output.note("there are more; --limit N shows more, --quiet prints every id");
    }
    Ok(())
}

/// Pages until `limit` ids are there or the list ends; the cursor stays when there is more.
fn collect(
    limit: Option<usize>,
    ask: impl Fn(Option<i32>, Option<String>) -> Result<JobsPage, Failure>,
) -> Result<JobsPage, Failure> {
    let mut all = JobsPage::default();
    loop {
        let wanted = limit.map(|limit| limit.saturating_sub(all.job_id.len()).min(PAGE));
        let page = ask(wanted.and_then(|wanted| i32::try_from(wanted).ok()), all.cursor.clone())?;
        let nothing_new = page.job_id.is_empty() || page.cursor == all.cursor;
        all.job_id.extend(page.job_id);
        all.cursor = page.cursor;
        if all.cursor.is_none() || nothing_new || limit.is_some_and(|limit| all.job_id.len() >= limit) {
            return Ok(all);
        }
    }
}

impl Report for Listing {
    fn table(&self) -> String {
        if self.jobs.is_empty() {
            return "no jobs".to_owned();
        }
        let now = time::now();
        let mut headings = vec!["Job id", "Status", "Submitted", "Host", "Remark"];
        if self.with_owner {
            headings.insert(1, "Owner");
        }
        grid(&headings, self.jobs.iter().map(|job| self.row(job, now)).collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.page.job_id.clone()
    }
}

impl Listing {
    fn row(&self, job: &JobInfo, now: Timestamp) -> Vec<String> {
        let submitted = job.submission_time.parse::<Timestamp>();
        let submitted = submitted.map_or_else(|_| job.submission_time.clone(), |at| time::age(at, now));
        let host = job.last_attempt.as_ref().and_then(|attempt| attempt.host_name.as_deref());
        let remark = job.error_description.as_deref().or(job.status_description.as_deref());
        let mut row =
            vec![job.job_id.clone(), job.status.clone(), submitted, cell(host), remark.unwrap_or_default().to_owned()];
        if self.with_owner {
            row.insert(1, common_name(&job.user_dn).to_owned());
        }
        row
    }
}

/// The name of a person in a distinguished name; the whole when it has none.
fn common_name(dn: &str) -> &str {
    dn.rsplit_once("/CN=").map_or(dn, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(limit: Option<i32>, cursor: Option<String>) -> JobsPage {
        let from: i32 = cursor.map_or(0, |cursor| cursor.parse().expect("our own"));
        let to = (from + limit.unwrap_or(3).min(3)).min(7);
        let job_id = (from..to).map(|id| id.to_string()).collect();
        JobsPage { job_id, cursor: (to < 7).then(|| to.to_string()) }
    }

    #[test]
    fn all_pages_become_one_list_and_a_limit_leaves_the_cursor() {
        let all = collect(None, |limit, cursor| Ok(pages(limit, cursor))).expect("seven ids");
        assert_eq!((all.job_id.len(), all.cursor), (7, None));
        let some = collect(Some(5), |limit, cursor| Ok(pages(limit, cursor))).expect("five ids");
        assert_eq!((some.job_id.len(), some.cursor.as_deref()), (5, Some("5")));
    }

    #[test]
    fn a_cursor_that_never_moves_ends_the_list() {
        let stuck = || JobsPage { job_id: vec!["1".to_owned()], cursor: Some("c".to_owned()) };
        assert_eq!(collect(None, |_, _| Ok(stuck())).expect("ends").job_id.len(), 2);
    }
}

//! Lists of jobs: collects the pages of ids and, for people, asks what each job shown is doing.

use crate::broker::Broker;
use crate::failure::Failure;
use crate::inquiry;
use crate::messages::{JobInfo, JobsPage};
use crate::output::format::Format;
use crate::output::table::{cell, grid};
use crate::output::{Form, Output, Report};
use crate::time;
use jiff::Timestamp;
use serde::Serialize;

/// As many as a person reads.
const SHOWN_TO_PEOPLE: usize = 100;
/// What every broker gives at once; longer lists come in several pages.
const PAGE: usize = 100;

/// How much is shown, and how.
pub(crate) struct Shape<'a> {
    /// At most so many.
    pub(crate) limit: Option<usize>,
    /// All of them, also for people.
    pub(crate) all: bool,
    /// With the names of the owners.
    pub(crate) with_owner: bool,
    /// A line per job in place of a table.
    pub(crate) format: Option<&'a Format>,
}

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

/// Collects and prints a list. `ask` fetches one page: at most so many ids, from this cursor on. A job that vanished
/// between the two questions is left out.
pub(crate) fn show(
    broker: &Broker,
    output: &Output,
    shape: &Shape<'_>,
    ask: impl Fn(Option<i32>, Option<String>) -> Result<JobsPage, Failure>,
) -> Result<(), Failure> {
    let people = output.form() == Form::Table;
    let usual = (people && !shape.all && shape.format.is_none()).then_some(SHOWN_TO_PEOPLE);
    let page = collect(shape.limit.or(usual), ask)?;
    let jobs = if people { inquiry::about(broker, &page.job_id)?.job_info } else { Vec::new() };
    let more = page.cursor.is_some();
    match shape.format {
        Some(format) => jobs.iter().try_for_each(|job| output.line(&format.line(job)))?,
        None => output.report(&Listing { page, jobs, with_owner: shape.with_owner })?,
    }
    if more {
        output.note("there are more; --limit N shows more, --all shows every one");
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

//! `wait`: stays until jobs are final, or in states named.

use super::jobs;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::follow::{self, Goal};
use crate::messages::{JobInfo, JobStatus, WaitForJobsResponse};
use crate::output::table::grid;
use crate::output::{Output, Report};
use crate::time::parse_duration;
use clap::Args;
use std::time::Duration;

/// Wait until jobs are FINISHED, FAILED or CANCELED, or in other states.
///
/// The broker answers when it is so; nothing is asked in between. Interrupting this program does not touch the jobs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client wait                      # for the job submitted last
  grms-client wait 1767261845123_tar_0417 --timeout 2h && tar xf result.tar
  grms-client wait 1767261845123_tar_0417 --state RUNNING
  grms-client list --quiet | grms-client wait --any -")]
pub(crate) struct Wait {
    #[command(flatten)]
    jobs: jobs::Asked,
    /// Until they are in this state, or can no longer reach it; may be repeated.
    #[arg(long, value_name = "STATE", ignore_case = true)]
    state: Vec<JobStatus>,
    /// Until it is so for one of them.
    #[arg(long)]
    any: bool,
    /// Wait at most so long: seconds, or 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,
}

impl Wait {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let goal = Goal { states: self.state.clone(), any: self.any, timeout: self.timeout };
        let spinner = output.spinner();
        let jobs = follow::until(broker, &self.jobs.resolve(broker)?, &goal, |jobs| {
            spinner.set_message(summary(jobs));
        });
        spinner.finish_and_clear();
        let answer = WaitForJobsResponse { timed_out: false, job_info: jobs? };
        output.report(&answer)?;
        Ok(follow::exit(&answer.job_info))
    }
}

/// `3 jobs: 2 RUNNING, 1 FINISHED`; the job and its state when it is one.
pub(crate) fn summary(jobs: &[JobInfo]) -> String {
    if let [job] = jobs {
        return format!("{} {}", job.job_id, job.status);
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for job in jobs {
        match counts.iter_mut().find(|(status, _)| *status == job.status) {
            Some((_, count)) => *count += 1,
            None => counts.push((&job.status, 1)),
        }
    }
    let counts: Vec<_> = counts.iter().map(|(status, count)| format!("{count} {status}")).collect();
    format!("{} jobs: {}", jobs.len(), counts.join(", "))
}

impl Report for WaitForJobsResponse {
    fn table(&self) -> String {
        let rows = self
            .job_info
            .iter()
            .map(|job| vec![job.job_id.clone(), job.status.clone(), job.error_description.clone().unwrap_or_default()]);
        grid(&["Job id", "Status", "Remark"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.job_info.iter().map(|job| job.status.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_jobs_are_counted_by_state() {
        let job =
            |status: &str| JobInfo { status: status.to_owned(), job_id: "1_a_1".to_owned(), ..JobInfo::default() };
        assert_eq!(summary(&[job("RUNNING")]), "1_a_1 RUNNING");
        let jobs = [job("RUNNING"), job("FINISHED"), job("RUNNING")];
        assert_eq!(summary(&jobs), "3 jobs: 2 RUNNING, 1 FINISHED");
    }
}

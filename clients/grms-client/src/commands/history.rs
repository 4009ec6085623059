//! `history`: the attempts of one job, oldest first.

use super::jobs;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{GetJobHistory, GetJobHistoryResponse};
use crate::output::table::{cell, grid};
use crate::output::{Output, Report};
use crate::time;
use clap::Args;

/// Show the attempts of one job.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client history                   # of the job submitted last
  grms-client history 1767261845123_tar_0417 --json")]
pub(crate) struct History {
    /// The job: an id, or `last`; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
    /// Only this task of it.
    #[arg(value_name = "TASK_ID")]
    task_id: Option<String>,
}

impl History {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, self.job_id.as_deref())?;
        output.report(&broker.call(&GetJobHistory { job_id, task_id: self.task_id.clone() })?)?;
        Ok(Exit::Success)
    }
}

impl Report for GetJobHistoryResponse {
    fn table(&self) -> String {
        if self.attempt.is_empty() {
            return "no attempt yet".to_owned();
        }
        let rows = self.attempt.iter().map(|attempt| {
            let waited = time::between(attempt.local_submission_time.as_deref(), attempt.local_start_time.as_deref());
            let ran = time::between(attempt.local_start_time.as_deref(), attempt.local_finish_time.as_deref());
            vec![
                attempt.number.to_string(),
                cell(attempt.host_name.as_deref()),
                cell(attempt.queue.as_deref()),
                cell(attempt.local_job_id.as_deref()),
                cell(attempt.start_time.as_deref().map(time::clock_time).as_deref()),
                cell(waited.as_deref()),
                cell(ran.as_deref()),
                cell(attempt.outcome.as_deref()),
            ]
        });
        grid(&["Attempt", "Host", "Queue", "Local id", "Begun", "Waited", "Ran", "Outcome"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        let line = |number: i32, outcome: Option<&str>, host: Option<&str>| {
            format!("{number} {} {}", cell(outcome), cell(host))
        };
        self.attempt.iter().map(|one| line(one.number, one.outcome.as_deref(), one.host_name.as_deref())).collect()
    }
}

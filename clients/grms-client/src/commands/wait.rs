//! `wait`: stays until every job named is final.

use super::job_id;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::follow;
use crate::messages::JobInfo;
use crate::output::table::grid;
use crate::output::{Output, Report};
use crate::time::parse_duration;
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// Wait until jobs are FINISHED, FAILED or CANCELED.
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// The jobs.
    #[arg(value_name = "JOB_ID", required = true, value_parser = job_id)]
    job_ids: Vec<String>,
    /// Wait at most so long: seconds, or 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,
}

impl Wait {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let spinner = output.spinner();
        let jobs = follow::until_final(broker, &self.job_ids, self.timeout, |job| {
            spinner.set_message(format!("{} {}", job.job_id, job.status));
            Ok(())
        });
        spinner.finish_and_clear();
        let jobs = Ended { job_info: jobs? };
        output.report(&jobs)?;
        Ok(follow::exit(&jobs.job_info))
    }
}

/// The jobs in the order asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ended {
    job_info: Vec<JobInfo>,
}

impl Report for Ended {
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

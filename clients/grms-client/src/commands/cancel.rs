//! `cancel` and `delete`: stops jobs wherever they are; forgets jobs that are final.

use super::bulk::{self, Results};
use super::{jobs, request_id};
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{CancelJob, CancelJobs, DeleteJobs};
use crate::output::Output;
use clap::Args;

/// Cancel jobs, wherever they are.
///
/// A job is CANCELED when nothing of it is left in the batch system; until then it shows that it is being canceled.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client cancel 1767261845123_tar_0417
  grms-client cancel last
  grms-client list RUNNING --quiet | grms-client cancel -")]
pub(crate) struct Cancel {
    #[command(flatten)]
    jobs: jobs::Named,
}

impl Cancel {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let results = match self.jobs.resolve(broker)?.as_slice() {
            [job_id] => {
                let mut results = Results::new();
                results.one(job_id, cancel(broker, job_id).map(Some))?;
                results
            }
            many => bulk::act::<CancelJobs>(broker, output, many)?,
        };
        results.finish(broker, output)
    }
}

/// Cancels one job; gives its state.
pub(crate) fn cancel(broker: &Broker, job_id: &str) -> Result<String, Failure> {
    let request = CancelJob { job_id: job_id.to_owned(), request_id: Some(request_id()?) };
    Ok(broker.call(&request)?.status)
}

/// Delete jobs that are FINISHED, FAILED or CANCELED from the broker's memory.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client delete 1767261845123_tar_0417
  grms-client list FAILED --quiet | grms-client delete -")]
pub(crate) struct Delete {
    #[command(flatten)]
    jobs: jobs::Named,
}

impl Delete {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let results = bulk::act::<DeleteJobs>(broker, output, &self.jobs.resolve(broker)?)?;
        results.marked("deleted").finish(broker, output)
    }
}

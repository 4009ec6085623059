//! `list`: the caller's own jobs.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::listing;
use crate::messages::{GetJobsList, JobStatus};
use crate::output::Output;
use clap::Args;

/// List your own jobs.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only jobs in this state.
    #[arg(value_name = "STATE", ignore_case = true)]
    state: Option<JobStatus>,
    /// Only jobs of this project.
    #[arg(long)]
    project: Option<String>,
    /// At most so many; without it 100 in a table and all with --json and --quiet.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    limit: Option<u16>,
}

impl List {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        listing::show(broker, output, self.limit.map(usize::from), false, |limit, cursor| {
            broker.call(&GetJobsList {
                status: self.state.iter().map(|state| state.as_str().to_owned()).collect(),
                project: self.project.clone(),
                limit,
                cursor,
                ..GetJobsList::default()
            })
        })?;
        Ok(Exit::Success)
    }
}

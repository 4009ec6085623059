//! `list_all`: the jobs of every user, for those who may see them.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::listing;
use crate::messages::{GetAllJobsList, JobStatus};
use crate::output::Output;
use clap::Args;

/// List the jobs of every user in one state (administrators).
#[derive(Debug, Args)]
pub(crate) struct ListAll {
    /// The state.
    #[arg(value_name = "STATE", ignore_case = true)]
    state: JobStatus,
    /// Only jobs of this user.
    #[arg(long, value_name = "DN")]
    user: Option<String>,
    /// At most so many; without it 100 in a table and all with --json and --quiet.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    limit: Option<u16>,
}

impl ListAll {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        listing::show(broker, output, self.limit.map(usize::from), true, |limit, cursor| {
            let status = vec![self.state.as_str().to_owned()];
            broker.call(&GetAllJobsList { status, user_dn: self.user.clone(), limit, cursor })
        })?;
        Ok(Exit::Success)
    }
}

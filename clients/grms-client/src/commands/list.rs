//! `list` and `list_all`: one's own jobs, those of a project, and those of everybody.

use super::info::format_help;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::listing::{self, Shape};
use crate::messages::{GetAllJobsList, GetJobsList, GetProjectJobsList, JobStatus};
use crate::output::Output;
use crate::output::format::Format;
use crate::time::parse_moment;
use clap::Args;

/// List your jobs, newest first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client list                      # the newest 100
  grms-client list RUNNING PENDING --since 2h
  grms-client list --project fluids --everybody --all
  grms-client list -F '%-22I %-16S %-8H'")]
pub(crate) struct List {
    /// Only jobs in these states.
    #[arg(value_name = "STATE", ignore_case = true)]
    states: Vec<JobStatus>,
    /// Only jobs of this project.
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// With --project: the jobs of all its members.
    #[arg(long, requires = "project")]
    everybody: bool,
    /// Only jobs submitted since: 2h, 2026-11-21, 2026-11-21T06:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_moment, conflicts_with_all = ["everybody", "user"])]
    since: Option<String>,
    /// The jobs of this user (administrators).
    #[arg(long, value_name = "DN", conflicts_with = "project")]
    user: Option<String>,
    /// For those used to it: all states are shown anyway.
    #[arg(short = 's', long, hide = true)]
    states_all: bool,
    #[command(flatten)]
    how: How,
}

/// How much of a list is shown, and how.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// At most so many; without it 100 in a table and all with --json and --quiet.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// All, however many there are.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    #[arg(long, short = 'F', value_name = "FORMAT", help = format_help(), conflicts_with_all = ["json", "quiet"])]
    format: Option<Format>,
}

impl How {
    /// At most so many in the usual table.
    pub(crate) fn limited(limit: Option<u32>) -> Self {
        Self { limit, all: false, format: None }
    }

    /// With or without the names of owners.
    pub(crate) fn shape(&self, with_owner: bool) -> Shape<'_> {
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        Shape { limit, all: self.all, with_owner, format: self.format.as_ref() }
    }
}

impl List {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let status = words(&self.states);
        match (&self.project, &self.user) {
            (Some(project), _) if self.everybody => {
                listing::show(broker, output, &self.how.shape(true), |limit, cursor| {
                    broker.call(&GetProjectJobsList { project: project.clone(), status: status.clone(), limit, cursor })
                })?;
            }
            (_, Some(user)) => of_user(broker, output, &self.states, Some(user), &self.how)?,
            (project, None) => {
                let (project, since) = (project.clone(), self.since.clone());
                own(broker, output, &GetJobsList { status, project, since, ..GetJobsList::default() }, &self.how)?;
            }
        }
        Ok(Exit::Success)
    }
}

/// List the jobs of every user in one state (administrators).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client list_all RUNNING
  grms-client list_all FAILED --user '/O=Grid/CN=Jan Kowalski' --all")]
pub(crate) struct ListAll {
    /// The states.
    #[arg(value_name = "STATE", ignore_case = true, required = true)]
    states: Vec<JobStatus>,
    /// Only jobs of this user.
    #[arg(long, value_name = "DN")]
    user: Option<String>,
    #[command(flatten)]
    how: How,
}

impl ListAll {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        of_user(broker, output, &self.states, self.user.as_ref(), &self.how)?;
        Ok(Exit::Success)
    }
}

/// The jobs of one user, or of all.
pub(crate) fn of_user(
    broker: &Broker,
    output: &Output,
    states: &[JobStatus],
    user: Option<&String>,
    how: &How,
) -> Result<(), Failure> {
    listing::show(broker, output, &how.shape(true), |limit, cursor| {
        broker.call(&GetAllJobsList { status: words(states), user_dn: user.cloned(), limit, cursor })
    })
}

/// One's own jobs that fit the question.
pub(crate) fn own(broker: &Broker, output: &Output, question: &GetJobsList, how: &How) -> Result<(), Failure> {
    listing::show(broker, output, &how.shape(false), |limit, cursor| {
        broker.call(&GetJobsList { limit, cursor, ..question.clone() })
    })
}

/// As the contract spells them.
pub(crate) fn words(states: &[JobStatus]) -> Vec<String> {
    states.iter().map(|state| state.as_str().to_owned()).collect()
}

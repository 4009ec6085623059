//! `cancel_job`, `suspend_job`, `resume_job`, `migrate_job`, `commit_job`: one line on standard output, the state.

use super::Lines;
use crate::broker::Broker;
use crate::commands::control::{Commit, One, Verb};
use crate::commands::{cancel, jobs};
use crate::failure::{Exit, Failure};
use crate::messages::{GetJobInfo, StatusResponse};
use crate::output::{Output, Report};
use clap::Args;

/// Cancel a job; prints `Status = <STATE>`.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  status=$(grms-client cancel_job 1767261845123_tar_0417 | awk '{print $3}')")]
pub(crate) struct CancelJob {
    /// The job: an id, or `last` for the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    #[command(flatten)]
    lines: Lines,
}

/// Checkpoint a job and stop it; prints `Status = <STATE>`.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  status=$(grms-client suspend_job 1767261845123_tar_0417 | awk '{print $3}')")]
pub(crate) struct SuspendJob {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    lines: Lines,
}

/// Restart a suspended job; prints `Status = <STATE>`.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  status=$(grms-client resume_job 1767261845123_tar_0417 | awk '{print $3}')")]
pub(crate) struct ResumeJob {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    lines: Lines,
}

/// Move a job to another place; prints `Status = <STATE>`.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  status=$(grms-client migrate_job 1767261845123_tar_0417 | awk '{print $3}')")]
pub(crate) struct MigrateJob {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    lines: Lines,
}

/// Let a held job begin; prints `Status = <STATE>`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client submit_job --hold tar.xml && grms-client commit_job last")]
pub(crate) struct CommitJob {
    #[command(flatten)]
    commit: Commit,
    #[command(flatten)]
    lines: Lines,
}

impl CancelJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let status = cancel::cancel(broker, &jobs::one(broker, Some(&self.job_id))?)?;
        self.lines.tell(output, status)
    }
}

impl SuspendJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.lines.tell(output, self.one.ask(broker, Verb::Suspend)?)
    }
}

impl ResumeJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.lines.tell(output, self.one.ask(broker, Verb::Resume)?)
    }
}

impl MigrateJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.lines.tell(output, self.one.ask(broker, Verb::Migrate)?)
    }
}

impl CommitJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = self.commit.commit(broker)?;
        let status = broker.call(&GetJobInfo { job_id })?.job_info.status;
        self.lines.tell(output, status)
    }
}

impl Lines {
    fn tell(&self, output: &Output, status: String) -> Result<Exit, Failure> {
        let line = self.status(&status);
        output.report_as(&StatusResponse { status }, &line)?;
        Ok(Exit::Success)
    }
}

impl Report for StatusResponse {
    fn table(&self) -> String {
        self.status.clone()
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.status.clone()]
    }
}

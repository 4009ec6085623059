//! `submit_job`: one line on standard output, `JobId = <id>`.

use super::Lines;
use crate::broker::Broker;
use crate::commands::{request_id, submit};
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::messages;
use crate::output::Output;
use clap::Args;
use std::path::PathBuf;

/// Submit a job description; prints `JobId = <id>`.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  id=$(grms-client submit_job job.xml | grep JobId | cut -d= -f2)")]
pub(crate) struct SubmitJob {
    /// The job description, or - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The language of the description, when the broker does not see it by itself.
    #[arg(value_name = "DIALECT")]
    dialect: Option<String>,
    /// A key of your own: submitting again with the same key and description gives the same job.
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
    /// Accept, but do not begin before `commit_job`.
    #[arg(long)]
    hold: bool,
    #[command(flatten)]
    lines: Lines,
}

impl SubmitJob {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let request = messages::SubmitJob {
            dialect: self.dialect.clone(),
            request_id: Some(self.request_id.clone().map_or_else(request_id, Ok)?),
            hold: self.hold.then_some(true),
            ..messages::SubmitJob::default()
        };
        let answer = submit::submit(broker, Document::read(&self.file)?, request)?;
        output.report_as(&answer, &self.lines.job_id(&answer.job_id))?;
        Ok(Exit::Success)
    }
}

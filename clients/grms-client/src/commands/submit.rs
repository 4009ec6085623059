//! `submit`: hands over a description and, if asked, stays until the job is final.

use super::request_id;
use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::follow;
use crate::messages::{JobInfo, SubmitJob, SubmitJobResponse};
use crate::output::{Form, Output, Report};
use crate::story::{self, Story};
use crate::time::parse_duration;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Submit a job description.
///
/// The description is read from a file, or from standard input with `-`. The job id is printed as soon as the broker
/// has accepted the job. With --wait or --watch the exit code tells how the job ended; interrupting this program does
/// not touch the job.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("following").args(["wait", "watch"]).multiple(true)))]
pub(crate) struct Submit {
    /// The job description, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: PathBuf,
    /// Stay until the job is FINISHED, FAILED or CANCELED.
    #[arg(long)]
    wait: bool,
    /// Stay like --wait and print every state with its time, place and reason.
    #[arg(long)]
    watch: bool,
    /// Wait at most so long: seconds, or 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "following")]
    timeout: Option<Duration>,
    /// A key of your own: submitting again with the same key and description gives the same job.
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
}

impl Submit {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let document = Document::read(&self.gjd_file)?;
        let key = self.request_id.clone().map_or_else(request_id, Ok)?;
        let request =
            SubmitJob { job_definition: document.text.clone(), request_id: Some(key.clone()), ..SubmitJob::default() };
        let answer = broker.call(&request).map_err(|failure| match failure {
            Failure::AnswerLost(why) => Failure::AnswerLost(format!(
                "{why}; the job may have been accepted: submitting again with --request-id {key} cannot make a second one"
            )),
            failure => failure.within(document),
        })?;
        if !self.wait && !self.watch {
            output.report(&answer)?;
            return Ok(Exit::Success);
        }
        if output.form() == Form::Quiet {
            output.line(&answer.job_id)?;
        }
        output.step(&answer, &answer.table())?;
        self.follow(broker, output, answer.job_id)
    }

    fn follow(&self, broker: &Broker, output: &Output, job_id: String) -> Result<Exit, Failure> {
        let spinner = output.spinner();
        let mut story = Story::default();
        let jobs = follow::until_final(broker, &[job_id], self.timeout, |job| {
            spinner.set_message(format!("{} {}", job.job_id, job.status));
            if !self.watch {
                return Ok(());
            }
            let lines = story.tell(job);
            spinner.suspend(|| match output.form() {
                Form::Table => lines.iter().try_for_each(|line| output.line(line)),
                Form::Json | Form::Quiet => output.step(&Change { job_info: job }, ""),
            })
        });
        spinner.finish_and_clear();
        let jobs = jobs?;
        if !self.watch {
            for job in &jobs {
                output.step(&Change { job_info: job }, &story::ending(job))?;
            }
        }
        Ok(follow::exit(&jobs))
    }
}

/// One line of `--json` while waiting: the answer of `getJobInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    job_info: &'a JobInfo,
}

impl Report for SubmitJobResponse {
    fn table(&self) -> String {
        format!("JobId = {}", self.job_id)
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.job_id.clone()]
    }
}

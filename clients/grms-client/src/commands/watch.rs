//! `watch`: prints what jobs go through, as it happens. The events of the broker say when to look.

use super::jobs;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::follow;
use crate::messages::{Event, JobInfo, WaitForEvents, WaitForEventsResponse};
use crate::output::table::colored;
use crate::output::{Form, Output};
use crate::story::Story;
use crate::time::{self, parse_duration};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Show what jobs go through, until they are final.
///
/// Interrupting this program does not touch the jobs.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client watch                     # the job submitted last
  grms-client watch 1767261845123_tar_0417 1767261845124_tar_0418
  grms-client watch --all --json        # one line per answer of the broker, for programs")]
pub(crate) struct Watch {
    #[command(flatten)]
    jobs: jobs::Asked,
    /// The events of all your jobs, until interrupted.
    #[arg(long, short, conflicts_with = "job_ids")]
    all: bool,
    /// With --all: also the steps within a state.
    #[arg(long, requires = "all")]
    requests: bool,
    /// With --all: go on where an earlier answer ended.
    #[arg(long, value_name = "CURSOR", requires = "all")]
    cursor: Option<String>,
    /// Watch at most so long: seconds, or 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,
}

impl Watch {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        if !self.all {
            return stories(broker, output, &self.jobs.resolve(broker)?, self.timeout);
        }
        let mut question = WaitForEvents { cursor: self.cursor.clone(), ..WaitForEvents::default() };
        if !self.requests {
            question.event_type = vec!["STATUS".to_owned()];
        }
        follow::events(broker, question, self.timeout, |answer| tell(output, answer))?;
        Ok(Exit::Success)
    }
}

/// Prints every state of these jobs until they are final. With `--json` every change is a line, the answer of
/// `getJobInfo`; quietly nothing is printed.
pub(crate) fn stories(
    broker: &Broker,
    output: &Output,
    job_ids: &[String],
    timeout: Option<Duration>,
) -> Result<Exit, Failure> {
    let spinner = output.spinner();
    let mut stories: BTreeMap<String, Story> = BTreeMap::new();
    let jobs = follow::every_change(broker, job_ids, timeout, |job| {
        spinner.set_message(format!("{} {}", job.job_id, job.status));
        let lines = stories.entry(job.job_id.clone()).or_default().tell(job);
        spinner.suspend(|| match output.form() {
            Form::Table => lines.iter().try_for_each(|line| output.line(&of_job(line, job, job_ids))),
            Form::Json | Form::Quiet => output.step(&Change { job_info: job }, ""),
        })
    });
    spinner.finish_and_clear();
    Ok(follow::exit(&jobs?))
}

/// A line names its job when there are several.
pub(crate) fn of_job(line: &str, job: &JobInfo, job_ids: &[String]) -> String {
    if job_ids.len() > 1 { format!("{}  {line}", job.job_id) } else { line.to_owned() }
}

/// One line of `--json` while waiting: the answer of `getJobInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change<'a> {
    /// The job.
    pub(crate) job_info: &'a JobInfo,
}

fn tell(output: &Output, answer: &WaitForEventsResponse) -> Result<(), Failure> {
    match output.form() {
        Form::Json => output.step(answer, ""),
        Form::Table => answer.event.iter().try_for_each(|event| output.line(&line(event))),
        Form::Quiet => {
            answer.event.iter().try_for_each(|event| output.line(&format!("{} {}", event.job_id, event.new_value)))
        }
    }
}

fn line(event: &Event) -> String {
    let task = event.task_id.as_ref().map_or_else(String::new, |task| format!(" {task}"));
    let said = event.description.as_ref().map_or_else(String::new, |said| format!("  {said}"));
    let (time, word) = (time::clock_time(&event.time), colored(&event.new_value));
    format!("{time}  {}{task}  {word}{said}", event.job_id)
}

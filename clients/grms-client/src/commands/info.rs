//! `info`: everything about jobs, with the age of what is said.

use super::jobs;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::inquiry;
use crate::messages::{GetJobInfo, GetJobInfoListResponse, GetJobInfoResponse, ItemResult, JobInfo, JobStatus};
use crate::output::format::{Format, letters};
use crate::output::table::{block, cell, colored, grid};
use crate::output::{Form, Output, Report};
use crate::time::{self, between};
use clap::Args;

/// Show jobs: state, place, times, and why one waits or failed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client info                      # the job submitted last
  grms-client info 1767261845123_tar_0417 --json
  grms-client list FAILED --quiet | grms-client info - -F '%I %X %R'")]
pub(crate) struct Info {
    #[command(flatten)]
    jobs: jobs::Asked,
    #[arg(long, short = 'F', value_name = "FORMAT", help = format_help(), conflicts_with_all = ["json", "quiet"])]
    format: Option<Format>,
}

/// What `-F` understands.
pub(crate) fn format_help() -> String {
    format!("A line per job, such as '%-22I %-16S %-8H': {}", letters())
}

impl Info {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        match (self.jobs.resolve(broker)?.as_slice(), &self.format) {
            ([job_id], format) => {
                let answer = broker.call(&GetJobInfo { job_id: job_id.clone() })?;
                match format {
                    Some(format) => output.line(&format.line(&answer.job_info))?,
                    None => output.report(&answer)?,
                }
                Ok(Exit::Success)
            }
            (many, format) => {
                let answer = inquiry::about(broker, many)?;
                match format {
                    Some(format) => answer.job_info.iter().try_for_each(|job| output.line(&format.line(job)))?,
                    None if !answer.job_info.is_empty() || output.form() == Form::Json => output.report(&answer)?,
                    None => {}
                }
                let mut exit = Exit::Success;
                for (item, job_id) in answer.result.iter().zip(many) {
                    let named = ItemResult { job_id: Some(job_id.clone()), ..item.clone() };
                    if let Some(failure) = named.failure(None) {
                        output.failure(&failure);
                        exit = exit.max(failure.exit());
                    }
                }
                Ok(exit)
            }
        }
    }
}

impl Report for GetJobInfoListResponse {
    fn table(&self) -> String {
        self.job_info.iter().map(shown).collect::<Vec<_>>().join("\n\n")
    }

    fn quiet(&self) -> Vec<String> {
        self.job_info.iter().map(|job| job.status.clone()).collect()
    }
}

impl Report for GetJobInfoResponse {
    fn table(&self) -> String {
        shown(&self.job_info)
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.job_info.status.clone()]
    }
}

/// The job, and a table of its tasks if there are several.
fn shown(job: &JobInfo) -> String {
    let mut text = block(pairs(job));
    if !job.task.is_empty() {
        let rows = job.task.iter().map(|task| {
            let host = task.last_attempt.as_ref().and_then(|attempt| attempt.host_name.as_deref());
            let name = match &task.iteration {
                Some(iteration) => format!("{} {iteration}", task.task_id),
                None => task.task_id.clone(),
            };
            vec![name, task.status.clone(), cell(host), task.error_description.clone().unwrap_or_default()]
        });
        text.push_str("\n\n");
        text.push_str(&grid(&["Task", "Status", "Host", "Remark"], rows.collect()));
    }
    text
}

fn pairs(job: &JobInfo) -> Vec<(&'static str, Option<String>)> {
    let now = time::now();
    let moment = |at: &Option<String>| at.as_deref().map(|at| time::with_age(at, now));
    let attempt = job.last_attempt.as_ref();
    let of_attempt = |value: Option<&Option<String>>| value.cloned().flatten().filter(|value| !value.is_empty());
    let is_final = JobStatus::from_word(&job.status).is_some_and(JobStatus::is_final);
    vec![
        ("Job id", Some(job.job_id.clone())),
        ("Status", Some(colored(&job.status))),
        (if is_final { "Remark" } else { "Reason" }, job.status_description.clone()),
        ("Error", job.error_description.clone()),
        ("Phase", Some(format!("{} ({})", job.phase, job.phase_number))),
        ("Owner", Some(job.user_dn.clone())),
        ("Project", job.project.clone()),
        ("Label", Some(job.app_id.clone()).filter(|label| !label.is_empty())),
        ("Submitted", Some(time::with_age(&job.submission_time, now))),
        ("Begun", moment(&job.start_time)),
        ("Started", attempt.and_then(|attempt| moment(&attempt.local_start_time))),
        ("Ran", attempt.and_then(|one| between(one.local_start_time.as_deref(), one.local_finish_time.as_deref()))),
        ("Finished", moment(&job.finish_time)),
        ("Host", of_attempt(attempt.map(|attempt| &attempt.host_name))),
        ("Queue", of_attempt(attempt.map(|attempt| &attempt.queue))),
        ("Local id", of_attempt(attempt.map(|attempt| &attempt.local_job_id))),
        ("Attempts", Some(job.history_length.to_string())),
        ("Exit code", job.exit_code.map(|code| code.to_string())),
    ]
}

//! `info`: everything about one job, with the age of what is said.

use super::job_id;
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{GetJobInfo, GetJobInfoResponse, JobInfo, JobStatus};
use crate::output::table::{block, cell, colored, grid};
use crate::output::{Output, Report};
use crate::time::{self, between};
use clap::Args;

/// Show one job.
#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The job.
    #[arg(value_name = "JOB_ID", value_parser = job_id)]
    job_id: String,
}

impl Info {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        output.report(&broker.call(&GetJobInfo { job_id: self.job_id.clone() })?)?;
        Ok(Exit::Success)
    }
}

impl Report for GetJobInfoResponse {
    fn table(&self) -> String {
        let job = &self.job_info;
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

    fn quiet(&self) -> Vec<String> {
        vec![self.job_info.status.clone()]
    }
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

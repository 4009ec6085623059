//! `job_info`: the state on the first line, `Status = <STATE>`, and what else is known below it.

use super::Lines;
use crate::broker::Broker;
use crate::commands::jobs;
use crate::failure::{Exit, Failure};
use crate::messages::GetJobInfo;
use crate::output::Output;
use clap::Args;

/// Show a job; prints `Status = <STATE>` first.
#[derive(Debug, Args)]
#[command(after_help = "Example, as scripts read it:
  status=$(grms-client job_info $id | grep Status | awk '{print $3}')")]
pub(crate) struct JobInfo {
    /// The job: an id, or `last`; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
    /// Also print the job description in force, below the lines.
    #[arg(value_name = "true|false", default_value_t = false, action = clap::ArgAction::Set, hide_possible_values = true)]
    description: bool,
    #[command(flatten)]
    lines: Lines,
}

impl JobInfo {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, self.job_id.as_deref())?;
        let answer = broker.call(&GetJobInfo { job_id })?;
        let job = &answer.job_info;
        let attempt = job.last_attempt.as_ref();
        let mut text = self.lines.around_status(
            &job.status,
            &[
                ("StatusDesc", job.status_description.clone().or_else(|| job.error_description.clone())),
                ("Id", Some(job.job_id.clone())),
                ("Label", Some(job.app_id.clone())),
                ("Project", job.project.clone()),
                ("UserDN", Some(job.user_dn.clone())),
                ("SubmissionTime", Some(job.submission_time.clone())),
                ("StartTime", job.start_time.clone()),
                ("FinishTime", job.finish_time.clone()),
                ("HostName", attempt.and_then(|attempt| attempt.host_name.clone())),
                ("Queue", attempt.and_then(|attempt| attempt.queue.clone())),
                ("ExitCode", job.exit_code.map(|code| code.to_string())),
                ("Error", job.error_description.clone()),
                ("HistoryLength", Some(job.history_length.to_string())),
            ],
        );
        if self.description
            && let Some(description) = attempt.and_then(|attempt| attempt.job_description.as_deref())
        {
            text.push_str("\n\n");
            text.push_str(description.trim_end());
        }
        output.report_as(&answer, &text)?;
        Ok(Exit::Success)
    }
}

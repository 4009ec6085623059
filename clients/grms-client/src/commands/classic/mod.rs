//! The commands of GRMS 2 and 3, with an underscore in their names. Scripts read single words out of their lines, so
//! the lines are exact and a word that scripts look for stands in one line only.

mod control;
mod job_info;
mod lists;
mod submit_job;
mod task_info;

pub(crate) use control::{CancelJob, CommitJob, MigrateJob, ResumeJob, SuspendJob};
pub(crate) use job_info::JobInfo;
pub(crate) use lists::{ListJobs, ListUserJobs};
pub(crate) use submit_job::SubmitJob;
pub(crate) use task_info::TaskInfo;

use clap::{Args, ValueEnum};

/// How the lines look.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// The style of the lines: `Status = RUNNING` of GRMS, or `Status: RUNNING` of QCG.
    #[arg(long, env = "GRMS_STYLE", value_name = "STYLE", default_value = "grms", ignore_case = true)]
    #[arg(hide_env_values = true)]
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// `JobId = …`, `Status = …`.
    Grms,
    /// `jobId = …`, `Status: …`, `StatusDesc: …`.
    Qcg,
}

impl Lines {
    /// The line with the id of a new job.
    fn job_id(&self, job_id: &str) -> String {
        match self.style {
            Style::Grms => format!("JobId = {job_id}"),
            Style::Qcg => format!("jobId = {job_id}"),
        }
    }

    /// The line with a state.
    fn status(&self, status: &str) -> String {
        self.line("Status", status)
    }

    /// A name and a value on one line.
    fn line(&self, name: &str, value: &str) -> String {
        let separator = match self.style {
            Style::Grms => " =",
            Style::Qcg => ":",
        };
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if value.is_empty() { format!("{name}{separator}") } else { format!("{name}{separator} {value}") }
    }

    /// The lines of a job around the one with its state, which comes first. In the style of GRMS no other line may hold
    /// the word `Status`, whatever a label or a message says; such a line is left out.
    fn around_status(&self, status: &str, others: &[(&str, Option<String>)]) -> String {
        let mut lines = vec![self.status(status)];
        let known = others.iter().filter_map(|(name, value)| Some(self.line(name, value.as_deref()?)));
        lines.extend(known.filter(|line| self.style == Style::Qcg || !line.contains("Status")));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_scripts_look_for_stands_in_one_line_only() {
        let others = [
            ("StatusDesc", Some("waits".to_owned())),
            ("Label", Some("Status".to_owned())),
            ("Host", Some("hydra".to_owned())),
            ("Queue", None),
        ];
        let grms = Lines { style: Style::Grms }.around_status("QUEUED", &others);
        assert_eq!(grms, "Status = QUEUED\nHost = hydra");
        let qcg = Lines { style: Style::Qcg }.around_status("QUEUED", &others);
        assert_eq!(qcg, "Status: QUEUED\nStatusDesc: waits\nLabel: Status\nHost: hydra");
    }

    #[test]
    fn a_value_never_breaks_its_line() {
        let lines = Lines { style: Style::Grms };
        assert_eq!(lines.line("Error", "one\n two"), "Error = one two");
        assert_eq!(lines.line("Note", ""), "Note =");
    }
}

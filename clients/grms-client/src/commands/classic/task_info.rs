//! `task_info`: the lines of one task of a job and of each of its allocations, as the successor of GRMS named them.
//! What the broker does not know of a task is an empty value, so every line is there.

use super::Lines;
use crate::broker::Broker;
use crate::commands::jobs;
use crate::failure::{Exit, Failure};
use crate::messages::{Attempt, GetJobHistory, GetJobInfo, JobInfo, JobStatus};
use crate::output::{Output, Report};
use clap::Args;
use serde::Serialize;
use xml::reader::{EventReader, XmlEvent};

/// Show a task of a job and its allocations.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client task_info 1767261845123_tar_0417
  grms-client task_info last --style qcg | grep StatusDesc")]
pub(crate) struct TaskInfo {
    /// The job: an id, or `last` for the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    /// The task; a job of one task may do without.
    #[arg(value_name = "TASK_ID")]
    task_id: Option<String>,
    #[command(flatten)]
    lines: Lines,
}

/// A task, taken from what the broker says of its job and its attempts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    user_dn: String,
    task_type: String,
    note: String,
    submission_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_time: Option<String>,
    attempt: Vec<Attempt>,
}

impl TaskInfo {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, Some(&self.job_id))?;
        let job = broker.call(&GetJobInfo { job_id: job_id.clone() })?.job_info;
        // A job of one task has no list of tasks, and its task need not be named.
        let task_id = self.task_id.clone().filter(|_| !job.task.is_empty());
        let attempts = broker.call(&GetJobHistory { job_id, task_id: task_id.clone() })?.attempt;
        let task = Task::of(job, task_id, attempts)?;
        output.report_as(&task, &task.text(&self.lines))?;
        Ok(Exit::Success)
    }
}

impl Task {
    fn of(job: JobInfo, task_id: Option<String>, attempt: Vec<Attempt>) -> Result<Self, Failure> {
        let mut status = (job.status.clone(), job.error_description.clone().or(job.status_description.clone()));
        if let Some(task_id) = &task_id {
            let named = job.task.iter().find(|task| task.task_id == *task_id).ok_or_else(|| {
                let known: Vec<_> = job.task.iter().map(|task| task.task_id.as_str()).collect();
                Failure::Usage(format!("job {} has no task {task_id}; it has {}", job.job_id, known.join(", ")))
            })?;
            status = (named.status.clone(), named.error_description.clone());
        }
        let is_final = JobStatus::from_word(&status.0).is_some_and(JobStatus::is_final);
        let of_last = |time: fn(&Attempt) -> &Option<String>| attempt.last().and_then(|attempt| time(attempt).clone());
        let (start_time, ended) = match &task_id {
            None => (job.start_time, job.finish_time),
            Some(_) => (of_last(|attempt| &attempt.local_start_time), of_last(|attempt| &attempt.local_finish_time)),
        };
        let description = attempt.iter().rev().find_map(|attempt| attempt.job_description.as_deref());
        let (task_type, note) = described(description.unwrap_or_default(), task_id.as_deref());
        Ok(Self {
            task_id,
            status: status.0,
            status_description: status.1,
            user_dn: job.user_dn,
            task_type,
            note,
            submission_time: job.submission_time,
            start_time,
            finish_time: ended.filter(|_| is_final),
            attempt,
        })
    }

    fn text(&self, lines: &Lines) -> String {
        let known = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut text = vec![
            lines.line("Note", &self.note),
            lines.line("UserDN", &self.user_dn),
            lines.line("TaskType", &self.task_type),
            lines.line("SubmissionTime", &self.submission_time),
            lines.line("StartTime", &known(&self.start_time)),
            lines.line("FinishTime", &known(&self.finish_time)),
            lines.line("ProxyLifetime", ""),
            lines.status(&self.status),
            lines.line("StatusDesc", &known(&self.status_description)),
        ];
        for attempt in &self.attempt {
            let ended = attempt.outcome.clone();
            let current = ended.clone().unwrap_or_else(|| self.status.clone());
            text.push(String::new());
            text.extend([
                lines.line("HostName", &known(&attempt.host_name)),
                lines.line("ProcessesCount", ""),
                lines.line("ProcessesGroupId", ""),
                lines.line("Status", &current),
                lines.line("StatusDescription", ""),
                lines.line("SubmissionTime", &known(&attempt.start_time)),
                lines.line("FinishTime", &known(&attempt.local_finish_time.clone().filter(|_| ended.is_some()))),
                lines.line("LocalSubmissionTime", &known(&attempt.local_submission_time)),
                lines.line("LocalStartTime", &known(&attempt.local_start_time)),
                lines.line("LocalFinishTime", &known(&attempt.local_finish_time)),
            ]);
        }
        text.join("\n")
    }
}

/// The type of the executable in capitals and the text of `description`, of this task or of the first one.
fn described(document: &str, task_id: Option<&str>) -> (String, String) {
    let (mut kind, mut note) = (String::new(), String::new());
    let mut inside = task_id.is_none();
    let mut path: Vec<String> = Vec::new();
    for event in EventReader::new(document.as_bytes()) {
        match event {
            Ok(XmlEvent::StartElement { name, attributes, .. }) => {
                let value =
                    |wanted: &str| attributes.iter().find(|one| one.name.local_name == wanted).map(|one| &one.value);
                let named = value("taskId").or_else(|| value("taskid"));
                if name.local_name == "task" && task_id.is_some() {
                    inside = named.map(String::as_str) == task_id;
                }
                if name.local_name == "executable" && inside && kind.is_empty() {
                    kind = value("type").map_or_else(String::new, |kind| kind.to_ascii_uppercase());
                }
                path.push(name.local_name);
            }
            Ok(XmlEvent::EndElement { .. }) => {
                path.pop();
            }
            Ok(XmlEvent::Characters(text) | XmlEvent::CData(text)) if inside => {
                let parent = path.len().checked_sub(2).map(|at| path[at].as_str());
                if path.last().is_some_and(|name| name == "description") && parent == Some("task") {
                    note.push_str(&text);
                }
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    (kind, note)
}

impl Report for Task {
    fn table(&self) -> String {
        self.status.clone()
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.status.clone()]
    }
}

#[cfg(test)]
mod tests {
    use super::described;

    #[test]
    fn type_and_note_come_from_the_description_of_the_task() {
        let flow = "<grmsJob appId='f'><description>all</description>\
            <task taskId='a'><description>one</description><execution><executable type='single'/></execution></task>\
            <task taskId='b'><description>two</description><execution><executable type='mpi'/></execution></task></grmsJob>";
        assert_eq!(described(flow, Some("b")), ("MPI".to_owned(), "two".to_owned()));
        let simple = "<grmsjob appid='s'><simplejob><executable type=\"multiple\"/></simplejob></grmsjob>";
        assert_eq!(described(simple, None), ("MULTIPLE".to_owned(), String::new()));
        assert_eq!(described("#!/bin/sh\n", None), (String::new(), String::new()));
        assert_eq!(described("", None), (String::new(), String::new()));
    }
}

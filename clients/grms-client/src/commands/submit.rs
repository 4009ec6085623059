//! `submit`: hands over descriptions and, if asked, stays until the jobs are final.

use super::test::refused_description;
use super::{listeners, request_id, watch};
use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::follow::{self, Goal};
use crate::inquiry::{PORTION, numbered};
use crate::memory::Memory;
use crate::messages::{ItemResult, JobToSubmit, Notification, SubmitJob, SubmitJobResponse, SubmitJobs};
use crate::output::table::grid;
use crate::output::{Form, Output, Report};
use crate::story;
use crate::time::parse_duration;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// Submit job descriptions.
///
/// A description is XML in any dialect that the broker reads, or a shell script with #QCG directives; - is standard
/// input. The job id is printed as soon as the broker has accepted the job. With --wait or --watch the exit code tells
/// how the job ended; interrupting this program does not touch the job.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("following").args(["wait", "watch"]).multiple(true)))]
#[command(after_help = "Examples:
  grms-client submit tar.xml --watch
  grms-client submit sweep-*.xml --quiet > ids
  ./make-description | grms-client submit - --notify mailto:jan@example.org
  grms-client submit --hold flow.xml && grms-client commit")]
pub(crate) struct Submit {
    /// The job descriptions, or - for standard input.
    #[arg(value_name = "GJD_FILE", required = true)]
    gjd_files: Vec<PathBuf>,
    /// Stay until the job is FINISHED, FAILED or CANCELED.
    #[arg(long)]
    wait: bool,
    /// Stay like --wait and print every state with its time, place and reason.
    #[arg(long)]
    watch: bool,
    /// Wait at most so long: seconds, or 90s, 15m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_duration, requires = "following")]
    timeout: Option<Duration>,
    /// Accept, but do not begin before `commit`.
    #[arg(long, conflicts_with = "following")]
    hold: bool,
    /// All files or none of them.
    #[arg(long, conflicts_with_all = ["hold", "notify", "dialect"])]
    atomic: bool,
    /// A key of your own: submitting again with the same key and description gives the same job.
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
    /// Tell every state to this place: mailto:ADDRESS, sms:NUMBER, an http(s) URL; may be repeated.
    #[arg(long, value_name = "WHERE", value_parser = listeners::whom)]
    notify: Vec<Notification>,
    /// The language of the description, when the broker does not see it by itself.
    #[arg(long, value_name = "DIALECT")]
    dialect: Option<String>,
}

impl Submit {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let key = self.request_id.clone().map_or_else(request_id, Ok)?;
        if let [file] = self.gjd_files.as_slice() {
            let answer = submit(broker, Document::read(file)?, self.request(key))?;
            if !self.wait && !self.watch {
                output.report(&answer)?;
                return Ok(Exit::Success);
            }
            if output.form() == Form::Quiet {
                output.line(&answer.job_id)?;
            }
            output.step(&answer, &answer.table())?;
            return self.follow(broker, output, vec![answer.job_id]);
        }
        let documents = self.gjd_files.iter().map(Document::read).collect::<Result<Vec<_>, _>>()?;
        let submitted = self.many(broker, documents, &key)?;
        if !submitted.ids().is_empty() || output.form() == Form::Json {
            output.report(&submitted)?;
        }
        let job_ids = submitted.ids();
        let refused = submitted.refusals(broker, output);
        let ended = if self.wait || self.watch { self.follow(broker, output, job_ids)? } else { Exit::Success };
        Ok(refused.max(ended))
    }

    fn request(&self, key: String) -> SubmitJob {
        SubmitJob {
            request_id: Some(key),
            dialect: self.dialect.clone(),
            hold: self.hold.then_some(true),
            notification: self.notify.clone(),
            ..SubmitJob::default()
        }
    }

    /// Many at once; what the bulk operation cannot carry goes one by one.
    fn many(&self, broker: &Broker, documents: Vec<Document>, key: &str) -> Result<Submitted, Failure> {
        let mut result = Vec::new();
        let keys = (1..=documents.len()).map(|number| format!("{key}.{number}"));
        let singly = self.hold || self.dialect.is_some() || !self.notify.is_empty();
        if singly {
            for (document, key) in documents.iter().zip(keys) {
                let request = SubmitJob { job_definition: document.text.clone(), ..self.request(key) };
                result.push(match broker.call(&request) {
                    Ok(answer) => ItemResult { job_id: Some(answer.job_id), ..ItemResult::default() },
                    Err(Failure::Refused(fault)) => ItemResult::refused(&fault),
                    Err(failure) => return Err(known_so_far(failure, key_of(&request), &result)),
                });
            }
        } else {
            let jobs = documents.iter().zip(keys);
            let jobs: Vec<_> = jobs
                .map(|(document, key)| JobToSubmit { job_definition: document.text.clone(), request_id: Some(key) })
                .collect();
            let portion = if self.atomic { jobs.len() } else { PORTION };
            for jobs in jobs.chunks(portion) {
                let request = SubmitJobs { job: jobs.to_vec(), atomic: self.atomic.then_some(true) };
                let answer = broker.call(&request).map_err(|failure| known_so_far(failure, key, &result))?;
                result.extend(answer.result);
            }
        }
        let submitted = Submitted::new(result, documents);
        if let Some(last) = submitted.ids().last() {
            Memory::of(broker.endpoint()).remember(last);
        }
        Ok(submitted)
    }

    fn follow(&self, broker: &Broker, output: &Output, job_ids: Vec<String>) -> Result<Exit, Failure> {
        if self.watch {
            return watch::stories(broker, output, &job_ids, self.timeout);
        }
        let spinner = output.spinner();
        let goal = Goal { timeout: self.timeout, ..Goal::default() };
        let jobs = follow::until(broker, &job_ids, &goal, |jobs| spinner.set_message(super::wait::summary(jobs)));
        spinner.finish_and_clear();
        let jobs = jobs?;
        for job in &jobs {
            let line = watch::of_job(&story::ending(job), job, &job_ids);
            output.step(&watch::Change { job_info: job }, &line)?;
        }
        Ok(follow::exit(&jobs))
    }
}

/// Submits one description and remembers its job as the last one.
pub(crate) fn submit(broker: &Broker, document: Document, request: SubmitJob) -> Result<SubmitJobResponse, Failure> {
    let request = SubmitJob { job_definition: document.text.clone(), ..request };
    let answer = broker.call(&request).map_err(|failure| match failure {
        Failure::AnswerLost(_) => known_so_far(failure, key_of(&request), &[]),
        failure => failure.within(document),
    })?;
    Memory::of(broker.endpoint()).remember(&answer.job_id);
    Ok(answer)
}

fn key_of(request: &SubmitJob) -> &str {
    request.request_id.as_deref().unwrap_or_default()
}

/// A lost answer is no reason to submit twice, and what was accepted before is not to be forgotten.
fn known_so_far(failure: Failure, key: &str, before: &[ItemResult]) -> Failure {
    let ids: Vec<_> = before.iter().filter_map(|item| item.job_id.as_deref()).collect();
    let accepted = if ids.is_empty() { String::new() } else { format!("; accepted before: {}", ids.join(" ")) };
    match failure {
        Failure::AnswerLost(why) => Failure::AnswerLost(format!(
            "{why}; the job may have been accepted: submitting again with --request-id {key} cannot make a second one{accepted}"
        )),
        Failure::NoContact(why) => Failure::NoContact(format!("{why}{accepted}")),
        failure => failure,
    }
}

/// Many submissions, in the order of the files, as the contract's bulk operation answers.
#[derive(Serialize)]
struct Submitted {
    errors: usize,
    result: Vec<ItemResult>,
    #[serde(skip)]
    documents: Vec<Document>,
}

impl Submitted {
    fn new(result: Vec<ItemResult>, documents: Vec<Document>) -> Self {
        let result = numbered(result);
        Self { errors: result.iter().filter(|item| item.error_code != 0).count(), result, documents }
    }

    fn ids(&self) -> Vec<String> {
        let accepted = self.result.iter().filter(|item| item.error_code == 0);
        accepted.filter_map(|item| item.job_id.clone()).collect()
    }

    /// Tells what was refused; of a description the broker is asked for every fault with its place.
    fn refusals(self, broker: &Broker, output: &Output) -> Exit {
        let mut exit = Exit::Success;
        for (item, document) in self.result.iter().zip(self.documents) {
            if let Some(failure) = item.failure(Some(&document.name)) {
                let described = (110..=118).contains(&item.error_code);
                let full = if described { refused_description(broker, document) } else { None };
                let failure = full.unwrap_or(failure);
                output.failure(&failure);
                exit = exit.max(failure.exit());
            }
        }
        exit
    }
}

impl Report for SubmitJobResponse {
    fn table(&self) -> String {
        format!("JobId = {}", self.job_id)
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.job_id.clone()]
    }
}

impl Report for Submitted {
    fn table(&self) -> String {
        let accepted = self.result.iter().zip(&self.documents).filter(|(item, _)| item.error_code == 0);
        let rows =
            accepted.map(|(item, document)| vec![item.job_id.clone().unwrap_or_default(), document.name.clone()]);
        grid(&["Job id", "Description"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.ids()
    }
}

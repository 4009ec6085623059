//! `suspend`, `resume`, `migrate` and `commit`: what changes the way of a job. The broker answers when it has accepted
//! the request; `wait` and `watch` show when it is done.

use super::bulk::{self, Results};
use super::{jobs, request_id};
use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::messages::{
    BulkResponse, CommitJob, MigrateJob, MigrateJobs, Operation, ResumeJob, ResumeJobs, SuspendJob, SuspendJobs,
};
use crate::output::Output;
use clap::Args;
use std::path::PathBuf;

/// One job, perhaps with a new description, or several jobs.
#[derive(Debug, Args)]
#[group(id = "whom", required = true, multiple = true)]
struct Whom {
    /// The job: an id, `last` for the job submitted last, or - for an id on standard input.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id, conflicts_with = "jobs")]
    job_id: Option<String>,
    /// A new description for the restart, or - for standard input.
    #[arg(value_name = "GJD_FILE", requires = "job_id")]
    gjd_file: Option<PathBuf>,
    /// Several jobs at once, without a new description; - for ids on standard input.
    #[arg(long, short, value_name = "JOB_ID", num_args = 1.., value_parser = jobs::job_id)]
    jobs: Vec<String>,
}

/// One job, perhaps with a new description, as the forms of GRMS 2 and 3 take it.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// The job: an id, or `last` for the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    /// A new description for the restart, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: Option<PathBuf>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verb {
    /// Checkpoint and stop.
    Suspend,
    /// Go on.
    Resume,
    /// Go on elsewhere.
    Migrate,
}

impl Whom {
    fn run<Q>(&self, verb: Verb, broker: &Broker, output: &Output) -> Result<Exit, Failure>
    where
        Q: Operation<Response = BulkResponse> + From<Vec<String>>,
    {
        let results = match &self.job_id {
            Some(named) => {
                let job_id = jobs::one(broker, Some(named))?;
                let mut results = Results::new();
                results.one(&job_id, ask(broker, verb, &job_id, self.gjd_file.as_ref()).map(Some))?;
                results
            }
            None => bulk::act::<Q>(broker, output, &jobs::resolve(broker, &self.jobs)?)?,
        };
        results.finish(broker, output)
    }
}

impl One {
    /// Asks; gives the state now.
    pub(crate) fn ask(&self, broker: &Broker, verb: Verb) -> Result<String, Failure> {
        ask(broker, verb, &jobs::one(broker, Some(&self.job_id))?, self.gjd_file.as_ref())
    }
}

fn ask(broker: &Broker, verb: Verb, job_id: &str, gjd_file: Option<&PathBuf>) -> Result<String, Failure> {
    let document = gjd_file.map(Document::read).transpose()?;
    let job_definition = document.as_ref().map(|document| document.text.clone());
    let (job_id, request_id) = (job_id.to_owned(), Some(request_id()?));
    let answer = match verb {
        Verb::Suspend => broker.call(&SuspendJob { job_id, job_definition, request_id }),
        Verb::Resume => broker.call(&ResumeJob { job_id, job_definition, request_id }),
        Verb::Migrate => broker.call(&MigrateJob { job_id, job_definition, request_id }),
    };
    match (answer, document) {
        (Ok(answer), _) => Ok(answer.status),
        (Err(failure), Some(document)) => Err(failure.within(document)),
        (Err(failure), None) => Err(failure),
    }
}

/// Checkpoint a job and stop it until it is resumed.
///
/// With a description, that one is used by the next resume.
#[derive(Debug, Args)]
#[command(override_usage = "grms-client suspend [OPTIONS] <JOB_ID> [GJD_FILE]
       grms-client suspend [OPTIONS] --jobs <JOB_ID>...")]
#[command(after_help = "Examples:
  grms-client suspend 1767261845123_tar_0417
  grms-client suspend --jobs 1767261845123_tar_0417 1767261845124_tar_0418")]
pub(crate) struct Suspend {
    #[command(flatten)]
    whom: Whom,
}

/// Restart a suspended job, under a new description if one is given.
#[derive(Debug, Args)]
#[command(override_usage = "grms-client resume [OPTIONS] <JOB_ID> [GJD_FILE]
       grms-client resume [OPTIONS] --jobs <JOB_ID>...")]
#[command(after_help = "Examples:
  grms-client resume 1767261845123_tar_0417
  grms-client resume 1767261845123_tar_0417 more-memory.xml")]
pub(crate) struct Resume {
    #[command(flatten)]
    whom: Whom,
}

/// Move a job to another place.
///
/// A new description chooses the place and the command of the restart.
#[derive(Debug, Args)]
#[command(override_usage = "grms-client migrate [OPTIONS] <JOB_ID> [GJD_FILE]
       grms-client migrate [OPTIONS] --jobs <JOB_ID>...")]
#[command(after_help = "Examples:
  grms-client migrate 1767261845123_tar_0417
  grms-client migrate 1767261845123_tar_0417 elsewhere.xml")]
pub(crate) struct Migrate {
    #[command(flatten)]
    whom: Whom,
}

/// Let a job begin that was submitted with --hold.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client submit --hold tar.xml && grms-client explain tar.xml && grms-client commit
  grms-client commit 1767261845123_tar_0417")]
pub(crate) struct Commit {
    /// The job: an id, or `last`; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
    /// Only these tasks of it.
    #[arg(value_name = "TASK_ID")]
    task_ids: Vec<String>,
}

impl Suspend {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.whom.run::<SuspendJobs>(Verb::Suspend, broker, output)
    }
}

impl Resume {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.whom.run::<ResumeJobs>(Verb::Resume, broker, output)
    }
}

impl Migrate {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        self.whom.run::<MigrateJobs>(Verb::Migrate, broker, output)
    }
}

impl Commit {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = self.commit(broker)?;
        let mut results = Results::new();
        results.one(&job_id, Ok(None))?;
        results.finish(broker, output)
    }

    /// Commits; gives the id of the job.
    pub(crate) fn commit(&self, broker: &Broker) -> Result<String, Failure> {
        let job_id = jobs::one(broker, self.job_id.as_deref())?;
        let (task_id, request_id) = (self.task_ids.clone(), Some(request_id()?));
        broker.call(&CommitJob { job_id: job_id.clone(), task_id, request_id })?;
        Ok(job_id)
    }
}

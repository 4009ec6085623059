//! `register`, `get_access` and `unregister`: how the broker reaches a running program. Usually the program itself, or
//! its wrapper, calls the first one, with the job id from its environment.

use super::{jobs, word};
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{
    GetApplicationAccess, GetApplicationAccessResponse, RegisterApplicationAccess, UnregisterApplicationAccess,
};
use crate::output::table::block;
use crate::output::{Output, Report};
use clap::{Args, ValueEnum};

/// Tell where a running program takes requests for checkpoints.
#[derive(Debug, Args)]
#[command(after_help = "Examples, inside a job:
  grms-client register $GRMS_JOB_ID http://$(hostname):9000/checkpoint $$
  grms-client register $GRMS_JOB_ID signal:USR1 $$")]
pub(crate) struct Register {
    /// The job.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    /// A URL of its checkpoint service; signal:NAME, file:PATH or exitcode:N for a program without one.
    #[arg(value_name = "SERVICE_LOCATION")]
    service_location: String,
    /// Its process; a file: or exitcode: location may do without.
    #[arg(value_name = "PID", value_parser = process)]
    pid: Option<i32>,
    /// How to speak to it, when the location does not say so.
    #[arg(long, value_name = "PROTOCOL", ignore_case = true)]
    protocol: Option<Protocol>,
}

/// What the broker accepts as a process of a job. Process 1 is what started the machine or the container.
fn process(text: &str) -> Result<i32, String> {
    let pid = text.parse().ok().filter(|pid| *pid > 1);
    pid.ok_or_else(|| "expected a process id greater than 1, such as $$ in a shell".to_owned())
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Protocol {
    Soap,
    Signal,
    File,
    Exitcode,
}

impl Register {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, Some(&self.job_id))?;
        let (service_location, protocol) = (self.service_location.clone(), self.protocol.map(word));
        let request = RegisterApplicationAccess { job_id, service_location, pid: self.pid, protocol };
        output.report(&broker.call(&request)?)?;
        Ok(Exit::Success)
    }
}

/// Show where a running program takes requests for checkpoints.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client get_access last")]
pub(crate) struct GetAccess {
    /// The job: an id, or `last`; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
}

impl GetAccess {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, self.job_id.as_deref())?;
        output.report(&broker.call(&GetApplicationAccess { job_id })?)?;
        Ok(Exit::Success)
    }
}

/// Let the broker forget where a running program takes requests.
#[derive(Debug, Args)]
#[command(after_help = "Example, inside a job:
  grms-client unregister $GRMS_JOB_ID")]
pub(crate) struct Unregister {
    /// The job: an id, or `last` for the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
}

impl Unregister {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = jobs::one(broker, Some(&self.job_id))?;
        output.report(&broker.call(&UnregisterApplicationAccess { job_id })?)?;
        Ok(Exit::Success)
    }
}

impl Report for GetApplicationAccessResponse {
    fn table(&self) -> String {
        let pid = self.pid.map(|pid| pid.to_string());
        block(vec![("Location", Some(self.service_location.clone())), ("Process", pid)])
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.service_location.clone()]
    }
}

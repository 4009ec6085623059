//! `cancel`: stops jobs wherever they are. One that cannot be canceled does not stand in the way of the others.

use super::{job_id, request_id};
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::CancelJob;
use crate::output::table::grid;
use crate::output::{Output, Report};
use clap::Args;
use serde::Serialize;

/// Cancel jobs.
#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// The jobs.
    #[arg(value_name = "JOB_ID", required = true, value_parser = job_id)]
    job_ids: Vec<String>,
}

impl Cancel {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let mut results = Results { errors: 0, result: Vec::new() };
        let mut refusals = Vec::new();
        for (index, job_id) in self.job_ids.iter().enumerate() {
            let request = CancelJob { job_id: job_id.clone(), request_id: Some(request_id()?) };
            let mut item = Item { index, job_id: job_id.clone(), ..Item::default() };
            match broker.call(&request) {
                Ok(answer) => item.status = Some(answer.status),
                Err(Failure::Refused(fault)) => {
                    results.errors += 1;
                    item.error_code = fault.code;
                    item.error_name = Some(fault.name.clone());
                    item.error_message = Some(fault.message.clone());
                    refusals.push(Failure::Refused(fault));
                }
                Err(failure) => return Err(failure),
            }
            results.result.push(item);
        }
        if results.errors < self.job_ids.len() || output.form() == crate::output::Form::Json {
            output.report(&results)?;
        }
        for refusal in &refusals {
            output.failure(refusal);
        }
        Ok(refusals.iter().map(Failure::exit).max().unwrap_or(Exit::Success))
    }
}

/// In the order asked for, as the contract's bulk operations answer.
#[derive(Serialize)]
struct Results {
    errors: usize,
    result: Vec<Item>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    index: usize,
    job_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    error_code: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
}

impl Report for Results {
    fn table(&self) -> String {
        let done = self.result.iter().filter_map(|item| Some(vec![item.job_id.clone(), item.status.clone()?]));
        grid(&["Job id", "Status"], done.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.result.iter().filter(|item| item.status.is_some()).map(|item| item.job_id.clone()).collect()
    }
}

//! What was done to jobs, one by one or many at once: every job has its own result, and one that is refused does not
//! stand in the way of the others.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::inquiry::{self, PORTION};
use crate::messages::{BulkResponse, ItemResult, Operation};
use crate::output::table::{colored, grid};
use crate::output::{Form, Output, Report};
use serde::Serialize;

/// In the order asked for, as the contract's bulk operations answer.
#[derive(Serialize)]
pub(crate) struct Results {
    errors: usize,
    result: Vec<Item>,
    #[serde(skip)]
    word: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(flatten)]
    result: ItemResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip)]
    name: String,
}

impl Results {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self { errors: 0, result: Vec::new(), word: None }
    }

    /// Takes in what became of one job that was asked for alone. A refusal is kept, everything worse is given back.
    pub(crate) fn one(&mut self, job_id: &str, status: Result<Option<String>, Failure>) -> Result<(), Failure> {
        let (mut result, status) = match status {
            Ok(status) => (ItemResult::default(), status),
            Err(Failure::Refused(fault)) => (ItemResult::refused(&fault), None),
            Err(failure) => return Err(failure),
        };
        result.job_id = Some(job_id.to_owned());
        self.take(result, job_id, status);
        Ok(())
    }

    /// Takes in the answer for a portion of jobs.
    fn portion(&mut self, job_ids: &[String], answer: BulkResponse) {
        for (named, mut result) in job_ids.iter().zip(answer.result) {
            result.job_id = Some(named.clone());
            self.take(result, named, None);
        }
    }

    fn take(&mut self, mut result: ItemResult, name: &str, status: Option<String>) {
        result.index = i32::try_from(self.result.len() + 1).unwrap_or(i32::MAX);
        self.errors += usize::from(result.error_code != 0);
        self.result.push(Item { result, status, name: name.to_owned() });
    }

    /// What people read as the state of every job that it was done to.
    pub(crate) fn marked(mut self, word: &'static str) -> Self {
        self.word = Some(word);
        self
    }

    fn done(&self) -> impl Iterator<Item = &Item> {
        self.result.iter().filter(|item| item.result.error_code == 0)
    }

    /// Prints what was done, then what was refused; the exit code is that of the worst refusal.
    pub(crate) fn finish(mut self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        if output.form() == Form::Table && self.word.is_none() {
            self.look_up(broker);
        }
        if self.done().next().is_some() || output.form() == Form::Json {
            output.report(&self)?;
        }
        let mut exit = Exit::Success;
        for failure in self.result.iter().filter_map(|item| item.result.failure(None)) {
            output.failure(&failure);
            exit = exit.max(failure.exit());
        }
        Ok(exit)
    }

    /// The answers on many jobs name no states; people see them all the same, unless the broker is away just now.
    fn look_up(&mut self, broker: &Broker) {
        let unknown = self.done().filter(|item| item.status.is_none()).map(|item| item.name.clone());
        let jobs = inquiry::about(broker, &unknown.collect::<Vec<_>>()).unwrap_or_default().job_info;
        for item in self.result.iter_mut().filter(|item| item.status.is_none()) {
            item.status = jobs.iter().find(|job| job.job_id == item.name).map(|job| job.status.clone());
        }
    }
}

/// Asks for many jobs at once, portion by portion. When it breaks off, what was done before is told first.
pub(crate) fn act<Q>(broker: &Broker, output: &Output, job_ids: &[String]) -> Result<Results, Failure>
where
    Q: Operation<Response = BulkResponse> + From<Vec<String>>,
{
    let mut results = Results::new();
    for ids in job_ids.chunks(PORTION) {
        match broker.call(&Q::from(ids.to_vec())) {
            Ok(answer) => results.portion(ids, answer),
            Err(failure) => {
                if !results.result.is_empty() {
                    results.finish(broker, output)?;
                }
                return Err(failure);
            }
        }
    }
    Ok(results)
}

impl Report for Results {
    fn table(&self) -> String {
        let status = |item: &Item| item.status.as_deref().or(self.word).map_or_else(|| "-".to_owned(), colored);
        let rows = self.done().map(|item| vec![item.name.clone(), status(item)]);
        grid(&["Job id", "Status"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.done().map(|item| item.name.clone()).collect()
    }
}

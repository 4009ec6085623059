//! `translate` and `explain`: the same job in another language; what the broker understood and where it would run.

use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::messages::{FindResources, FindResourcesResponse, TranslateJobDescription, TranslateJobDescriptionResponse};
use crate::output::{Form, Output, Report};
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

/// The form that shows what was understood.
const TREE: &str = "TREE";

/// Write a job description in another language.
///
/// What the other language cannot say is told on standard error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client translate job.jsdl > job.xml
  grms-client translate script.sh --to GJD3")]
pub(crate) struct Translate {
    /// The job description, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: PathBuf,
    /// The language wanted, as `description FULL` names them; without it the broker's own.
    #[arg(long, value_name = "DIALECT")]
    to: Option<String>,
    /// The language of the file, when the broker does not see it by itself.
    #[arg(long, value_name = "DIALECT")]
    from: Option<String>,
}

impl Translate {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let document = Document::read(&self.gjd_file)?;
        let answer = match translate(broker, &document, self.from.clone(), self.to.clone()) {
            Ok(answer) => answer,
            Err(failure) => return Err(failure.within(document)),
        };
        match output.form() {
            Form::Json => output.report(&answer)?,
            Form::Table | Form::Quiet => output.line(answer.job_definition.trim_end())?,
        }
        if output.form() != Form::Quiet {
            output.diagnostics(&answer.diagnostic, Some(&document));
        }
        Ok(Exit::Success)
    }
}

/// Show what is understood of a description, where it could run and why.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client explain tar.xml
  grms-client explain - < script.sh")]
pub(crate) struct Explain {
    /// The job description, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: PathBuf,
}

impl Explain {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let document = Document::read(&self.gjd_file)?;
        let ask = || {
            let tree = translate(broker, &document, None, Some(TREE.to_owned()))?;
            let job_definition = document.text.clone();
            let places = broker.call(&FindResources { job_definition, limit: None, explain: Some(true) })?;
            Ok(Explained { tree, places })
        };
        let explained: Explained = match ask() {
            Ok(explained) => explained,
            Err(failure) => return Err(Failure::within(failure, document)),
        };
        output.report(&explained)?;
        output.diagnostics(&explained.tree.diagnostic, Some(&document));
        Ok(Exit::Success)
    }
}

fn translate(
    broker: &Broker,
    document: &Document,
    from: Option<String>,
    to: Option<String>,
) -> Result<TranslateJobDescriptionResponse, Failure> {
    broker.call(&TranslateJobDescription { job_definition: document.text.clone(), from, to })
}

/// Both answers in one.
#[derive(Serialize)]
struct Explained {
    #[serde(flatten)]
    tree: TranslateJobDescriptionResponse,
    #[serde(flatten)]
    places: FindResourcesResponse,
}

impl Report for Explained {
    fn table(&self) -> String {
        format!("{}\n\n{}", self.tree.job_definition.trim_end(), self.places.table())
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.tree.job_definition.trim_end().to_owned()]
    }
}

impl Report for TranslateJobDescriptionResponse {
    fn table(&self) -> String {
        self.job_definition.trim_end().to_owned()
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.table()]
    }
}

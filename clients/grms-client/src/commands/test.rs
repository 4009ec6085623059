//! `test`: asks whether a description would be accepted; nothing is submitted.

use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure, code_label};
use crate::messages::{Diagnostic, TestJobDescription, TestJobDescriptionResponse};
use crate::output::{Form, Output, Report};
use clap::Args;
use std::path::PathBuf;

/// Check a job description without submitting it.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The job description, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: PathBuf,
}

impl Test {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let document = Document::read(&self.gjd_file)?;
        let request = TestJobDescription { job_definition: document.text.clone(), dialect: None };
        let answer = match broker.call(&request) {
            Ok(answer) => answer,
            Err(failure) => return Err(failure.within(document)),
        };
        if answer.valid || output.form() == Form::Json {
            output.report(&answer)?;
        }
        if answer.valid {
            output.diagnostics(&answer.diagnostic, Some(&document));
            return Ok(Exit::Success);
        }
        Err(invalid(answer.diagnostic, &document).within(document))
    }
}

fn invalid(diagnostics: Vec<Diagnostic>, document: &Document) -> Failure {
    let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let code = code_label(errors.next().map_or(112, |first| first.code));
    let message = match errors.count() {
        0 => format!("{} has one fault", document.name),
        others => format!("{} has {} faults", document.name, others + 1),
    };
    Failure::Description { code, message, diagnostics }
}

impl Report for TestJobDescriptionResponse {
    fn table(&self) -> String {
        format!("valid ({})", self.dialect)
    }

    fn quiet(&self) -> Vec<String> {
        Vec::new()
    }
}

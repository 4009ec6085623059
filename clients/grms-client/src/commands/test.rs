//! `test`: asks whether descriptions would be accepted; nothing is submitted.

use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure, code_label};
use crate::messages::{Diagnostic, TestJobDescription, TestJobDescriptionResponse};
use crate::output::{Form, Output, Report};
use clap::Args;
use std::path::PathBuf;

/// Check job descriptions without submitting them: all faults at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client test tar.xml
  grms-client test jobs/*.xml script.sh && grms-client submit jobs/*.xml script.sh")]
pub(crate) struct Test {
    /// The job descriptions, or - for standard input.
    #[arg(value_name = "GJD_FILE", required = true)]
    gjd_files: Vec<PathBuf>,
    /// The language of the description, when the broker does not see it by itself.
    #[arg(long, value_name = "DIALECT")]
    dialect: Option<String>,
}

impl Test {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let documents = self.gjd_files.iter().map(Document::read).collect::<Result<Vec<_>, _>>()?;
        let several = documents.len() > 1;
        let mut exit = Exit::Success;
        for document in documents {
            if let Err(failure) = self.test(broker, output, document, several) {
                if !several || failure.exit() != Exit::Refused {
                    return Err(failure);
                }
                output.failure(&failure);
                exit = Exit::Refused;
            }
        }
        Ok(exit)
    }

    fn test(&self, broker: &Broker, output: &Output, document: Document, several: bool) -> Result<(), Failure> {
        let answer = match ask(broker, &document, self.dialect.clone()) {
            Ok(answer) => answer,
            Err(failure) => return Err(failure.within(document)),
        };
        if several && output.form() == Form::Json {
            output.step(&answer, "")?;
        } else if answer.valid || output.form() == Form::Json {
            let name = if several { format!("{}: ", document.name) } else { String::new() };
            output.report_as(&answer, &format!("{name}{}", answer.table()))?;
        }
        if answer.valid {
            output.diagnostics(&answer.diagnostic, Some(&document));
            return Ok(());
        }
        Err(invalid(answer.diagnostic, &document).within(document))
    }
}

fn ask(broker: &Broker, document: &Document, dialect: Option<String>) -> Result<TestJobDescriptionResponse, Failure> {
    broker.call(&TestJobDescription { job_definition: document.text.clone(), dialect })
}

/// Every fault of a description that was refused, if the broker tells them.
pub(crate) fn refused_description(broker: &Broker, document: Document) -> Option<Failure> {
    let answer = ask(broker, &document, None).ok().filter(|answer| !answer.valid)?;
    Some(invalid(answer.diagnostic, &document).within(document))
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

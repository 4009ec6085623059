//! The only place that writes to standard output and standard error. What is shown comes in three forms (a table for
//! people, JSON and a quiet one for scripts); colours reach terminals only, and NO_COLOR is honoured.

mod diagnostic;
pub(crate) mod format;
mod json;
mod quiet;
pub(crate) mod table;

use crate::document::Document;
use crate::failure::Failure;
use crate::messages::{Diagnostic, Nothing};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Table,
    /// For programs; the names of the contract.
    Json,
    /// For scripts: one value per line.
    Quiet,
}

/// An answer that can be printed in every form. Its JSON is its `Serialize`.
pub(crate) trait Report: Serialize {
    /// The text for people, without the last line break.
    fn table(&self) -> String;
    /// The lines for scripts.
    fn quiet(&self) -> Vec<String>;
}

/// The way to the terminal.
pub(crate) struct Output {
    form: Form,
}

impl Output {
    /// Prints in this form.
    pub(crate) fn new(form: Form) -> Self {
        Self { form }
    }

    /// The form asked for.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Prints an answer.
    pub(crate) fn report<R: Report>(&self, report: &R) -> Result<(), Failure> {
        match self.form {
            Form::Table => self.line(&report.table()),
            Form::Json => self.line(&json::pretty(report)),
            Form::Quiet => self.raw(&quiet::lines(&report.quiet())),
        }
    }

    /// Prints an answer; people read this text instead of its table.
    pub(crate) fn report_as<R: Report>(&self, report: &R, text: &str) -> Result<(), Failure> {
        match self.form {
            Form::Table => self.line(text),
            Form::Json | Form::Quiet => self.report(report),
        }
    }

    /// Prints one step of something that goes on: with `--json` one line of JSON, quietly nothing.
    pub(crate) fn step<S: Serialize>(&self, step: &S, text: &str) -> Result<(), Failure> {
        match self.form {
            Form::Table => self.line(text),
            Form::Json => self.line(&json::line(step)),
            Form::Quiet => Ok(()),
        }
    }

    /// Prints one line to standard output.
    pub(crate) fn line(&self, text: &str) -> Result<(), Failure> {
        self.raw(&format!("{text}\n"))
    }

    /// Prints exactly this to standard output.
    pub(crate) fn raw(&self, text: &str) -> Result<(), Failure> {
        let mut stream = anstream::AutoStream::auto(std::io::stdout());
        stream.write_all(text.as_bytes())?;
        stream.flush()?;
        Ok(())
    }

    /// A remark for people, on standard error; quiet forms do without.
    pub(crate) fn note(&self, text: &str) {
        if self.form == Form::Table {
            complain(&format!("{text}\n"));
        }
    }

    /// What went wrong: one line, then every fault of a description with the place in it.
    pub(crate) fn failure(&self, failure: &Failure) {
        complain(&format!("{failure}\n"));
        match failure {
            Failure::InDocument { document, .. } => self.diagnostics(failure.diagnostics(), Some(document)),
            _ => self.diagnostics(failure.diagnostics(), None),
        }
    }

    /// Remarks about a description, on standard error.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic], document: Option<&Document>) {
        for diagnostic in diagnostics {
            complain(&diagnostic::render(diagnostic, document, table::terminal_width()));
        }
    }

    /// Something that turns while the user waits; invisible unless both streams make sense for it.
    pub(crate) fn spinner(&self) -> ProgressBar {
        if self.form != Form::Table || !std::io::stderr().is_terminal() {
            return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        }
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(120));
        spinner
    }
}

/// A remark on a line of its own, also while something turns there.
pub(crate) fn remark(text: &str) {
    let fresh = if std::io::stderr().is_terminal() { "\n" } else { "" };
    complain(&format!("{fresh}{text}\n"));
}

/// Standard error may be closed; there is nobody left to tell then.
fn complain(text: &str) {
    let mut stream = anstream::AutoStream::auto(std::io::stderr());
    let _nobody_listens = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

impl Report for Nothing {
    fn table(&self) -> String {
        "done".to_owned()
    }

    fn quiet(&self) -> Vec<String> {
        Vec::new()
    }
}

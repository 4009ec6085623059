//! `translateJobDescription`: what the broker understood of a description, written anew: as a canonical document, or for people.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, parse_dialect, views};
use crate::description::{self, Accepted, Diagnostic, Form};
use crate::identity::{Action, Caller};
use crate::job::{Code, Dialect};
use async_trait::async_trait;

/// What is asked.
struct Request {
    /// The description.
    job_definition: String,
    /// Its language; absent: detected.
    from: Option<Dialect>,
    /// The form to write.
    to: Form,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let to = fields.maybe_text("to")?.map_or(Ok(Form::Gjd3), |word| form(word.trim()))?;
        let from = fields.maybe_text("from")?;
        let from = from.map(|word| {
            parse_dialect(&word)
                .map_err(|error| OperationError { message: error.message.replacen("dialect:", "from:", 1), ..error })
        });
        Ok(Self { to, from: from.transpose()?, job_definition: fields.text("jobDefinition")? })
    }
}

fn form(word: &str) -> Result<Form, OperationError> {
    match word {
        "GJD3" => Ok(Form::Gjd3),
        "TREE" => Ok(Form::Tree),
        other => {
            let given: String = other.chars().take(60).collect();
            let message =
                format!("to: this broker writes GJD3, a document, and TREE, a text for people; not `{given}`");
            Err(OperationError::new(Code::DescUnknownDialect, message))
        }
    }
}

/// What is answered.
struct Response {
    /// The same job in the form asked for.
    job_definition: String,
    /// What was found that does not stand in the way.
    diagnostics: Vec<Diagnostic>,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new()
            .with("jobDefinition", self.job_definition)
            .with_list("diagnostic", self.diagnostics.iter().map(views::diagnostic))
    }
}

static CONTRACT: Contract = Contract {
    name: "translateJobDescription",
    request: &[
        Member::once("jobDefinition", Kind::Text),
        Member::maybe("from", Kind::Text),
        Member::maybe("to", Kind::Text),
    ],
    response: &[Member::once("jobDefinition", Kind::Text), Member::many("diagnostic", Kind::Named("Diagnostic"))],
    faults: faults!(Description),
};

/// The operation.
pub(super) struct TranslateJobDescription;

#[async_trait]
impl Operation for TranslateJobDescription {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        context.may(caller, Action::Inquire)?;
        let request = Request::decode(parts)?;
        let read = context.read_description(&request.job_definition, request.from);
        let accepted = read.map_err(OperationError::refused)?;
        Ok(translate(accepted, request.to).into_parts())
    }
}

fn translate(accepted: Accepted, to: Form) -> Response {
    Response { job_definition: description::write(&accepted.spec, to), diagnostics: accepted.remarks() }
}

//! `testJobDescription`: validates a description and changes nothing. A bad description is an answer, not a fault.

use super::{Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, faults, take_dialect, views};
use crate::description::Diagnostic;
use crate::identity::{Action, Caller};
use crate::job::{Code, Dialect};
use async_trait::async_trait;

/// The dialect shown when the document is in none that is known.
const NO_DIALECT: &str = "UNKNOWN";

/// What is asked.
struct Request {
    /// The description.
    job_definition: String,
    /// Its language; absent: detected.
    dialect: Option<Dialect>,
}

impl Request {
    fn decode(parts: Parts) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        Ok(Self { dialect: take_dialect(&mut fields)?, job_definition: fields.text("jobDefinition")? })
    }
}

/// What is answered.
struct Response {
    /// Whether it would be accepted.
    valid: bool,
    /// Its language.
    dialect: &'static str,
    /// Everything found.
    diagnostics: Vec<Diagnostic>,
}

impl Response {
    fn into_parts(self) -> Parts {
        Parts::new()
            .with("valid", self.valid)
            .with("dialect", self.dialect)
            .with_list("diagnostic", self.diagnostics.iter().map(views::diagnostic))
    }
}

static CONTRACT: Contract = Contract {
    name: "testJobDescription",
    request: &[Member::once("jobDefinition", Kind::Text), Member::maybe("dialect", Kind::Text)],
    response: &[
        Member::once("valid", Kind::Bool),
        Member::once("dialect", Kind::Text),
        Member::many("diagnostic", Kind::Named("Diagnostic")),
    ],
    faults: faults!(Description),
};

/// The operation.
pub(super) struct TestJobDescription;

#[async_trait]
impl Operation for TestJobDescription {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        context.may(caller, Action::Inquire)?;
        let request = Request::decode(parts)?;
        Ok(test(context, &request).into_parts())
    }
}

fn test(context: &Context, request: &Request) -> Response {
    match context.read_description(&request.job_definition, request.dialect) {
        Ok(accepted) => {
            let dialect = accepted.spec.dialect.as_str();
            Response { valid: true, dialect, diagnostics: accepted.remarks() }
        }
        Err(diagnostics) => {
            let detected = if diagnostics.iter().any(is_about_dialect) { NO_DIALECT } else { Dialect::Gjd1.as_str() };
            Response { valid: false, dialect: request.dialect.map_or(detected, Dialect::as_str), diagnostics }
        }
    }
}

/// Whether a finding means that the document as a whole is in no dialect read here.
fn is_about_dialect(found: &Diagnostic) -> bool {
    match found.code {
        Code::DescUnknownDialect | Code::DescNotWellFormed => true,
        Code::DescUnsupported => {
            found.path.split('/').filter(|step| !step.is_empty() && !step.starts_with('@')).count() < 2
        }
        _ => false,
    }
}

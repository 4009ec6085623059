//! What an operation answers when it does not succeed: a code of the one table, a sentence, and the job it is about.
//!
//! The seven kinds of fault follow from the code's number; whose fault it is and whether trying again helps follow from the table.

use super::{Parts, views};
use crate::description::{Diagnostic, Severity};
use crate::job::{Code, JobId, Retry};
use crate::store::StoreError;
use std::time::Duration;

/// The seven fault elements of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    /// The job description is wrong: 11x.
    Description,
    /// The request is wrong: 10x.
    Request,
    /// Who asks, and whether they may: 2xx.
    Security,
    /// The state of the job does not allow it: 3xx.
    State,
    /// Clusters: 4xx.
    Resource,
    /// Files, execution, notification: 5xx, 6xx, 7xx.
    Data,
    /// The broker itself: 9xx.
    Service,
}

impl FaultKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Description, Self::Request, Self::Security, Self::State, Self::Resource, Self::Data, Self::Service];

    /// The kind a code belongs to.
    #[must_use]
    pub const fn of(code: Code) -> Self {
        match code.number() {
            0..110 => Self::Request,
            110..200 => Self::Description,
            200..300 => Self::Security,
            300..400 => Self::State,
            400..500 => Self::Resource,
            500..900 => Self::Data,
            900.. => Self::Service,
        }
    }

    /// The name of its element.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::Description => "DescriptionFault",
            Self::Request => "RequestFault",
            Self::Security => "SecurityFault",
            Self::State => "StateFault",
            Self::Resource => "ResourceFault",
            Self::Data => "DataFault",
            Self::Service => "ServiceFault",
        }
    }
}

/// Why an operation was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct OperationError {
    /// The code.
    pub code: Code,
    /// What was wrong, what was expected, what to do next.
    pub message: String,
    /// The job it is about.
    pub job_id: Option<JobId>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// The findings in the description.
    pub diagnostics: Vec<Diagnostic>,
}

impl OperationError {
    /// An error with a code and a sentence.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), job_id: None, retry_after: None, diagnostics: Vec::new() }
    }

    /// Names the job it is about.
    #[must_use]
    pub fn about(mut self, job: &JobId) -> Self {
        self.job_id = Some(job.clone());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// A refused description. The code is the first fault's.
    #[must_use]
    pub fn refused(diagnostics: Vec<Diagnostic>) -> Self {
        let mut errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let (code, message) = match (errors.next(), errors.count()) {
            (None, _) => (Code::DescInvalid, "the job description is refused".to_owned()),
            (Some(first), 0) => {
                (first.code, format!("line {}, column {}: {}", first.line, first.column, first.message))
            }
            (Some(first), more) => (
                first.code,
                format!(
                    "the job description has {} faults; the first: line {}, column {}: {}",
                    more + 1,
                    first.line,
                    first.column,
                    first.message
                ),
            ),
        };
        Self { diagnostics, ..Self::new(code, message) }
    }

    /// The fault element that carries it.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        FaultKind::of(self.code)
    }

    /// The members of that element: `GrmsFault`.
    #[must_use]
    pub fn to_parts(&self) -> Parts {
        let wait = self.retry_after.map(|wait| i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
        Parts::new()
            .with("code", u32::from(self.code.number()))
            .with("name", self.code.name())
            .with("message", self.message.clone())
            .with("retryable", self.code.retry() == Retry::Yes)
            .with_some("retryAfterSeconds", wait)
            .with_some("jobId", self.job_id.as_ref().map(JobId::to_string))
            .with_list("diagnostic", self.diagnostics.iter().map(views::diagnostic))
    }
}

/// An error of the operation or of the store, where the second may be worth another try.
pub(super) enum Refused {
    /// The store's own failure.
    Store(StoreError),
    /// What the caller is told.
    Operation(Box<OperationError>),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<OperationError> for Refused {
    fn from(error: OperationError) -> Self {
        Self::Operation(Box::new(error))
    }
}

impl From<Refused> for OperationError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Store(error) => error.into(),
            Refused::Operation(error) => *error,
        }
    }
}

/// What a caller may know of a failing store: that trying again helps, or where the operators find the rest.
impl From<StoreError> for OperationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(why) | StoreError::Unavailable(why) => {
                tracing::error!(%why, "the store gave no answer");
                Self::new(Code::StoreUnavailable, "the broker's database does not answer; try again later")
                    .after(Duration::from_secs(10))
            }
            StoreError::Unreadable { .. } | StoreError::Migration(_) | StoreError::InUse { .. } => {
                let incident = uuid::Uuid::new_v4();
                tracing::error!(%incident, %error, "the store holds what it should not");
                Self::new(
                    Code::InternalError,
                    format!("internal error; tell the operators of the broker about incident {incident}"),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_kind_of_fault() {
        for code in Code::ALL {
            let kind = match code.number() / 10 {
                10 => FaultKind::Request,
                11 => FaultKind::Description,
                20..=29 => FaultKind::Security,
                30..=39 => FaultKind::State,
                40..=49 => FaultKind::Resource,
                50..=79 => FaultKind::Data,
                90..=99 => FaultKind::Service,
                _ => panic!("{code} has no kind of fault"),
            };
            assert_eq!(FaultKind::of(*code), kind, "{code}");
        }
    }

    #[test]
    fn a_refused_description_says_how_many_faults_it_has_and_where_the_first_is() {
        let found = |severity, line| Diagnostic {
            severity,
            code: Code::DescInvalid,
            line,
            column: 2,
            path: "/grmsjob".to_owned(),
            message: "unknown element".to_owned(),
        };
        let error = OperationError::refused(vec![
            found(Severity::Warning, 1),
            found(Severity::Error, 3),
            found(Severity::Error, 4),
        ]);
        assert_eq!(error.message, "the job description has 2 faults; the first: line 3, column 2: unknown element");
        assert_eq!(error.kind(), FaultKind::Description);
    }
}

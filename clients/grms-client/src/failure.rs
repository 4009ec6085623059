//! Everything that can go wrong, by what it means for the exit code. The text says what was wrong and what to do next.

use crate::document::Document;
use crate::messages::{Diagnostic, Fault, GrmsFault};
use std::process::ExitCode;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The broker said no.
    #[error("{}", fault_line(.0))]
    Refused(Box<GrmsFault>),
    /// A SOAP fault that is not the broker's own.
    #[error("SOAP fault {code}: {message}")]
    Fault {
        /// The fault code without prefix.
        code: String,
        /// Its text.
        message: String,
    },
    /// The description was read and is not acceptable.
    #[error("{code}: {message}")]
    Description {
        /// `NAME (code)` of the first fault.
        code: String,
        /// How many there are.
        message: String,
        /// All of them.
        diagnostics: Vec<Diagnostic>,
    },
    /// One of the above, about this description.
    #[error("{cause}")]
    InDocument {
        /// What happened.
        cause: Box<Failure>,
        /// Where its diagnostics point.
        document: Document,
    },
    /// The command line or a file named on it is wrong.
    #[error("grms-client: {0}")]
    Usage(String),
    /// Nobody answered, or not a GRMS broker.
    #[error("grms-client: {0}")]
    NoContact(String),
    /// The broker may have got the request, but its answer was lost.
    #[error("grms-client: {0}")]
    AnswerLost(String),
    /// The caller or the broker could not show who it is.
    #[error("{name} ({code}): {message}")]
    Authentication {
        /// 201 or 203.
        code: i32,
        /// Its name.
        name: &'static str,
        /// What was tried and what to do.
        message: String,
    },
    /// Jobs were not final when the time of `--timeout` was over.
    #[error("grms-client: {0}")]
    StillRunning(String),
    /// The answer could not be printed.
    #[error("grms-client: cannot write the output: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    /// No valid credential.
    pub(crate) fn not_authenticated(message: impl Into<String>) -> Self {
        Self::Authentication { code: 201, name: "NOT_AUTHENTICATED", message: message.into() }
    }

    /// The credential ran out.
    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::Authentication { code: 203, name: "CREDENTIAL_EXPIRED", message: message.into() }
    }

    /// Remembers the description, so that the faults can be shown in it.
    pub(crate) fn within(self, document: Document) -> Self {
        if self.diagnostics().is_empty() { self } else { Self::InDocument { cause: Box::new(self), document } }
    }

    /// The remarks about the description, if it is one of those.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Refused(fault) => &fault.diagnostic,
            Self::Description { diagnostics, .. } => diagnostics,
            Self::InDocument { cause, .. } => cause.diagnostics(),
            _ => &[],
        }
    }

    /// The documented exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Refused(fault) if matches!(fault.code, 201 | 203) => Exit::Authentication,
            Self::Refused(_) | Self::Fault { .. } | Self::Description { .. } | Self::Output(_) => Exit::Refused,
            Self::InDocument { cause, .. } => cause.exit(),
            Self::Usage(_) => Exit::Usage,
            Self::NoContact(_) | Self::AnswerLost(_) => Exit::NoContact,
            Self::Authentication { .. } => Exit::Authentication,
            Self::StillRunning(_) => Exit::StillRunning,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Typed(fault) => Self::Refused(fault),
            Fault::Plain { code, message } => Self::Fault { code, message },
        }
    }
}

fn fault_line(fault: &GrmsFault) -> String {
    let mut line = format!("{} ({}): {}", fault.name, fault.code, fault.message);
    if let Some(job) = fault.job_id.as_ref().filter(|job| !fault.message.contains(job.as_str())) {
        line.push_str(&format!(" (job {job})"));
    }
    if fault.retryable {
        match fault.retry_after_seconds {
            Some(seconds) => line.push_str(&format!("; try again in {seconds} s")),
            None => line.push_str("; trying again may help"),
        }
    }
    line
}

/// How a command ended, for scripts. The numbers are documented in the help, the manual page and the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// It did what was asked; jobs waited for are FINISHED.
    Success = 0,
    /// The broker answered with an error, or the description is not acceptable.
    Refused = 1,
    /// The command line is wrong.
    Usage = 2,
    /// No broker answered.
    NoContact = 3,
    /// The caller or the broker could not show who it is.
    Authentication = 4,
    /// A job waited for is FAILED.
    JobFailed = 5,
    /// A job waited for is CANCELED.
    JobCanceled = 6,
    /// A job waited for was not final in time.
    StillRunning = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table of the exit codes, as help, manual page and README show it.
pub(crate) const EXIT_CODES: &str = "  0  success; with --wait, --watch and wait: every job is FINISHED
  1  the broker answered with an error, or the job description is not acceptable
  2  wrong usage
  3  no contact with a broker
  4  authentication: no credential, an expired one, or one side does not trust the other
  5  a job waited for is FAILED
  6  a job waited for is CANCELED (and none is FAILED)
  7  a job waited for was not final when --timeout was over
130  interrupted while waiting; the jobs go on";

/// The name of an error code that a diagnostic of a description can carry.
pub(crate) fn code_name(code: i32) -> Option<&'static str> {
    Some(match code {
        104 => "LIMIT_EXCEEDED",
        110 => "DESC_NOT_WELL_FORMED",
        111 => "DESC_UNKNOWN_DIALECT",
        112 => "DESC_INVALID",
        113 => "DESC_INCONSISTENT",
        114 => "DESC_UNSUPPORTED",
        115 => "DESC_BAD_URL",
        116 => "DESC_CYCLE",
        117 => "DESC_UNDEFINED_REFERENCE",
        118 => "DESC_TOO_MANY_TASKS",
        _ => return None,
    })
}

/// `NAME (code)`, or the number alone when a newer broker sends one that is not known here.
pub(crate) fn code_label(code: i32) -> String {
    match code_name(code) {
        Some(name) => format!("{name} ({code})"),
        None => code.to_string(),
    }
}

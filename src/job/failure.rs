//! Why a job, an attempt or a transfer failed: a stable code, one sentence, the site's own words, and what to do.

use super::Code;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One failure, as `getJobInfo`, a mail and the command line print it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The stable code.
    pub code: Code,
    /// One sentence without the code, free of secrets.
    pub message: String,
    /// What the other side said, word for word, when it said anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_text: Option<String>,
    /// What the user can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Failure {
    /// A failure with a code and a sentence.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), site_text: None, advice: None }
    }

    /// Adds the other side's own words; blank text is left out.
    #[must_use]
    pub fn said(mut self, text: &str) -> Self {
        let text = text.trim();
        self.site_text = (!text.is_empty()).then(|| text.chars().take(2000).collect());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn advice(mut self, text: impl Into<String>) -> Self {
        self.advice = Some(text.into());
        self
    }
}

/// `NAME (code): message; the site said: …; next: …`, the form `errorDescription` has.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(text) = &self.site_text {
            write!(f, "; the site said: {text}")?;
        }
        if let Some(text) = &self.advice {
            write!(f, "; next: {text}")?;
        }
        Ok(())
    }
}

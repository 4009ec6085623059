//! How failures of transfers are made: which code a cause has, whether trying again helps, and texts that are fit to be shown.
//!
//! A URL is shown without its query, because a query may hold a signature.

use super::TransferError;
use crate::job::{Code, Url};
use crate::shell::ShellError;
use std::error::Error;
use std::fmt::Write as _;
use std::io;

impl TransferError {
    /// A failure that trying again does not cure.
    pub(super) fn permanent(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), site_text: None, transient: false }
    }

    /// A failure that may be gone next time.
    pub(super) fn transient(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), site_text: None, transient: true }
    }

    /// Adds the other side's words; blank text is left out.
    pub(super) fn said(mut self, text: &str) -> Self {
        let text = text.trim();
        self.site_text = (!text.is_empty()).then(|| text.chars().take(2000).collect());
        self
    }

    /// The failure of a command or file operation of the shell while `doing` something.
    pub(super) fn shell(doing: &str, otherwise: Code, error: &ShellError) -> Self {
        let words = with_causes(error);
        match error {
            ShellError::Timeout { seconds, .. } => {
                Self::transient(Code::TransferTimeout, format!("{doing} was not done after {seconds} s")).said(&words)
            }
            ShellError::User { .. } => {
                Self::permanent(Code::FileAccessDenied, format!("{doing} is not possible")).said(&words)
            }
            ShellError::File { source, .. } => Self::io(doing, otherwise, source).said(&words),
            ShellError::Start { .. } | ShellError::TooMuchOutput { .. } => Self::words(doing, otherwise, &words),
        }
    }

    /// The failure of an input or output operation while `doing` something.
    pub(super) fn io(doing: &str, otherwise: Code, error: &io::Error) -> Self {
        let failure = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Self::permanent(Code::FileNotFound, format!("{doing} failed: there is no such file"))
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::permanent(Code::FileAccessDenied, format!("{doing} failed: access is denied"))
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::transient(Code::StorageFull, format!("{doing} failed: the disk or quota is full"))
            }
            _ => return Self::words(doing, otherwise, &with_causes(error)),
        };
        failure.said(&with_causes(error))
    }

    /// A failure known only by the words of a tool that ran with `LC_ALL=C`.
    pub(super) fn words(doing: &str, otherwise: Code, words: &str) -> Self {
        let has = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
        let failure = if has(&["No space left on device", "Disk quota exceeded"]) {
            Self::transient(Code::StorageFull, format!("{doing} failed: the disk or quota is full"))
        } else if has(&["Permission denied", "Operation not permitted", "Read-only file system"]) {
            Self::permanent(Code::FileAccessDenied, format!("{doing} failed: access is denied"))
        } else if has(&["No such file or directory", "Not a directory"]) {
            Self::permanent(Code::FileNotFound, format!("{doing} failed: there is no such file or directory"))
        } else if has(&["Is a directory", "cannot overwrite", "File name too long", "Invalid argument"]) {
            Self::permanent(otherwise, format!("{doing} failed"))
        } else {
            Self::transient(otherwise, format!("{doing} failed"))
        };
        failure.said(words)
    }
}

/// The URL for messages: without query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let text = url.to_string();
    text.split(['?', '#']).next().unwrap_or_default().to_owned()
}

/// An error and what caused it, in one line.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {said}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_tools_become_codes() {
        for (words, code, transient) in [
            ("cp: cannot stat 'x': No such file or directory", Code::FileNotFound, false),
            ("cp: cannot open 'x' for reading: Permission denied", Code::FileAccessDenied, false),
            ("cp: error writing 'x': No space left on device", Code::StorageFull, true),
            ("cp: error writing 'x': Disk quota exceeded", Code::StorageFull, true),
            ("mv: cannot overwrite directory 'x' with non-directory", Code::StageOutFailed, false),
            ("cp: error reading 'x': Stale file handle", Code::StageOutFailed, true),
        ] {
            let failure = TransferError::words("copying x", Code::StageOutFailed, words);
            assert_eq!((failure.code, failure.transient), (code, transient), "{words}");
            assert_eq!(failure.site_text.as_deref(), Some(words));
        }
    }

    #[test]
    fn kinds_of_io_errors_become_codes() {
        for (kind, code, transient) in [
            (io::ErrorKind::NotFound, Code::FileNotFound, false),
            (io::ErrorKind::PermissionDenied, Code::FileAccessDenied, false),
            (io::ErrorKind::StorageFull, Code::StorageFull, true),
            (io::ErrorKind::BrokenPipe, Code::StageInFailed, true),
        ] {
            let failure = TransferError::io("reading x", Code::StageInFailed, &io::Error::from(kind));
            assert_eq!((failure.code, failure.transient), (code, transient), "{kind}");
        }
    }

    #[test]
    fn a_shown_url_has_no_query() {
        let url = Url::parse("https://h/a/b?X-Amz-Signature=abc#top").unwrap();
        assert_eq!(shown(&url), "https://h/a/b");
    }
}

//! Names of things: jobs, tasks, clusters, batch jobs. Opaque strings with a checked alphabet, so that none of
//! them can carry a blank, a quote or a path separator into a command, a file name or a log line.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is not a usable name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{given}` is not usable: expected 1 to {longest} characters of {alphabet}")]
pub struct InvalidName {
    /// What kind of name was expected.
    pub what: &'static str,
    /// The text that was given, shortened to 80 characters.
    pub given: String,
    /// The greatest length in characters.
    pub longest: usize,
    /// The characters allowed, for people.
    pub alphabet: &'static str,
}

fn check(
    what: &'static str,
    text: &str,
    longest: usize,
    extra: &str,
    alphabet: &'static str,
) -> Result<(), InvalidName> {
    let fits = !text.is_empty()
        && text.len() <= longest
        && !text.starts_with('-')
        && text != "."
        && text != ".."
        && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    if fits {
        return Ok(());
    }
    Err(InvalidName { what, given: text.chars().take(80).collect(), longest, alphabet })
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $longest:literal, $extra:literal, $alphabet:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks length and alphabet.
            ///
            /// # Errors
            /// [`InvalidName`] tells what was expected.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                check($what, text, $longest, $extra, $alphabet)?;
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

name!(
    /// The broker's name for a job: `<epoch milliseconds>_<label>_<four digits>`. Opaque to everybody else.
    JobId, "job id", 100, "_.-", "A-Z a-z 0-9 _ . -"
);
name!(
    /// The name of one task inside its job. Jobs of one task call it `main`.
    TaskId, "task id", 64, "_.-", "A-Z a-z 0-9 _ . -"
);
name!(
    /// The name that a site's configuration gives to a cluster.
    ClusterName, "cluster name", 64, "_.-", "A-Z a-z 0-9 _ . -"
);
name!(
    /// What the batch system called the job when it took it: `4242`, `17.1`, `812.server`.
    LocalJobId, "local job id", 128, "_.-[]:+@/", "A-Z a-z 0-9 _ . - [ ] : + @ /"
);
name!(
    /// The secret-free random mark of one attempt. It travels into the batch system's job name and is looked up there
    /// before anything is ever submitted again. A letter and 25 letters or digits: every batch system accepts it as a name.
    Token, "submission token", 26, "", "A-Z a-z 0-9"
);
name!(
    /// The broker's name for a registered notification. Opaque; unique in the whole broker.
    NotificationId, "notification id", 64, "_.-", "A-Z a-z 0-9 _ . -"
);

impl JobId {
    /// Builds the id of a job accepted at `epoch_ms`. Characters of the label outside `A-Z a-z 0-9 . -` become `_`, and
    /// the label is cut at 64 characters; `serial` is shown modulo 10,000.
    #[must_use]
    pub fn new(epoch_ms: i64, label: &str, serial: u32) -> Self {
        let label: String = label
            .chars()
            .take(64)
            .map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' })
            .collect();
        Self(format!("{}_{label}_{:04}", epoch_ms.max(0), serial % 10_000))
    }
}

impl TaskId {
    /// The task of a job that has only one.
    #[must_use]
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

impl Token {
    /// A token from 128 random bits.
    #[must_use]
    pub fn from_random(bits: u128) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut text = String::with_capacity(26);
        text.push('g');
        let mut rest = bits;
        for _ in 0..25 {
            text.push(char::from(ALPHABET[(rest & 31) as usize]));
            rest >>= 5;
        }
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_id_keeps_the_label_readable_and_harmless() {
        let id = JobId::new(1_767_261_845_123, "my clock/../'x'", 417);
        assert_eq!(id.as_str(), "1767261845123_my_clock_..__x__0417");
        assert_eq!(JobId::parse(id.as_str()), Ok(id));
        assert_eq!(JobId::new(1, "", 152).as_str(), "1__0152");
    }

    #[test]
    fn names_that_could_do_harm_are_refused() {
        for bad in ["", ".", "..", "-rf", "a b", "a/b", "x\n", "é"] {
            assert!(TaskId::parse(bad).is_err(), "{bad:?}");
        }
        assert!(JobId::parse(&"x".repeat(101)).is_err());
    }

    #[test]
    fn tokens_begin_with_a_letter_and_differ() {
        let token = Token::from_random(u128::MAX);
        assert_eq!(token.as_str().len(), 26);
        assert!(token.as_str().starts_with('g'));
        assert_ne!(token, Token::from_random(1));
    }
}

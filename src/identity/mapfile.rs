//! The grid-mapfile: which local account a subject's jobs run as. `"/O=Example/CN=Ada Nowak" ada,ada2`, one a line.
//!
//! An account with root's rights is never in the map, and a file with one bad line is refused as a whole: half a map
//! would silently run nobody's jobs.

use super::subject::{BadSubject, Subject};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Subjects and their local accounts, the preferred one first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GridMap(BTreeMap<Subject, Vec<String>>);

/// What is wrong in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMapLine {
    /// The subject's quotation mark is not closed.
    #[error("line {0}: the subject has no closing quotation mark")]
    OpenQuote(usize),
    /// No account follows.
    #[error("line {0}: no local account follows the subject; expected \"/O=Example/CN=Ada Nowak\" ada")]
    NoAccount(usize),
    /// No subject.
    #[error("line {0}: {1}")]
    Subject(usize, BadSubject),
    /// Not a name of an account.
    #[error("line {line}: `{account}` is not the name of a local account")]
    Account {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        account: String,
    },
    /// `root`, or a number that is zero.
    #[error("line {0}: jobs never run as root: name an ordinary account")]
    Root(usize),
    /// The same subject twice, with different accounts.
    #[error("line {line}: {subject} was given other accounts before")]
    Twice {
        /// The line, from 1.
        line: usize,
        /// Who.
        subject: Subject,
    },
}

/// Why a map cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The file.
    #[error("cannot read the grid-mapfile {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Its content, every bad line.
    #[error("the grid-mapfile {path} has {} bad lines: {}", .lines.len(), join(.lines))]
    Lines {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        lines: Vec<BadMapLine>,
    },
}

fn join(lines: &[BadMapLine]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl GridMap {
    /// Reads a file.
    ///
    /// # Errors
    /// [`MapError`] with every bad line.
    pub fn load(path: &Path) -> Result<Self, MapError> {
        let text = std::fs::read_to_string(path).map_err(|source| MapError::Read { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|lines| MapError::Lines { path: path.to_owned(), lines })
    }

    /// Reads the text of a file. Blank lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// Every bad line.
    pub fn parse(text: &str) -> Result<Self, Vec<BadMapLine>> {
        let mut map = BTreeMap::new();
        let mut bad = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match parse_line(line, index + 1) {
                Ok((subject, accounts)) => match map.get(&subject) {
                    Some(earlier) if *earlier != accounts => bad.push(BadMapLine::Twice { line: index + 1, subject }),
                    _ => drop(map.insert(subject, accounts)),
                },
                Err(fault) => bad.push(fault),
            }
        }
        if bad.is_empty() { Ok(Self(map)) } else { Err(bad) }
    }

    /// The account that a subject's jobs run as.
    #[must_use]
    pub fn account(&self, subject: &Subject) -> Option<&str> {
        self.0.get(subject).and_then(|accounts| accounts.first()).map(String::as_str)
    }

    /// Every account a subject may use, the preferred one first.
    #[must_use]
    pub fn accounts(&self, subject: &Subject) -> &[String] {
        self.0.get(subject).map_or(&[], Vec::as_slice)
    }

    /// How many subjects it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it knows nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn parse_line(line: &str, number: usize) -> Result<(Subject, Vec<String>), BadMapLine> {
    let (subject, accounts) = match line.strip_prefix('"') {
        Some(rest) => rest.split_once('"').ok_or(BadMapLine::OpenQuote(number))?,
        None => line.split_once(char::is_whitespace).ok_or(BadMapLine::NoAccount(number))?,
    };
    let subject = Subject::parse(subject).map_err(|bad| BadMapLine::Subject(number, bad))?;
    let accounts: Vec<String> = accounts.split(',').map(|account| account.trim().to_owned()).collect();
    for account in &accounts {
        if account.is_empty() {
            return Err(BadMapLine::NoAccount(number));
        }
        let name = account.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && account.len() <= 64
            && account.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        if account == "root" || account.chars().all(|c| c == '0') {
            return Err(BadMapLine::Root(number));
        }
        if !name {
            return Err(BadMapLine::Account { line: number, account: account.clone() });
        }
    }
    Ok((subject, accounts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_lead_to_accounts_and_unknown_ones_to_none() {
        let text = "# comment\n\n\"/O=Example/CN=Ada Nowak\" ada, ada2\n/O=Example/CN=Eve eve\n";
        let map = GridMap::parse(text).unwrap();
        let ada = Subject::parse("/O=Example/CN=Ada Nowak").unwrap();
        assert_eq!(map.account(&ada), Some("ada"));
        assert_eq!(map.accounts(&ada), ["ada", "ada2"]);
        assert_eq!(map.account(&Subject::parse("/O=Example/CN=Ada").unwrap()), None);
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn every_bad_line_is_told_with_its_number() {
        let text =
            "\"/CN=a\" root\n\"/CN=b\n\"/CN=c\"\nnobody x\n\"/CN=d\" a b\n\"/CN=e\" ok\n\"/CN=e\" other\n/CN=f 0\n";
        let bad = GridMap::parse(text).unwrap_err();
        let told: Vec<String> = bad.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 7, "{told:#?}");
        assert!(told[0].starts_with("line 1: jobs never run as root"));
        assert!(told[1].starts_with("line 2: the subject has no closing"));
        assert!(told[2].starts_with("line 3: no local account"));
        assert!(told[3].starts_with("line 4: `nobody` is not a usable subject"));
        assert!(told[4].starts_with("line 5: `a b` is not the name"));
        assert!(told[5].starts_with("line 7: /CN=e was given other accounts"));
        assert!(told[6].starts_with("line 8: jobs never run as root"));
    }
}

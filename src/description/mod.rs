//! Job descriptions in, [`crate::job::Spec`] out. One file a dialect.
//!
//! A document is accepted whole or refused with every fault it has, each with its place and what to do.

mod dialect;
mod directives;
mod document;
mod findings;
mod gjd1;
mod gjd2;
mod gjd3;
mod grammar;
mod jsdl;
pub mod place;
mod reader;
mod table;
mod view;
mod write;

pub use write::{Form, explain, write};

use crate::job::{Code, Dialect, Scheme, Spec};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is accepted; something in it has no or another effect than the user may think.
    Warning,
}

/// One finding in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// The code.
    pub code: Code,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The place: `/grmsjob/simplejob/executable/@type`, or `line 3: walltime` in a script.
    pub path: String,
    /// What is wrong, what was expected, what to do.
    pub message: String,
}

/// An accepted document.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What it means.
    pub spec: Spec,
    /// Findings that do not stand in the way.
    pub warnings: Vec<Diagnostic>,
    /// What is valid and understood, but cannot be carried out by this broker: a submission is refused with these.
    pub beyond: Vec<Diagnostic>,
}

impl Accepted {
    /// Everything to be told about a document that is not submitted: warnings, then what a submission would be refused with.
    #[must_use]
    pub fn remarks(self) -> Vec<Diagnostic> {
        let beyond = self.beyond.into_iter().map(|one| Diagnostic { severity: Severity::Warning, ..one });
        self.warnings.into_iter().chain(beyond).collect()
    }
}

/// Bounds on a document, and what the site adds to the language.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Greatest size, bytes.
    pub max_bytes: usize,
    /// Greatest depth of elements.
    pub max_depth: usize,
    /// Names allowed in `localrmname` beside those of the language.
    pub local_managers: Vec<String>,
    /// The ways in which this site moves files.
    pub schemes: Vec<Scheme>,
    /// Whether this site has a catalogue of logical files.
    pub logical_files: bool,
    /// The greatest number of tasks of a job, every iteration of a sweep counted.
    pub max_tasks: u64,
    /// Namespaces whose elements and attributes are passed over with a warning instead of being refused.
    pub ignorable: Vec<String>,
    /// The present moment, for periods that are already over.
    pub now: jiff::Timestamp,
}

impl Rules {
    /// The rules of a site that offers everything the language knows: 1 MiB, 64 elements deep.
    #[must_use]
    pub fn everything(now: jiff::Timestamp) -> Self {
        Self {
            max_bytes: 1 << 20,
            max_depth: 64,
            local_managers: Vec::new(),
            schemes: Scheme::ALL.to_vec(),
            logical_files: true,
            max_tasks: 100_000,
            ignorable: Vec::new(),
            now,
        }
    }
}

/// The dialect of a text, whatever else may be wrong with it; nothing when it is in none that is known.
#[must_use]
pub fn dialect_of(text: &str, rules: &Rules) -> Option<Dialect> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > rules.max_bytes {
        return None;
    }
    if dialect::is_script(text) {
        return Some(Dialect::QcgSimple);
    }
    let document = document::parse(text, rules).ok()?;
    let found = dialect::detect(document.root_element(), &mut findings::Findings::default())?;
    Some(match found {
        dialect::Found::Gjd1 => Dialect::Gjd1,
        dialect::Found::Gjd2 => Dialect::Gjd2,
        dialect::Found::Gjd3 => Dialect::Gjd3,
        dialect::Found::Jsdl => Dialect::Jsdl,
    })
}

/// Reads a job description.
///
/// # Errors
/// Every fault of the document in the order of the text, warnings among them.
pub fn read(text: &str, rules: &Rules) -> Result<Accepted, Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = findings::Findings::default();
    let spec = if dialect::is_script(text) {
        directives::decode(text, rules, &mut findings)
    } else {
        let document = document::parse(text, rules).map_err(|fault| vec![fault])?;
        let root = document.root_element();
        dialect::detect(root, &mut findings).and_then(|found| match found {
            dialect::Found::Gjd1 => gjd1::decode(root, rules, &mut findings),
            dialect::Found::Gjd2 => gjd2::decode(root, rules, &mut findings),
            dialect::Found::Gjd3 => gjd3::decode(root, rules, &mut findings),
            dialect::Found::Jsdl => jsdl::decode(root, rules, &mut findings),
        })
    };
    let refused = findings.refused();
    let (diagnostics, beyond) = findings.diagnostics(text);
    match spec {
        Some(spec) if !refused => Ok(Accepted { spec, warnings: diagnostics, beyond }),
        _ => Err(diagnostics),
    }
}

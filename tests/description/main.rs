//! Job descriptions from outside: documents kept as files with the exact answers they get, the published schema as a
//! second opinion, and texts that mean harm.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod directives;
mod fixtures;
mod generated;
mod hostile;
mod jsdl;
mod meaning;
mod meaning_gjd2;
mod mutants;
mod rows;
mod schema;
mod schema_jsdl;
mod version_3;
mod written;

use grms::description::{Accepted, Diagnostic, Rules, Severity, read};
use std::path::{Path, PathBuf};

/// The bounds and the moment that every expectation here assumes.
fn rules() -> Rules {
    Rules { max_bytes: 1_000_000, ..Rules::everything("2026-11-21T00:00:00Z".parse().unwrap()) }
}

fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The folders of `tests/fixtures/description`, and how the names of their documents end.
const DIALECTS: &[(&str, &str)] = &[("gjd1", "xml"), ("gjd2", "xml"), ("gjd3", "xml"), ("jsdl", "xml"), ("qcg", "sh")];

/// The valid or invalid documents of all dialects.
fn kept(kind: &str) -> Vec<PathBuf> {
    let folder = |dialect: &str| format!("tests/fixtures/description/{dialect}/{kind}");
    DIALECTS.iter().flat_map(|(dialect, end)| ending(&folder(dialect), end)).collect()
}

/// The documents that people are given as examples.
fn examples() -> Vec<PathBuf> {
    ["xml", "jsdl", "sh"].into_iter().flat_map(|end| ending("examples", end)).collect()
}

/// The XML documents of a folder, sorted by name.
fn documents(folder: &str) -> Vec<PathBuf> {
    ending(folder, "xml")
}

fn ending(folder: &str, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|file| file.extension().is_some_and(|found| found == end)).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} holds no documents");
    files
}

fn findings(answer: &Result<Accepted, Vec<Diagnostic>>) -> &[Diagnostic] {
    match answer {
        Ok(accepted) => &accepted.warnings,
        Err(faults) => faults,
    }
}

/// Everything told about a document: of an accepted one the warnings, then what is beyond this broker.
fn told(answer: &Result<Accepted, Vec<Diagnostic>>) -> String {
    let beyond = answer.as_ref().map_or("", |accepted| if accepted.beyond.is_empty() { "" } else { "beyond:\n" });
    let listed = answer.as_ref().map_or_else(|_| String::new(), |accepted| render(&accepted.beyond));
    format!("{}{beyond}{listed}", render(findings(answer)))
}

fn render(findings: &[Diagnostic]) -> String {
    let line = |found: &Diagnostic| {
        let warning = if found.severity == Severity::Warning { "warning " } else { "" };
        let (line, column, code) = (found.line, found.column, found.code.number());
        format!("{line}:{column} {warning}{code} {} {}\n", found.path, found.message)
    };
    findings.iter().map(line).collect()
}

//! Places outside that are named elsewhere than in a description, under the same rules as in one.

use super::findings::{At, Findings};
use super::reader::Reader;
use super::{Rules, Severity};
use crate::job::{Code, Url};

/// Reads a URL that something is delivered to. Warnings are not told.
///
/// # Errors
/// Everything that is wrong with it, each with its code: a variable that does not exist, no URL, a scheme that the site does not move
/// files by, a place that nothing can be written to.
pub fn target(text: &str, rules: &Rules) -> Result<Url, Vec<(Code, String)>> {
    let mut findings = Findings::default();
    let found = Reader::new(rules, &mut findings).url(At::Place(0, "path"), text);
    if let Some(url) = found {
        // The content itself is no place.
        if url.scheme().as_str() != "data" {
            return Ok(url);
        }
        return Err(vec![(Code::DescBadUrl, "a data: URL is content, nothing can be written to it".to_owned())]);
    }
    let (diagnostics, _) = findings.diagnostics("");
    let errors = diagnostics.into_iter().filter(|found| found.severity == Severity::Error);
    Err(errors.map(|found| (found.code, found.message)).collect())
}

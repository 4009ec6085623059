//! Scripts with `#QCG` directives.

use super::Rules;
use super::dialect::not_offered;
use super::findings::{At, Findings};
use crate::job::{Code, Spec};

/// Reads a script.
pub(super) fn decode(_text: &str, _rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    findings.error(Code::DescUnsupported, At::Place(0, "/"), not_offered("QCG_SIMPLE (#QCG)"));
    None
}

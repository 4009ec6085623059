//! Version 3 of the language.

use super::Rules;
use super::dialect::not_offered;
use super::findings::{At, Findings};
use crate::job::{Code, Spec};
use roxmltree::Node;

/// Reads a document whose root is known to be of this dialect.
pub(super) fn decode(root: Node<'_, '_>, _rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    findings.error(Code::DescUnsupported, At::Element(root), not_offered("GJD 3 (appId, task)"));
    None
}

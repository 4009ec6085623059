//! Specifications out: as the canonical document, and as a tree for people. Whatever dialect a description came in, both say all of it.

mod duration;
mod execution;
mod job;
mod markup;
mod places;
mod times;
mod tree;
mod workflow;

pub(in crate::description) use places::{measure, word};

use super::Accepted;
use crate::job::Spec;

/// In which form a specification is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A version 3 document, which means the same when it is read: `inout` becomes `in` and `out`.
    Gjd3,
    /// Indented lines for people: what the broker understood, with units and defaults named.
    Tree,
}

/// Writes a specification.
#[must_use]
pub fn write(spec: &Spec, form: Form) -> String {
    match form {
        Form::Gjd3 => job::document(spec),
        Form::Tree => tree::lines(spec),
    }
}

/// What the broker understood of an accepted document: the tree, and below it every warning with its place.
#[must_use]
pub fn explain(accepted: &Accepted) -> String {
    let mut text = write(&accepted.spec, Form::Tree);
    let remarks = accepted.warnings.iter().chain(&accepted.beyond);
    for (index, remark) in remarks.enumerate() {
        if index == 0 {
            text.push_str("remarks\n");
        }
        text.push_str(&format!("  {}:{} {} {}\n", remark.line, remark.column, remark.path, remark.message));
    }
    text
}

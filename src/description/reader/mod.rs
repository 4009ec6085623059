//! What several dialects read in the same way: locations and the variables in them, staging, times, calendars, arguments.
//!
//! Texts that are not of their type have been reported by the grammar and are absent here.

mod graph;
mod location;
mod resource;
mod staging;
mod texts;
mod time;

pub(super) use graph::trigger;
pub(super) use resource::tiles;
pub(super) use staging::Names;

use super::findings::{At, Findings, short};
use super::{Rules, view};
use crate::job::{Code, variable};
use crate::xml::lexical;
use roxmltree::Node;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

/// The names `x` of which `${PS_x}` has a value.
pub(super) enum Parameters {
    /// The dialect has no sweeps.
    Absent,
    /// Those of the task being read.
    Known(Vec<String>),
}

/// What reading needs everywhere.
pub(super) struct Reader<'r> {
    pub(super) rules: &'r Rules,
    pub(super) findings: &'r mut Findings,
    pub(super) parameters: Parameters,
    /// The values of variables that the document itself defines.
    pub(super) values: HashMap<String, String>,
}

impl<'r> Reader<'r> {
    /// A reader for a dialect without sweeps.
    pub(super) fn new(rules: &'r Rules, findings: &'r mut Findings) -> Self {
        Self { rules, findings, parameters: Parameters::Absent, values: HashMap::new() }
    }
}

impl Reader<'_> {
    /// The text of an element, with the variables that the document defines replaced.
    pub(super) fn text<'a>(&self, node: Node<'a, '_>) -> Cow<'a, str> {
        let text = view::text(node);
        if self.values.is_empty() || !text.contains("${") {
            return text;
        }
        Cow::Owned(variable::substitute(&text, &|name| self.values.get(name).cloned()))
    }

    /// From now on these are the parameters of a sweep.
    pub(super) fn known(&mut self, parameters: Vec<String>) {
        self.parameters = Parameters::Known(parameters);
    }

    /// A fault of meaning: well built, but contradictory.
    pub(super) fn inconsistent(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.findings.error(Code::DescInconsistent, at, message);
    }

    /// An integer that must lie in a range.
    pub(super) fn within(&mut self, text: &str, name: &str, at: At<'_, '_>, range: RangeInclusive<i64>) -> Option<i64> {
        let value = lexical::integer(text)?;
        if value < *range.start() {
            self.inconsistent(
                at,
                format!("{name} must be at least {}, not {}", range.start(), short(lexical::trim(text))),
            );
        } else if value > *range.end() {
            self.inconsistent(
                at,
                format!("{name} must be at most {}, not {}", range.end(), short(lexical::trim(text))),
            );
        }
        range.contains(&value).then_some(value)
    }

    /// The same for an attribute that counts something.
    pub(super) fn count(&mut self, node: Node<'_, '_>, name: &'static str) -> Option<u32> {
        let text = node.attribute(name).filter(|text| lexical::int(text).is_some())?;
        let value = self.within(text, name, At::Attribute(node, name), 1..=i64::from(i32::MAX))?;
        u32::try_from(value).ok()
    }

    /// A text that must say something.
    pub(super) fn word(&mut self, text: &str, name: &str, at: At<'_, '_>) -> Option<String> {
        let text = lexical::trim(text);
        if text.is_empty() {
            self.inconsistent(at, format!("{name} is empty; write a value or leave it out"));
        }
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// A boolean attribute, false when it is absent.
pub(super) fn flag(node: Node<'_, '_>, name: &str) -> bool {
    node.attribute(name).and_then(lexical::boolean).unwrap_or(false)
}

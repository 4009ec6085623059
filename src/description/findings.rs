//! Collects what is found in a document, each with its place, until all of it is known.
//!
//! Places are byte offsets while reading; lines and columns are counted once, at the end, in one walk over the text.

use super::{Diagnostic, Severity};
use crate::job::Code;
use crate::xml::Places;
use roxmltree::Node;

/// Findings beyond this number are counted, not listed.
const MOST: usize = 1000;

/// The thing a finding is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a, 'i> {
    /// An element, at its start tag.
    Element(Node<'a, 'i>),
    /// An attribute of an element.
    Attribute(Node<'a, 'i>, &'a str),
    /// The text of an element.
    Text(Node<'a, 'i>),
}

struct Finding {
    severity: Severity,
    code: Code,
    offset: usize,
    path: String,
    message: String,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    beyond: Vec<Finding>,
    unlisted: usize,
    refused: bool,
}

impl Findings {
    /// A fault: the document is refused.
    pub(super) fn error(&mut self, code: Code, at: At<'_, '_>, message: impl Into<String>) {
        self.refused = true;
        self.push(Severity::Error, code, at, message.into());
    }

    /// Something that does not stand in the way.
    pub(super) fn warning(&mut self, code: Code, at: At<'_, '_>, message: impl Into<String>) {
        self.push(Severity::Warning, code, at, message.into());
    }

    /// Something that is well said and understood, but that this broker cannot carry out: the document is valid, a submission is refused.
    #[allow(dead_code, reason = "the dialects with several tasks come next")]
    pub(super) fn beyond(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        if self.beyond.len() < MOST {
            let finding = Finding::new(Severity::Error, Code::DescUnsupported, at, message.into());
            self.beyond.push(finding);
        }
    }

    /// Whether there is a fault among them.
    pub(super) fn refused(&self) -> bool {
        self.refused
    }

    /// Whether further findings are only counted, so that their messages need not be made.
    pub(super) fn full(&self) -> bool {
        self.list.len() >= MOST
    }

    fn push(&mut self, severity: Severity, code: Code, at: At<'_, '_>, message: String) {
        if self.full() {
            self.unlisted += 1;
            return;
        }
        self.list.push(Finding::new(severity, code, at, message));
    }

    /// All of them in the order of the text, and apart from them what cannot be carried out.
    pub(super) fn diagnostics(mut self, text: &str) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        self.list.sort_by_key(|finding| finding.offset);
        if let (more @ 1.., Some(last)) = (self.unlisted, self.list.last_mut()) {
            last.message.push_str(&format!("; {more} more findings are not listed, correct these first"));
        }
        (placed(self.list, text), placed(self.beyond, text))
    }
}

impl Finding {
    fn new(severity: Severity, code: Code, at: At<'_, '_>, message: String) -> Self {
        Self { severity, code, offset: at.offset(), path: at.path(), message }
    }
}

/// Findings in the order of the text, with lines and columns.
fn placed(mut list: Vec<Finding>, text: &str) -> Vec<Diagnostic> {
    list.sort_by_key(|finding| finding.offset);
    let mut places = Places::new(text);
    let place = |finding: Finding| {
        let place = places.of(finding.offset);
        Diagnostic {
            severity: finding.severity,
            code: finding.code,
            line: place.line,
            column: place.column,
            path: finding.path,
            message: finding.message,
        }
    };
    list.into_iter().map(place).collect()
}

impl At<'_, '_> {
    fn offset(self) -> usize {
        match self {
            At::Element(node) => node.range().start,
            At::Attribute(node, name) => {
                let found = node.attributes().find(|attribute| attribute.name() == name);
                found.map_or(node.range().start, |attribute| attribute.range().start)
            }
            At::Text(node) => {
                let spoken = |text: &Node<'_, '_>| text.is_text() && !super::view::is_blank(text.text().unwrap_or(""));
                node.children().find(spoken).map_or(node.range().start, |text| {
                    let source = &node.document().input_text()[text.range()];
                    text.range().start + (source.len() - source.trim_start().len())
                })
            }
        }
    }

    fn path(self) -> String {
        let (node, attribute) = match self {
            At::Element(node) | At::Text(node) => (node, None),
            At::Attribute(node, name) => (node, Some(name)),
        };
        let mut elements: Vec<_> = node.ancestors().filter(Node::is_element).collect();
        elements.reverse();
        let mut path = String::new();
        for element in elements {
            path.push('/');
            path.push_str(&short(element.tag_name().name()));
            if let Some(number) = number(element) {
                path.push_str(&format!("[{number}]"));
            }
        }
        if let Some(name) = attribute {
            path.push_str("/@");
            path.push_str(&short(name));
        }
        path
    }
}

/// The number of an element among its siblings of the same name; nothing when it is the only one.
fn number(element: Node<'_, '_>) -> Option<usize> {
    let same = |sibling: &Node<'_, '_>| sibling.is_element() && sibling.tag_name() == element.tag_name();
    let before = element.prev_siblings().skip(1).filter(same).count();
    let alone = before == 0 && !element.next_siblings().skip(1).any(|sibling| same(&sibling));
    (!alone).then_some(before + 1)
}

/// At most 60 characters of a text, for messages.
pub(super) fn short(text: &str) -> String {
    if text.chars().nth(60).is_none() {
        return text.to_owned();
    }
    text.chars().take(59).chain(['…']).collect()
}

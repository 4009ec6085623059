//! `Sweep`: which texts of the document change, and the products of their values.
//!
//! Every text that a sweep changes is one parameter. Assignments of one sweep advance together, a sweep inside another is its inner
//! loop, sweeps side by side come one after the other; a text that one of these leaves alone keeps what is written there.

use super::match_path::{self, Found, PATIENCE};
use super::names::{self, Family};
use super::sweep_values;
use super::text::{Piece, Text};
use crate::description::findings::{At, Findings, short};
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::{Axis, Code, Parameter, Product, Sweep, Values};
use roxmltree::{Node, NodeId};
use std::collections::HashMap;

/// More texts than these are refused; each keeps its values.
const MOST_TEXTS: usize = 100;
/// Products beyond this number are refused; members are not counted.
const MOST_PRODUCTS: usize = 1000;
/// Listed values beyond this number are refused: every product keeps those of every text that it changes.
const MOST_VALUES: usize = 1_000_000;

/// The texts that sweeps change.
#[derive(Debug, Default)]
pub(super) struct Targets<'a, 'i> {
    by_node: HashMap<NodeId, Target<'a, 'i>>,
    parameters: usize,
}

#[derive(Debug)]
struct Target<'a, 'i> {
    /// What is changed, in characters from 0, and by which parameter, in the order of the text.
    parts: Vec<(usize, usize, String)>,
    text: Vec<char>,
    /// The first expression that names it.
    by: Node<'a, 'i>,
    used: bool,
}

impl Targets<'_, '_> {
    /// The text of an element at a place where a sweep may change it.
    pub(super) fn text(&mut self, node: Node<'_, '_>) -> Text {
        match self.by_node.get_mut(&node.id()) {
            None => Text::literal(view::text(node)),
            Some(target) => {
                target.used = true;
                target.pieces()
            }
        }
    }

    /// Refuses what was changed at a place where nothing may change.
    pub(super) fn report_unused(&self, findings: &mut Findings) {
        for target in self.by_node.values().filter(|target| !target.used) {
            let say = format!(
                "the Match `{}` names something that cannot be swept here; arguments, environment values, file names and URIs can",
                short(&view::trimmed(target.by))
            );
            findings.error(Code::DescUnsupported, At::Text(target.by), say);
        }
    }
}

impl Target<'_, '_> {
    fn pieces(&self) -> Text {
        let literal = |part: &[char]| Piece::Literal(part.iter().collect());
        let (mut pieces, mut at) = (Vec::new(), 0);
        for (start, end, name) in &self.parts {
            if at < *start {
                pieces.push(literal(&self.text[at..*start]));
            }
            pieces.push(Piece::Parameter(name.clone()));
            at = *end;
        }
        if at < self.text.len() {
            pieces.push(literal(&self.text[at..]));
        }
        Text(pieces)
    }

    fn original(&self, name: &str) -> Option<String> {
        let (start, end, _) = self.parts.iter().find(|(.., known)| known == name)?;
        Some(self.text[*start..*end].iter().collect())
    }
}

/// Reads the sweeps of a document.
pub(super) fn read<'a, 'i>(root: Node<'a, 'i>, reader: &mut Reader<'_>) -> (Option<Sweep>, Targets<'a, 'i>) {
    let mut targets = Targets::default();
    let sweeps: Vec<_> = names::named(root, Family::Sweep, "Sweep").collect();
    let Some(first) = sweeps.first().copied() else { return (None, targets) };
    let mut walk =
        Walk { reader, targets: &mut targets, patience: PATIENCE, kept: 0, document: root.document().root() };
    let mut products: Vec<Vec<Axis>> = Vec::new();
    for sweep in sweeps {
        walk.products(sweep, &[], &mut products);
    }
    let kept = walk.kept;
    let say = "this broker does not run sweeps yet; submit one document for each member";
    reader.findings.beyond(At::Element(first), say);
    if products.len() > MOST_PRODUCTS {
        let say = format!("there are more than {MOST_PRODUCTS} combinations of sweeps; nest fewer of them");
        reader.findings.error(Code::DescTooManyTasks, At::Element(first), say);
        return (None, targets);
    }
    if kept > MOST_VALUES {
        let say = format!("sweeps give more than {MOST_VALUES} values to texts; name fewer texts or write loops");
        reader.findings.error(Code::LimitExceeded, At::Element(first), say);
        return (None, targets);
    }
    let products = products.into_iter().map(|axes| targets.complete(axes)).collect();
    let sweep = Sweep { products };
    let (count, most) = (sweep.count(), reader.rules.max_tasks);
    if count > most {
        let say = format!("the sweeps have {count} members, more than the {most} tasks that a job may have");
        reader.findings.error(Code::DescTooManyTasks, At::Element(first), say);
    }
    reader.known((1..=targets.parameters).map(name).collect());
    (Some(sweep), targets)
}

fn name(number: usize) -> String {
    format!("p{number}")
}

impl Targets<'_, '_> {
    /// A product in which every parameter has a value.
    fn complete(&self, axes: Vec<Axis>) -> Product {
        let given: Vec<&str> =
            axes.iter().flat_map(|axis| &axis.parameters).map(|parameter| parameter.name.as_str()).collect();
        let mut constants: Vec<Axis> = Vec::new();
        for number in 1..=self.parameters {
            let name = name(number);
            if given.contains(&name.as_str()) {
                continue;
            }
            let original = self.by_node.values().find_map(|target| target.original(&name)).unwrap_or_default();
            constants.push(Axis { parameters: vec![Parameter { name, values: Values::Set(vec![original]) }] });
        }
        constants.extend(axes);
        Product { axes: constants }
    }
}

struct Walk<'w, 'r, 'a, 'i> {
    reader: &'w mut Reader<'r>,
    targets: &'w mut Targets<'a, 'i>,
    patience: usize,
    /// Listed values in the products made so far.
    kept: usize,
    document: Node<'a, 'i>,
}

/// How many values are written out for an axis.
fn listed(axis: &Axis) -> usize {
    let of = |parameter: &Parameter| match &parameter.values {
        Values::Set(values) => values.len(),
        Values::Loop { except, .. } => 1 + except.len(),
    };
    axis.parameters.iter().map(of).sum()
}

impl<'a, 'i> Walk<'_, '_, 'a, 'i> {
    /// The products of a sweep inside others.
    fn products(&mut self, sweep: Node<'a, 'i>, outer: &[Axis], products: &mut Vec<Vec<Axis>>) {
        let mut axis = Axis { parameters: Vec::new() };
        let mut members: Option<u64> = None;
        for assignment in names::named(sweep, Family::Sweep, "Assignment") {
            let Some(values) = sweep_values::read(assignment, self.reader) else { continue };
            let length = values.count();
            if members.is_some_and(|members| members != length) {
                let say = format!(
                    "this assignment has {length} values, the one before it {}; those of one Sweep advance together, \
                     make them equal or nest one",
                    members.unwrap_or(0)
                );
                self.reader.inconsistent(At::Element(assignment), say);
            }
            members = members.or(Some(length));
            for node in names::named(assignment, Family::Sweep, "DocumentNode") {
                for name in self.node(node) {
                    if outer.iter().chain([&axis]).any(|axis| axis.parameters.iter().any(|known| known.name == name)) {
                        self.reader.inconsistent(At::Element(node), "this text is swept already; name it once");
                        continue;
                    }
                    axis.parameters.push(Parameter { name, values: values.clone() });
                }
            }
        }
        if self.kept > MOST_VALUES {
            return;
        }
        let mut axes = outer.to_vec();
        if !axis.parameters.is_empty() {
            axes.push(axis);
        }
        let inner: Vec<_> = names::named(sweep, Family::Sweep, "Sweep").collect();
        if inner.is_empty() && products.len() <= MOST_PRODUCTS {
            self.kept = self.kept.saturating_add(axes.iter().map(listed).sum());
            products.push(axes);
            return;
        }
        for sweep in inner {
            self.products(sweep, &axes, products);
        }
    }

    /// The parameters of everything that a `DocumentNode` names.
    fn node(&mut self, node: Node<'a, 'i>) -> Vec<String> {
        let Some(by) = names::child(node, Family::Sweep, "Match") else { return Vec::new() };
        let written = view::trimmed(by);
        let bindings: Vec<_> = names::named(node, Family::Sweep, "NamespaceBinding").collect();
        let bound = |prefix: &str| {
            let own = bindings.iter().find(|one| one.attribute("prefix") == Some(prefix));
            own.and_then(|one| one.attribute("ns")).or_else(|| by.lookup_namespace_uri(Some(prefix))).map(str::to_owned)
        };
        let shown = short(&written);
        let expression = match match_path::parse(&written, &bound) {
            Ok(expression) => expression,
            Err(why) => {
                let say = format!("the Match `{shown}` cannot be used: {why}");
                self.reader.findings.error(Code::DescUnsupported, At::Text(by), say);
                return Vec::new();
            }
        };
        let Some(found) = expression.find(self.document, &mut self.patience) else {
            let say = format!("the Match `{shown}` looks at too many elements; write paths without //");
            self.reader.findings.error(Code::LimitExceeded, At::Text(by), say);
            return Vec::new();
        };
        if found.is_empty() {
            let say = format!("the Match `{shown}` names nothing in this document; check its steps and its prefixes");
            self.reader.findings.error(Code::DescUndefinedReference, At::Text(by), say);
        }
        if self.targets.parameters + found.len() > MOST_TEXTS {
            let say = format!("more than {MOST_TEXTS} texts are swept; let the Match `{shown}` name fewer");
            self.reader.findings.error(Code::LimitExceeded, At::Text(by), say);
            return Vec::new();
        }
        found.into_iter().filter_map(|found| self.target(found, expression.part, by)).collect()
    }

    /// The parameter of one text.
    fn target(
        &mut self,
        found: Found<'a, 'i>,
        part: Option<(usize, Option<usize>)>,
        by: Node<'a, 'i>,
    ) -> Option<String> {
        let shown = short(&view::trimmed(by));
        let node = match found {
            Found::Element(node) if node.is_element() && view::elements(node).next().is_none() => node,
            Found::Element(_) | Found::Attribute => {
                let say = format!(
                    "the Match `{shown}` names something that is no text of an element; only such texts can be swept here"
                );
                self.reader.findings.error(Code::DescUnsupported, At::Text(by), say);
                return None;
            }
        };
        let text: Vec<char> = view::text(node).chars().collect();
        let (start, end) = match part {
            None => (0, text.len()),
            Some((start, length)) => {
                let end = length.map_or(text.len(), |length| (start - 1).saturating_add(length).min(text.len()));
                (start - 1, end)
            }
        };
        if start > text.len() {
            let say = format!("the Match `{shown}` begins behind the end of a text of {} characters", text.len());
            self.reader.inconsistent(At::Text(by), say);
            return None;
        }
        let target = self.targets.by_node.entry(node.id()).or_insert_with(|| Target {
            parts: Vec::new(),
            text,
            by,
            used: false,
        });
        if let Some((.., name)) = target.parts.iter().find(|(from, to, _)| (*from, *to) == (start, end)) {
            return Some(name.clone());
        }
        if target.parts.iter().any(|(from, to, _)| *from < end && start < *to) {
            let say =
                format!("the Match `{shown}` names a part of a text of which another part is swept that overlaps it");
            self.reader.findings.error(Code::DescUnsupported, At::Text(by), say);
            return None;
        }
        if !target.parts.is_empty() {
            let say = "several parts of one text are swept; their positions are those in the text as written";
            self.reader.findings.warning(Code::DescInconsistent, At::Text(by), say);
        }
        self.targets.parameters += 1;
        let name = name(self.targets.parameters);
        target.parts.push((start, end, name.clone()));
        target.parts.sort_unstable();
        Some(name)
    }
}

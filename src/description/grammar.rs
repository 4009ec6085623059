//! The structure of a dialect as data, and the one walk that holds a document against it and reports every departure.
//!
//! The tables say the same as the dialect's schema in `schemas/`; `tests/description/schema.rs` compares the two verdicts.

use super::findings::{At, Findings, short};
use super::table::{Content, Element, Particle, Type};
use super::{Rules, view};
use crate::job::Code;
use crate::xml::{lexical, nearest};
use roxmltree::Node;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const WEEK: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Reports every departure of `node` from `grammar`, which is the element's and, as the root, the dialect's.
pub(super) fn check(node: Node<'_, '_>, grammar: &'static Element, rules: &Rules, findings: &mut Findings) {
    Walk { root: grammar, rules, findings }.element(node, grammar);
}

/// What the order of the elements in another one means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Free,
    Usual,
    Required,
}

struct Walk<'w> {
    root: &'static Element,
    rules: &'w Rules,
    findings: &'w mut Findings,
}

impl Walk<'_> {
    fn error(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.findings.error(Code::DescInvalid, at, message);
    }

    fn element(&mut self, node: Node<'_, '_>, element: &'static Element) {
        if !matches!(element.content, Content::Any) {
            self.attributes(node, element);
        }
        match element.content {
            Content::Text(kind) => self.text(node, element, kind),
            Content::Ordered(particles) => self.children(node, element, particles, Order::Required),
            Content::Unordered(particles) => self.children(node, element, particles, Order::Free),
            Content::Usual(particles) => self.children(node, element, particles, Order::Usual),
            Content::OneOf(particles, expected) => {
                self.children(node, element, particles, Order::Free);
                self.alternatives(node, element, particles, expected);
            }
            Content::Any => {}
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>, element: &'static Element) {
        for attribute in node.attributes().filter(|attribute| attribute.namespace() != Some(XSI)) {
            let name = attribute.name();
            let at = At::Attribute(node, name);
            let known = element.attributes.iter().find(|known| known.name == name);
            match known.filter(|_| attribute.namespace().is_none()) {
                Some(known) => {
                    if let Some(fault) = fault(known.kind, name, attribute.value(), self.rules) {
                        self.error(at, fault);
                    }
                }
                None => {
                    let names = element.attributes.iter().map(|known| known.name);
                    let hint = hint(name, names.clone(), "it has no attributes", &list(names.clone(), "or"));
                    self.error(at, format!("unknown attribute {} of {}; {hint}", short(name), element.name));
                }
            }
        }
        for missing in element.attributes.iter().filter(|known| known.required && !node.has_attribute(known.name)) {
            let name = missing.name;
            let expected = match missing.kind {
                Type::Word(words) => format!("{name} must be {}", list(words.iter().copied(), "or")),
                _ => format!("{} needs a {name}", element.name),
            };
            self.error(At::Element(node), format!("attribute {name} is missing; {expected}"));
        }
    }

    fn text(&mut self, node: Node<'_, '_>, element: &'static Element, kind: Type) {
        for child in view::elements(node) {
            let name = short(child.tag_name().name());
            self.error(
                At::Element(child),
                format!("{name} cannot stand inside {}, which holds text only", element.name),
            );
        }
        if let Some(fault) = fault(kind, element.name, &view::text(node), self.rules) {
            self.error(At::Text(node), fault);
        }
    }

    fn children(
        &mut self,
        node: Node<'_, '_>,
        element: &'static Element,
        particles: &'static [Particle],
        order: Order,
    ) {
        let mut seen = vec![0_u32; particles.len()];
        let (mut reached, mut told) = ((0, element.name), false);
        for child in node.children() {
            if child.is_text() && !view::is_blank(child.text().unwrap_or("")) {
                let text = short(lexical::trim(child.text().unwrap_or("")));
                let say = format!("the text `{text}` cannot stand in {}, which holds elements only", element.name);
                self.error(At::Text(node), say);
            }
            if !child.is_element() {
                continue;
            }
            let Some((index, known)) = find(particles, child) else {
                self.stranger(child, element, particles, &mut seen);
                continue;
            };
            seen[index] += 1;
            if index >= reached.0 || order == Order::Free {
                reached = (index, known.name);
            } else if order == Order::Required {
                self.error(At::Element(child), format!("{} must come before {}", known.name, reached.1));
            } else if !std::mem::replace(&mut told, true) {
                let say = format!("{} usually comes before {}; it is understood all the same", known.name, reached.1);
                self.findings.warning(Code::DescInvalid, At::Element(child), say);
            }
            if seen[index] > 1 && !particles[index].many {
                self.error(At::Element(child), once_more(&particles[index], known.name, element.name));
            }
            self.element(child, known);
        }
        let alternatives = matches!(element.content, Content::OneOf(..));
        let missing = |(particle, count): &(&Particle, &u32)| particle.required && **count == 0 && !alternatives;
        for (particle, _) in particles.iter().zip(&seen).filter(missing) {
            let say = match particle.choice {
                [only] => format!("element {} is required in {}", only.name, element.name),
                several if particle.many => {
                    format!("{} needs at least one {}", element.name, list(names(several), "or"))
                }
                several => format!("{} needs exactly one of {}", element.name, list(names(several), "and")),
            };
            self.error(At::Element(node), say);
        }
    }

    /// Holds the children against particles of which only one may be used.
    fn alternatives(
        &mut self,
        node: Node<'_, '_>,
        element: &'static Element,
        particles: &'static [Particle],
        expected: &str,
    ) {
        let mut used = None;
        for (index, child) in view::elements(node).filter_map(|child| Some((find(particles, child)?.0, child))) {
            if used.is_some_and(|used| used != index) {
                self.error(At::Element(child), expected);
                return;
            }
            used = Some(index);
        }
        let strangers = view::elements(node).next().is_some();
        if used.is_none() && !strangers && particles.iter().any(|particle| particle.required) {
            let known = list(particles.iter().flat_map(|particle| names(particle.choice)), "or");
            self.error(At::Element(node), format!("{} needs {known}", element.name));
        }
    }

    /// An element that does not belong here. Whoever mistyped a required element is not told that it is missing as well.
    fn stranger(
        &mut self,
        child: Node<'_, '_>,
        parent: &'static Element,
        particles: &'static [Particle],
        seen: &mut [u32],
    ) {
        if self.findings.full() {
            self.error(At::Element(child), "");
            return;
        }
        let name = child.tag_name().name();
        let known = || particles.iter().flat_map(|particle| names(particle.choice));
        if let Some(namespace) = child.tag_name().namespace() {
            let say = format!("element {} is in namespace {}", short(name), short(namespace));
            self.error(At::Element(child), format!("{say}; the elements of a job description are in none"));
            return;
        }
        let mut homes = Vec::new();
        collect_homes(self.root, name, &mut homes, &mut Vec::new());
        let say = if homes.is_empty() {
            format!("unknown element {}; {}", short(name), hint(name, known(), "", &list(known(), "or")))
        } else {
            format!("{name} cannot stand in {}; it belongs in {}", parent.name, list(homes.into_iter(), "or"))
        };
        self.error(At::Element(child), say);
        if let Some(meant) = nearest(name, known()) {
            let index = particles.iter().position(|particle| names(particle.choice).any(|name| name == meant));
            index.into_iter().for_each(|index| seen[index] += 1);
        }
    }
}

fn names(elements: &'static [Element]) -> impl Iterator<Item = &'static str> + Clone {
    elements.iter().map(|element| element.name)
}

fn find(particles: &'static [Particle], child: Node<'_, '_>) -> Option<(usize, &'static Element)> {
    particles.iter().enumerate().find_map(|(index, particle)| {
        particle.choice.iter().find(|element| view::is(child, element.name)).map(|element| (index, element))
    })
}

fn once_more(particle: &'static Particle, name: &str, parent: &str) -> String {
    match particle.choice {
        [_] => format!("{name} occurs twice; give it once in one {parent}"),
        several => format!("{name} is one too many; {parent} needs exactly one of {}", list(names(several), "and")),
    }
}

/// The elements in which an element of this name may stand. A grammar may contain itself; what was seen is not entered again.
fn collect_homes<'e>(element: &'e Element, name: &str, homes: &mut Vec<&'static str>, seen: &mut Vec<&'e Element>) {
    let particles = match element.content {
        Content::Ordered(all) | Content::Unordered(all) | Content::Usual(all) | Content::OneOf(all, _) => all,
        Content::Text(_) | Content::Any => return,
    };
    if seen.iter().any(|one| std::ptr::eq(*one, element)) {
        return;
    }
    seen.push(element);
    for inner in particles.iter().flat_map(|particle| particle.choice) {
        if inner.name == name && !homes.contains(&element.name) {
            homes.push(element.name);
        }
        collect_homes(inner, name, homes, seen);
    }
}

fn hint<'n>(name: &str, known: impl Iterator<Item = &'n str>, none: &str, all: &str) -> String {
    match nearest(name, known) {
        Some(meant) => format!("did you mean {meant}?"),
        None if all.is_empty() => none.to_owned(),
        None => format!("expected {all}"),
    }
}

/// `a, b or c`.
pub(super) fn list<'n>(words: impl Iterator<Item = &'n str>, last: &str) -> String {
    let words: Vec<_> = words.collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [init @ .., end] => format!("{} {last} {end}", init.join(", ")),
    }
}

/// What is wrong with a text that should be of a type; nothing when it is of it.
fn fault(kind: Type, name: &str, value: &str, rules: &Rules) -> Option<String> {
    let text = lexical::trim(value);
    let (good, expected) = match kind {
        Type::Text => return None,
        Type::Boolean => (lexical::boolean(text).is_some(), "true or false"),
        Type::Int if lexical::integer(text).is_some() => (lexical::int(text).is_some(), "an integer of 32 bits"),
        Type::Int | Type::Integer => (lexical::integer(text).is_some(), "an integer"),
        Type::Double => (lexical::double(text).is_some(), "a number such as 1.5"),
        Type::Decimal => (lexical::decimal(text).is_some(), "a number such as 4, without an exponent"),
        Type::Count => (lexical::integer(text).is_some_and(|n| n >= 0), "an integer of at least 0"),
        Type::DateTime => (lexical::date_time(text).is_some(), "a date and time such as 2026-12-31T18:00:00Z"),
        Type::Date => (lexical::date(text).is_some(), "a date such as 2026-12-31"),
        Type::Time => (lexical::time(text).is_some(), "a time of day such as 18:00:00"),
        Type::Duration => (lexical::duration(text).is_some(), "a duration such as PT1H30M, without years and months"),
        Type::Word(words) => return word(name, text, words),
        Type::LocalManager(words) => return local_manager(text, words, rules),
        Type::WeekDay => return week_day(text),
    };
    (!good).then(|| format!("{name} `{}` is not {expected}", short(text)))
}

fn word(name: &str, text: &str, words: &'static [&'static str]) -> Option<String> {
    if words.contains(&text) {
        return None;
    }
    if text == "inout" && words == ["in", "out"] {
        return Some("inout does not exist in this dialect; declare in and out, one element each".to_owned());
    }
    Some(format!("{name} must be {}, not `{}`", list(words.iter().copied(), "or"), short(text)))
}

fn local_manager(text: &str, words: &'static [&'static str], rules: &Rules) -> Option<String> {
    let known: Vec<_> = words.iter().copied().chain(rules.local_managers.iter().map(String::as_str)).collect();
    if known.contains(&text) {
        return None;
    }
    let meant = nearest(text, known.iter().copied()).map(|meant| format!("; did you mean {meant}?"));
    let meant = meant.unwrap_or_default();
    Some(format!("unknown local resource manager {}; known: {}{meant}", short(text), known.join(" ")))
}

fn week_day(text: &str) -> Option<String> {
    if WEEK.contains(&text) {
        return None;
    }
    let starts = |day: &&&str| {
        text.len() > 1
            && text.get(..3.min(text.len())).is_some_and(|start| day[..start.len()].eq_ignore_ascii_case(start))
    };
    let meant = WEEK.iter().find(starts).map_or_else(|| list(WEEK.iter().copied(), "or"), |day| (*day).to_owned());
    Some(format!("`{}` is not a day of the week; write the English day name in full: {meant}", short(text)))
}

/// The number of a day of the week, Monday being 1.
pub(super) fn week_day_number(text: &str) -> Option<i8> {
    WEEK.iter().zip(1..).find(|(day, _)| **day == lexical::trim(text)).map(|(_, number)| number)
}

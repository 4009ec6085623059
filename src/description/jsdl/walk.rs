//! Holds a JSDL document against the tables of its grammar. Elements are told apart by vocabulary and name; their order, which
//! producers never kept, is a warning only.
//!
//! What belongs to no vocabulary of JSDL is refused where it could carry a resource, a credential or a transfer, unless the
//! site has put its namespace on the list of those to ignore; elsewhere it is a warning. Nothing is dropped without a word.

use super::names::{self, Family};
use crate::description::findings::{At, Findings, short};
use crate::description::grammar::list;
use crate::description::{Rules, view};
use crate::job::Code;
use crate::xml::{XSI, lexical, nearest};
use roxmltree::Node;

/// An element.
pub(super) struct Element {
    pub(super) family: Family,
    pub(super) name: &'static str,
    pub(super) attributes: &'static [Attribute],
    pub(super) content: Content,
}

/// An attribute, in no namespace.
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What stands in an element.
pub(super) enum Content {
    /// Text of a simple type.
    Text(Kind),
    /// Elements, usually in this order, and what becomes of others.
    Children(&'static [Particle], Foreign),
    /// Anything; read by nobody.
    Opaque,
}

/// What becomes of elements and attributes of other namespaces.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// They may carry what must not be dropped.
    Refused,
    /// They are told of.
    Told,
    /// The schema has no place for them.
    Nowhere,
}

/// One position of a content.
pub(super) struct Particle {
    /// Any of these.
    pub(super) choice: &'static [&'static Element],
    /// At least one must be there.
    pub(super) required: bool,
    /// More than one may be there.
    pub(super) many: bool,
}

/// A simple type.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// A name without a colon.
    Name,
    Boolean,
    Double,
    Integer,
    /// An integer of at least 0.
    Size,
    /// An integer of at least 1, or nothing.
    Count,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words in any letter case.
    AnyCase(&'static [&'static str]),
}

/// Reports every departure of `node` from the grammar.
pub(super) fn check(node: Node<'_, '_>, grammar: &'static Element, rules: &Rules, findings: &mut Findings) {
    Walk { rules, findings }.element(node, grammar, Foreign::Told);
}

struct Walk<'w> {
    rules: &'w Rules,
    findings: &'w mut Findings,
}

impl Walk<'_> {
    fn error(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.findings.error(Code::DescInvalid, at, message);
    }

    fn element(&mut self, node: Node<'_, '_>, element: &'static Element, around: Foreign) {
        let foreign = if let Content::Children(_, own) = element.content { own } else { around };
        if matches!(element.content, Content::Opaque) {
            return;
        }
        self.attributes(node, element, foreign);
        match element.content {
            Content::Text(_) if names::is_nil(node) => {}
            Content::Text(kind) => self.text(node, element, kind),
            Content::Children(particles, _) => self.children(node, element, particles, foreign),
            Content::Opaque => {}
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>, element: &'static Element, foreign: Foreign) {
        for attribute in node.attributes() {
            let name = attribute.name();
            let at = At::Attribute(node, name);
            match attribute.namespace() {
                Some(XSI | roxmltree::NS_XML_URI) => {}
                Some(namespace) => self.stranger(at, &format!("attribute {}", short(name)), namespace, foreign),
                None => match element.attributes.iter().find(|known| known.name == name) {
                    Some(known) => {
                        if let Some(fault) = fault(known.kind, name, attribute.value()) {
                            self.error(at, fault);
                        }
                    }
                    None => {
                        let known = element.attributes.iter().map(|known| known.name);
                        let hint = match (nearest(name, known.clone()), element.attributes) {
                            (Some(meant), _) => format!("did you mean {meant}?"),
                            (None, []) => "it has no attributes".to_owned(),
                            (None, _) => format!("expected {}", list(known, "or")),
                        };
                        self.error(at, format!("unknown attribute {} of {}; {hint}", short(name), element.name));
                    }
                },
            }
        }
        for missing in element.attributes.iter().filter(|known| known.required && !node.has_attribute(known.name)) {
            let say = format!("attribute {0} is missing; {1} needs a {0}", missing.name, element.name);
            self.error(At::Element(node), say);
        }
    }

    fn text(&mut self, node: Node<'_, '_>, element: &'static Element, kind: Kind) {
        for child in view::elements(node) {
            let name = short(child.tag_name().name());
            self.error(
                At::Element(child),
                format!("{name} cannot stand inside {}, which holds text only", element.name),
            );
        }
        if let Some(fault) = fault(kind, element.name, &view::text(node)) {
            self.error(At::Text(node), fault);
        }
    }

    fn children(
        &mut self,
        node: Node<'_, '_>,
        element: &'static Element,
        particles: &'static [Particle],
        foreign: Foreign,
    ) {
        let mut seen = vec![0_u32; particles.len()];
        let (mut reached, mut told) = ((0, element.name.to_owned()), false);
        for child in node.children() {
            if child.is_text() && !view::is_blank(child.text().unwrap_or("")) {
                let text = short(lexical::trim(child.text().unwrap_or("")));
                let say = format!("the text `{text}` cannot stand in {}, which holds elements only", element.name);
                self.error(At::Text(node), say);
            }
            if !child.is_element() {
                continue;
            }
            let found = find(particles, child);
            let name = child.tag_name().name();
            // What is a stranger to JSDL stands last; what is merely misplaced has no place in the order.
            let index = match found {
                Some((index, _)) => index,
                None if is_foreign(child) => particles.len(),
                None => reached.0,
            };
            if index >= reached.0 {
                if found.is_some() || is_foreign(child) {
                    reached = (index, short(name));
                }
            } else if !std::mem::replace(&mut told, true) {
                let say = format!("{name} usually comes before {}; it is understood all the same", reached.1);
                self.findings.warning(Code::DescInvalid, At::Element(child), say);
            }
            match found {
                Some((index, known)) => {
                    seen[index] += 1;
                    if seen[index] > 1 && !particles[index].many {
                        self.error(At::Element(child), once_more(&particles[index], known.name, element.name));
                    }
                    self.element(child, known, foreign);
                }
                None => self.other(child, element, particles, &mut seen, foreign),
            }
        }
        for (particle, _) in particles.iter().zip(&seen).filter(|(particle, count)| particle.required && **count == 0) {
            let say = match particle.choice {
                [only] => format!("element {} is required in {}", only.name, element.name),
                several => format!("{} needs one of {}", element.name, list(all_names(several), "and")),
            };
            self.error(At::Element(node), say);
        }
    }

    /// An element that does not belong here.
    fn other(
        &mut self,
        child: Node<'_, '_>,
        parent: &'static Element,
        particles: &'static [Particle],
        seen: &mut [u32],
        foreign: Foreign,
    ) {
        let name = short(child.tag_name().name());
        let known = || particles.iter().flat_map(|particle| all_names(particle.choice));
        if self.findings.full() {
            self.error(At::Element(child), "");
            return;
        }
        let say = match child.tag_name().namespace().filter(|namespace| !namespace.is_empty()) {
            None => {
                let namespace = Family::Jsdl.namespaces()[0];
                format!("element {name} is in no namespace; JSDL's elements are in {namespace}, declare it as xmlns")
            }
            Some(namespace) if is_foreign(child) => {
                let what = format!("element {name}");
                return self.stranger(At::Element(child), &what, namespace, foreign);
            }
            Some(_) => {
                let namesake =
                    particles.iter().flat_map(|particle| particle.choice).find(|element| element.name == name);
                let hint = match (namesake, nearest(&name, known())) {
                    (Some(meant), _) => format!("the one meant is in namespace {}", meant.family.namespaces()[0]),
                    (None, Some(meant)) => format!("did you mean {meant}?"),
                    (None, None) => format!("expected {}", list(unique(known()), "or")),
                };
                format!("{name} cannot stand in {}; {hint}", parent.name)
            }
        };
        self.error(At::Element(child), say);
        // Whoever mistyped a required element is not told that it is missing as well.
        if let Some(meant) = nearest(&name, known()) {
            let index = particles.iter().position(|particle| all_names(particle.choice).any(|name| name == meant));
            index.into_iter().for_each(|index| seen[index] += 1);
        }
    }

    /// Something of a namespace that is none of JSDL's.
    fn stranger(&mut self, at: At<'_, '_>, what: &str, namespace: &str, foreign: Foreign) {
        let shown = short(namespace);
        let ignored = self.rules.ignorable.iter().any(|known| known == namespace);
        match foreign {
            Foreign::Nowhere => self.error(at, format!("{what} of namespace {shown} cannot stand here; remove it")),
            Foreign::Refused if !ignored => {
                let say = format!(
                    "{what} of namespace {shown} is not understood here and may carry what must not be dropped; remove it, \
                     or ask the administrator to add the namespace to [descriptions] ignore_namespaces"
                );
                self.findings.error(Code::DescUnsupported, at, say);
            }
            Foreign::Refused | Foreign::Told => {
                let say = format!("{what} of namespace {shown} has no effect here");
                self.findings.warning(Code::DescUnsupported, at, say);
            }
        }
    }
}

fn all_names(elements: &'static [&'static Element]) -> impl Iterator<Item = &'static str> + Clone {
    elements.iter().map(|element| element.name)
}

/// Whether an element is in a namespace that is none of JSDL's.
fn is_foreign(node: Node<'_, '_>) -> bool {
    let namespace = node.tag_name().namespace().filter(|namespace| !namespace.is_empty());
    namespace.is_some() && Family::of(namespace).is_none()
}

/// Names that follow each other are told once.
fn unique(names: impl Iterator<Item = &'static str>) -> impl Iterator<Item = &'static str> {
    let mut last = "";
    names.filter(move |name| std::mem::replace(&mut last, name) != *name)
}

fn find(particles: &'static [Particle], child: Node<'_, '_>) -> Option<(usize, &'static Element)> {
    let is_it = |element: &&&'static Element| names::is(child, element.family, element.name);
    particles
        .iter()
        .enumerate()
        .find_map(|(index, particle)| particle.choice.iter().find(is_it).map(|element| (index, *element)))
}

fn once_more(particle: &'static Particle, name: &str, parent: &str) -> String {
    match particle.choice {
        [_] => format!("{name} occurs twice; give it once in one {parent}"),
        several => format!("{name} is one too many; {parent} has one of {}", list(all_names(several), "and")),
    }
}

/// What is wrong with a text that should be of a type; nothing when it is of it.
fn fault(kind: Kind, name: &str, value: &str) -> Option<String> {
    let text = lexical::trim(value);
    let word = |words: &'static [&'static str]| list(words.iter().copied(), "or");
    let (good, expected) = match kind {
        Kind::Text => return None,
        Kind::Name => (is_name(text), "a name: letters, digits and _.-, beginning with a letter or _".to_owned()),
        Kind::Boolean => (names::boolean(text).is_some(), "true or false".to_owned()),
        Kind::Double => (lexical::double(text).is_some(), "a number such as 1.5".to_owned()),
        Kind::Integer => (lexical::integer(text).is_some(), "an integer".to_owned()),
        Kind::Size => (lexical::integer(text).is_some_and(|size| size >= 0), "an integer of at least 0".to_owned()),
        Kind::Count => {
            let good = text.is_empty() || lexical::integer(text).is_some_and(|count| count > 0);
            (good, "an integer of at least 1".to_owned())
        }
        Kind::Word(words) => (words.contains(&text), word(words)),
        Kind::AnyCase(words) if words.iter().any(|word| word.eq_ignore_ascii_case(text)) => return None,
        Kind::AnyCase(words) => {
            let meant = nearest(text, words.iter().copied()).map(|meant| format!("did you mean {meant}?"));
            let meant = meant.unwrap_or_else(|| format!("known: {}", words.join(" ")));
            return Some(format!("{name} `{}` is not known; {meant}", short(text)));
        }
    };
    (!good).then(|| format!("{name} `{}` is not {expected}", short(text)))
}

fn is_name(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_alphabetic() || first == '_');
    starts && text.chars().all(|one| one.is_alphanumeric() || "_.-".contains(one))
}

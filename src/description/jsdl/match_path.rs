//! The expressions that name what a sweep changes: the part of XPath 1.0 that such documents use.
//!
//! Steps by `/` and `//`, names with prefixes, `*`, `@name`, `text()`, the predicates `[2]`, `[last()]`, `[position()=2]`,
//! `[@name='x']`, `[child='x']` and `[local-name()='x']`, and around all of it `substring(path, start, length)`.

use crate::description::view;
use roxmltree::Node;
use std::collections::HashSet;

/// How many nodes one document's expressions may look at.
pub(super) const PATIENCE: usize = 5_000_000;
/// No path of a job description has more steps.
const MOST_STEPS: usize = 64;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expression {
    steps: Vec<Step>,
    /// The part of the text that is meant: its first character, from 1, and how many; all that follow when that is absent.
    pub(super) part: Option<(usize, Option<usize>)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// Whether `//` stands before it.
    deep: bool,
    test: Test,
    predicates: Vec<Predicate>,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Element(Name),
    Attribute(Name),
    Text,
}

/// A name; what is absent is not compared.
#[derive(Debug, Clone, PartialEq)]
struct Name {
    namespace: Option<Option<String>>,
    local: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Predicate {
    Position(usize),
    Last,
    LocalName(String),
    Equals(Test, String),
}

/// What an expression names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a, 'i> {
    /// The text of an element.
    Element(Node<'a, 'i>),
    /// An attribute.
    Attribute,
}

/// Reads an expression; `bound` gives the namespace of a prefix. The error tells what is not understood.
pub(super) fn parse(text: &str, bound: &dyn Fn(&str) -> Option<String>) -> Result<Expression, String> {
    let mut reader = Reader { rest: text.trim(), bound };
    let expression = reader.expression()?;
    if reader.rest.is_empty() { Ok(expression) } else { Err(reader.unread()) }
}

struct Reader<'t> {
    rest: &'t str,
    bound: &'t dyn Fn(&str) -> Option<String>,
}

impl<'t> Reader<'t> {
    fn unread(&self) -> String {
        let rest: String = self.rest.chars().take(30).collect();
        format!("`{rest}` is not understood there")
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("{token} is expected; {}", self.unread())) }
    }

    fn expression(&mut self) -> Result<Expression, String> {
        if !self.take("substring(") && !self.take("substring (") {
            return Ok(Expression { steps: self.path()?, part: None });
        }
        let steps = self.path()?;
        self.need(",")?;
        let start = self.number()?;
        let length = if self.take(",") { Some(self.number()?) } else { None };
        self.need(")")?;
        self.rest = self.rest.trim_start();
        if start == 0 {
            return Err("the first character of a text is number 1".to_owned());
        }
        Ok(Expression { steps, part: Some((start, length)) })
    }

    fn number(&mut self) -> Result<usize, String> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().map_err(|_| format!("a whole number is expected; {}", self.unread()))?;
        self.rest = &self.rest[end..];
        Ok(number)
    }

    fn path(&mut self) -> Result<Vec<Step>, String> {
        let mut steps = Vec::new();
        let mut deep = self.take("//");
        if !deep {
            self.take("/");
        }
        loop {
            steps.push(self.step(deep)?);
            if steps.len() > MOST_STEPS {
                return Err(format!("the path has more than {MOST_STEPS} steps"));
            }
            deep = self.take("//");
            if !deep && !self.take("/") {
                return Ok(steps);
            }
        }
    }

    fn step(&mut self, deep: bool) -> Result<Step, String> {
        let test = self.test()?;
        let mut predicates = Vec::new();
        while self.take("[") {
            predicates.push(self.predicate()?);
            self.need("]")?;
        }
        Ok(Step { deep, test, predicates })
    }

    fn test(&mut self) -> Result<Test, String> {
        if self.take("text()") {
            return Ok(Test::Text);
        }
        if self.take("@") {
            return Ok(Test::Attribute(self.name()?));
        }
        Ok(Test::Element(self.name()?))
    }

    fn name(&mut self) -> Result<Name, String> {
        if self.take("*") {
            return Ok(Name { namespace: None, local: None });
        }
        let first = self.word()?;
        if !self.rest.starts_with(':') || self.rest.starts_with("::") {
            return Ok(Name { namespace: Some(None), local: Some(first.to_owned()) });
        }
        self.rest = &self.rest[1..];
        let namespace =
            (self.bound)(first).ok_or_else(|| format!("the prefix {first} is bound by no NamespaceBinding"))?;
        let local = if self.take("*") { None } else { Some(self.word()?.to_owned()) };
        Ok(Name { namespace: Some(Some(namespace)), local })
    }

    fn word(&mut self) -> Result<&'t str, String> {
        self.rest = self.rest.trim_start();
        let good = |c: char| c.is_alphanumeric() || "_.-".contains(c);
        let end = self.rest.find(|c: char| !good(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if !word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(format!("a name is expected; {}", self.unread()));
        }
        self.rest = rest;
        Ok(word)
    }

    fn predicate(&mut self) -> Result<Predicate, String> {
        if self.rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Predicate::Position(self.number()?));
        }
        if self.take("position()") {
            self.need("=")?;
            return Ok(Predicate::Position(self.number()?));
        }
        if self.take("last()") {
            return Ok(Predicate::Last);
        }
        if self.take("local-name()") {
            self.need("=")?;
            return Ok(Predicate::LocalName(self.literal()?));
        }
        let test = self.test()?;
        self.need("=")?;
        Ok(Predicate::Equals(test, self.literal()?))
    }

    fn literal(&mut self) -> Result<String, String> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|c| "'\"".contains(*c));
        let inner = quote.and_then(|quote| self.rest[1..].split_once(quote));
        let Some((text, rest)) = inner else { return Err(format!("a text in quotes is expected; {}", self.unread())) };
        self.rest = rest;
        Ok(text.to_owned())
    }
}

impl Expression {
    /// What it names in a document, in the order of the document. Nothing when that takes more than `patience`, which is used up.
    pub(super) fn find<'a, 'i>(&self, document: Node<'a, 'i>, patience: &mut usize) -> Option<Vec<Found<'a, 'i>>> {
        let mut context = vec![document];
        for (index, step) in self.steps.iter().enumerate() {
            let parents = if step.deep { below(&context, patience)? } else { context };
            match &step.test {
                Test::Element(name) => context = children(&parents, name, &step.predicates, patience)?,
                Test::Attribute(name) => {
                    let holders = parents.into_iter().filter(|node| attribute(*node, name).is_some());
                    let last = index + 1 == self.steps.len();
                    return Some(if last { holders.map(|_| Found::Attribute).collect() } else { Vec::new() });
                }
                Test::Text => {
                    let last = index + 1 == self.steps.len();
                    let holders = parents.into_iter().filter(|node| node.children().any(|child| child.is_text()));
                    return Some(if last { holders.map(Found::Element).collect() } else { Vec::new() });
                }
            }
        }
        Some(context.into_iter().map(Found::Element).collect())
    }
}

/// The nodes themselves and everything below them, each once.
fn below<'a, 'i>(context: &[Node<'a, 'i>], patience: &mut usize) -> Option<Vec<Node<'a, 'i>>> {
    let (mut seen, mut all) = (HashSet::new(), Vec::new());
    for node in context {
        if seen.contains(&node.id()) {
            continue;
        }
        for node in node.descendants().filter(|node| !node.is_text()) {
            *patience = patience.checked_sub(1)?;
            if seen.insert(node.id()) {
                all.push(node);
            }
        }
    }
    Some(all)
}

fn children<'a, 'i>(
    parents: &[Node<'a, 'i>],
    name: &Name,
    predicates: &[Predicate],
    patience: &mut usize,
) -> Option<Vec<Node<'a, 'i>>> {
    let mut all = Vec::new();
    for parent in parents {
        let mut found: Vec<Node<'a, 'i>> = Vec::new();
        for child in view::elements(*parent) {
            *patience = patience.checked_sub(1)?;
            let tag = child.tag_name();
            if name.is(tag.namespace(), tag.name()) {
                found.push(child);
            }
        }
        for predicate in predicates {
            let last = found.len();
            let mut position = 0;
            found.retain(|node| {
                position += 1;
                predicate.holds(*node, position, last)
            });
        }
        all.extend(found);
    }
    Some(all)
}

impl Name {
    fn is(&self, namespace: Option<&str>, local: &str) -> bool {
        self.namespace.as_ref().is_none_or(|wanted| wanted.as_deref() == namespace)
            && self.local.as_deref().is_none_or(|wanted| wanted == local)
    }
}

fn attribute<'a>(node: Node<'a, '_>, name: &Name) -> Option<&'a str> {
    node.attributes().find(|one| name.is(one.namespace(), one.name())).map(|one| one.value())
}

impl Predicate {
    fn holds(&self, node: Node<'_, '_>, position: usize, last: usize) -> bool {
        match self {
            Self::Position(wanted) => *wanted == position,
            Self::Last => position == last,
            Self::LocalName(wanted) => node.tag_name().name() == wanted,
            Self::Equals(Test::Attribute(name), wanted) => attribute(node, name) == Some(wanted),
            Self::Equals(Test::Text, wanted) => view::text(node) == *wanted,
            Self::Equals(Test::Element(name), wanted) => view::elements(node).any(|child| {
                name.is(child.tag_name().namespace(), child.tag_name().name()) && view::text(child) == *wanted
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roxmltree::Document;

    const TEXT: &str = "<j xmlns='urn:j' xmlns:p='urn:p'><d><p:a>one</p:a><p:a>two</p:a><p:e name='A'>x</p:e><p:e name='B'>y</p:e></d>\
                        <d><p:a>three</p:a></d></j>";

    fn found(expression: &str) -> Result<String, String> {
        let document = Document::parse(TEXT).map_err(|error| error.to_string())?;
        let bound = |prefix: &str| ["j", "p"].contains(&prefix).then(|| format!("urn:{prefix}"));
        let mut patience = PATIENCE;
        let found = parse(expression, &bound)?.find(document.root(), &mut patience).ok_or("no patience")?;
        let text = |found: Found<'_, '_>| match found {
            Found::Element(node) => view::text(node).into_owned(),
            Found::Attribute => "@".to_owned(),
        };
        Ok(found.into_iter().map(text).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn expressions_name_what_they_name_in_xpath() {
        for (expression, expected) in [
            ("/j:j/j:d/p:a", "one two three"),
            ("/j:j/j:d[1]/p:a[2]", "two"),
            ("//p:a[1]", "one three"),
            ("//p:a[last()]/text()", "two three"),
            ("//p:e[@name='B']", "y"),
            ("//p:e[@name=\"B\"][1]", "y"),
            ("//p:e/@name", "@ @"),
            ("//*[local-name()='e'][position()=2]", "y"),
            ("//j:d[p:a='three']/p:a", "three"),
            (" / j:j // p:*[3] ", "x"),
            ("/j:j/p:a", ""),
            ("//a", ""),
            ("//j:d//j:d", ""),
            ("//*//p:a", "one two three"),
            ("substring(//p:e[1], 1, 1)", "x"),
        ] {
            assert_eq!(found(expression), Ok(expected.to_owned()), "{expression}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (expression, part) in [
            ("", "a name is expected"),
            ("/q:a", "the prefix q"),
            ("/j:j[", "a name is expected"),
            ("/j:j]", "`]` is not understood"),
            ("count(/j:j)", "`(/j:j)` is not understood"),
            ("child::j", "`::j` is not understood"),
            ("substring(/j:j, 0, 1)", "number 1"),
            ("substring(/j:j, x)", "whole number"),
            ("/j:j[@a=b]", "in quotes"),
        ] {
            let said = found(expression).expect_err(expression);
            assert!(said.contains(part), "{expression}: {said}");
        }
    }

    #[test]
    fn patience_is_finite() {
        let document = Document::parse(TEXT).expect("XML");
        let all = parse("//*//*//*", &|_| None).expect("an expression");
        assert!(all.find(document.root(), &mut 10).is_none());
    }
}

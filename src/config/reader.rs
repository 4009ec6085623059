//! Walks a TOML document with places kept, so that everything wrong in a file is told at once, with line and column.
//!
//! A section knows which of its keys were asked for; whatever is left over at the end is a fault with a suggestion. The
//! code that reads the keys is thereby the list of keys.

use super::values::{parse_bytes, parse_duration};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in the file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where, when it is anywhere.
    pub place: Option<Place>,
    /// What, what was expected, what to do.
    pub message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Place { line, column }) = self.place {
            write!(f, "{line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

struct Unknown {
    section: String,
    key: String,
    at: usize,
}

/// A document being read, and what was found wrong so far.
pub(super) struct Document<'t> {
    text: &'t str,
    faults: RefCell<Vec<Fault>>,
    unknown: RefCell<Vec<Unknown>>,
    known: RefCell<BTreeSet<(String, &'static str)>>,
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: RefCell::default(), unknown: RefCell::default(), known: RefCell::default() }
    }

    /// The tree; after errors of syntax there is none, because half a tree only breeds false faults.
    pub(super) fn parse(&self) -> Option<DeTable<'t>> {
        let (tree, errors) = DeTable::parse_recoverable(self.text);
        if errors.is_empty() {
            return Some(tree.into_inner());
        }
        for error in errors {
            self.fault(error.span().map(|span| span.start), error.message().to_owned());
        }
        None
    }

    pub(super) fn fault(&self, at: Option<usize>, message: String) {
        let place = at.map(|at| self.place(at));
        self.faults.borrow_mut().push(Fault { place, message });
    }

    pub(super) fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// Every fault in the order of the file.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let known = self.known.borrow();
        for Unknown { section, key, at } in &*self.unknown.borrow() {
            let mine = known.iter().filter(|(name, _)| name == section).map(|(_, key)| *key);
            let elsewhere = known.iter().find(|(_, other)| other == key);
            let title = title(section);
            let message = match (nearest(key, mine), elsewhere) {
                (Some(near), _) => format!("unknown key `{key}` in {title}: did you mean `{near}`?"),
                (None, Some((other, _))) => {
                    format!("unknown key `{key}` in {title}: it belongs to {}", self::title(other))
                }
                (None, None) => {
                    let all: Vec<_> = known.iter().filter(|(name, _)| name == section).map(|(_, key)| *key).collect();
                    format!("unknown key `{key}` in {title}: known are {}", all.join(", "))
                }
            };
            self.fault(Some(*at), message);
        }
        drop(known);
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults
    }

    /// Every key that was asked for, with its section.
    pub(super) fn known(&self) -> BTreeSet<(String, &'static str)> {
        self.known.borrow().clone()
    }
}

/// The word that is so near to `given` that it was probably meant.
pub(super) fn nearest<'a>(given: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (given.chars().count() / 3).clamp(1, 3);
    words
        .map(|word| (strsim::damerau_levenshtein(given, word), word))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, word)| word)
}

fn title(section: &str) -> String {
    match section {
        "" => "the file".to_owned(),
        "cluster" | "cluster.application" => format!("[[{section}]]"),
        other => format!("[{other}]"),
    }
}

type Entries<'d, 't> = BTreeMap<&'d str, (Range<usize>, &'d Spanned<DeValue<'t>>)>;

/// One table of the document.
pub(super) struct Section<'d, 't> {
    document: &'d Document<'t>,
    name: String,
    at: Option<usize>,
    entries: Entries<'d, 't>,
}

impl<'d, 't> Section<'d, 't> {
    /// The whole document.
    pub(super) fn root(document: &'d Document<'t>, tree: &'d DeTable<'t>) -> Self {
        Self::new(document, String::new(), None, tree)
    }

    fn new(document: &'d Document<'t>, name: String, at: Option<usize>, table: &'d DeTable<'t>) -> Self {
        let entries = table.iter().map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value))).collect();
        Self { document, name, at, entries }
    }

    /// Where it begins; nowhere when it is not in the file.
    pub(super) fn at(&self) -> Option<usize> {
        self.at
    }

    /// A fault of the section as a whole.
    pub(super) fn fault(&self, message: &str) {
        self.document.fault(self.at, message.to_owned());
    }

    fn take(&mut self, key: &'static str) -> Option<(Range<usize>, &'d Spanned<DeValue<'t>>)> {
        self.document.known.borrow_mut().insert((self.name.clone(), key));
        self.entries.remove(key)
    }

    fn wrong(&self, value: &Spanned<DeValue<'t>>, key: &str, expected: &str) {
        let message = format!("`{key}` in {} must be {expected}", title(&self.name));
        self.document.fault(Some(value.span().start), message);
    }

    /// A table inside this one; an empty one when it is absent.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        if let Some((span, value)) = self.take(key) {
            match value.get_ref().as_table() {
                Some(table) => return Self::new(self.document, name, Some(span.start), table),
                None => self.wrong(value, key, "a table"),
            }
        }
        Self { document: self.document, name, at: None, entries: BTreeMap::new() }
    }

    /// The tables of an array of tables.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Self> {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        let Some((_, value)) = self.take(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, key, &format!("written as {}", title(&name)));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => {
                    sections.push(Self::new(self.document, name.clone(), Some(item.span().start), table));
                }
                None => self.wrong(item, key, "a list of tables"),
            }
        }
        sections
    }

    /// A value read from text by `parse`, whose error says what was expected.
    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let (_, value) = self.take(key)?;
        self.parse_one(key, value, &parse)
    }

    /// A list of such values.
    pub(super) fn list<T, E: std::fmt::Display>(
        &mut self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let Some((_, value)) = self.take(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, key, "a list of texts: [\"…\", \"…\"]");
            return Vec::new();
        };
        array.iter().filter_map(|item| self.parse_one(key, item, &parse)).collect()
    }

    fn parse_one<T, E: std::fmt::Display>(
        &self,
        key: &str,
        value: &Spanned<DeValue<'t>>,
        parse: &impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(value, key, "a text in quotation marks");
            return None;
        };
        match parse(text) {
            Ok(parsed) => Some(parsed),
            Err(why) => {
                self.document.fault(Some(value.span().start), format!("`{key}` in {}: {why}", title(&self.name)));
                None
            }
        }
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let given = |text: &str| if text.trim().is_empty() { Err("it is empty") } else { Ok(text.to_owned()) };
        self.parsed(key, given)
    }

    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(PathBuf::from)
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        self.parsed(key, parse_duration)
    }

    pub(super) fn bytes(&mut self, key: &'static str) -> Option<u64> {
        self.parsed(key, parse_bytes)
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let (_, value) = self.take(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(value, key, "true or false");
        }
        found
    }

    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let (_, value) = self.take(key)?;
        let integer = value.get_ref().as_integer();
        let found = integer.and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok());
        let found = found.filter(|number| range.contains(number));
        if found.is_none() {
            self.wrong(value, key, &format!("a whole number from {} to {}", range.start(), range.end()));
        }
        found
    }

    /// A text or a number, as text.
    pub(super) fn plain(&mut self, key: &'static str) -> Option<String> {
        let (_, value) = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            _ => {
                self.wrong(value, key, "a text or a number");
                None
            }
        }
    }

    /// Says that a value which must be there is not.
    pub(super) fn missing(&self, key: &str, expected: &str) {
        let near = nearest(key, self.entries.keys().copied());
        let hint = near.map_or(String::new(), |near| format!("; is `{near}` meant to be it?"));
        self.document.fault(self.at, format!("`{key}` is missing in {}: {expected}{hint}", title(&self.name)));
    }

    /// Names of keys nobody asked for, with their places.
    pub(super) fn rest(self) -> BTreeMap<String, Place> {
        let document = self.document;
        self.entries.into_iter().map(|(key, (span, _))| (key.to_owned(), document.place(span.start))).collect()
    }

    /// Ends the section: every key nobody asked for is a fault.
    pub(super) fn finish(self) {
        let mut unknown = self.document.unknown.borrow_mut();
        for (key, (span, _)) in self.entries {
            unknown.push(Unknown { section: self.name.clone(), key: key.to_owned(), at: span.start });
        }
    }
}

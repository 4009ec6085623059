//! Named values in order: what a request carries and an answer says, whatever the wire format.
//!
//! Codecs turn messages into [`Parts`] and back; operations read them through [`Fields`], which refuses unknown, repeated and
//! missing parts and values of the wrong type, each with a sentence that names the part.

use super::OperationError;
use crate::job::Code;
use crate::xml::{lexical, nearest};
use jiff::Timestamp;
use std::borrow::Cow;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or anything that came as text.
    Text(Cow<'static, str>),
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// Yes or no.
    Bool(bool),
    /// A moment.
    Time(Timestamp),
    /// Any number of values under one name.
    List(Vec<Value>),
    /// Members with names.
    Struct(Parts),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Time(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<Parts> for Value {
    fn from(parts: Parts) -> Self {
        Self::Struct(parts)
    }
}

/// What only the classic contract says of a registration for notification; `registerNotification` keeps it. The modern contract has no words
/// for it, so it goes beside the values, where no name in a message can put it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Legacy {
    /// The version of the contract it came by: `1.9.0` or `1.9.6`.
    pub version: &'static str,
    /// Which program registers (1.9.0).
    pub client: Option<String>,
    /// How a listener is to forward it to users (1.9.0): `PROFILE`, `SMS` or `MAIL`.
    pub forward: Option<String>,
}

/// Named values in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts(Vec<(Cow<'static, str>, Value)>, Option<Box<Legacy>>);

impl Parts {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value that came from outside.
    pub fn push(&mut self, name: String, value: Value) {
        self.0.push((Cow::Owned(name), value));
    }

    /// Adds a value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// Adds a value if there is one.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a list; an empty one is still there, for formats that show it.
    #[must_use]
    pub fn with_list<T: Into<Value>>(self, name: &'static str, values: impl IntoIterator<Item = T>) -> Self {
        self.with(name, Value::List(values.into_iter().map(Into::into).collect()))
    }

    /// Puts beside the values what the classic contract says of a registration.
    #[must_use]
    pub fn with_legacy(self, legacy: Legacy) -> Self {
        Self(self.0, Some(Box::new(legacy)))
    }

    /// Takes that away again.
    pub fn take_legacy(&mut self) -> Option<Legacy> {
        self.1.take().map(|legacy| *legacy)
    }

    /// The values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The first value with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The type of a member, as the contract declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `xsd:string`.
    Text,
    /// `xsd:int`.
    Int,
    /// `xsd:boolean`.
    Bool,
    /// `xsd:dateTime`.
    Time,
    /// Another type of the contract, with its name.
    Named(&'static str),
}

/// How often a member occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Exactly once.
    Once,
    /// At most once.
    Maybe,
    /// Any number of times.
    Many,
}

/// A member of a request or an answer, as the contract declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// How often.
    pub occurs: Occurs,
}

impl Member {
    /// A member that must be there.
    #[must_use]
    pub const fn once(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, occurs: Occurs::Once }
    }

    /// A member that may be there.
    #[must_use]
    pub const fn maybe(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, occurs: Occurs::Maybe }
    }

    /// A member that may be repeated.
    #[must_use]
    pub const fn many(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, occurs: Occurs::Many }
    }
}

fn bad(message: String) -> OperationError {
    OperationError::new(Code::BadArgument, message)
}

fn malformed(message: String) -> OperationError {
    OperationError::new(Code::MalformedRequest, message)
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

/// The parts of a request, taken one by one.
#[derive(Debug)]
pub struct Fields(Parts);

impl Fields {
    /// Holds the parts against the members that an operation knows.
    ///
    /// # Errors
    /// An unknown part, a repeated part that may occur once, a missing one.
    pub fn new(parts: Parts, members: &[Member]) -> Result<Self, OperationError> {
        for (at, (name, value)) in parts.0.iter().enumerate() {
            let Some(member) = members.iter().find(|member| member.name == name) else {
                let known: Vec<_> = members.iter().map(|member| member.name).collect();
                let meant = nearest(name, known.iter().copied());
                let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
                return Err(malformed(format!(
                    "there is no part {}{meant}; known parts: {}",
                    quoted(name),
                    known.join(", ")
                )));
            };
            let repeated = matches!(value, Value::List(list) if list.len() > 1)
                || parts.0[..at].iter().any(|(known, _)| known == name);
            if repeated && member.occurs != Occurs::Many {
                return Err(malformed(format!("{}: given more than once; expected one value", member.name)));
            }
        }
        for member in members.iter().filter(|member| member.occurs == Occurs::Once) {
            if parts.get(member.name).is_none() {
                return Err(malformed(format!(
                    "the part {} is missing; every request of this operation has it",
                    member.name
                )));
            }
        }
        Ok(Self(parts))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.0.iter().position(|(known, _)| known == name)?;
        match self.0.0.remove(at).1 {
            Value::List(list) => list.into_iter().next(),
            value => Some(value),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is missing or not text.
    pub fn text(&mut self, name: &str) -> Result<String, OperationError> {
        self.maybe_text(name)?.ok_or_else(|| malformed(format!("the part {name} is missing or has no value")))
    }

    /// A text that may be there.
    ///
    /// # Errors
    /// It is not text.
    pub fn maybe_text(&mut self, name: &str) -> Result<Option<String>, OperationError> {
        self.take(name).map(|value| as_text(name, value).map(Cow::into_owned)).transpose()
    }

    /// A whole number that may be there.
    ///
    /// # Errors
    /// It is not one, or does not fit 32 bits.
    pub fn maybe_int(&mut self, name: &str) -> Result<Option<i32>, OperationError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Value::Int(number) = value {
            return i32::try_from(number)
                .map(Some)
                .map_err(|_| bad(format!("{name}: {number} does not fit an int of 32 bits")));
        }
        let text = as_text(name, value)?;
        let refused = || bad(format!("{name}: expected an integer, got {}", quoted(text.trim())));
        lexical::int(&text).map(Some).ok_or_else(refused)
    }

    /// A boolean that may be there: `true`, `false`, `1`, `0`.
    ///
    /// # Errors
    /// It is not one.
    pub fn maybe_bool(&mut self, name: &str) -> Result<Option<bool>, OperationError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Value::Bool(value) = value {
            return Ok(Some(value));
        }
        let text = as_text(name, value)?;
        let refused = || bad(format!("{name}: expected true or false, got {}", quoted(text.trim())));
        lexical::boolean(&text).map(Some).ok_or_else(refused)
    }

    /// A moment that may be there: `2026-01-01T10:04:05.123Z`, any zone; no zone means UTC.
    ///
    /// # Errors
    /// It is not one.
    pub fn maybe_time(&mut self, name: &str) -> Result<Option<Timestamp>, OperationError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Value::Time(time) = value {
            return Ok(Some(time));
        }
        let text = as_text(name, value)?;
        lexical::date_time(&text).and_then(|moment| moment.timestamp()).map(Some).ok_or_else(|| {
            bad(format!("{name}: expected a dateTime such as 2026-01-01T10:04:05Z, got {}", quoted(text.trim())))
        })
    }

    /// The texts of a part that may be repeated.
    ///
    /// # Errors
    /// One of them is not text.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, OperationError> {
        self.values(name).into_iter().map(|value| as_text(name, value).map(Cow::into_owned)).collect()
    }

    /// The values of a part that may be repeated.
    pub fn values(&mut self, name: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut rest = Vec::with_capacity(self.0.0.len());
        for (known, value) in self.0.0.drain(..) {
            match value {
                _ if known != name => rest.push((known, value)),
                Value::List(list) => found.extend(list),
                value => found.push(value),
            }
        }
        self.0.0 = rest;
        found
    }
}

fn as_text(name: &str, value: Value) -> Result<Cow<'static, str>, OperationError> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Int(number) => Ok(number.to_string().into()),
        Value::Real(number) => Ok(number.to_string().into()),
        Value::Bool(value) => Ok(value.to_string().into()),
        Value::Time(time) => Ok(time.to_string().into()),
        Value::List(_) | Value::Struct(_) => {
            Err(bad(format!("{name}: expected text, found elements in it; escape markup as &lt; or use CDATA")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBERS: &[Member] = &[
        Member::once("id", Kind::Text),
        Member::maybe("limit", Kind::Int),
        Member::maybe("hold", Kind::Bool),
        Member::maybe("since", Kind::Time),
        Member::many("status", Kind::Text),
    ];

    fn fields(parts: &[(&str, &str)]) -> Result<Fields, OperationError> {
        let mut all = Parts::new();
        for (name, text) in parts {
            all.push((*name).to_owned(), Value::from((*text).to_owned()));
        }
        Fields::new(all, MEMBERS)
    }

    #[test]
    fn parts_are_taken_by_name_in_any_order() {
        let mut fields = fields(&[
            ("status", "A"),
            ("since", " 2026-01-01T10:00:00+02:00 "),
            ("limit", " +7 "),
            ("status", "B"),
            ("hold", "1"),
            ("id", "x"),
        ])
        .unwrap();
        assert_eq!(fields.texts("status").unwrap(), ["A", "B"]);
        assert_eq!(fields.maybe_int("limit").unwrap(), Some(7));
        assert_eq!(fields.maybe_bool("hold").unwrap(), Some(true));
        assert_eq!(fields.maybe_time("since").unwrap().unwrap().to_string(), "2026-01-01T08:00:00Z");
        assert_eq!(fields.text("id").unwrap(), "x");
    }

    #[test]
    fn every_wrong_part_is_named_with_what_was_expected() {
        let refused = |parts: &[(&str, &str)]| fields(parts).unwrap_err().message;
        assert_eq!(
            refused(&[("id", ""), ("limti", "")]),
            "there is no part `limti`, did you mean limit?; known parts: id, limit, hold, since, status"
        );
        assert_eq!(refused(&[("id", ""), ("id", "")]), "id: given more than once; expected one value");
        assert_eq!(refused(&[]), "the part id is missing; every request of this operation has it");
        let mut fields = fields(&[("id", ""), ("limit", "abc"), ("hold", "yes"), ("since", "yesterday")]).unwrap();
        assert_eq!(fields.maybe_int("limit").unwrap_err().message, "limit: expected an integer, got `abc`");
        assert_eq!(fields.maybe_bool("hold").unwrap_err().message, "hold: expected true or false, got `yes`");
        assert!(fields.maybe_time("since").unwrap_err().message.contains("2026-01-01T10:04:05Z, got `yesterday`"));
    }
}

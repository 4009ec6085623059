//! The parts of a request, taken one by one: unknown, repeated and missing parts and values of the wrong type are refused, each with a
//! sentence that names the part. A part inside a structure is named with its place: `job 2: requestId: …`, counted from 1.

use super::{OperationError, Parts, Value};
use crate::job::Code;
use crate::xml::{lexical, nearest};
use jiff::Timestamp;
use std::borrow::Cow;

/// The type of a member, as the contract declares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `xsd:string`.
    Text,
    /// `xsd:int`.
    Int,
    /// `xsd:long`.
    Long,
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
    /// At least once.
    Several,
}

impl Occurs {
    const fn is_repeatable(self) -> bool {
        matches!(self, Self::Many | Self::Several)
    }

    const fn is_required(self) -> bool {
        matches!(self, Self::Once | Self::Several)
    }
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

    /// A member that must be there and may be repeated.
    #[must_use]
    pub const fn several(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, occurs: Occurs::Several }
    }
}

/// A type with members that requests carry, as the contract declares it.
#[derive(Debug, Clone, Copy)]
pub struct Structure {
    /// Its name in the contract.
    pub name: &'static str,
    /// Its members, in order.
    pub members: &'static [Member],
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

/// The parts of a request, or of a structure in it, taken one by one.
#[derive(Debug)]
pub struct Fields {
    parts: Parts,
    /// Where they are, for people: empty for the request itself, else `job 2: `.
    place: String,
}

impl Fields {
    /// Holds the parts against the members that an operation knows.
    ///
    /// # Errors
    /// An unknown part, a repeated part that may occur once, a missing one.
    pub fn new(parts: Parts, members: &[Member]) -> Result<Self, OperationError> {
        Self { parts, place: String::new() }.checked(members)
    }

    fn checked(self, members: &[Member]) -> Result<Self, OperationError> {
        for (at, (name, value)) in self.parts.0.iter().enumerate() {
            let Some(member) = members.iter().find(|member| member.name == name) else {
                let known: Vec<_> = members.iter().map(|member| member.name).collect();
                let meant = nearest(name, known.iter().copied());
                let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
                return Err(self.malformed(&format!(
                    "there is no part {}{meant}; known parts: {}",
                    quoted(name),
                    known.join(", ")
                )));
            };
            let repeated = !member.occurs.is_repeatable()
                && (matches!(value, Value::List(list) if list.len() > 1)
                    || self.parts.0[..at].iter().any(|(known, _)| known == name));
            if repeated {
                return Err(self.malformed(&format!("{}: given more than once; expected one value", member.name)));
            }
        }
        for member in members.iter().filter(|member| member.occurs.is_required()) {
            let missing = match self.parts.get(member.name) {
                None => true,
                Some(Value::List(list)) => list.is_empty(),
                Some(_) => false,
            };
            if missing {
                let always =
                    if self.place.is_empty() { "every request of this operation has it" } else { "it is required" };
                return Err(self.malformed(&format!("the part {} is missing; {always}", member.name)));
            }
        }
        Ok(self)
    }

    /// An error of code 103 about a part of these, named with its place.
    pub(super) fn bad(&self, message: &str) -> OperationError {
        OperationError::new(Code::BadArgument, format!("{}{message}", self.place))
    }

    fn malformed(&self, message: &str) -> OperationError {
        OperationError::new(Code::MalformedRequest, format!("{}{message}", self.place))
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.parts.0.iter().position(|(known, _)| known == name)?;
        match self.parts.0.remove(at).1 {
            Value::List(list) => list.into_iter().next(),
            value => Some(value),
        }
    }

    /// The structures of a part that may be repeated, in order, each held against the members of its type. One that has no elements at
    /// all has no members.
    ///
    /// # Errors
    /// One of them is text, or has an unknown, repeated or missing part.
    pub fn structs(&mut self, name: &str, members: &[Member]) -> Result<Vec<Self>, OperationError> {
        let values = self.values(name);
        let one = |(index, value)| {
            let place = format!("{}{name} {}: ", self.place, index + 1);
            let (parts, text) = match value {
                Value::Struct(parts) => (parts, None),
                Value::Text(text) if text.trim().is_empty() => (Parts::new(), None),
                other => (Parts::new(), Some(other)),
            };
            let fields = Self { parts, place };
            match text {
                None => fields.checked(members),
                Some(_) => {
                    let known: Vec<_> = members.iter().map(|member| member.name).collect();
                    Err(fields.malformed(&format!("expected the elements {}, found text", known.join(", "))))
                }
            }
        };
        values.into_iter().enumerate().map(one).collect()
    }

    /// The structure of a part that may be there.
    ///
    /// # Errors
    /// As [`Self::structs`].
    pub fn maybe_struct(&mut self, name: &str, members: &[Member]) -> Result<Option<Self>, OperationError> {
        let found = self.structs(name, members)?.into_iter().next();
        Ok(found.map(|fields| Self { place: format!("{}{name}: ", self.place), ..fields }))
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is missing or not text.
    pub fn text(&mut self, name: &str) -> Result<String, OperationError> {
        self.maybe_text(name)?.ok_or_else(|| self.malformed(&format!("the part {name} is missing or has no value")))
    }

    /// A text that may be there.
    ///
    /// # Errors
    /// It is not text.
    pub fn maybe_text(&mut self, name: &str) -> Result<Option<String>, OperationError> {
        self.take(name).map(|value| self.as_text(name, value).map(Cow::into_owned)).transpose()
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
                .map_err(|_| self.bad(&format!("{name}: {number} does not fit an int of 32 bits")));
        }
        let text = self.as_text(name, value)?;
        let refused = || self.bad(&format!("{name}: expected an integer, got {}", quoted(text.trim())));
        lexical::int(&text).map(Some).ok_or_else(refused)
    }

    /// A whole number of 64 bits that may be there.
    ///
    /// # Errors
    /// It is not one.
    pub fn maybe_long(&mut self, name: &str) -> Result<Option<i64>, OperationError> {
        let Some(value) = self.take(name) else { return Ok(None) };
        if let Value::Int(number) = value {
            return Ok(Some(number));
        }
        let text = self.as_text(name, value)?;
        let number = text.trim().parse().map(Some);
        number.map_err(|_| self.bad(&format!("{name}: expected an integer of 64 bits, got {}", quoted(text.trim()))))
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
        let text = self.as_text(name, value)?;
        let refused = || self.bad(&format!("{name}: expected true or false, got {}", quoted(text.trim())));
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
        let text = self.as_text(name, value)?;
        lexical::date_time(&text).and_then(|moment| moment.timestamp()).map(Some).ok_or_else(|| {
            self.bad(&format!("{name}: expected a dateTime such as 2026-01-01T10:04:05Z, got {}", quoted(text.trim())))
        })
    }

    /// The texts of a part that may be repeated.
    ///
    /// # Errors
    /// One of them is not text.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, OperationError> {
        self.values(name).into_iter().map(|value| self.as_text(name, value).map(Cow::into_owned)).collect()
    }

    /// The values of a part that may be repeated.
    pub fn values(&mut self, name: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut rest = Vec::with_capacity(self.parts.0.len());
        for (known, value) in self.parts.0.drain(..) {
            match value {
                _ if known != name => rest.push((known, value)),
                Value::List(list) => found.extend(list),
                value => found.push(value),
            }
        }
        self.parts.0 = rest;
        found
    }

    fn as_text(&self, name: &str, value: Value) -> Result<Cow<'static, str>, OperationError> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Int(number) => Ok(number.to_string().into()),
            Value::Real(number) => Ok(number.to_string().into()),
            Value::Bool(value) => Ok(value.to_string().into()),
            Value::Time(time) => Ok(time.to_string().into()),
            Value::List(_) | Value::Struct(_) => {
                Err(self
                    .bad(&format!("{name}: expected text, found elements in it; escape markup as &lt; or use CDATA")))
            }
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

    const OUTER: &[Member] = &[Member::several("item", Kind::Named("Item")), Member::maybe("one", Kind::Named("Item"))];

    fn outer(items: Vec<(&str, Value)>) -> Result<Fields, OperationError> {
        let mut all = Parts::new();
        for (name, value) in items {
            all.push(name.to_owned(), value);
        }
        Fields::new(all, OUTER)
    }

    fn item(parts: &[(&'static str, &'static str)]) -> Value {
        Value::Struct(parts.iter().fold(Parts::new(), |all, (name, text)| all.with(name, *text)))
    }

    #[test]
    fn structures_are_taken_in_order_and_their_parts_as_those_of_a_request() {
        let items = vec![
            ("item", item(&[("limit", "3"), ("id", "a")])),
            ("one", item(&[("id", "c")])),
            ("item", item(&[("id", "b"), ("status", "A"), ("status", "B")])),
        ];
        let mut fields = outer(items).unwrap();
        let mut inner = fields.structs("item", MEMBERS).unwrap();
        assert_eq!(inner.len(), 2);
        assert_eq!(inner[0].text("id").unwrap(), "a");
        assert_eq!(inner[0].maybe_int("limit").unwrap(), Some(3));
        assert_eq!(inner[1].text("id").unwrap(), "b");
        assert_eq!(inner[1].texts("status").unwrap(), ["A", "B"]);
        assert_eq!(fields.maybe_struct("one", MEMBERS).unwrap().unwrap().text("id").unwrap(), "c");
        assert!(fields.maybe_struct("one", MEMBERS).unwrap().is_none());
    }

    #[test]
    fn a_list_of_structures_from_a_codec_that_has_lists_is_the_same() {
        let list = Value::List(vec![item(&[("id", "a")]), item(&[("id", "b")])]);
        let mut inner = outer(vec![("item", list)]).unwrap().structs("item", MEMBERS).unwrap();
        assert_eq!(inner[1].text("id").unwrap(), "b");
        let refused = outer(vec![("item", Value::List(Vec::new()))]).unwrap_err();
        assert_eq!(refused.message, "the part item is missing; every request of this operation has it");
    }

    #[test]
    fn a_wrong_part_of_a_structure_is_named_with_its_place_counted_from_one() {
        let refused = |items| outer(items).unwrap().structs("item", MEMBERS).unwrap_err();
        let good = || ("item", item(&[("id", "a")]));
        let cases = [
            (item(&[("limit", "1")]), "item 2: the part id is missing; it is required"),
            (Value::from("  "), "item 2: the part id is missing; it is required"),
            (item(&[("id", ""), ("id", "")]), "item 2: id: given more than once; expected one value"),
            (
                item(&[("idd", "")]),
                "item 2: there is no part `idd`, did you mean id?; known parts: id, limit, hold, since, status",
            ),
            (Value::from("x"), "item 2: expected the elements id, limit, hold, since, status, found text"),
        ];
        for (wrong, message) in cases {
            let error = refused(vec![good(), ("item", wrong)]);
            assert_eq!((error.code, error.message.as_str()), (Code::MalformedRequest, message));
        }
        let mut fields = outer(vec![good(), ("item", item(&[("id", ""), ("limit", "x")]))]).unwrap();
        let error = fields.structs("item", MEMBERS).unwrap()[1].maybe_int("limit").unwrap_err();
        assert_eq!(error.message, "item 2: limit: expected an integer, got `x`");
        let mut fields = outer(vec![good(), ("one", item(&[("id", ""), ("hold", "x")]))]).unwrap();
        let error = fields.maybe_struct("one", MEMBERS).unwrap().unwrap().maybe_bool("hold").unwrap_err();
        assert_eq!(error.message, "one: hold: expected true or false, got `x`");
    }
}

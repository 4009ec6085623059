//! Named values in order: what a request carries and an answer says, whatever the wire format.
//!
//! Codecs turn messages into [`Parts`] and back; operations read them through [`super::Fields`].

use crate::job::{Model, Protocol};
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
    /// The form in which it came.
    pub model: Model,
    /// Which program registers (1.9.0).
    pub client: Option<String>,
    /// How a listener is to forward it to users (1.9.0).
    pub forward: Option<Protocol>,
}

/// Named values in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts(pub(super) Vec<(Cow<'static, str>, Value)>, Option<Box<Legacy>>);

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

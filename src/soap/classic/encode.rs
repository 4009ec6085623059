//! Writing SOAP encoding: values in place, the type on every part and member, arrays with their exact length and members named `item`,
//! times in UTC, `xsi:nil` for what there is not. A modern answer goes in, an answer of one version comes out.

use super::decode::ENCODING;
use super::operations::{Entry, From, Out};
use super::profile::Profile;
use super::types::{Array, Enum, GRMS_RESPONSE, Struct, Type};
use super::{NAMESPACE, SCHEMA};
use crate::description::Severity;
use crate::operations::{OperationError, Parts, Value};
use crate::xml::{Writer, XSI};
use std::borrow::Cow;

/// The declarations that an envelope with such a body needs.
pub(super) fn declarations() -> String {
    format!(" xmlns:soapenc=\"{ENCODING}\" xmlns:xsd=\"{SCHEMA}\" xmlns:xsi=\"{XSI}\"")
}

/// What is inside the Body. On an error every part is still there, without a value: clients of the time find parts by their position.
pub(super) fn answer(entry: &Entry, profile: Profile, outcome: &Result<Parts, OperationError>) -> String {
    let mut encoder = Encoder { writer: Writer::new("", 1024), profile };
    let name = entry.name;
    for markup in ["<g:", name, "Response xmlns:g=\"", NAMESPACE, "\" soap:encodingStyle=\"", ENCODING, "\">"] {
        encoder.writer.markup(markup);
    }
    for out in entry.response {
        encoder.part(&entry.out_name(out), out, outcome);
    }
    for markup in ["</g:", name, "Response>"] {
        encoder.writer.markup(markup);
    }
    encoder.writer.finish()
}

/// The most faults of a description that are told one by one.
const MOST_FAULTS: usize = 100;

/// A sentence for people, with every fault of a description: the classic answer has no other place for them.
fn sentence(error: &OperationError) -> String {
    let faults: Vec<_> = error.diagnostics.iter().filter(|found| found.severity == Severity::Error).collect();
    if faults.len() < 2 {
        return error.message.clone();
    }
    let mut text = format!("the job description has {} faults", faults.len());
    for fault in faults.iter().take(MOST_FAULTS) {
        text.push_str(&format!("\nline {}, column {}: {}", fault.line, fault.column, fault.message));
    }
    if faults.len() > MOST_FAULTS {
        text.push_str("\nand more; correct these first");
    }
    text
}

struct Encoder {
    writer: Writer,
    profile: Profile,
}

impl Encoder {
    fn part(&mut self, name: &str, out: &Out, outcome: &Result<Parts, OperationError>) {
        let answered = outcome.as_ref().ok();
        match out {
            Out::Return => {
                let code = outcome.as_ref().err().map_or(0, |error| error.code.number());
                let response = Parts::new()
                    .with("errorCode", u32::from(code))
                    .with_some("errorMessage", outcome.as_ref().err().map(sentence));
                self.value(name, Type::Struct(&GRMS_RESPONSE), Some(&Value::Struct(response)));
            }
            Out::Text(member) => {
                let text = match outcome {
                    Ok(parts) => parts.get(member).cloned(),
                    Err(error) => Some(Value::from(format!("{}: {}", error.code, sentence(error)))),
                };
                self.value(name, Type::String, text.as_ref());
            }
            Out::Part { kind, from: From::Member(member), .. } => {
                self.value(name, *kind, answered.and_then(|parts| parts.get(member)));
            }
            Out::Part { kind, from: From::Each(list, member), .. } => {
                let items = items(answered.and_then(|parts| parts.get(list)));
                let each = |item: &Value| match item {
                    Value::Struct(parts) => parts.get(member).cloned(),
                    _ => None,
                };
                self.value(name, *kind, Some(&Value::List(items.iter().filter_map(each).collect())));
            }
        }
    }

    fn open(&mut self, name: &str, kind: &str, more: &str) {
        for markup in ["<", name, " xsi:type=\"", kind, "\"", more] {
            self.writer.markup(markup);
        }
    }

    fn leaf(&mut self, name: &str, kind: Type, text: &str) {
        self.open(name, kind.name(), ">");
        self.writer.text(text);
        self.writer.close(name);
    }

    fn nil(&mut self, name: &str, kind: Type) {
        self.open(name, kind.name(), " xsi:nil=\"true\"/>");
    }

    fn value(&mut self, name: &str, kind: Type, value: Option<&Value>) {
        // Where one value is shown and the modern contract has several, the first stands for them.
        let one = match value {
            Some(Value::List(list)) => list.first(),
            value => value,
        };
        match (kind, one) {
            (Type::Array(of), _) => self.array(name, of, items(value)),
            (Type::Int, None) => self.leaf(name, kind, "0"),
            (Type::Boolean, None) => self.leaf(name, kind, "false"),
            (Type::Struct(of), Some(Value::Struct(parts))) => self.structure(name, of, parts),
            (Type::Enum(list), Some(Value::Text(text))) => match word(list, text, self.profile) {
                Some(word) => self.leaf(name, kind, word),
                None => self.nil(name, kind),
            },
            (Type::Phase, Some(Value::Int(number))) => {
                let shown = i32::try_from(*number).unwrap_or(1);
                self.leaf(name, kind, &shown.to_string());
            }
            (Type::Struct(_) | Type::Enum(_), _) | (_, None) => self.nil(name, kind),
            (_, Some(value)) => match plain(value) {
                Some(text) => self.leaf(name, kind, &text),
                None => self.nil(name, kind),
            },
        }
    }

    fn structure(&mut self, name: &str, of: &'static Struct, parts: &Parts) {
        self.open(name, of.name, ">");
        for member in of.members(self.profile) {
            let value = parts.get(member.modern);
            match (value, member.kind) {
                (Some(Value::List(list)), _) if member.repeated => {
                    list.iter().for_each(|one| self.value(member.name, member.kind, Some(one)));
                }
                (None, Type::String) if !member.nillable => self.leaf(member.name, member.kind, ""),
                (value, kind) => self.value(member.name, kind, value),
            }
        }
        self.writer.close(name);
    }

    fn array(&mut self, name: &str, of: &'static Array, items: &[Value]) {
        let length = format!(" soapenc:arrayType=\"{}[{}]\">", of.item.name(), items.len());
        self.open(name, "soapenc:Array", &length);
        items.iter().for_each(|item| self.value("item", of.item, Some(item)));
        self.writer.close(name);
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::List(list)) => list,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// The word of a version for a modern one.
fn word(list: &'static Enum, modern: &str, profile: Profile) -> Option<&'static str> {
    let spelled = |only: Option<Profile>| only.is_none_or(|only| only == profile);
    let found = list.words.iter().find(|word| word.modern == modern && spelled(word.only));
    found.map(|word| word.text).or(list.otherwise)
}

/// A value without members, as text.
fn plain(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::Int(number) => Some(number.to_string().into()),
        Value::Real(number) => Some(number.to_string().into()),
        Value::Bool(value) => Some(value.to_string().into()),
        Value::Time(time) if time.subsec_millisecond() == 0 => Some(format!("{time:.0}").into()),
        Value::Time(time) => Some(format!("{time:.3}").into()),
        Value::List(_) | Value::Struct(_) => None,
    }
}

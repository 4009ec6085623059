//! Reading SOAP encoding (SOAP 1.1, section 5) along a type: references to values elsewhere in the Body, arrays in every form that tool kits
//! of the time write, absent values in theirs. What `xsi:type` says is not asked.
//!
//! References are followed within bounds: no cycle, no long chain, and a value that is referred to many times counts each time, so that a
//! small message never becomes a large one.

use super::NAMESPACE;
use super::profile::Profile;
use super::types::{Enum, Member, Struct, Type};
use crate::job::Code;
use crate::operations::{OperationError, Parts, Value};
use crate::xml::{Element, lexical};
use std::collections::HashMap;

/// The namespace of SOAP encoding.
pub(super) const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// The namespaces of `xsi:nil`, which the oldest call `null`.
const INSTANCES: [&str; 3] = [
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/2000/10/XMLSchema-instance",
    "http://www.w3.org/1999/XMLSchema-instance",
];

/// Why a value could not be read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The message is not encoded as it must be: a fault.
    Message(OperationError),
    /// The value is not of its type: an answer with an error code.
    Value(OperationError),
}

pub(super) fn malformed(message: impl Into<String>) -> Trouble {
    Trouble::Message(OperationError::new(Code::MalformedRequest, message))
}

fn too_much(message: String) -> Trouble {
    Trouble::Message(OperationError::new(Code::LimitExceeded, message))
}

fn bad(message: String) -> Trouble {
    Trouble::Value(OperationError::new(Code::BadArgument, message))
}

fn quoted(text: &str) -> String {
    let short: String = text.trim().chars().take(80).collect();
    format!("`{short}`")
}

/// Bounds on what references may make of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// References followed on the way to one value.
    pub(super) hops: usize,
    /// Values altogether, each counted as often as it is referred to.
    pub(super) values: usize,
    /// Bytes of text altogether, counted in the same way.
    pub(super) bytes: usize,
}

/// Reads the values of one message.
pub(super) struct Reader<'b, 'a> {
    ids: HashMap<&'b str, &'b Element<'a>>,
    /// The version whose types are read where the versions differ.
    profile: Profile,
    /// The version that a word of one version only was seen of.
    spelling: Option<Profile>,
    bounds: Bounds,
    /// The elements that are being read, outermost first.
    path: Vec<&'b Element<'a>>,
    hops: usize,
    values: usize,
    bytes: usize,
}

impl<'b, 'a> Reader<'b, 'a> {
    /// A reader for the children of a Body.
    pub(super) fn new(body: &'b [Element<'a>], profile: Profile, bounds: Bounds) -> Result<Self, Trouble> {
        let mut ids = HashMap::new();
        index(body, &mut ids)?;
        Ok(Self { ids, profile, spelling: None, bounds, path: Vec::new(), hops: 0, values: 0, bytes: 0 })
    }

    /// The version that the words of the message belong to, if one does.
    pub(super) fn spelling(&self) -> Option<Profile> {
        self.spelling
    }

    /// The value of a part, given as one element or, for an array, as several; nothing when it is nil.
    pub(super) fn part(&mut self, name: &str, kind: Type, given: &[&'b Element<'a>]) -> Result<Option<Value>, Trouble> {
        match (kind, given) {
            (Type::Array(of), _) => self.list(given, of.item, name).map(|items| Some(Value::List(items))),
            (_, [one]) => self.value(one, kind, name),
            _ => Err(malformed(format!("the part {name} is given more than once; expected one value"))),
        }
    }

    /// Follows references from an element and reads what is at the end of them.
    fn enter<T>(
        &mut self,
        element: &'b Element<'a>,
        read: impl FnOnce(&mut Self, &'b Element<'a>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        self.values += 1;
        if self.values > self.bounds.values {
            return Err(too_much(format!("the message has more than {} values", self.bounds.values)));
        }
        let (depth, hops) = (self.path.len(), self.hops);
        let result = self.follow(element).and_then(|target| read(self, target));
        self.path.truncate(depth);
        self.hops = hops;
        result
    }

    fn follow(&mut self, mut element: &'b Element<'a>) -> Result<&'b Element<'a>, Trouble> {
        loop {
            if self.path.iter().any(|open| std::ptr::eq(*open, element)) {
                let id = element.attribute("", "id").unwrap_or("");
                return Err(malformed(format!("the value with the id {} contains itself", quoted(id))));
            }
            self.path.push(element);
            let Some(href) = element.attribute("", "href") else { return Ok(element) };
            let name = element.name.local;
            if !element.children.is_empty() || element.has_text() {
                return Err(malformed(format!("{name} has a href and a value; expected one of them")));
            }
            self.hops += 1;
            if self.hops > self.bounds.hops {
                let most = self.bounds.hops;
                return Err(too_much(format!("{name} is reached by more than {most} references")));
            }
            let Some(id) = href.trim().strip_prefix('#') else {
                return Err(malformed(format!(
                    "{name} refers to {}, which is not in this message; send the value in place or as #id in the Body",
                    quoted(href)
                )));
            };
            element = self.ids.get(id).copied().ok_or_else(|| {
                malformed(format!(
                    "{name} refers to #{}, and nothing in the Body has this id",
                    id.chars().take(80).collect::<String>()
                ))
            })?;
        }
    }

    /// One value; nothing when it is nil.
    fn value(&mut self, element: &'b Element<'a>, kind: Type, place: &str) -> Result<Option<Value>, Trouble> {
        self.enter(
            element,
            |reader, element| {
                if is_nil(element) { Ok(None) } else { reader.value_in(element, kind, place).map(Some) }
            },
        )
    }

    fn value_in(&mut self, element: &'b Element<'a>, kind: Type, place: &str) -> Result<Value, Trouble> {
        let refused = |text: &str, expected: &str| bad(format!("{place}: expected {expected}, got {}", quoted(text)));
        match kind {
            Type::Struct(of) => self.structure(element, of, place).map(Value::Struct),
            Type::Array(of) => self.whole(element, of.item, place).map(Value::List),
            Type::String => self.text(element, place).map(|text| Value::from(text.to_owned())),
            Type::Int | Type::Phase => {
                let text = self.text(element, place)?;
                let number = lexical::int(text).ok_or_else(|| refused(text, "an integer of 32 bits"))?;
                Ok(Value::Int(i64::from(number)))
            }
            Type::Boolean => {
                let text = self.text(element, place)?;
                lexical::boolean(text).map(Value::Bool).ok_or_else(|| refused(text, "true or false"))
            }
            Type::DateTime => {
                let text = self.text(element, place)?;
                let time = lexical::date_time(text).and_then(|moment| moment.timestamp());
                time.map(Value::Time).ok_or_else(|| refused(text, "a dateTime such as 2026-01-01T10:04:05Z"))
            }
            Type::Enum(list) => {
                let text = self.text(element, place)?;
                self.word(text, list, place)
            }
        }
    }

    fn text(&mut self, element: &'b Element<'a>, place: &str) -> Result<&'b str, Trouble> {
        if !element.children.is_empty() {
            let message = format!("{place}: expected text, found elements in it; escape markup as &lt; or use CDATA");
            return Err(bad(message));
        }
        self.bytes += element.text.len();
        if self.bytes > self.bounds.bytes {
            let most = self.bounds.bytes;
            return Err(too_much(format!("the message has more than {most} bytes of text, references counted")));
        }
        Ok(&element.text)
    }

    fn word(&mut self, text: &str, list: &'static Enum, place: &str) -> Result<Value, Trouble> {
        let Some(word) = list.words.iter().find(|word| word.text == text.trim()) else {
            let known: Vec<_> = list.words.iter().map(|word| word.text).collect();
            return Err(bad(format!("{place}: expected one of {}, got {}", known.join(", "), quoted(text))));
        };
        self.spelling = self.spelling.or(word.only);
        Ok(Value::from(word.modern))
    }

    /// Members under their modern names. Absent, nil and, for texts that may be nil, empty ones are left out.
    fn structure(&mut self, element: &'b Element<'a>, of: &'static Struct, place: &str) -> Result<Parts, Trouble> {
        let wrong = |message: String| Trouble::Value(OperationError::new(Code::MalformedRequest, message));
        if element.has_text() {
            return Err(wrong(format!("{place}: expected members, found text")));
        }
        let mut parts = Parts::new();
        let mut seen: Vec<&str> = Vec::new();
        for child in &element.children {
            let found = own_name(child).and_then(|name| of.members(self.profile).find(|member| member.name == name));
            let Some(member) = found else {
                let known: Vec<_> = of.members(self.profile).map(|member| member.name).collect();
                return Err(wrong(format!("{place}: there is no member {}; known: {}", child.name, known.join(", "))));
            };
            if !member.repeated && seen.contains(&member.name) {
                return Err(wrong(format!("{place}: {} is given more than once", member.name)));
            }
            seen.push(member.name);
            for value in self.member(child, member, &format!("{place}: {}", member.name))? {
                parts.push(member.modern.to_owned(), value);
            }
        }
        let required = of.members(self.profile).filter(|member| !member.nillable);
        match required
            .into_iter()
            .find(|member| !matches!(member.kind, Type::Boolean) && parts.get(member.modern).is_none())
        {
            Some(absent) => Err(bad(format!("{place}: {} is missing or has no value", absent.name))),
            None => Ok(parts),
        }
    }

    fn member(&mut self, child: &'b Element<'a>, member: &Member, place: &str) -> Result<Vec<Value>, Trouble> {
        let values = if member.repeated {
            self.list(&[child], member.kind, place)?
        } else {
            self.value(child, member.kind, place)?.into_iter().collect()
        };
        let told = |value: &Value| !(member.nillable && matches!(value, Value::Text(text) if text.is_empty()));
        Ok(values.into_iter().filter(told).collect())
    }

    /// The items of an array: one element that holds them, or several that are them.
    fn list(&mut self, given: &[&'b Element<'a>], item: Type, place: &str) -> Result<Vec<Value>, Trouble> {
        match given {
            [one] => self.enter(one, |reader, element| reader.whole(element, item, place)),
            several => self.items(several.iter().copied(), item, place),
        }
    }

    fn whole(&mut self, element: &'b Element<'a>, item: Type, place: &str) -> Result<Vec<Value>, Trouble> {
        if is_nil(element) {
            return Ok(Vec::new());
        }
        if let [inner] = &element.children[..]
            && inner.name.is(ENCODING, "Array")
        {
            return self.enter(inner, |reader, element| reader.whole(element, item, place));
        }
        if element.attribute(ENCODING, "offset").is_some() {
            return Err(bad(format!("{place}: a part of an array (offset) is not accepted; send all of it")));
        }
        let declared = element.attribute(ENCODING, "arrayType");
        if declared.is_none() && stands_alone(element, item) {
            return self.value_in(element, item, place).map(|one| vec![one]);
        }
        if element.has_text() {
            return Err(bad(format!("{place}: expected the items of an array, found text")));
        }
        let length = declared.map_or(Ok(None), |declared| length(declared, place))?;
        let given = element.children.len();
        if let Some(length) = length.filter(|length| *length != given as u64) {
            return Err(bad(format!(
                "{place}: the array is declared with {length} items and has {given}; send all of it"
            )));
        }
        self.items(element.children.iter(), item, place)
    }

    fn items(
        &mut self,
        given: impl Iterator<Item = &'b Element<'a>>,
        item: Type,
        place: &str,
    ) -> Result<Vec<Value>, Trouble> {
        let mut values = Vec::new();
        for (at, element) in given.enumerate() {
            let place = format!("{place}, item {}", at + 1);
            if element.attribute(ENCODING, "position").is_some() {
                return Err(bad(format!(
                    "{place}: a sparse array (position) is not accepted; send all items in order"
                )));
            }
            let value = self.value(element, item, &place)?;
            values.push(value.ok_or_else(|| bad(format!("{place}: has no value")))?);
        }
        Ok(values)
    }
}

fn index<'b, 'a>(elements: &'b [Element<'a>], ids: &mut HashMap<&'b str, &'b Element<'a>>) -> Result<(), Trouble> {
    for element in elements {
        if let Some(id) = element.attribute("", "id")
            && ids.insert(id, element).is_some()
        {
            return Err(malformed(format!("the id {} is there twice", quoted(id))));
        }
        index(&element.children, ids)?;
    }
    Ok(())
}

/// The name of a part or member: unqualified, or in the contract's namespace as some tool kits write it.
pub(super) fn own_name<'b>(element: &'b Element<'_>) -> Option<&'b str> {
    let namespace = &*element.name.namespace;
    (namespace.is_empty() || namespace == NAMESPACE).then_some(element.name.local)
}

/// Whether an element says that it has no value.
pub(super) fn is_nil(element: &Element<'_>) -> bool {
    element.attributes.iter().any(|attribute| {
        INSTANCES.contains(&&*attribute.name.namespace)
            && matches!(attribute.name.local, "nil" | "null")
            && matches!(attribute.value.trim(), "true" | "1")
    })
}

/// Whether an element is an item itself and not an array of items.
fn stands_alone(element: &Element<'_>, item: Type) -> bool {
    match item {
        Type::Struct(of) => {
            let is_member = |child: &Element<'_>| {
                own_name(child).is_some_and(|name| of.members.iter().any(|member| member.name == name))
            };
            !element.children.is_empty() && element.children.iter().all(is_member)
        }
        _ => element.children.is_empty() && element.has_text(),
    }
}

/// The length in `prefix:type[length]`, which may be left out.
fn length(declared: &str, place: &str) -> Result<Option<u64>, Trouble> {
    let wrong =
        || bad(format!("{place}: expected an array of one dimension such as type[3], got {}", quoted(declared)));
    let (name, rest) = declared.trim().split_once('[').ok_or_else(wrong)?;
    let inside = rest.strip_suffix(']').ok_or_else(wrong)?.trim();
    match inside.parse() {
        _ if name.is_empty() => Err(wrong()),
        _ if inside.is_empty() => Ok(None),
        Ok(length) => Ok(Some(length)),
        Err(_) => Err(wrong()),
    }
}

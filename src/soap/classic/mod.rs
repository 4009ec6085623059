//! The classic contract of GRMS 1.9.0 and 1.9.6: SOAP 1.1, rpc/encoded, `urn:grms`. A second codec over the same operations.
//!
//! `operations` is the one table; `profile` says which version a request is in; `decode` and `encode` know SOAP encoding; `plan` asks the
//! modern operations. An error of the broker is an answer with an error code; a fault is left for messages in which no operation was found.

mod decode;
mod encode;
pub mod operations;
mod plan;
mod profile;
mod registration;
pub mod types;

pub use profile::Profile;

use super::fault::Fault;
use super::handler::Reply;
use crate::identity::Caller;
use crate::job::Code;
use crate::operations::{Context, OperationError, Value};
use crate::xml::{Element, Limits, nearest};
use decode::{Bounds, Reader, Trouble, malformed};
use operations::{Entry, In, To};
use plan::Request;
use profile::Traits;

/// The namespace of the contract.
pub const NAMESPACE: &str = "urn:grms";

/// The namespace of the simple types in answers.
const SCHEMA: &str = "http://www.w3.org/2001/XMLSchema";

/// What an administrator can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// The version of requests that show none.
    pub profile: Profile,
    /// The most job ids in one answer.
    pub max_list: usize,
    /// The most references followed on the way to one value.
    pub max_hops: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: Profile::default(), max_list: 100_000, max_hops: 16 }
    }
}

/// The contract of a version, as it stands in `wsdl/`.
pub(super) const fn document(profile: Profile) -> &'static str {
    match profile {
        Profile::V190 => include_str!("../../../wsdl/grms-1.9.0.wsdl"),
        Profile::V196 => include_str!("../../../wsdl/grms-1.9.6.wsdl"),
    }
}

/// A call that was found in a message.
#[derive(Debug)]
pub(super) struct Call {
    entry: &'static Entry,
    profile: Profile,
    request: Result<Request, OperationError>,
    max_list: usize,
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Message(error) | Trouble::Value(error) => error.into(),
        }
    }
}

/// The parts of a call, each with its elements: an array may be several.
type Given<'b, 'a> = Vec<(&'b str, Vec<&'b Element<'a>>)>;

/// The call in a Body, at the address of a version or at the one for both.
pub(super) fn decode(
    body: &[Element<'_>],
    pinned: Option<Profile>,
    settings: &Settings,
    limits: &Limits,
) -> Result<Call, Fault> {
    let Some((wrapper, others)) = body.split_first() else {
        return Err(unknown_operation("the Body is empty", "", pinned));
    };
    if let Some(stray) = others.iter().find(|other| other.attribute("", "id").is_none()) {
        let message = format!(
            "the Body has a second child {} without an id; expected one call and values it refers to",
            stray.name
        );
        return Err(malformed(message).into());
    }
    let name = wrapper.name.local;
    let rows: Vec<_> = served(pinned).filter(|entry| entry.name == name).collect();
    if rows.is_empty() || *wrapper.name.namespace != *NAMESPACE {
        return Err(unknown_operation(&format!("there is no operation {}", wrapper.name), name, pinned));
    }
    let given = parts(wrapper, &rows)?;
    let fitting: Vec<_> = rows.iter().copied().filter(|entry| fits(entry, &given, &rows)).collect();
    let Some(first) = fitting.first() else { return Err(no_overload(name, &given, &rows)) };
    let bounds = Bounds { hops: settings.max_hops, values: limits.elements, bytes: limits.bytes };
    let mut reader = Reader::new(body, first.profiles[0], bounds)?;
    let request = match request(first, &given, &mut reader) {
        Ok(request) => Ok(request),
        Err(Trouble::Value(error)) => Err(error),
        Err(trouble @ Trouble::Message(_)) => return Err(trouble.into()),
    };
    let traits = Traits { pinned, fitting: &fitting, spelling: reader.spelling(), default: settings.profile };
    let profile = profile::choose(&traits);
    let entry = fitting.iter().copied().find(|entry| entry.profiles.contains(&profile)).unwrap_or(first);
    Ok(Call { entry, profile, request, max_list: settings.max_list })
}

/// The children of the wrapper by name. One that no row knows is refused: it usually means another version.
fn parts<'b, 'a>(wrapper: &'b Element<'a>, rows: &[&'static Entry]) -> Result<Given<'b, 'a>, Fault> {
    if wrapper.has_text() {
        return Err(malformed(format!("{} contains text beside its parts", wrapper.name.local)).into());
    }
    let mut given: Given<'b, 'a> = Vec::new();
    for child in &wrapper.children {
        let known = || rows.iter().flat_map(|entry| entry.request);
        let found = decode::own_name(child).and_then(|name| known().find(|part| part.name == name));
        // An array may stand under the name of its kind instead of the part's.
        let array = || known().find(|part| child.name.is(decode::ENCODING, "Array") && is_array(part));
        let Some(part) = found.or_else(array) else { return Err(unknown_part(wrapper.name.local, child, rows)) };
        match given.iter_mut().find(|(name, _)| *name == part.name) {
            Some((_, elements)) => elements.push(child),
            None => given.push((part.name, vec![child])),
        }
    }
    Ok(given)
}

const fn is_array(part: &In) -> bool {
    matches!(part.kind, types::Type::Array(_))
}

/// Whether the parts are those of a row. A part that another overload does without, and that has no value, counts as absent.
fn fits(entry: &Entry, given: &Given<'_, '_>, rows: &[&'static Entry]) -> bool {
    let asked = |name: &str| entry.request.iter().any(|part| part.name == name);
    let overloads = || rows.iter().filter(|other| other.profiles == entry.profiles);
    let absent = |name: &str, elements: &[&Element<'_>]| {
        let spared = overloads().any(|other| other.request.iter().all(|part| part.name != name));
        spared && elements.iter().all(|element| has_no_value(element, name, rows))
    };
    let told: Vec<&str> = given.iter().filter(|(name, all)| !absent(name, all)).map(|(name, _)| *name).collect();
    told.iter().all(|name| asked(name)) && entry.request.iter().all(|part| told.contains(&part.name))
}

/// Nil; for a text also empty. An empty word is a wrong one.
fn has_no_value(element: &Element<'_>, name: &str, rows: &[&'static Entry]) -> bool {
    let empty = || element.children.is_empty() && element.text.is_empty() && element.attribute("", "href").is_none();
    let parts = || rows.iter().flat_map(|entry| entry.request);
    let text = || parts().any(|part| part.name == name && matches!(part.kind, types::Type::String));
    decode::is_nil(element) || (empty() && text())
}

/// The parts in modern terms.
fn request<'b, 'a>(entry: &Entry, given: &Given<'b, 'a>, reader: &mut Reader<'b, 'a>) -> Result<Request, Trouble> {
    let mut request = Request::default();
    let mut wrong = None;
    for part in entry.request {
        let elements = given.iter().find(|(name, _)| *name == part.name).map_or(&[][..], |(_, elements)| elements);
        // All parts are read before a wrong value is answered: a wrongly encoded part behind it is a fault all the same.
        match reader.part(part.name, part.kind, elements) {
            Ok(Some(value)) => {
                if let Err(error) = place(&mut request, part, value) {
                    wrong = wrong.or(Some(error));
                }
            }
            Ok(None) if part.optional => {}
            Ok(None) => {
                let message = format!("the part {} is nil; expected a value", part.name);
                wrong = wrong.or_else(|| Some(OperationError::new(Code::MalformedRequest, message)));
            }
            Err(Trouble::Value(error)) => wrong = wrong.or(Some(error)),
            Err(trouble @ Trouble::Message(_)) => return Err(trouble),
        }
    }
    wrong.map_or(Ok(request), |error| Err(Trouble::Value(error)))
}

fn place(request: &mut Request, part: &In, value: Value) -> Result<(), OperationError> {
    match (part.to, value) {
        (To::Job, Value::Text(job)) => request.job = Some(job.into_owned()),
        (To::Client, Value::Text(client)) => {
            request.client = Some(client.trim().to_owned()).filter(|one| !one.is_empty())
        }
        (To::Registration(Profile::V190), Value::Struct(members)) => {
            let (job, notification, legacy) = registration::of_190(&members)?;
            request.parts.push("jobId".to_owned(), Value::from(job));
            request.register(notification, legacy);
        }
        (To::Registration(Profile::V196), Value::Struct(members)) => {
            let (notification, legacy) = registration::of_196(members)?;
            request.register(notification, legacy);
        }
        (To::Member(name), value) => request.parts.push(name.to_owned(), value),
        (To::Job | To::Client | To::Registration(_), _) => {}
    }
    Ok(())
}

impl Call {
    /// The operation, as the classic contract calls it.
    pub(super) fn operation(&self) -> &'static str {
        self.entry.name
    }

    /// Asks the broker. Whatever it says is an answer.
    pub(super) async fn run(self, context: &Context, caller: Result<Caller, OperationError>) -> Reply {
        let Self { entry, profile, request, max_list } = self;
        let outcome = match (caller, request) {
            (Ok(caller), Ok(request)) => plan::carry_out(entry, request, max_list, context, &caller).await,
            (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        };
        Reply {
            code: outcome.as_ref().err().map_or(0, |error| error.code.number()),
            action: format!("{NAMESPACE}/{}Response", entry.name),
            declarations: encode::declarations(),
            body: encode::answer(entry, profile, &outcome),
        }
    }
}

fn unknown_operation(what: &str, name: &str, pinned: Option<Profile>) -> Fault {
    let mut known: Vec<_> = served(pinned).map(|entry| entry.name).collect();
    // The rows of one name stand together.
    known.dedup();
    let meant = nearest(name, known.iter().copied());
    let meant = meant.map(|name| format!(", did you mean {{{NAMESPACE}}}{name}?")).unwrap_or_default();
    let whose = pinned.map(|profile| format!(" of GRMS {profile}")).unwrap_or_default();
    let message =
        format!("{what}{meant}; known operations{whose}, all in the namespace {NAMESPACE}: {}", known.join(", "));
    OperationError::new(Code::UnknownOperation, message).into()
}

/// The rows that an address serves.
fn served(pinned: Option<Profile>) -> impl Iterator<Item = &'static Entry> {
    let is_served = move |entry: &&Entry| pinned.is_none_or(|profile| entry.profiles.contains(&profile));
    operations::OPERATIONS.iter().filter(is_served)
}

fn unknown_part(operation: &str, child: &Element<'_>, rows: &[&'static Entry]) -> Fault {
    let hint =
        if child.name.local.contains("gensym") { "; name the parts, they are not taken by position" } else { "" };
    malformed(format!("{operation} has no part {}{hint}; it takes {}", child.name, forms(rows))).into()
}

fn no_overload(operation: &str, given: &Given<'_, '_>, rows: &[&'static Entry]) -> Fault {
    let given: Vec<_> = given.iter().map(|(name, _)| *name).collect();
    let given = if given.is_empty() { "no parts".to_owned() } else { given.join(", ") };
    malformed(format!("{operation} does not take {given}; it takes {}", forms(rows))).into()
}

/// The part sets of rows: `jobId, jobDefinition or jobId`.
fn forms(rows: &[&'static Entry]) -> String {
    let mut forms: Vec<String> = Vec::new();
    for entry in rows {
        let names: Vec<_> = entry.request.iter().map(|part| part.name).collect();
        let form = if names.is_empty() { "no parts".to_owned() } else { names.join(", ") };
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms.join(" or ")
}

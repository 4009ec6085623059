//! The codec of the contract `urn:grms:2`: document/literal wrapped. Names of members are the names of parts, nothing is encoded, and a text may
//! come as an attachment (XOP).

use super::NAMESPACE;
use super::fault::Fault;
use super::handler::Reply;
use super::multipart::Attachments;
use crate::identity::Caller;
use crate::job::Code;
use crate::operations::{self, Context, Operation, OperationError, Parts, Value};
use crate::xml::{self, Element, Writer, XSI, nearest};

const XOP: &str = "http://www.w3.org/2004/08/xop/include";

/// A call that was found in a message.
pub(super) struct Call {
    operation: &'static dyn Operation,
    parts: Parts,
}

/// The call in a Body.
pub(super) fn decode(body: Vec<Element<'_>>, attachments: &Attachments<'_>) -> Result<Call, Fault> {
    let mut children = body.into_iter();
    let Some(call) = children.next() else { return Err(unknown_operation("the Body is empty")) };
    if let Some(second) = children.next() {
        let name = &second.name;
        return Err(if second.attribute("", "id").is_some() || second.attribute("", "href").is_some() {
            malformed(format!(
                "the Body has a second child {name} for a multi-reference value; this is a document/literal service: send \
                 values in place, without href and id"
            ))
        } else {
            malformed(format!("the Body has a second child {name}; expected exactly one"))
        });
    }
    let operation = (*call.name.namespace == *NAMESPACE).then(|| operations::find(call.name.local)).flatten();
    let operation = operation.ok_or_else(|| {
        let known = operations::ALL.iter().map(|operation| operation.contract().name);
        let meant = nearest(call.name.local, known).map(|name| format!(", did you mean {{{NAMESPACE}}}{name}?"));
        unknown_operation(&format!("there is no operation {}{}", call.name, meant.unwrap_or_default()))
    })?;
    Ok(Call { operation, parts: decode_children(call, attachments)? })
}

fn malformed(message: String) -> Fault {
    OperationError::new(Code::MalformedRequest, message).into()
}

fn unknown_operation(what: &str) -> Fault {
    let known: Vec<_> = operations::ALL.iter().map(|operation| operation.contract().name).collect();
    let message = format!("{what}; known operations, all in the namespace {NAMESPACE}: {}", known.join(", "));
    OperationError::new(Code::UnknownOperation, message).into()
}

fn decode_children(element: Element<'_>, attachments: &Attachments<'_>) -> Result<Parts, Fault> {
    if element.has_text() {
        return Err(malformed(format!("{} contains text beside its elements", element.name.local)));
    }
    let mut parts = Parts::new();
    for child in element.children {
        let name = if child.name.namespace.is_empty() || *child.name.namespace == *NAMESPACE {
            child.name.local.to_owned()
        } else {
            child.name.to_string()
        };
        if child.attribute("", "href").is_some()
            || child.attribute("http://www.w3.org/2003/05/soap-encoding", "ref").is_some()
        {
            return Err(malformed(format!(
                "{name} refers to another element; this is a document/literal service: send the value in place, without href"
            )));
        }
        if matches!(child.attribute(XSI, "nil").map(str::trim), Some("true" | "1")) {
            continue;
        }
        let value = if child.children.iter().any(|inner| inner.name.is(XOP, "Include")) {
            Value::from(included(&child, &name, attachments)?)
        } else if child.children.is_empty() {
            Value::from(child.text.into_owned())
        } else {
            Value::Struct(decode_children(child, attachments)?)
        };
        parts.push(name, value);
    }
    Ok(parts)
}

/// The text of an attachment that stands for the text of an element.
fn included(element: &Element<'_>, name: &str, attachments: &Attachments<'_>) -> Result<String, Fault> {
    let [include] = &element.children[..] else {
        return Err(malformed(format!("{name} has an attachment and something else; expected one of them")));
    };
    if element.has_text() || include.has_text() || !include.children.is_empty() {
        return Err(malformed(format!("{name} has an attachment and a value; expected one of them")));
    }
    let Some(href) = include.attribute("", "href") else {
        return Err(malformed(format!("{name}: its Include has no href; expected cid: and the Content-ID of a part")));
    };
    let content = attachments.take(href)?;
    let text =
        xml::decode(content).map_err(|error| malformed(format!("{name}: the attachment is no text: {error}")))?;
    Ok(text.into_owned())
}

impl Call {
    /// The operation.
    pub(super) fn operation(&self) -> &'static str {
        self.operation.contract().name
    }

    /// Asks the broker.
    pub(super) async fn run(self, context: &Context, caller: Result<Caller, OperationError>) -> Result<Reply, Fault> {
        let name = self.operation();
        let parts = self.operation.run(context, &caller?, self.parts).await?;
        Ok(Reply {
            code: 0,
            action: format!("{NAMESPACE}/{name}Response"),
            declarations: String::new(),
            body: render(name, &parts),
        })
    }
}

fn render(operation: &str, parts: &Parts) -> String {
    let mut writer = Writer::new("", 1024);
    for markup in ["<g:", operation, "Response xmlns:g=\"", NAMESPACE, "\">"] {
        writer.markup(markup);
    }
    write_parts(&mut writer, parts);
    for markup in ["</g:", operation, "Response>"] {
        writer.markup(markup);
    }
    writer.finish()
}

/// Values in order, names unqualified, lists as repeated elements.
pub(super) fn write_parts(writer: &mut Writer, parts: &Parts) {
    for (name, value) in parts.iter() {
        write_value(writer, name, value);
    }
}

fn write_value(writer: &mut Writer, name: &str, value: &Value) {
    match value {
        Value::Text(text) => writer.leaf(name, text),
        Value::Int(number) => writer.value(name, number),
        Value::Real(number) if number.is_nan() => writer.value(name, "NaN"),
        Value::Real(number) if number.is_infinite() => {
            writer.value(name, if *number > 0.0 { "INF" } else { "-INF" });
        }
        Value::Real(number) => writer.value(name, number),
        Value::Bool(value) => writer.value(name, value),
        Value::Time(time) => writer.value(name, format_args!("{time:.3}")),
        Value::List(values) => values.iter().for_each(|value| write_value(writer, name, value)),
        Value::Struct(parts) => {
            writer.open(name);
            write_parts(writer, parts);
            writer.close(name);
        }
    }
}

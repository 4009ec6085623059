//! From text to tree: bounds first, then parsing, and for a text that is no XML one sentence a person can act on.
//!
//! Neither document types nor entities exist here, so nothing is ever expanded or fetched.

use super::findings::short;
use super::{Diagnostic, Rules, Severity};
use crate::job::Code;
use crate::xml::{self, Bounds, Places, Refused, Unbalanced};
use roxmltree::{Document, Error, TextPos};

/// Parses a text, which must not begin with a byte order mark.
///
/// # Errors
/// The one finding that keeps the text from being a document.
pub(super) fn parse<'t>(text: &'t str, rules: &Rules) -> Result<Document<'t>, Diagnostic> {
    let bounds = Bounds { bytes: rules.max_bytes, depth: rules.max_depth };
    let unbalanced = xml::scan(text, bounds).map_err(|why| refused(text, why))?;
    Document::parse(text).map_err(|error| malformed(text, &error, unbalanced))
}

fn finding(text: &str, code: Code, offset: usize, message: String) -> Diagnostic {
    let place = Places::new(text).of(offset);
    let path: String = xml::open_at(text, offset).iter().map(|name| format!("/{}", short(name))).collect();
    let path = if path.is_empty() { "/".to_owned() } else { path };
    Diagnostic { severity: Severity::Error, code, line: place.line, column: place.column, path, message }
}

fn refused(text: &str, why: Refused) -> Diagnostic {
    let (code, offset, advice) = match why {
        Refused::Size { .. } => {
            // No path and no place: nothing is read of a text that is too large.
            let message = format!("the job description has {why}; stage large data as files instead");
            let (line, column, path) = (1, 1, "/".to_owned());
            return Diagnostic { severity: Severity::Error, code: Code::LimitExceeded, line, column, path, message };
        }
        Refused::Depth { offset, .. } => (Code::LimitExceeded, offset, "no element of a job description needs that"),
        Refused::Attributes { offset } => (Code::LimitExceeded, offset, "no element of a job description needs that"),
        Refused::Namespaces { offset } => (Code::LimitExceeded, offset, "a job description needs none"),
        Refused::DocumentType { offset } => {
            (Code::DescNotWellFormed, offset, "remove <!DOCTYPE …> and write the text of entities in place")
        }
    };
    finding(text, code, offset, format!("{why}; {advice}"))
}

fn malformed(text: &str, error: &Error, unbalanced: Option<Unbalanced<'_>>) -> Diagnostic {
    let tags = matches!(error, Error::UnclosedRootNode | Error::UnexpectedCloseTag(..) | Error::UnexpectedEndOfStream);
    let (offset, message) = match unbalanced.filter(|_| tags) {
        Some(unbalanced) => fitting(unbalanced),
        None => (offset_of(text, error), sentence(error)),
    };
    finding(text, Code::DescNotWellFormed, offset, message)
}

/// Where tags do not fit together, and what to write.
fn fitting(unbalanced: Unbalanced<'_>) -> (usize, String) {
    match unbalanced {
        Unbalanced::Open { name, offset } => {
            let name = short(name);
            (offset, format!("{name} is not closed before the end of the document; write </{name}> where it ends"))
        }
        Unbalanced::Crossed { name, offset, end, outer: true, .. } => {
            let (name, end) = (short(name), short(end));
            (offset, format!("{name} is not closed before the end of {end}; write </{name}> where it ends"))
        }
        Unbalanced::Crossed { name, end, end_offset, .. } => {
            let (name, end) = (short(name), short(end));
            (end_offset, format!("</{end}> closes nothing; {name} is open here, write </{name}>"))
        }
        Unbalanced::Stray { end, offset } => {
            (offset, format!("</{}> closes nothing; the document has ended before it", short(end)))
        }
    }
}

fn sentence(error: &Error) -> String {
    match error {
        Error::NoRootNode => "the document holds no element; expected grmsjob".to_owned(),
        Error::UnknownEntityReference(name, _) => format!(
            "the entity &{}; is not known; use &amp; &lt; &gt; &quot; &apos; or a number such as &#233;",
            short(name)
        ),
        Error::MalformedEntityReference(_) => "a bare & begins nothing here; write &amp;".to_owned(),
        Error::InvalidAttributeValue(_) => "an attribute value contains <; write &lt;".to_owned(),
        Error::DuplicatedAttribute(name, _) => format!("attribute {} is given twice; keep one", short(name)),
        Error::UnknownNamespace(prefix, _) => {
            let prefix = short(prefix);
            format!(
                "the prefix {prefix} is not declared; leave it out, or in JSDL write xmlns:{prefix}=\"…\" on the root"
            )
        }
        Error::UnexpectedDeclaration(_) => {
            "the XML declaration must be the first thing in the document, without blanks before it".to_owned()
        }
        Error::NonXmlChar(character, _) => format!("the character {character:?} cannot occur in XML; remove it"),
        Error::InvalidCharacterData(_) => "]]> cannot stand in text; write ]]&gt;".to_owned(),
        Error::InvalidComment(_) => "a comment cannot contain --".to_owned(),
        Error::InvalidName(_) => "a name is expected here; write a bare < as &lt;".to_owned(),
        Error::UnknownToken(_) => "nothing of XML begins like this; expected a tag, a comment or the end".to_owned(),
        Error::UnexpectedEndOfStream | Error::UnclosedRootNode => {
            "the document ends in the middle of a tag; it was probably cut off".to_owned()
        }
        other => {
            let text = other.to_string();
            let text = text.rsplit_once(" at ").map_or(text.as_str(), |(text, _)| text);
            format!("this is not XML: {text}; correct the tag")
        }
    }
}

fn offset_of(text: &str, error: &Error) -> usize {
    if matches!(error, Error::UnexpectedEndOfStream | Error::UnclosedRootNode) {
        return text.len();
    }
    let TextPos { row, col } = error.pos();
    let line: usize = text.split_inclusive('\n').take(row.saturating_sub(1) as usize).map(str::len).sum();
    let inside = text[line..].char_indices().nth(col.saturating_sub(1) as usize);
    inside.map_or(text.len(), |(at, _)| line + at)
}

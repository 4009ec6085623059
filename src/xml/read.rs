//! Reading: text in, a tree of elements out, every bound checked while reading.

use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::{NamespaceResolver, QName as RawName, ResolveResult};
use quick_xml::{NsReader, XmlVersion};
use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

/// Bounds on one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Depth of elements; the root has depth 1.
    pub depth: usize,
    /// Elements altogether.
    pub elements: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 64, elements: 10_000, attributes: 64 }
    }
}

/// A name with its namespace; no namespace is the empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QName<'a> {
    /// The namespace.
    pub namespace: Rc<str>,
    /// The local part.
    pub local: &'a str,
}

impl QName<'_> {
    /// Whether it is this name in this namespace.
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && &*self.namespace == namespace
    }
}

/// `{namespace}local`, shortened for messages.
impl fmt::Display for QName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| text.chars().take(100).collect::<String>();
        if self.namespace.is_empty() {
            f.write_str(&cut(self.local))
        } else {
            write!(f, "{{{}}}{}", cut(&self.namespace), cut(self.local))
        }
    }
}

/// An attribute. Namespace declarations are not attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its name.
    pub name: QName<'a>,
    /// Its value, normalised.
    pub value: Cow<'a, str>,
}

/// An element with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its name.
    pub name: QName<'a>,
    /// Its attributes.
    pub attributes: Vec<Attribute<'a>>,
    /// The elements in it.
    pub children: Vec<Element<'a>>,
    /// Its own character data, joined; comments, and blanks between children, left out.
    pub text: Cow<'a, str>,
    /// Where its start tag begins, bytes from the start of the text.
    pub offset: usize,
}

impl Element<'_> {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.is(namespace, local)).map(|found| &*found.value)
    }

    /// Whether it has characters other than blanks of its own.
    #[must_use]
    pub fn has_text(&self) -> bool {
        !self.text.bytes().all(|byte| byte.is_ascii_whitespace())
    }
}

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Not XML.
    #[error("not well-formed XML: {0}")]
    Malformed(String),
    /// Not text in an encoding that is read here.
    #[error("{0}")]
    Encoding(&'static str),
    /// A document type.
    #[error("a document type (<!DOCTYPE …>) is not allowed; remove it")]
    Doctype,
    /// A processing instruction.
    #[error("a processing instruction (<?{0} …?>) is not allowed; remove it")]
    Instruction(String),
    /// An entity other than the five.
    #[error("the entity &{0}; is not known; only &lt; &gt; &amp; &quot; &apos; and numeric references are")]
    Entity(String),
    /// A bound was passed.
    #[error("more than {most} {what}")]
    Limit {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: usize,
    },
}

/// A refused text: why and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct XmlError {
    /// Why.
    pub reason: Reason,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl XmlError {
    pub(super) fn at(reason: Reason, text: &str, offset: usize) -> Self {
        let end = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            reason,
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// Reads one document.
///
/// # Errors
/// [`XmlError`] with the first thing that is wrong.
pub fn parse<'a>(text: &'a str, limits: &Limits) -> Result<Element<'a>, XmlError> {
    if text.len() > limits.bytes {
        let reason = Reason::Limit { what: "bytes in one message", most: limits.bytes };
        return Err(XmlError { reason, line: 1, column: 1 });
    }
    if let Some(offset) = forbidden_character(text) {
        return Err(XmlError::at(malformed("it contains a character that XML does not allow"), text, offset));
    }
    let mut reader = NsReader::from_str(text);
    reader.resolver_mut().set_max_namespace_bindings(256);
    let mut builder = Builder { text, limits, open: Vec::new(), root: None, elements: 0, namespaces: Vec::new() };
    loop {
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| XmlError::at(malformed(&error.to_string()), text, offset))?;
        let done = matches!(event, Event::Eof);
        builder.take(event, reader.resolver(), offset).map_err(|reason| XmlError::at(reason, text, offset))?;
        if done {
            return builder.root.ok_or_else(|| XmlError::at(malformed("there is no element"), text, text.len()));
        }
    }
}

/// Characters that XML 1.0 excludes and UTF-8 can carry: controls, U+FFFE and U+FFFF.
fn forbidden_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .enumerate()
        .find(|(at, byte)| match byte {
            b'\t' | b'\n' | b'\r' => false,
            0..0x20 => true,
            0xEF => matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])),
            _ => false,
        })
        .map(|(at, _)| at)
}

fn malformed(why: &str) -> Reason {
    Reason::Malformed(why.chars().take(200).collect())
}

struct Builder<'a, 'l> {
    text: &'a str,
    limits: &'l Limits,
    open: Vec<Element<'a>>,
    root: Option<Element<'a>>,
    elements: usize,
    /// Namespaces met so far, each kept once.
    namespaces: Vec<Rc<str>>,
}

impl<'a> Builder<'a, '_> {
    fn take(&mut self, event: Event<'a>, resolver: &NamespaceResolver, offset: usize) -> Result<(), Reason> {
        match event {
            Event::Start(tag) => self.start(&tag, resolver, offset),
            Event::Empty(tag) => {
                self.start(&tag, resolver, offset)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(data) => self.append(one_line_end(data.into_inner())),
            Event::CData(_) if self.open.is_empty() => Err(malformed("character data outside the root element")),
            Event::CData(data) => self.append(one_line_end(data.into_inner())),
            Event::GeneralRef(reference) => self.append_character(character(&reference)?),
            Event::Comment(_) => Ok(()),
            Event::Decl(_) if offset != 0 => Err(malformed("the XML declaration is not at the very start")),
            Event::Decl(declaration) => {
                declaration.xml_version().map(drop).map_err(|error| malformed(&error.to_string()))
            }
            Event::PI(instruction) => Err(Reason::Instruction(instruction.target().chars().take(40).collect())),
            Event::DocType(_) => Err(Reason::Doctype),
            Event::Eof => self
                .open
                .last()
                .map_or(Ok(()), |open| Err(malformed(&format!("it ends inside the element `{}`", open.name.local)))),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, resolver: &NamespaceResolver, offset: usize) -> Result<(), Reason> {
        if self.root.is_some() {
            return Err(malformed("there is a second root element"));
        }
        if self.open.len() >= self.limits.depth {
            return Err(Reason::Limit { what: "levels of elements", most: self.limits.depth });
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(Reason::Limit { what: "elements", most: self.limits.elements });
        }
        // The tag as it stands in the text, so that names and values can be borrowed from there.
        let tag_text = self
            .text
            .get(offset + 1..offset + 1 + tag.len())
            .filter(|text| *text == &**tag)
            .ok_or_else(|| malformed("unexpected characters before a tag"))?;
        let name_length = tag.name().into_inner().len();
        let raw = RawName(&tag_text[..name_length]);
        let namespace = resolver.resolve_element(raw).0;
        let name = self.name(raw, &namespace)?;
        let attributes = self.attributes(Attributes::new(tag_text, name_length), resolver)?;
        self.open.push(Element { name, attributes, children: Vec::new(), text: Cow::Borrowed(""), offset });
        Ok(())
    }

    fn attributes(
        &mut self,
        attributes: Attributes<'a>,
        resolver: &NamespaceResolver,
    ) -> Result<Vec<Attribute<'a>>, Reason> {
        let mut list: Vec<Attribute<'a>> = Vec::new();
        for (count, attribute) in attributes.enumerate() {
            if count >= self.limits.attributes {
                return Err(Reason::Limit { what: "attributes on one element", most: self.limits.attributes });
            }
            let attribute = attribute.map_err(|error| malformed(&error.to_string()))?;
            if attribute.value.contains('<') {
                return Err(malformed("an attribute value contains `<`; write &lt;"));
            }
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let namespace = resolver.resolve_attribute(attribute.key).0;
            let name = self.name(attribute.key, &namespace)?;
            let value = match attribute.value {
                Cow::Borrowed(raw) if !raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r')) => {
                    Cow::Borrowed(raw)
                }
                _ => {
                    let value = attribute.normalized_value(XmlVersion::Explicit1_0);
                    Cow::Owned(value.map_err(|error| malformed(&error.to_string()))?.into_owned())
                }
            };
            if forbidden_character(&value).is_some() {
                return Err(malformed("a numeric reference names a character that XML does not allow"));
            }
            if list.iter().any(|known| known.name == name) {
                return Err(malformed(&format!("the attribute `{}` is there twice", name.local)));
            }
            list.push(Attribute { name, value });
        }
        Ok(list)
    }

    fn name(&mut self, raw: RawName<'a>, namespace: &ResolveResult<'_>) -> Result<QName<'a>, Reason> {
        let text = raw.into_inner();
        let (local, prefix) = raw.decompose();
        let local = local.into_inner();
        if !is_ncname(local) || !prefix.is_none_or(|prefix| is_ncname(prefix.into_inner())) {
            return Err(malformed(&format!("`{text}` is not a name")));
        }
        let namespace = match namespace {
            ResolveResult::Unbound => "",
            ResolveResult::Bound(namespace) => namespace.into_inner(),
            ResolveResult::Unknown(prefix) => {
                return Err(malformed(&format!("the prefix `{prefix}` is not declared")));
            }
        };
        if let Some(known) = self.namespaces.iter().rev().find(|known| &***known == namespace) {
            return Ok(QName { namespace: Rc::clone(known), local });
        }
        let namespace: Rc<str> = Rc::from(namespace);
        if self.namespaces.len() < 32 {
            self.namespaces.push(Rc::clone(&namespace));
        }
        Ok(QName { namespace, local })
    }

    fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn append(&mut self, data: Cow<'a, str>) -> Result<(), Reason> {
        let blank = || data.bytes().all(|byte| byte.is_ascii_whitespace());
        match self.open.last_mut() {
            None if blank() => Ok(()),
            None => Err(malformed("there is text outside the root element")),
            Some(open) if !open.children.is_empty() && blank() => Ok(()),
            Some(open) if open.text.is_empty() => {
                open.text = data;
                Ok(())
            }
            Some(open) => {
                open.text.to_mut().push_str(&data);
                Ok(())
            }
        }
    }

    fn append_character(&mut self, character: char) -> Result<(), Reason> {
        let Some(open) = self.open.last_mut() else {
            return Err(malformed("there is text outside the root element"));
        };
        open.text.to_mut().push(character);
        Ok(())
    }
}

fn is_ncname(name: &str) -> bool {
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80;
    let mut bytes = name.bytes();
    bytes.next().is_some_and(begins) && bytes.all(|byte| begins(byte) || byte.is_ascii_digit() || b"-.".contains(&byte))
}

/// Line ends as XML wants them: one newline for each.
fn one_line_end(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}

fn character(reference: &BytesRef<'_>) -> Result<char, Reason> {
    let found = reference.resolve_char_ref().map_err(|error| malformed(&error.to_string()))?;
    let character = match (found, &**reference) {
        (Some(character), _) => character,
        (None, "lt") => '<',
        (None, "gt") => '>',
        (None, "amp") => '&',
        (None, "quot") => '"',
        (None, "apos") => '\'',
        (None, other) => return Err(Reason::Entity(other.chars().take(40).collect())),
    };
    if forbidden_character(character.encode_utf8(&mut [0; 4])).is_some() {
        return Err(malformed("a numeric reference names a character that XML does not allow"));
    }
    Ok(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Element<'_>, String> {
        parse(text, &Limits::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_resolved_and_text_is_joined() {
        let root = read("<?xml version='1.0'?>\n<a:r xmlns:a='u:1' xmlns='u:2'><b x='1&lt;' a:y='&#x41;\t'>p&amp;<!-- no -->q<![CDATA[<&]]>\r\nz</b><c xmlns=''/></a:r>\n").unwrap();
        assert!(root.name.is("u:1", "r"));
        let b = &root.children[0];
        assert!(b.name.is("u:2", "b"));
        assert_eq!(b.text, "p&q<&\nz");
        assert_eq!(b.attribute("", "x"), Some("1<"));
        assert_eq!(b.attribute("u:1", "y"), Some("A "));
        assert!(root.children[1].name.is("", "c"));
        assert!(!root.has_text() && b.has_text());
    }

    #[test]
    fn everything_dangerous_or_malformed_is_refused_with_its_place() {
        let cases = [
            ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "line 1, column 1: a document type"),
            ("<a>&x;</a>", "entity &x; is not known"),
            ("<a>\n<?php echo ?></a>", "line 2, column 1: a processing instruction (<?php"),
            ("<a>", "ends inside the element `a`"),
            ("<a><b></a></b>", "not well-formed"),
            ("<a/><b/>", "second root"),
            ("x<a/>", "text outside"),
            ("<a/>x", "text outside"),
            ("", "there is no element"),
            ("   ", "there is no element"),
            ("<a>\u{1}</a>", "does not allow"),
            ("<a>&#1;</a>", "does not allow"),
            ("<a>&#xFFFF;</a>", "does not allow"),
            ("<a b='&#0;'/>", "not well-formed"),
            ("<a b='&x;'/>", "not well-formed"),
            ("<a b='<'/>", "contains `<`"),
            ("<a b='1' b='2'/>", "not well-formed"),
            ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "twice"),
            ("<p:a/>", "prefix `p` is not declared"),
            ("<a p:b=''/>", "prefix `p` is not declared"),
            ("<1/>", "not a name"),
            ("<a:b:c/>", "not"),
            ("<a b=1/>", "not well-formed"),
            ("<a>&amp</a>", "not well-formed"),
            (" <?xml version='1.0'?><a/>", "not at the very start"),
            ("<?xml version='7'?><a/>", "not well-formed"),
            ("GET / HTTP/1.1", "text outside"),
        ];
        for (text, part) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(part), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn every_limit_is_kept() {
        let limits = Limits { bytes: 100_000, depth: 5, elements: 10, attributes: 3 };
        let reason = |text: &str| parse(text, &limits).unwrap_err().reason.to_string();
        assert_eq!(reason(&"<a>".repeat(10_000)), "more than 5 levels of elements");
        assert_eq!(reason(&format!("<r>{}</r>", "<a/>".repeat(10))), "more than 10 elements");
        assert_eq!(reason("<r a='' b='' c='' d=''/>"), "more than 3 attributes on one element");
        assert_eq!(reason(&" ".repeat(100_001)), "more than 100000 bytes in one message");
        assert!(parse("<a><a><a><a><a/></a></a></a></a>", &limits).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(<|>|/|a|b|:|=|'|\"| |&|;|#|x|!|\\[|\\]|-|\\?|\\PC){0,60}") {
            let _ = parse(&text, &Limits::default());
        }
    }
}

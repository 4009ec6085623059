//! Subjects of certificates in the one-line form that Globus prints: `/C=PL/O=Example/CN=Ada Nowak`.
//!
//! There is one canonical text for a subject, and two subjects are equal exactly when their texts are. A value can
//! never imitate another attribute: names that could be read in two ways are refused.

use super::der::{Reader, tag};
use openssl::asn1::Asn1Object;
use openssl::nid::Nid;
use openssl::x509::X509NameRef;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fmt::Write as _;

/// A subject in canonical form: UTF-8, control characters and backslashes as `\xNN`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

/// A text or a name that is no usable subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a usable subject: {why}; expected the form /C=PL/O=Example/CN=Ada Nowak")]
pub struct BadSubject {
    /// What was given, shortened to 200 characters.
    pub given: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl BadSubject {
    fn new(given: &str, why: &'static str) -> Self {
        Self { given: given.chars().take(200).collect(), why }
    }
}

/// The longest subject, in bytes. X.520 bounds each attribute to 64 characters or so; this is far above.
const LONGEST: usize = 2000;

impl Subject {
    /// Reads a subject as people and grid-mapfiles write it. `\xNN` above 7F, as `openssl` and Globus print UTF-8,
    /// becomes the character itself; `Email=`, `E=` and `USERID=` become `emailAddress=` and `UID=`.
    ///
    /// # Errors
    /// [`BadSubject`] when it does not begin with `/name=` or is longer than 2000 bytes.
    pub fn parse(text: &str) -> Result<Self, BadSubject> {
        if text.len() > LONGEST {
            return Err(BadSubject::new(text, "it is longer than 2000 bytes"));
        }
        let text = decode_escapes(text).ok_or_else(|| BadSubject::new(text, "its \\x escapes are not UTF-8"))?;
        if text.chars().any(char::is_control) {
            return Err(BadSubject::new(&text.escape_debug().to_string(), "it contains control characters"));
        }
        let starts = starts(&text);
        if starts.first() != Some(&0) {
            return Err(BadSubject::new(&text, "it does not begin with /name="));
        }
        let mut canonical = String::with_capacity(text.len());
        for (index, start) in starts.iter().enumerate() {
            let part = &text[*start + 1..starts.get(index + 1).copied().unwrap_or(text.len())];
            let (name, value) = part.split_once('=').expect("an attribute starts with a name and an equals sign");
            let name = match name {
                "Email" | "E" => "emailAddress",
                "USERID" => "UID",
                other => other,
            };
            write!(canonical, "/{name}={value}").expect("writing to a string cannot fail");
        }
        Ok(Self(canonical))
    }

    /// The subject that a certificate carries.
    ///
    /// # Errors
    /// [`BadSubject`] for an empty name, one longer than 2000 bytes, and one whose one-line form could be read in two
    /// ways, such as an organisation called `Example/CN=Ada`.
    pub fn of(name: &X509NameRef) -> Result<Self, BadSubject> {
        let unreadable = || BadSubject::new("", "the certificate's name cannot be read");
        let der = name.to_der().map_err(|_| unreadable())?;
        let mut line = String::new();
        let mut attributes = 0;
        for (_, set) in Reader::new(&der).enter(tag::SEQUENCE).ok_or_else(unreadable)? {
            for (_, attribute) in Reader::new(set) {
                let mut parts = Reader::new(attribute);
                let oid = parts.expect(tag::OBJECT).ok_or_else(unreadable)?;
                let (kind, value) = parts.next().ok_or_else(unreadable)?;
                let value = decode_string(kind, value).ok_or_else(unreadable)?;
                line.push('/');
                line.push_str(&attribute_name(oid).ok_or_else(unreadable)?);
                line.push('=');
                push_escaped(&mut line, &value);
                attributes += 1;
            }
        }
        if attributes == 0 {
            return Err(BadSubject::new("", "the certificate has no subject"));
        }
        if line.len() > LONGEST {
            return Err(BadSubject::new(&line, "it is longer than 2000 bytes"));
        }
        if starts(&line).len() != attributes {
            return Err(BadSubject::new(&line, "a value contains a slash and could be read as another attribute"));
        }
        Ok(Self(line))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of the last `CN`, for greetings and file names of people.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        let starts = starts(&self.0);
        let ends = starts.iter().skip(1).copied().chain([self.0.len()]);
        starts.iter().zip(ends).filter_map(|(start, end)| self.0[*start..end].strip_prefix("/CN=")).last()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Subject {
    type Error = BadSubject;
    fn try_from(text: String) -> Result<Self, BadSubject> {
        Self::parse(&text)
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}

/// Where attributes start: each slash that is followed by a name (letters, digits, dots) and an equals sign.
fn starts(line: &str) -> Vec<usize> {
    line.match_indices('/')
        .map(|(at, _)| at)
        .filter(|at| {
            let rest = &line[at + 1..];
            let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(rest.len());
            name > 0 && rest[name..].starts_with('=')
        })
        .collect()
}

/// `\xNN` from 80 to FF becomes the byte; the result must be UTF-8.
fn decode_escapes(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = bytes[at..]
            .strip_prefix(b"\\x")
            .and_then(|rest| rest.get(..2))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) if byte >= 0x80 => {
                decoded.push(byte);
                at += 4;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

fn push_escaped(line: &mut String, value: &str) {
    for c in value.chars() {
        if c.is_control() || c == '\\' {
            write!(line, "\\x{:02X}", u32::from(c)).expect("writing to a string cannot fail");
        } else {
            line.push(c);
        }
    }
}

/// The characters of an ASN.1 string. Everything that is not wider is taken as UTF-8, or else as Latin-1.
fn decode_string(kind: u8, bytes: &[u8]) -> Option<String> {
    match kind {
        tag::BMP_STRING => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            bytes.len().is_multiple_of(2).then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())?
        }
        tag::UNIVERSAL_STRING => {
            let units = bytes.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
            bytes.len().is_multiple_of(4).then(|| units.map(char::from_u32).collect())?
        }
        tag::UTF8_STRING => String::from_utf8(bytes.to_vec()).ok(),
        tag::T61_STRING => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        _ => bytes.is_ascii().then(|| bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// The short name, such as `CN`, or the dotted identifier of an attribute that OpenSSL has no name for.
fn attribute_name(oid: &[u8]) -> Option<String> {
    let dotted = dotted(oid)?;
    let known = Asn1Object::from_str(&dotted).ok().map(|object| object.nid()).filter(|nid| *nid != Nid::UNDEF);
    Some(known.and_then(|nid| nid.short_name().ok()).map_or(dotted, str::to_owned))
}

fn dotted(oid: &[u8]) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc: u64 = 0;
    for byte in oid {
        arc = arc.checked_mul(128)?.checked_add(u64::from(byte & 0x7F))?;
        if byte & 0x80 == 0 {
            arcs.push(arc);
            arc = 0;
        }
    }
    let first = *arcs.first()?;
    let root = (first / 40).min(2);
    let mut text = format!("{root}.{}", first - root * 40);
    for arc in &arcs[1..] {
        write!(text, ".{arc}").expect("writing to a string cannot fail");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::x509::{X509Name, X509NameBuilder};

    fn name(entries: &[(&str, &str)]) -> X509Name {
        let mut builder = X509NameBuilder::new().unwrap();
        for (attribute, value) in entries {
            builder.append_entry_by_text(attribute, value).unwrap();
        }
        builder.build()
    }

    fn subject(entries: &[(&str, &str)]) -> Result<Subject, BadSubject> {
        Subject::of(&name(entries))
    }

    #[test]
    fn a_name_is_printed_as_globus_prints_it() {
        let entries = [
            ("DC", "org"),
            ("C", "PL"),
            ("O", "Example"),
            ("CN", "Ada Nowak"),
            ("emailAddress", "a@b.pl"),
            ("UID", "ada"),
        ];
        let expected = "/DC=org/C=PL/O=Example/CN=Ada Nowak/emailAddress=a@b.pl/UID=ada";
        assert_eq!(subject(&entries).unwrap().as_str(), expected);
    }

    #[test]
    fn accents_read_the_same_from_a_certificate_from_utf8_and_from_escapes() {
        let from_certificate = subject(&[("O", "Łódź"), ("CN", "Zażółć")]).unwrap();
        assert_eq!(from_certificate, Subject::parse("/O=Łódź/CN=Zażółć").unwrap());
        let escaped = r"/O=\xC5\x81\xC3\xB3d\xC5\xBA/CN=Za\xC5\xBC\xC3\xB3\xC5\x82\xC4\x87";
        assert_eq!(from_certificate, Subject::parse(escaped).unwrap());
    }

    #[test]
    fn the_same_letters_in_another_string_type_are_the_same_text() {
        let wide: Vec<u8> = "Zażółć".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode_string(tag::BMP_STRING, &wide).as_deref(), Some("Zażółć"));
        let wider: Vec<u8> = "Zażółć".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(decode_string(tag::UNIVERSAL_STRING, &wider).as_deref(), Some("Zażółć"));
        assert_eq!(decode_string(tag::T61_STRING, &[b'J', 0xF3, b'z']).as_deref(), Some("Józ"));
        assert_eq!(decode_string(tag::UTF8_STRING, &[0xFF]), None);
        assert_eq!(decode_string(tag::BMP_STRING, &[0, 65, 0]), None);
    }

    #[test]
    fn a_host_with_a_service_prefix_is_a_name_but_an_imitated_attribute_is_not() {
        let host = subject(&[("O", "Example"), ("CN", "host/grid.example.org")]).unwrap();
        assert_eq!(host.common_name(), Some("host/grid.example.org"));
        let refused = subject(&[("O", "Example/CN=Ada Nowak")]).unwrap_err();
        assert!(refused.to_string().contains("read as another attribute"), "{refused}");
    }

    #[test]
    fn a_zero_byte_or_line_feed_in_a_value_does_not_hide_what_follows() {
        assert_eq!(subject(&[("CN", "Ada\nroot")]).unwrap().as_str(), r"/CN=Ada\x0Aroot");
        assert_eq!(subject(&[("CN", "Ada\0root")]).unwrap().as_str(), r"/CN=Ada\x00root");
        assert_ne!(subject(&[("CN", "Ada\nroot")]).unwrap(), subject(&[("CN", r"Ada\x0Aroot")]).unwrap());
    }

    #[test]
    fn old_names_of_attributes_are_read_as_the_present_ones() {
        let written = Subject::parse("/O=Example/USERID=ada/Email=ada@example.org").unwrap();
        assert_eq!(written.as_str(), "/O=Example/UID=ada/emailAddress=ada@example.org");
    }

    #[test]
    fn texts_that_are_no_subjects_are_refused_with_the_expected_form() {
        for text in ["", "CN=Ada", "Ada", "/Ada", "C=PL, O=Example", "/CN=Ada\n", "/CN=\\xFF"] {
            let refused = Subject::parse(text).unwrap_err().to_string();
            assert!(refused.contains("/C=PL/O=Example/CN=Ada Nowak"), "{text}: {refused}");
        }
        assert!(Subject::parse(&format!("/CN={}", "a".repeat(2000))).is_err());
    }

    #[test]
    fn an_attribute_without_a_name_shows_its_identifier() {
        assert_eq!(attribute_name(&[0x2B, 0x06, 0x01, 0x04, 0x01, 0x9B, 0x50, 0x7F]).unwrap(), "1.3.6.1.4.1.3536.127");
        assert_eq!(attribute_name(&[0x55, 0x04, 0x03]).unwrap(), "CN");
    }
}

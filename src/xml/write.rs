//! Writing: elements and escaped text into one growing string.

use std::fmt::Write as _;

/// The stand-in for characters that XML 1.0 cannot carry.
const REPLACEMENT: &str = "\u{FFFD}";

/// Adds character data, escaped.
pub fn escape_text(out: &mut String, text: &str) {
    escape(out, text, false);
}

/// Adds the inside of an attribute value in double quotes, escaped.
pub fn escape_attribute(out: &mut String, text: &str) {
    escape(out, text, true);
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let (instead, length) = match byte {
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'&' => ("&amp;", 1),
            b'"' if attribute => ("&quot;", 1),
            b'\n' if attribute => ("&#10;", 1),
            b'\t' if attribute => ("&#9;", 1),
            b'\r' => ("&#13;", 1),
            b'\n' | b'\t' => continue,
            0..0x20 => (REPLACEMENT, 1),
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => (REPLACEMENT, 3),
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(instead);
        from = at + length;
    }
    out.push_str(&text[from..]);
}

/// Builds a document. Names are the caller's own and are written as they are; text is escaped.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// A document that begins with `prolog`, with room for `capacity` bytes.
    #[must_use]
    pub fn new(prolog: &str, capacity: usize) -> Self {
        let mut text = String::with_capacity(capacity.max(prolog.len()));
        text.push_str(prolog);
        Self(text)
    }

    /// Adds markup that is known to be right.
    pub fn markup(&mut self, markup: &str) {
        self.0.push_str(markup);
    }

    /// Adds escaped text.
    pub fn text(&mut self, text: &str) {
        escape_text(&mut self.0, text);
    }

    /// Opens an element.
    pub fn open(&mut self, name: &str) {
        self.tag("<", name);
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) {
        self.tag("</", name);
    }

    fn tag(&mut self, begin: &str, name: &str) {
        self.0.push_str(begin);
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that holds text only.
    pub fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        self.text(text);
        self.close(name);
    }

    /// An element that holds a value whose text needs no escaping: numbers, booleans, times.
    pub fn value(&mut self, name: &str, value: impl std::fmt::Display) {
        self.open(name);
        write!(self.0, "{value}").expect("writing into a string cannot fail");
        self.close(name);
    }

    /// The document.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    #[test]
    fn what_xml_cannot_carry_is_replaced() {
        let mut out = String::new();
        escape_text(&mut out, "a<b>&\"\u{1}\u{0}\r\n\t\u{FFFF}\u{FFFE}ż");
        assert_eq!(out, "a&lt;b&gt;&amp;\"\u{FFFD}\u{FFFD}&#13;\n\t\u{FFFD}\u{FFFD}ż");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_read_back(text in "\\PC{0,40}|(<|&|\"|\r|\n|\t|>| ){0,20}") {
            let mut attribute = String::new();
            escape_attribute(&mut attribute, &text);
            let mut writer = Writer::new("", 64);
            writer.markup(&format!("<a b=\"{attribute}\">"));
            writer.leaf("c", &text);
            writer.close("a");
            let document = writer.finish();
            let root = parse(&document, &Limits::default()).unwrap();
            proptest::prop_assert_eq!(root.attribute("", "b").unwrap(), &text);
            proptest::prop_assert_eq!(&root.children[0].text, &text);
        }
    }
}

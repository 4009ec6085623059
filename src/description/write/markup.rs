//! Indented elements in one growing text. Texts are escaped; blanks are only put between elements, never into a text.

use crate::xml::{escape_attribute, escape_text};

/// A document that grows.
#[derive(Default)]
pub(super) struct Markup {
    text: String,
    depth: usize,
}

/// Attributes of one element: those without a value are left out.
pub(super) type Attributes<'a> = &'a [(&'a str, Option<String>)];

impl Markup {
    fn begin(&mut self, name: &str, attributes: Attributes<'_>) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            if let Some(value) = value {
                self.text.extend([" ", name, "=\""]);
                escape_attribute(&mut self.text, value);
                self.text.push('"');
            }
        }
    }

    /// An element with what `inner` writes into it; closed at once when that is nothing.
    pub(super) fn element(&mut self, name: &str, attributes: Attributes<'_>, inner: impl FnOnce(&mut Self)) {
        self.begin(name, attributes);
        let (open, depth) = (self.text.len(), self.depth);
        self.text.push_str(">\n");
        let empty = self.text.len();
        self.depth += 1;
        inner(self);
        self.depth = depth;
        if self.text.len() == empty {
            self.text.truncate(open);
            self.text.push_str("/>\n");
            return;
        }
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.extend(["</", name, ">\n"]);
    }

    /// An element that is only written when there is something in it.
    pub(super) fn section(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        let before = self.text.len();
        let mut written = false;
        self.element(name, &[], |markup| {
            let empty = markup.text.len();
            inner(markup);
            written = markup.text.len() > empty;
        });
        if !written {
            self.text.truncate(before);
        }
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) {
        self.begin(name, attributes);
        self.text.push_str("/>\n");
    }

    /// An element with a text.
    pub(super) fn leaf(&mut self, name: &str, attributes: Attributes<'_>, text: &str) {
        self.begin(name, attributes);
        self.text.push('>');
        escape_text(&mut self.text, text);
        self.text.extend(["</", name, ">\n"]);
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

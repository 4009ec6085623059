//! Texts of a document as the model wants them: a sweep's parameters inside, everything else kept from being taken for a variable.

use super::file_system::Mount;
use crate::xml::lexical;

/// A text that a sweep may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) Vec<Piece>);

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// As written.
    Literal(String),
    /// The value of a parameter.
    Parameter(String),
}

impl Text {
    /// A text without parameters.
    pub(super) fn literal(text: impl Into<String>) -> Self {
        Self(vec![Piece::Literal(text.into())])
    }

    /// Without the blanks around it.
    pub(super) fn trimmed(mut self) -> Self {
        if let Some(Piece::Literal(first)) = self.0.first_mut() {
            *first = first.trim_start_matches([' ', '\t', '\n', '\r']).to_owned();
        }
        if let Some(Piece::Literal(last)) = self.0.last_mut() {
            *last = last.trim_end_matches([' ', '\t', '\n', '\r']).to_owned();
        }
        self
    }

    /// Whether nothing is said.
    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Literal(text) if lexical::trim(text).is_empty()))
    }

    /// Whether it begins with a slash.
    pub(super) fn is_absolute(&self) -> bool {
        matches!(self.0.first(), Some(Piece::Literal(text)) if text.starts_with('/'))
    }

    fn written(&self, literal: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => literal(text),
            Piece::Parameter(name) => format!("${{PS_{name}}}"),
        };
        self.0.iter().map(piece).collect()
    }

    /// For the program: nothing in it is a variable.
    pub(super) fn data(&self) -> String {
        self.written(escaped)
    }

    /// As a URI, in which the variables of the job description language mean something.
    pub(super) fn uri(&self) -> String {
        self.written(str::to_owned)
    }

    /// As the path of a URL.
    pub(super) fn path(&self) -> String {
        self.written(encoded)
    }

    /// As the name of a file.
    pub(super) fn name(&self) -> String {
        self.written(str::to_owned)
    }

    /// For the program, below a mount point.
    pub(super) fn data_on(&self, mount: &Mount) -> String {
        let start = match mount {
            Mount::Path(path) => escaped(path.trim_end_matches('/')),
            Mount::Variable(name) => format!("${{{name}}}"),
        };
        format!("{start}/{}", self.data().trim_start_matches('/'))
    }

    /// The URL of a file on the executing machine, below a mount point.
    pub(super) fn url_on(&self, mount: &Mount) -> String {
        let start = match mount {
            Mount::Path(path) => format!("file:///{}", encoded(path.trim_end_matches('/'))),
            Mount::Variable(name) => format!("file:///${{{name}}}"),
        };
        format!("{start}/{}", self.path().trim_start_matches('/'))
    }
}

fn escaped(text: &str) -> String {
    text.replace('$', "$$")
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str("%25"),
            c if c.is_whitespace() || c.is_control() => {
                let mut bytes = [0; 4];
                c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
            }
            c => out.push(c),
        }
    }
    escaped(&out)
}

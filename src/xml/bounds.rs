//! A look over a text before any parser sees it: size, depth, numbers of attributes and namespaces, and no document
//! type declaration. Parsers behind it meet only what they handle in linear time and bounded memory.
//!
//! The scan is looser than XML: wherever a text is well-formed it sees the same tags a parser sees, and where it is not the
//! parser stops first. So a text that passes may still be malformed, but not large, deep or expansive.

/// Greatest number of attributes of one element; parsers compare each with each.
const MAX_ATTRIBUTES: usize = 64;
/// Greatest number of namespace declarations in a text; parsers copy those in scope to every element that makes one.
const MAX_NAMESPACES: usize = 512;

/// What a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes.
    pub bytes: usize,
    /// Elements inside each other.
    pub depth: usize,
}

/// Why a text is not worth parsing. Offsets are in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Larger than allowed.
    #[error("{given} bytes, at most {allowed} are accepted")]
    Size {
        /// The size, bytes.
        given: usize,
        /// The bound, bytes.
        allowed: usize,
    },
    /// Deeper than allowed.
    #[error("elements are nested deeper than {allowed} levels")]
    Depth {
        /// Where the first element too deep begins.
        offset: usize,
        /// The bound.
        allowed: usize,
    },
    /// One element has too many attributes.
    #[error("an element has more than {MAX_ATTRIBUTES} attributes")]
    Attributes {
        /// Where the element begins.
        offset: usize,
    },
    /// Too many namespaces are declared.
    #[error("more than {MAX_NAMESPACES} namespaces are declared")]
    Namespaces {
        /// Where the element with the first one too many begins.
        offset: usize,
    },
    /// There is a document type declaration.
    #[error("a document type declaration is not allowed")]
    DocumentType {
        /// Where it begins.
        offset: usize,
    },
}

/// The first place where start and end tags do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbalanced<'a> {
    /// The text ends inside this element.
    Open {
        /// The element's name as written.
        name: &'a str,
        /// Where it begins.
        offset: usize,
    },
    /// An end tag with another name.
    Crossed {
        /// The element that is open.
        name: &'a str,
        /// Where that one begins.
        offset: usize,
        /// The name in the end tag.
        end: &'a str,
        /// Where the end tag is.
        end_offset: usize,
        /// Whether an element of that name is open further out.
        outer: bool,
    },
    /// An end tag when nothing is open.
    Stray {
        /// The name in the end tag.
        end: &'a str,
        /// Where it is.
        offset: usize,
    },
}

/// Checks a text against the bounds and tells where its tags do not fit together, if they do not.
///
/// # Errors
/// [`Refused`] says which bound was passed, or that there is a document type declaration.
pub fn scan(text: &str, bounds: Bounds) -> Result<Option<Unbalanced<'_>>, Refused> {
    if text.len() > bounds.bytes {
        return Err(Refused::Size { given: text.len(), allowed: bounds.bytes });
    }
    let mut open: Vec<(&str, usize)> = Vec::with_capacity(bounds.depth.min(16));
    let mut namespaces = 0;
    for (offset, token) in (Tokens { text, at: 0 }) {
        match token {
            Token::DocumentType => return Err(Refused::DocumentType { offset }),
            Token::Start(tag) => {
                namespaces += tag.namespaces;
                enter(&mut open, &tag, offset, namespaces, bounds)?;
            }
            Token::End(end) => {
                if let Some(fault) = close(&mut open, end, offset) {
                    return Ok(Some(fault));
                }
            }
        }
    }
    Ok(open.last().map(|&(name, offset)| Unbalanced::Open { name, offset }))
}

/// The names of the elements that are open at a byte offset, outermost first.
#[must_use]
pub fn open_at(text: &str, offset: usize) -> Vec<&str> {
    let mut open = Vec::new();
    for (_, token) in (Tokens { text, at: 0 }).take_while(|(at, _)| *at < offset) {
        match token {
            Token::Start(tag) if !tag.empty => open.push(tag.name),
            Token::End(_) => drop(open.pop()),
            Token::Start(_) | Token::DocumentType => {}
        }
    }
    open
}

enum Token<'a> {
    Start(Tag<'a>),
    End(&'a str),
    DocumentType,
}

/// Tags with their offsets. Ends where the text is no XML in a way that hides where the next tag begins.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.at + self.text[self.at..].find('<')?;
            let rest = &self.text[start..];
            match rest.as_bytes().get(1)? {
                b'!' if rest.get(2..9).is_some_and(|word| word.eq_ignore_ascii_case("DOCTYPE")) => {
                    self.at = self.text.len();
                    return Some((start, Token::DocumentType));
                }
                b'!' => self.at = start + behind(rest, "<!--", "-->").or_else(|| behind(rest, "<![CDATA[", "]]>"))?,
                b'?' => self.at = start + behind(rest, "<?", "?>")?,
                b'/' => {
                    self.at = start + rest.find('>').map_or(rest.len(), |end| end + 1);
                    return Some((start, Token::End(&rest[2..name_end(rest, 2)])));
                }
                _ => {
                    let tag = tag(rest)?;
                    self.at = start + tag.length;
                    return Some((start, Token::Start(tag)));
                }
            }
        }
    }
}

fn behind(rest: &str, from: &str, to: &str) -> Option<usize> {
    let inner = rest.strip_prefix(from)?;
    inner.find(to).map(|end| from.len() + end + to.len())
}

struct Tag<'a> {
    name: &'a str,
    length: usize,
    empty: bool,
    attributes: usize,
    namespaces: usize,
}

/// Reads a start tag; nothing when it does not end, or holds a `<` where none can be.
fn tag(rest: &str) -> Option<Tag<'_>> {
    let bytes = rest.as_bytes();
    let name_end = name_end(rest, 1);
    let mut tag = Tag { name: &rest[1..name_end], length: 0, empty: false, attributes: 0, namespaces: 0 };
    let mut at = name_end;
    loop {
        match *bytes.get(at)? {
            b'>' => {
                tag.empty = bytes[at - 1] == b'/';
                tag.length = at + 1;
                return Some(tag);
            }
            b'<' => return None,
            quote @ (b'"' | b'\'') => {
                tag.attributes += 1;
                at += 1 + bytes[at + 1..].iter().position(|&byte| byte == quote)?;
            }
            b'x' if rest[at..].starts_with("xmlns") && bytes[at - 1].is_ascii_whitespace() => tag.namespaces += 1,
            _ => {}
        }
        at += 1;
    }
}

fn enter<'a>(
    open: &mut Vec<(&'a str, usize)>,
    tag: &Tag<'a>,
    offset: usize,
    namespaces: usize,
    bounds: Bounds,
) -> Result<(), Refused> {
    if tag.attributes > MAX_ATTRIBUTES {
        return Err(Refused::Attributes { offset });
    }
    if namespaces > MAX_NAMESPACES {
        return Err(Refused::Namespaces { offset });
    }
    if open.len() >= bounds.depth {
        return Err(Refused::Depth { offset, allowed: bounds.depth });
    }
    if !tag.empty {
        open.push((tag.name, offset));
    }
    Ok(())
}

fn close<'a>(open: &mut Vec<(&'a str, usize)>, end: &'a str, at: usize) -> Option<Unbalanced<'a>> {
    let Some((name, offset)) = open.pop() else {
        return Some(Unbalanced::Stray { end, offset: at });
    };
    (name != end).then(|| {
        let outer = open.iter().any(|&(outer, _)| outer == end);
        Unbalanced::Crossed { name, offset, end, end_offset: at, outer }
    })
}

fn name_end(rest: &str, from: usize) -> usize {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/' | '<' | '"' | '\'' | '=');
    rest[from..].find(ends).map_or(rest.len(), |end| from + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { bytes: 10_000_000, depth: 8 };

    #[test]
    fn size_depth_attributes_and_namespaces_are_bounded() {
        let deep = "<a>".repeat(200_000);
        assert_eq!(scan(&deep, BOUNDS), Err(Refused::Depth { offset: 24, allowed: 8 }));
        assert!(matches!(scan("<a/>", Bounds { bytes: 3, depth: 8 }), Err(Refused::Size { given: 4, allowed: 3 })));
        let many: String = (0..65).map(|n| format!(" a{n}='<'")).collect();
        assert_eq!(scan(&format!("<a{many}/>"), BOUNDS), Err(Refused::Attributes { offset: 0 }));
        let spaces: String = (0..513).map(|n| format!("<a xmlns:p{n}='u'/>")).collect();
        assert!(matches!(scan(&format!("<r>{spaces}</r>"), BOUNDS), Err(Refused::Namespaces { .. })));
        let wide = format!("<r>{}</r>", "<a xml='1'/>".repeat(1000));
        assert_eq!(scan(&wide, BOUNDS), Ok(None));
    }

    #[test]
    fn a_document_type_is_seen_only_where_it_is_one() {
        assert_eq!(
            scan("<?xml version='1.0'?>\n<!DOCTYPE a []><a/>", BOUNDS),
            Err(Refused::DocumentType { offset: 22 })
        );
        assert_eq!(scan("<!-- <!DOCTYPE a> --><a b='<!DOCTYPE'><![CDATA[<!DOCTYPE a>]]></a>", BOUNDS), Ok(None));
        assert_eq!(scan("<a><!doctype x></a>", BOUNDS), Err(Refused::DocumentType { offset: 3 }));
    }

    #[test]
    fn the_first_tag_that_does_not_fit_is_named() {
        assert_eq!(scan("<a><b></b>", BOUNDS), Ok(Some(Unbalanced::Open { name: "a", offset: 0 })));
        let crossed = Unbalanced::Crossed { name: "b", offset: 3, end: "a", end_offset: 6, outer: true };
        assert_eq!(scan("<a><b></a>", BOUNDS), Ok(Some(crossed)));
        assert_eq!(scan("<a/></b>", BOUNDS), Ok(Some(Unbalanced::Stray { end: "b", offset: 4 })));
        assert_eq!(scan("<a><b x='/>'/><c/ ></c></a>", BOUNDS), Ok(None));
        assert_eq!(open_at("<a><b/><c></c><d>x", 100), ["a", "d"]);
    }

    #[test]
    fn odd_texts_do_no_harm() {
        for text in [
            "<",
            "</",
            "<!",
            "<?",
            "<a",
            "<a b",
            "<a b='",
            "<é/>",
            "<é>x</é>",
            "<a\u{85}b/>",
            "<!é",
            "</é",
            "<![CDATA[",
        ] {
            let _ = scan(text, BOUNDS);
        }
    }
}

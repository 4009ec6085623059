//! Messages of several parts (RFC 2387), as MTOM sends them: which part the envelope is in, and the others by their Content-ID.
//!
//! What a message says of its parts is not believed but checked: ids are unique, every part ends, nothing is named that is not there.

use super::fault::Fault;
use crate::job::Code;
use actix_web::http::StatusCode;
use std::borrow::Cow;
use std::cell::Cell;

/// The most parts of one message.
const MOST_PARTS: usize = 100;

/// A part.
#[derive(Debug)]
struct Part<'a> {
    id: Option<String>,
    content: Cow<'a, [u8]>,
}

/// The parts beside the envelope.
#[derive(Debug, Default)]
pub(super) struct Attachments<'a> {
    parts: Vec<Part<'a>>,
    /// How many bytes may still be taken: one part may be named many times.
    left: Cell<usize>,
}

impl Attachments<'_> {
    /// The content of the part that a `cid:` address names.
    pub(super) fn take(&self, href: &str) -> Result<&[u8], Fault> {
        let shown: String = href.chars().take(100).collect();
        let Some(cid) = href.trim().strip_prefix("cid:") else {
            return Err(malformed(format!("`{shown}` is no part of this message; expected cid: and a Content-ID")));
        };
        // Some tool kits encode the address and not the header.
        let decoded = percent_decode(cid);
        let named = |part: &&Part<'_>| part.id.as_deref().is_some_and(|id| id == cid || id.as_bytes() == decoded);
        let Some(part) = self.parts.iter().find(named) else {
            let known: Vec<_> = self.parts.iter().filter_map(|part| part.id.as_deref()).take(10).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(malformed(format!("there is no part with the Content-ID of `{shown}`; there are: {known}")));
        };
        let left = self.left.get().checked_sub(part.content.len()).ok_or_else(|| {
            let message = "the attachments, each counted as often as it is named, are larger than a message may be";
            Fault::from(crate::operations::OperationError::new(Code::LimitExceeded, message))
        })?;
        self.left.set(left);
        Ok(&part.content)
    }
}

/// Takes a message apart: the bytes of the envelope, and the rest. The root is the part that `start` names, or the first.
pub(super) fn split<'a>(
    body: &'a [u8],
    boundary: &str,
    start: Option<&str>,
    most: usize,
) -> Result<(Cow<'a, [u8]>, Attachments<'a>), Fault> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for raw in raw_parts(body, boundary)? {
        let part = part(raw)?;
        if part.id.is_some() && parts.iter().any(|known| known.id == part.id) {
            let id: String = part.id.unwrap_or_default().chars().take(100).collect();
            return Err(unreadable(format!("two parts have the Content-ID `{id}`")));
        }
        parts.push(part);
    }
    let at = match start.map(plain_id) {
        None => 0,
        Some(start) => parts.iter().position(|part| part.id.as_deref() == Some(start)).ok_or_else(|| {
            let start: String = start.chars().take(100).collect();
            unreadable(format!("start names the Content-ID `{start}`, which no part has"))
        })?,
    };
    if parts.is_empty() {
        return Err(unreadable("there is no part".to_owned()));
    }
    let root = parts.remove(at).content;
    Ok((root, Attachments { parts, left: Cell::new(most) }))
}

fn malformed(message: String) -> Fault {
    crate::operations::OperationError::new(Code::MalformedRequest, message).into()
}

fn unreadable(why: String) -> Fault {
    let message = format!("the multipart message cannot be read: {why}; send a plain envelope");
    Fault::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::MalformedRequest, message)
}

/// What is between the delimiters, which stand at the beginning of lines.
fn raw_parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<&'a [u8]>, Fault> {
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let mut parts = Vec::new();
    let mut from = None;
    for (line, begin, end) in lines(body) {
        let Some(behind) = line.strip_prefix(delimiter.as_slice()) else { continue };
        let (last, blank) = match behind.strip_prefix(b"--") {
            Some(rest) => (true, rest),
            None => (false, behind),
        };
        if !blank.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(from) = from {
            parts.push(without_line_end(&body[from..begin]));
        }
        if last {
            return Ok(parts);
        }
        if parts.len() >= MOST_PARTS {
            return Err(unreadable(format!("there are more than {MOST_PARTS} parts")));
        }
        from = Some(end);
    }
    Err(unreadable(if from.is_some() {
        "the last part does not end with its delimiter".to_owned()
    } else {
        "there is no part with this boundary".to_owned()
    }))
}

/// Lines with their line ends; where each begins, and where the next does.
fn lines(body: &[u8]) -> impl Iterator<Item = (&[u8], usize, usize)> {
    let mut at = 0;
    body.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let begin = at;
        at += line.len();
        (line, begin, at)
    })
}

/// The line end before a delimiter belongs to the delimiter.
fn without_line_end(part: &[u8]) -> &[u8] {
    part.strip_suffix(b"\r\n").or_else(|| part.strip_suffix(b"\n")).unwrap_or(part)
}

fn part(raw: &[u8]) -> Result<Part<'_>, Fault> {
    let head_end = lines(raw).find(|(line, ..)| line.trim_ascii().is_empty());
    let Some((_, begin, end)) = head_end else {
        return Err(unreadable("a part has no empty line behind its header".to_owned()));
    };
    let head =
        std::str::from_utf8(&raw[..begin]).map_err(|_| unreadable("the header of a part is no text".to_owned()))?;
    // A field goes on in lines that begin with a blank.
    let head = head.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        let found = head.lines().filter_map(|line| line.split_once(':'));
        found
            .filter(|(known, _)| known.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .next()
    };
    let content = &raw[end..];
    let encoding = field("Content-Transfer-Encoding").map(|encoding| encoding.to_ascii_lowercase());
    let content = match encoding.as_deref() {
        None | Some("binary" | "8bit" | "7bit") => Cow::Borrowed(content),
        Some("base64") => Cow::Owned(from_base64(content)?),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            return Err(unreadable(format!("the Content-Transfer-Encoding `{other}` is not understood")));
        }
    };
    Ok(Part { id: field("Content-ID").map(|id| plain_id(&id).to_owned()), content })
}

fn from_base64(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let dense: String =
        content.iter().filter(|byte| !byte.is_ascii_whitespace()).map(|byte| char::from(*byte)).collect();
    openssl::base64::decode_block(&dense).map_err(|_| unreadable("a part is said to be base64 and is not".to_owned()))
}

/// An id without its angle brackets.
fn plain_id(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root<'a>(body: &'a [u8], start: Option<&str>) -> Option<Cow<'a, [u8]>> {
        split(body, "B", start, 1000).ok().map(|(root, _)| root)
    }

    #[test]
    fn the_root_is_the_part_that_start_names_or_the_first() {
        let body = b"pre\r\n--B\r\nContent-ID: <x>\r\n\r\nother\r\n--B\r\ncontent-id: <r>\r\n\r\n<e/>\r\n--B--\r\n";
        assert_eq!(root(body, Some("<r>")).as_deref(), Some(&b"<e/>"[..]));
        assert_eq!(root(body, Some("r")).as_deref(), Some(&b"<e/>"[..]));
        assert_eq!(root(body, None).as_deref(), Some(&b"other"[..]));
        for (text, start) in [(&body[..], Some("<none>")), (b"--B--", None), (b"", None), (b"--B\r\n\r\nx", None)] {
            assert!(root(text, start).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_delimiter_counts_only_as_a_whole_line() {
        let body = b"--B\r\n\r\nx--B\r\n--Bc\r\ny\r\n--B  \r\n\r\nz\r\n--B--";
        assert_eq!(root(body, None).as_deref(), Some(&b"x--B\r\n--Bc\r\ny"[..]));
    }

    #[test]
    fn percent_signs_are_read_where_digits_follow() {
        assert_eq!(percent_decode("a%40b%zz%4"), b"a@b%zz%4");
    }
}

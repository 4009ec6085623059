//! Bytes to text: UTF-8, and UTF-16 when a byte order mark or the first two characters show it.

use super::{Reason, XmlError};
use std::borrow::Cow;

/// The text of a message. UTF-8 is not copied; a byte order mark is dropped.
///
/// # Errors
/// [`Reason::Encoding`] when the bytes are neither.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        XmlError::at(Reason::Encoding("the bytes are not UTF-8; send the message in UTF-8"), &before, before.len())
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, XmlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(XmlError::at(Reason::Encoding("the bytes are not UTF-16; send the message in UTF-8"), "", 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_read_with_either_byte_order_and_without_a_mark() {
        let text = "<a>żółć 𝄞</a>";
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [[&[0xFE, 0xFF], &big[..]].concat(), [&[0xFF, 0xFE], &little[..]].concat(), big, little] {
            assert_eq!(decode(&bytes).unwrap(), text);
        }
        assert_eq!(decode(b"\xEF\xBB\xBF<a/>").unwrap(), "<a/>");
    }

    #[test]
    fn broken_bytes_are_refused_with_their_place() {
        let error = decode(b"<a>\n <b>\xFF</b></a>").unwrap_err();
        assert_eq!((error.line, error.column), (2, 5));
        assert!(decode(b"\xFF\xFE<\0a").is_err());
        assert!(decode(b"\xFF\xFE\x00\xD8").is_err());
    }
}

//! Content carried inside a description: `data:` URLs (RFC 2397). They are kept in one form, base64 without blanks, so that
//! nothing in them can be taken for a variable or for a part of another URL.

use super::BadLocation;
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// What a URL without a media type holds.
const PLAIN: &str = "text/plain;charset=US-ASCII";
const MARK: &str = ";base64";
/// People and programs leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What follows `data:` for this content.
pub(super) fn render(media_type: &str, content: &[u8]) -> String {
    format!("{media_type}{MARK},{}", STANDARD.encode(content))
}

/// Reads what follows `data:` and gives it in the one form that is kept.
///
/// # Errors
/// No comma, a media type with characters that none has, base64 or percent-encoding that is none.
pub(super) fn normalise(rest: &str) -> Result<String, BadLocation> {
    let bad = |why: &str| BadLocation(format!("{why}; write data:TYPE;base64,CONTENT, such as data:;base64,aGVsbG8="));
    let Some((head, content)) = rest.split_once(',') else {
        return Err(bad("the data: URL has no comma between its media type and its content"));
    };
    let (media_type, encoded) = match head.trim().strip_suffix(MARK) {
        Some(media_type) => (media_type, true),
        None => (head.trim(), false),
    };
    if !media_type.chars().all(|c| c.is_ascii_alphanumeric() || "!#&'*+-.^_`/;=\"".contains(c)) {
        return Err(bad("the media type of the data: URL contains a character that none has"));
    }
    let bytes = if encoded {
        let text: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let told = |error: base64::DecodeError| error.to_string().trim_end_matches('.').to_owned();
        LENIENT
            .decode(text)
            .map_err(|error| bad(&format!("the content of the data: URL is not base64 ({})", told(error))))?
    } else {
        unescape(content).ok_or_else(|| {
            bad("the data: URL contains a character that no URL has, or a % without two hexadecimal digits")
        })?
    };
    Ok(render(if media_type.is_empty() { PLAIN } else { media_type }, &bytes))
}

/// The media type and the content of a normalised URL.
pub(super) fn split(path: &str) -> Option<(&str, Vec<u8>)> {
    let (media_type, content) = path.split_once(',')?;
    let bytes = STANDARD.decode(content).ok()?;
    Some((media_type.strip_suffix(MARK)?, bytes))
}

/// For people: the type and the size, never the content.
pub(super) fn shown(path: &str) -> String {
    let (head, content) = path.split_once(',').unwrap_or((path, ""));
    let padding = content.bytes().rev().take_while(|byte| *byte == b'=').count();
    let size = (content.len() / 4 * 3).saturating_sub(padding);
    format!("data:{} ({size} bytes)", head.strip_suffix(MARK).unwrap_or(head))
}

/// Undoes percent-encoding; nothing when a character is none of a URL's.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? * 16 + digit(rest.next()?)?,
            plain if plain.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&plain) => plain,
            _ => return None,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use crate::job::{Scheme, Url};
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_gives_the_same_content() {
        for text in [
            "data:,A%20brief%20note",
            "DATA:text/plain;charset=US-ASCII,A%20brief%20note",
            "data:;base64,QSBicmllZiBub3Rl",
            " data:;base64,QSBi\n  cmllZiBub3Rl\n",
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.scheme(), url.authority()), (Scheme::Data, ""), "{text}");
            assert_eq!(url.content().unwrap(), b"A brief note", "{text}");
            assert_eq!(url.to_string(), "data:text/plain;charset=US-ASCII (12 bytes)", "{text}");
            assert_eq!(Url::try_from(String::from(url.clone())).unwrap(), url, "{text}");
        }
        assert_eq!(Url::parse("data:;base64,YQ").unwrap().content().unwrap(), b"a", "padding may be left out");
        assert_eq!(Url::parse("data:,").unwrap().content().unwrap(), b"");
        assert!(Url::parse("data:,x/y").unwrap().file_name().is_none());
    }

    #[test]
    fn a_text_that_is_no_data_url_is_refused_with_an_example() {
        for (text, part) in [
            ("data:", "no comma"),
            ("data:text/plain;base64", "no comma"),
            ("data:te xt,x", "media type"),
            ("data:${HOME},x", "media type"),
            ("data:;base64,?", "not base64"),
            ("data:,a b", "no URL has"),
            ("data:,%4", "hexadecimal"),
        ] {
            let said = Url::parse(text).unwrap_err().to_string();
            assert!(said.contains(part) && said.contains("data:;base64,aGVsbG8="), "{text}: {said}");
        }
    }

    #[test]
    fn the_content_is_shown_nowhere() {
        let url = Url::inline("text/plain", b"secret secret secret");
        let hidden = String::from(url.clone()).split_once(',').unwrap().1.to_owned();
        for shown in [url.to_string(), format!("{url:?}")] {
            assert!(shown.contains("(20 bytes)") && !shown.contains(&hidden), "{shown}");
        }
        assert!(Url::parse("http://h/x").is_ok_and(|url| url.content().is_none()));
    }

    proptest! {
        #[test]
        fn content_survives_being_written_and_read(content in any::<Vec<u8>>()) {
            let url = Url::inline("application/octet-stream", &content);
            prop_assert_eq!(url.content(), Some(content.clone()));
            let again = Url::try_from(String::from(url.clone())).unwrap();
            prop_assert_eq!(&again, &url);
            let shown = again.to_string();
            let size = format!("({} bytes)", content.len());
            prop_assert!(shown.ends_with(&size), "{}", shown);
        }

        #[test]
        fn arbitrary_data_urls_are_answered(rest in "[a-z;=/,%0-9$ \\{\\}]{0,40}") {
            let _ = Url::parse(&format!("data:{rest}"));
        }
    }
}

//! A job description as the user names it: a file, or `-` for standard input. It is sent as it is, and kept so that
//! faults can be shown in it.

use crate::failure::{Failure, code_label};
use std::io::Read;
use std::path::PathBuf;

/// A description and where it came from.
#[derive(Debug)]
pub(crate) struct Document {
    /// The name for messages.
    pub(crate) name: String,
    /// The whole text.
    pub(crate) text: String,
}

impl Document {
    /// Reads it whole; refuses what XML cannot carry.
    pub(crate) fn read(file: &PathBuf) -> Result<Self, Failure> {
        let standard_input = file.as_os_str() == "-";
        let name = if standard_input { "standard input".to_owned() } else { file.display().to_string() };
        let bytes = if standard_input {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(file)
        };
        let bytes = bytes.map_err(|error| Failure::Usage(format!("{name} cannot be read: {error}")))?;
        Self::new(name, bytes)
    }

    fn new(name: String, bytes: Vec<u8>) -> Result<Self, Failure> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            Failure::Usage(format!(
                "{name} is not UTF-8 (byte {}); convert it, for example: iconv -f ISO-8859-2 -t UTF-8",
                offset + 1
            ))
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.trim().is_empty() {
            return Err(Failure::Usage(format!("{name} is empty; a job description is expected")));
        }
        for (number, line) in text.lines().enumerate() {
            if let Some(column) = line.chars().position(|c| c.is_control() && c < ' ' && c != '\t' && c != '\r') {
                return Err(Failure::Usage(format!(
                    "{name}, line {}, column {}: {}: a control character that XML does not allow",
                    number + 1,
                    column + 1,
                    code_label(110)
                )));
            }
        }
        Ok(Self { name, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        Document::new("a.xml".to_owned(), bytes.to_vec()).expect_err("refused").to_string()
    }

    #[test]
    fn what_xml_cannot_carry_is_refused_with_its_place() {
        assert!(refusal(b"<a>\n <b\x01/>").contains("line 2, column 4"));
        assert!(refusal(b"<a \xb1/>").contains("iconv"));
        assert!(refusal(b" \n\t").contains("empty"));
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_the_rest_is_kept() {
        let document = Document::new("a.xml".to_owned(), b"\xef\xbb\xbf<a>\r\n\t</a>\n".to_vec()).expect("fine");
        assert_eq!(document.text, "<a>\r\n\t</a>\n");
    }
}

//! JSON: the member names of the contract, times in RFC 3339, absent members left out, lists always present.

use serde::Serialize;

/// A whole document.
pub(crate) fn pretty<T: Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).expect("answers have string keys and finite lists")
}

/// One line of a stream of documents.
pub(crate) fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("answers have string keys and finite lists")
}

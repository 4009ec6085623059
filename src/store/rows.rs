//! Between rows and types: times as milliseconds, types as JSON, names checked on the way out.

use super::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Milliseconds since 1970.
pub(super) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The time of so many milliseconds.
pub(super) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// JSON of a value of our own types.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types have string keys only")
}

/// A value from the JSON of a column.
pub(super) fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable { what, why: error.to_string() })
}

/// A checked name from a column.
pub(super) fn name<T>(what: &'static str, text: &str) -> Result<T, StoreError>
where
    T: TryFrom<String>,
    T::Error: std::fmt::Display,
{
    T::try_from(text.to_owned()).map_err(|error| StoreError::Unreadable { what, why: error.to_string() })
}

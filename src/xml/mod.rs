//! XML as everybody in the house needs it: bounds on hostile text before it is parsed, places in a text, near misses
//! among names, the texts of simple types; bounded reading of messages into a small tree, and writing with correct escaping.
//!
//! Pure. No document type, no processing instruction, no entity but the five, nothing fetched, nothing unbounded: whatever a
//! stranger sends, reading costs at most what [`Limits`] and [`Bounds`] allow. What is written is always well-formed.

mod bounds;
mod encoding;
pub mod lexical;
mod nearest;
mod place;
mod read;
mod write;

pub use bounds::{Bounds, Refused, Unbalanced, open_at, scan};
pub use encoding::decode;
pub use nearest::nearest;
pub use place::{Place, Places};
pub use read::{Attribute, Element, Limits, QName, Reason, XmlError, parse};
pub use write::{Writer, escape_attribute, escape_text};

/// The namespace of `xsi:nil` and `xsi:type`.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

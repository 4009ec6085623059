//! The contracts as the daemon serves them, held against what strict tool kits ask for: the WS-I Basic Profile 1.1 and what was learnt
//! from the kits themselves. Every assertion is shown to fail on a copy of the contract that breaks it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binding_rules;
mod classic_rules;
mod document;
mod prove;
mod schema_rules;
#[path = "../support/mod.rs"]
mod support;

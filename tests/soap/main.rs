//! The SOAP door from outside, without a network: requests go through the real handler and the real store.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod bad_input;
mod bulk;
mod control;
mod golden;
mod hostile;
mod protocol;
mod schema;
mod waiting;

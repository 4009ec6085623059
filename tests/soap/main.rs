//! The SOAP door from outside, without a network: requests go through the real handler and the real store.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod attachments;
mod bad_input;
mod bulk;
mod classic;
mod control;
mod entries;
mod golden;
mod hostile;
mod others;
mod protocol;
mod registrations;
mod schema;
mod waiting;

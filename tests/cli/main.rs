//! The command line and the daemon together: every command once, and what people read when something is wrong.
//!
//! A transcript is a file under `tests/cli/transcripts`; what differs from run to run is replaced by words in angle
//! brackets.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene fails there and then")]

#[path = "../support/mod.rs"]
mod support;

mod classic;
mod control;
mod dialects;
mod jobs;
mod many;
mod mistakes;
mod questions;
mod registrations;
mod terminal;

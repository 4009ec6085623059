//! Client stacks that nobody here wrote, each driven by a small program of `tests/strangers/`, against the real daemon over TLS
//! with a client certificate; the client packages of `clients/`; and the programs of the pages in `docs/clients/`.
//!
//! Run by `scripts/test live clients`, which installs the stacks and sets `GRMS_TEST_CLIENTS`. A stack that is missing fails its test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "one line for each client tells which version did what")]

mod kits;
mod packages;
mod pages;
mod report;
#[path = "../../journeys/scene.rs"]
#[allow(dead_code, reason = "each test target uses a part of this")]
mod scene;
mod stage;
#[path = "../../support/mod.rs"]
mod support;

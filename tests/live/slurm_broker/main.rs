//! The whole broker on a real Slurm: what a caller sees of jobs that go through its queue, and what Slurm sees of the broker.
//!
//! Run by `scripts/test live slurm`, which starts the clusters and sets `GRMS_TEST_SLURM_CONF` (with accounting) and
//! `GRMS_TEST_SLURM_PLAIN_CONF` (without).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_days;
mod cluster;
mod lives;
#[path = "../../support/mod.rs"]
mod support;

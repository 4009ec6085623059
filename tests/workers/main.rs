//! The duties of the broker, step by step: each step twice, each step failing, with a batch system that answers what it is told to.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

mod dispatch;
mod monitor;
mod outputs;
mod places;
mod rig;

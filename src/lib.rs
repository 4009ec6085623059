//! grms, a grid resource broker. One door to many clusters.
//!
//! The floors, from the ground up; a room uses only rooms on floors below it (`tests/architecture.rs`, ARCHITECTURE.md).
//!
//! - 0 [`job`] [`xml`] [`clock`]: the model and its life cycle; bounded XML; time
//! - 1 [`description`] [`matchmaking`] [`store`] [`identity`] [`shell`]
//! - 2 [`batch`] [`transfer`]: which command, which protocol
//! - 3 [`operations`] [`workers`]: what a caller may ask; what the broker does by itself
//! - 4 [`soap`] [`web`]: the web service; health and metrics
//! - 5 [`config`] [`telemetry`] [`init`]: the file; log and metrics; making a new site
//! - 6 [`server`]: composition

pub mod batch;
pub mod clock;
pub mod config;
pub mod description;
pub mod identity;
pub mod init;
pub mod job;
pub mod matchmaking;
pub mod operations;
pub mod server;
pub mod shell;
pub mod soap;
pub mod store;
pub mod telemetry;
pub mod transfer;
pub mod web;
pub mod workers;
pub mod xml;

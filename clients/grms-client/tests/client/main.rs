//! The whole program from outside: every command with its exact output and exit code, and every way a credential can
//! be right or wrong.

mod contract;
mod credentials;
mod jobs;
mod mishaps;
mod queries;
mod support;

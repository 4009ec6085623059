//! The whole program from outside: every command with its exact output and exit code, and every way a credential can
//! be right or wrong.

mod classic;
mod contract;
mod control;
mod credentials;
mod jobs;
mod last;
mod mishaps;
mod queries;
mod registrations;
mod support;

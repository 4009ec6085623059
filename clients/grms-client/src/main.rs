//! `grms-client`, the command line of the broker. It speaks only the web service and never links the broker.
//!
//! `cli` says what can be typed, `commands` has one file per verb, `messages` is the contract, `transport` and
//! `credential` carry it, `output` prints. Nothing but `output` writes to the terminal.

mod broker;
mod cli;
mod commands;
mod credential;
mod document;
mod failure;
mod follow;
mod inquiry;
mod interrupt;
mod listing;
mod memory;
mod messages;
mod output;
mod story;
mod time;
mod transport;
mod trust;

use clap::Parser;
use failure::Failure;
use std::io::ErrorKind;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let output = output::Output::new(cli.form());
    match commands::run(cli, &output) {
        Ok(exit) => exit.into(),
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit().into()
        }
    }
}

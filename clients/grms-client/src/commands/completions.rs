//! `completions`: teaches a shell the commands and options.

use crate::cli::Cli;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client completions bash > ~/.local/share/bash-completion/completions/grms-client")]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub(crate) fn run(&self, output: &Output) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "grms-client", &mut script);
        output.raw(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Success)
    }
}

//! `man`: the manual page in roff, made from the same table as the help; packagers write it to a file.

use super::groups::{GROUPS, about};
use crate::cli::{Cli, ENVIRONMENT};
use crate::failure::{EXIT_CODES, Exit, Failure};
use crate::output::Output;
use clap::builder::Resettable;
use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

/// Print the manual page, of the program or of one command.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client man | man -l -
  grms-client man submit > grms-client-submit.1")]
pub(crate) struct Man {
    /// The command.
    command: Option<String>,
}

impl Man {
    /// Runs the command.
    pub(crate) fn run(&self, output: &Output) -> Result<Exit, Failure> {
        let mut program = Cli::command().after_help(Resettable::Reset);
        program.build();
        let command = match &self.command {
            None => program.clone(),
            Some(name) => program
                .find_subcommand(name)
                .cloned()
                .ok_or_else(|| Failure::Usage(format!("there is no command `{name}`; see grms-client --help")))?,
        };
        let page = Page::new(command.display_name(self.title()).version(env!("CARGO_PKG_VERSION")));
        let mut text = Vec::new();
        page.render_title(&mut text)?;
        page.render_name_section(&mut text)?;
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        if self.command.is_none() {
            commands(&program).to_writer(&mut text)?;
        }
        page.render_options_section(&mut text)?;
        if self.command.is_some() {
            page.render_extra_section(&mut text)?;
        }
        let mut more = Roff::default();
        for (heading, lines) in [("EXIT STATUS", EXIT_CODES), ("ENVIRONMENT", ENVIRONMENT)] {
            more.control("SH", [heading]);
            more.control("nf", []);
            more.text(lines.lines().flat_map(|line| [roman(line), roman("\n")]).collect::<Vec<_>>());
            more.control("fi", []);
        }
        more.to_writer(&mut text)?;
        output.raw(&String::from_utf8_lossy(&text))?;
        Ok(Exit::Success)
    }

    fn title(&self) -> String {
        self.command.as_ref().map_or_else(|| "grms-client".to_owned(), |name| format!("grms-client-{name}"))
    }
}

/// The commands under the headings of the help.
fn commands(program: &clap::Command) -> Roff {
    let mut page = Roff::default();
    page.control("SH", ["COMMANDS"]);
    for (heading, names) in GROUPS {
        page.control("SS", [heading]);
        for name in names {
            page.control("TP", []);
            page.text([bold(*name)]);
            page.text([roman(about(program, name))]);
        }
    }
    page
}

//! What can be typed: global options, the list of commands, and the end of the help with exit codes and environment.

use crate::commands::{Command, template};
use crate::failure::EXIT_CODES;
use crate::output::Form;
use crate::time::parse_duration;
use clap::Parser;
use std::time::Duration;

/// The heading of the options that every command has.
const EVERYWHERE: &str = "Options of every command";

/// The command line of the GRMS grid resource broker.
///
/// Submits job descriptions to a broker, follows the jobs and controls them.
#[derive(Debug, Parser)]
#[command(name = "grms-client", version, max_term_width = 100)]
#[command(help_template = template(), after_help = epilogue(), disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// The address of the broker, for example `https://broker.example.org:8443/services/grms`.
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "GRMS_ENDPOINT", value_name = "URL", hide_env_values = true)]
    pub(crate) endpoint: Option<String>,
    /// Print JSON with the names of the web service's contract.
    #[arg(long, global = true, help_heading = EVERYWHERE, conflicts_with = "quiet")]
    json: bool,
    /// Print only what a script needs.
    #[arg(long, short, short_alias = 'Q', global = true, help_heading = EVERYWHERE)]
    quiet: bool,
    /// How long one request to the broker may take: seconds, or 90s, 5m.
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "GRMS_CALL_TIMEOUT", value_name = "TIME", default_value = "60",
          value_parser = parse_duration, hide_env_values = true)]
    pub(crate) call_timeout: Duration,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// How to print.
    pub(crate) fn form(&self) -> Form {
        match (self.json, self.quiet) {
            (true, _) => Form::Json,
            (false, true) => Form::Quiet,
            (false, false) => Form::Table,
        }
    }
}

/// The variables that are read, as help and manual page show them.
pub(crate) const ENVIRONMENT: &str = "  GRMS_ENDPOINT      address of the broker, as --endpoint
  GRMS_CALL_TIMEOUT  how long one request may take, as --call-timeout
  X509_USER_PROXY    file with a proxy: certificate, key and chain
  X509_USER_CERT     file with the certificate; X509_USER_KEY: file with its key
                     without these: /tmp/x509up_u<uid>, then ~/.globus/usercert.pem and userkey.pem
  X509_CERT_DIR      directory of trusted authorities; without it:
                     /etc/grid-security/certificates, then those of the system
  GRMS_STYLE         style of the lines of submit_job, job_info and their like: grms or qcg
  XDG_STATE_HOME     where the id of the job submitted last is kept, in grms-client;
                     without it ~/.local/state
  NO_COLOR           no colours on a terminal

A site made by `grmsd init --dir DIR` sets them all: . DIR/client.env";

/// What most people type.
const EXAMPLES: &str = "Examples:
  grms-client test tar.xml && grms-client submit tar.xml --watch
  grms-client info                       # the job submitted last
  grms-client list RUNNING -F '%-28I %-14S %H'
  id=$(grms-client submit_job tar.xml | grep JobId | cut -d= -f2)

grms-client COMMAND --help says the rest. In place of a file - is standard input;
in place of a job id `last` is the job submitted last, and - are ids on standard input.";

fn epilogue() -> String {
    format!("{EXAMPLES}\n\nExit codes:\n{EXIT_CODES}\n\nEnvironment:\n{ENVIRONMENT}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_line_of_help_is_wider_than_a_terminal() {
        let mut program = Cli::command();
        program.build();
        let mut helps = vec![program.render_long_help().to_string()];
        for command in program.get_subcommands_mut() {
            helps.extend([command.render_long_help().to_string(), command.render_help().to_string()]);
        }
        let wide: Vec<_> =
            helps.iter().flat_map(|help| help.lines()).filter(|line| line.chars().count() > 100).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }

    #[test]
    fn every_command_shows_how_it_is_typed() {
        for command in Cli::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(
                help.contains("Example") && help.contains("\n  grms-client ") || help.contains("$(grms-client"),
                "{help}"
            );
        }
    }

    #[test]
    fn the_help_documents_every_exit_code() {
        let help = Cli::command().render_help().to_string();
        for code in 0..=7 {
            assert!(help.contains(&format!("\n  {code}  ")), "{code}");
        }
    }
}

//! What can be typed: global options, the list of commands, and the end of the help with exit codes and environment.

use crate::commands::Command;
use crate::failure::EXIT_CODES;
use crate::output::Form;
use crate::time::parse_duration;
use clap::Parser;
use std::time::Duration;

/// The command line of the GRMS grid resource broker.
///
/// Submits job descriptions to a broker, follows the jobs and controls them.
#[derive(Debug, Parser)]
#[command(name = "grms-client", version, after_help = epilogue(), max_term_width = 100)]
pub(crate) struct Cli {
    /// The address of the broker, for example `https://broker.example.org:8443/services/grms`.
    #[arg(long, global = true, env = "GRMS_ENDPOINT", value_name = "URL", hide_env_values = true)]
    pub(crate) endpoint: Option<String>,
    /// Print JSON with the names of the web service's contract.
    #[arg(long, global = true, conflicts_with = "quiet")]
    json: bool,
    /// Print only what a script needs.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// How long one request to the broker may take: seconds, or 90s, 5m.
    #[arg(long, global = true, env = "GRMS_CALL_TIMEOUT", value_name = "TIME", default_value = "60",
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
  NO_COLOR           no colours on a terminal

A site made by `grmsd init --dir DIR` sets them all: . DIR/client.env";

fn epilogue() -> String {
    format!("Exit codes:\n{EXIT_CODES}\n\nEnvironment:\n{ENVIRONMENT}")
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
    fn the_help_documents_every_exit_code() {
        let help = Cli::command().render_help().to_string();
        for code in 0..=7 {
            assert!(help.contains(&format!("\n  {code}  ")), "{code}");
        }
    }
}

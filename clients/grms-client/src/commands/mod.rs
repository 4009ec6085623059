//! One file per command: its arguments, what it asks the broker, what it prints and how it ends.

mod cancel;
mod completions;
mod description;
mod history;
mod info;
mod list;
mod list_all;
mod man;
mod resources;
mod submit;
mod test;
mod wait;

use crate::broker::Broker;
use crate::cli::Cli;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::transport::Transport;
use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
#[command(rename_all = "snake_case")]
pub(crate) enum Command {
    Submit(submit::Submit),
    List(list::List),
    ListAll(list_all::ListAll),
    Info(info::Info),
    History(history::History),
    Cancel(cancel::Cancel),
    Test(test::Test),
    Resources(resources::Resources),
    Description(description::Description),
    Wait(wait::Wait),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Does it.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let broker = || connect(cli.endpoint.as_deref(), cli.call_timeout);
    match &cli.command {
        Command::Submit(command) => command.run(&broker()?, output),
        Command::List(command) => command.run(&broker()?, output),
        Command::ListAll(command) => command.run(&broker()?, output),
        Command::Info(command) => command.run(&broker()?, output),
        Command::History(command) => command.run(&broker()?, output),
        Command::Cancel(command) => command.run(&broker()?, output),
        Command::Test(command) => command.run(&broker()?, output),
        Command::Resources(command) => command.run(&broker()?, output),
        Command::Description(command) => command.run(&broker()?, output),
        Command::Wait(command) => command.run(&broker()?, output),
        Command::Completions(command) => command.run(output),
        Command::Man(command) => command.run(output),
    }
}

fn connect(endpoint: Option<&str>, timeout: std::time::Duration) -> Result<Broker, Failure> {
    let endpoint = endpoint.filter(|endpoint| !endpoint.is_empty()).ok_or_else(|| {
        Failure::Usage(
            "no broker is named: use --endpoint URL or set GRMS_ENDPOINT; a site made by `grmsd init --dir DIR` sets \
             it with: . DIR/client.env"
                .to_owned(),
        )
    })?;
    Ok(Broker::new(Transport::new(endpoint, timeout)?))
}

/// A job id is an opaque word; what cannot be one is refused before it is sent.
fn job_id(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("a job id is one word without blanks, as submit prints it".to_owned());
    }
    Ok(text.to_owned())
}

/// A key that makes a repeated request harmless.
fn request_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    openssl::rand::rand_bytes(&mut bytes)
        .map_err(|error| Failure::Usage(format!("this machine gives no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

//! One file per group of commands: their arguments, what they ask the broker, what they print and how they end.

mod access;
mod bulk;
mod cancel;
mod classic;
mod completions;
mod control;
mod description;
mod files;
mod groups;
mod history;
mod info;
mod jobs;
mod list;
mod listeners;
mod man;
mod resources;
mod submit;
mod test;
mod translate;
mod wait;
mod watch;

pub(crate) use groups::template;

use crate::broker::Broker;
use crate::cli::Cli;
use crate::failure::{Exit, Failure};
use crate::messages;
use crate::output::Output;
use crate::transport::Transport;
use clap::{Subcommand, ValueEnum};

/// What to do. `groups` says in which order the help shows it.
#[derive(Debug, Subcommand)]
#[command(rename_all = "snake_case")]
pub(crate) enum Command {
    Submit(submit::Submit),
    Test(test::Test),
    Explain(translate::Explain),
    Resources(resources::Resources),
    Translate(translate::Translate),
    List(list::List),
    ListAll(list::ListAll),
    Info(info::Info),
    History(history::History),
    Wait(wait::Wait),
    Watch(watch::Watch),
    Commit(control::Commit),
    Suspend(control::Suspend),
    Resume(control::Resume),
    Migrate(control::Migrate),
    Cancel(cancel::Cancel),
    Delete(cancel::Delete),
    AddListener(listeners::AddListener),
    DelListener(listeners::DelListener),
    Listeners(listeners::Listeners),
    /// Collect one more file or directory after the job.
    #[command(after_help = "Examples:
  grms-client add_output last result.dat gsiftp://host.example.org//home/jan/result.dat
  grms-client add_output last logs file:////home/jan/logs PHYSICAL DIRECTORY")]
    AddOutput(files::Entry),
    /// Show what is collected after the job.
    #[command(after_help = "Example:
  grms-client get_output last")]
    GetOutput(files::OfJob),
    /// Collect a file or directory no longer.
    #[command(after_help = "Example:
  grms-client del_output last result.dat gsiftp://host.example.org//home/jan/result.dat")]
    DelOutput(files::Entry),
    /// Carry one more file or directory along at a checkpoint.
    #[command(after_help = "Example:
  grms-client add_checkpoint last state.bin file:////home/jan/state.bin")]
    AddCheckpoint(files::Entry),
    /// Show what is carried along at a checkpoint.
    #[command(after_help = "Example:
  grms-client get_checkpoint last")]
    GetCheckpoint(files::OfJob),
    /// Carry a file or directory along no longer.
    #[command(after_help = "Example:
  grms-client del_checkpoint last state.bin file:////home/jan/state.bin")]
    DelCheckpoint(files::Entry),
    Register(access::Register),
    GetAccess(access::GetAccess),
    Unregister(access::Unregister),
    Description(description::Description),
    Completions(completions::Completions),
    Man(man::Man),
    SubmitJob(classic::SubmitJob),
    JobInfo(classic::JobInfo),
    TaskInfo(classic::TaskInfo),
    ListJobs(classic::ListJobs),
    ListUserJobs(classic::ListUserJobs),
    CancelJob(classic::CancelJob),
    SuspendJob(classic::SuspendJob),
    ResumeJob(classic::ResumeJob),
    MigrateJob(classic::MigrateJob),
    CommitJob(classic::CommitJob),
    /// The same as `test`.
    TestDescription(test::Test),
    /// The same as `translate`.
    TranslateDescription(translate::Translate),
    /// The same as `resources`.
    FindResources(resources::Resources),
}

/// Does it.
pub(crate) fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Completions(command) => command.run(output),
        Command::Man(command) => command.run(output),
        command => ask(command, &connect(cli.endpoint.as_deref(), cli.call_timeout)?, output),
    }
}

fn ask(command: &Command, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Submit(command) => command.run(broker, output),
        Command::Test(command) | Command::TestDescription(command) => command.run(broker, output),
        Command::Explain(command) => command.run(broker, output),
        Command::Resources(command) | Command::FindResources(command) => command.run(broker, output),
        Command::Translate(command) | Command::TranslateDescription(command) => command.run(broker, output),
        Command::List(command) => command.run(broker, output),
        Command::ListAll(command) => command.run(broker, output),
        Command::Info(command) => command.run(broker, output),
        Command::History(command) => command.run(broker, output),
        Command::Wait(command) => command.run(broker, output),
        Command::Watch(command) => command.run(broker, output),
        Command::Commit(command) => command.run(broker, output),
        Command::Suspend(command) => command.run(broker, output),
        Command::Resume(command) => command.run(broker, output),
        Command::Migrate(command) => command.run(broker, output),
        Command::Cancel(command) => command.run(broker, output),
        Command::Delete(command) => command.run(broker, output),
        Command::AddListener(command) => command.run(broker, output),
        Command::DelListener(command) => command.run(broker, output),
        Command::Listeners(command) => command.run(broker, output),
        Command::AddOutput(entry) => files::change::<messages::AddOutputFileDirs>(entry, broker, output),
        Command::GetOutput(of) => files::show::<messages::GetOutputFileDirs>(of, broker, output),
        Command::DelOutput(entry) => files::change::<messages::DeleteOutputFileDirs>(entry, broker, output),
        Command::AddCheckpoint(entry) => files::change::<messages::AddCheckpointFileDirs>(entry, broker, output),
        Command::GetCheckpoint(of) => files::show::<messages::GetCheckpointFileDirs>(of, broker, output),
        Command::DelCheckpoint(entry) => files::change::<messages::DeleteCheckpointFileDirs>(entry, broker, output),
        Command::Register(command) => command.run(broker, output),
        Command::GetAccess(command) => command.run(broker, output),
        Command::Unregister(command) => command.run(broker, output),
        Command::Description(command) => command.run(broker, output),
        Command::Completions(command) => command.run(output),
        Command::Man(command) => command.run(output),
        Command::SubmitJob(command) => command.run(broker, output),
        Command::JobInfo(command) => command.run(broker, output),
        Command::TaskInfo(command) => command.run(broker, output),
        Command::ListJobs(command) => command.run(broker, output),
        Command::ListUserJobs(command) => command.run(broker, output),
        Command::CancelJob(command) => command.run(broker, output),
        Command::SuspendJob(command) => command.run(broker, output),
        Command::ResumeJob(command) => command.run(broker, output),
        Command::MigrateJob(command) => command.run(broker, output),
        Command::CommitJob(command) => command.run(broker, output),
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

/// The word of a value on the command line, which is its word in the contract too.
fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A key that makes a repeated request harmless.
fn request_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    openssl::rand::rand_bytes(&mut bytes)
        .map_err(|error| Failure::Usage(format!("this machine gives no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

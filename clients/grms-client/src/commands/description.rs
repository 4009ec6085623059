//! `description`: what the broker says about itself.

use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{GetServiceDescription, GetServiceDescriptionResponse};
use crate::output::{Output, Report};
use clap::{Args, ValueEnum};

/// Show what the broker is and can.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client description FULL          # operations, dialects, limits")]
pub(crate) struct Description {
    /// One line, or everything.
    #[arg(value_name = "TYPE", default_value = "SHORT", ignore_case = true)]
    length: Length,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Length {
    Short,
    Full,
}

impl Description {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let word = match self.length {
            Length::Short => "SHORT",
            Length::Full => "FULL",
        };
        output.report(&broker.call(&GetServiceDescription { r#type: word.to_owned() })?)?;
        Ok(Exit::Success)
    }
}

impl Report for GetServiceDescriptionResponse {
    fn table(&self) -> String {
        self.description.trim_end().to_owned()
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.version.clone()]
    }
}

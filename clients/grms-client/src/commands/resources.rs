//! `resources`: where a description could run, best place first.

use crate::broker::Broker;
use crate::document::Document;
use crate::failure::{Exit, Failure};
use crate::messages::{FindResources, FindResourcesResponse};
use crate::output::table::{cell, grid};
use crate::output::{Output, Report};
use crate::time;
use clap::Args;
use std::path::PathBuf;

/// Show where a job description could run, best place first.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client resources tar.xml
  grms-client resources tar.xml --explain")]
pub(crate) struct Resources {
    /// The job description, or - for standard input.
    #[arg(value_name = "GJD_FILE")]
    gjd_file: PathBuf,
    /// Also say why the other places do not fit.
    #[arg(long)]
    explain: bool,
    /// At most so many.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    limit: Option<i32>,
}

impl Resources {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let document = Document::read(&self.gjd_file)?;
        let request = FindResources {
            job_definition: document.text.clone(),
            limit: self.limit,
            explain: self.explain.then_some(true),
        };
        let answer = broker.call(&request).map_err(|failure| failure.within(document))?;
        output.report(&answer)?;
        if answer.resource.is_empty() && !self.explain {
            output.note("the description is valid; --explain says why nothing fits");
        }
        Ok(Exit::Success)
    }
}

impl Report for FindResourcesResponse {
    fn table(&self) -> String {
        let rows = self.resource.iter().map(|place| {
            let start = place.estimated_start.as_deref().map(time::clock_time);
            vec![
                place.contact.clone(),
                cell(place.queue.as_deref()),
                place.rank.to_string(),
                cell(start.as_deref()),
                place.note.join("; "),
            ]
        });
        let rows: Vec<_> = rows.collect();
        let mut text = if rows.is_empty() {
            "no resource fits now".to_owned()
        } else {
            grid(&["Contact", "Queue", "Rank", "Start", "Remark"], rows)
        };
        if !self.rejected.is_empty() {
            let rows = self.rejected.iter().map(|one| vec![one.host_name.clone(), one.reason.clone()]);
            text.push_str("\n\n");
            text.push_str(&grid(&["Rejected", "Reason"], rows.collect()));
        }
        text
    }

    fn quiet(&self) -> Vec<String> {
        self.resource.iter().map(|place| place.contact.clone()).collect()
    }
}

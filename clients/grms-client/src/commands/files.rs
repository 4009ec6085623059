//! `add_output`, `get_output`, `del_output` and the same for checkpoints: the files that are collected after a job or
//! carried along at a checkpoint, changed while it runs.

use super::{jobs, word};
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{BulkResponse, FileDir, FileDirs, Operation};
use crate::output::table::{cell, grid};
use crate::output::{Form, Output, Report};
use clap::{Args, ValueEnum};
use std::fmt::Debug;

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum UrlType {
    /// The path is a URL.
    #[value(alias = "PHISICAL")]
    Physical,
    /// The path is an identifier in the data management system.
    Logical,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum PathType {
    /// One file.
    File,
    /// A whole directory.
    Directory,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Creation {
    /// Write it anew.
    Overwrite,
    /// Add to it.
    Append,
    /// Fail when it is there.
    Dontoverwrite,
}

/// One entry of a list.
#[derive(Debug, Args)]
pub(crate) struct Entry {
    /// The job: an id, or `last` for the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    /// The name in the working directory of the job.
    #[arg(value_name = "NAME")]
    name: String,
    /// Where it goes: a URL, or an identifier of a logical file.
    #[arg(value_name = "PATH")]
    path: String,
    /// What the path is.
    #[arg(value_name = "URL_TYPE", default_value = "PHYSICAL", ignore_case = true)]
    url_type: UrlType,
    /// What the name is.
    #[arg(value_name = "PATH_TYPE", default_value = "FILE", ignore_case = true)]
    path_type: PathType,
    /// What to do when the target exists.
    #[arg(long, value_name = "HOW", ignore_case = true)]
    creation: Option<Creation>,
}

impl Entry {
    fn item(&self) -> Vec<FileDir> {
        vec![FileDir {
            name: self.name.clone(),
            path: self.path.clone(),
            url_type: word(self.url_type),
            path_type: word(self.path_type),
            creation_flag: self.creation.map(word),
        }]
    }

    /// One entry was asked for, so its refusal is that of the request.
    fn finish(&self, output: &Output, answer: &BulkResponse) -> Result<Exit, Failure> {
        match answer.result.iter().find_map(|item| item.failure(Some(&self.name))) {
            Some(failure) if output.form() == Form::Json => {
                output.report(answer)?;
                output.failure(&failure);
                Ok(failure.exit())
            }
            Some(failure) => Err(failure),
            None => {
                output.report(answer)?;
                Ok(Exit::Success)
            }
        }
    }
}

/// The job whose list is asked for.
#[derive(Debug, Args)]
pub(crate) struct OfJob {
    /// The job: an id, or `last`; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
}

/// Runs `add_output`, `del_output`, `add_checkpoint` or `del_checkpoint`.
pub(crate) fn change<Q>(entry: &Entry, broker: &Broker, output: &Output) -> Result<Exit, Failure>
where
    Q: Operation<Response = BulkResponse> + From<(String, Vec<FileDir>)>,
{
    let job_id = jobs::one(broker, Some(&entry.job_id))?;
    entry.finish(output, &broker.call(&Q::from((job_id, entry.item())))?)
}

/// Runs `get_output` or `get_checkpoint`.
pub(crate) fn show<Q>(of: &OfJob, broker: &Broker, output: &Output) -> Result<Exit, Failure>
where
    Q: Operation<Response = FileDirs> + From<String>,
{
    let job_id = jobs::one(broker, of.job_id.as_deref())?;
    output.report(&broker.call(&Q::from(job_id))?)?;
    Ok(Exit::Success)
}

impl Report for FileDirs {
    fn table(&self) -> String {
        if self.item.is_empty() {
            return "no files".to_owned();
        }
        let rows = self.item.iter().map(|one| {
            let (url_type, path_type) = (one.url_type.clone(), one.path_type.clone());
            vec![one.name.clone(), one.path.clone(), url_type, path_type, cell(one.creation_flag.as_deref())]
        });
        grid(&["Name", "Path", "Path is", "Name is", "Existing"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.item.iter().map(|one| format!("{} {}", one.name, one.path)).collect()
    }
}

impl Report for BulkResponse {
    fn table(&self) -> String {
        "done".to_owned()
    }

    fn quiet(&self) -> Vec<String> {
        Vec::new()
    }
}

//! Where the pieces of an attempt lie on its cluster, and what variables mean there.

use super::{Cluster, StepError};
use crate::batch::Workplace;
use crate::job::{Attempt, ClusterName, JobId, Location, Scheme, TaskId, resolve};
use crate::shell::{Command, LocalUser};
use crate::store::transfers::Item;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The directories of an attempt.
pub(super) fn workplace(cluster: &Cluster, job: &JobId, task: &TaskId, attempt: u32) -> Workplace {
    Workplace::of(&cluster.area, job, task, attempt)
}

/// Where an item of a staging plan lies.
pub(super) fn landing(place: &Workplace, item: &Item) -> PathBuf {
    match item {
        Item::Working(name) if name.is_working_directory() => place.work.clone(),
        Item::Working(name) => place.work.join(name.as_str()),
        Item::Stdin => place.streams.join("stdin"),
        Item::Stdout => place.streams.join("stdout"),
        Item::Stderr => place.streams.join("stderr"),
    }
}

/// Whether a location names a file of the working directory itself.
pub(super) fn lies_in_work(location: &Location) -> bool {
    matches!(location, Location::Url(url) if url.scheme() == Scheme::File && url.path().starts_with("${TASK_DIR}/"))
}

/// The values of the variables a description may use.
#[derive(Debug, Clone)]
pub(super) struct Variables {
    values: HashMap<&'static str, String>,
}

impl Variables {
    pub(super) fn of(
        job: &JobId,
        task: &TaskId,
        app_id: &str,
        attempt: &Attempt,
        place: &Workplace,
        home: String,
    ) -> Self {
        let values = HashMap::from([
            ("JOB_ID", job.to_string()),
            ("TASK_ID", task.to_string()),
            ("APP_ID", app_id.to_owned()),
            ("TASK_DIR", place.work.display().to_string()),
            ("HOME", home),
            ("HOST", attempt.host.clone()),
        ]);
        Self { values }
    }

    /// A text with its variables resolved. What is not a variable stays as it is.
    pub(super) fn resolve(&self, text: &str) -> String {
        resolve(text, &|name| self.values.get(name).cloned())
    }

    /// A location with the variables of its path resolved.
    pub(super) fn resolve_location(&self, location: &Location) -> Location {
        match location {
            Location::Url(url) => Location::Url(url.with_path(self.resolve(url.path()))),
            Location::Logical { .. } => location.clone(),
        }
    }
}

/// Home directories of accounts on clusters; asked for once.
#[derive(Debug, Default)]
pub(super) struct Homes(Mutex<HashMap<(ClusterName, Option<String>), String>>);

impl Homes {
    pub(super) async fn of(&self, cluster: &Cluster, user: Option<&LocalUser>) -> Result<String, StepError> {
        let key = (cluster.name.clone(), user.map(|user| user.name.clone()));
        if let Some(home) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(home.clone());
        }
        let mut command = Command::new("/bin/sh", ["-c", "printf %s \"$HOME\""]);
        command.user = user.cloned();
        let asked = cluster.shell.run(command).await;
        let later = |why: String| StepError::Later {
            after: Duration::from_secs(10),
            why: format!("cannot ask for the home directory: {why}"),
        };
        let output = asked.map_err(|error| later(error.to_string()))?;
        if output.code != Some(0) {
            return Err(later(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let home = String::from_utf8_lossy(&output.stdout).into_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, home.clone());
        Ok(home)
    }
}

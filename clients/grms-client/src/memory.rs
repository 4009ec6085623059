//! The job submitted last, remembered for each broker apart in the state directory of the user, so that `info` alone
//! means that job. Nothing is guessed: a broker that nothing was submitted to has no last job.
//!
//! Remembering is a convenience: where it cannot be written, submitting works all the same.

use crate::transport::variable;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// Where the last job of one broker is kept.
pub(crate) struct Memory {
    file: Option<PathBuf>,
    endpoint: String,
}

impl Memory {
    /// For the broker at this address.
    pub(crate) fn of(endpoint: &str) -> Self {
        Self::within(state_directory(variable), endpoint)
    }

    fn within(directory: Option<PathBuf>, endpoint: &str) -> Self {
        let digest = openssl::sha::sha256(endpoint.as_bytes());
        let name: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let file = directory.map(|directory| directory.join(format!("last-job-{name}")));
        Self { file, endpoint: endpoint.to_owned() }
    }

    /// Keeps this id in place of an older one.
    pub(crate) fn remember(&self, job_id: &str) {
        let _only_a_convenience = self.write(job_id);
    }

    /// The id, if there is one.
    pub(crate) fn recall(&self) -> Option<String> {
        let text = fs::read_to_string(self.file.as_ref()?).ok()?;
        let (endpoint, job_id) = text.trim_end().split_once('\n')?;
        (endpoint == self.endpoint).then(|| job_id.to_owned())
    }

    /// Whole or not at all, also when two submissions end at the same time.
    fn write(&self, job_id: &str) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let directory = file.parent().unwrap_or(file);
        fs::create_dir_all(directory)?;
        let new = file.with_extension(format!("new-{}", std::process::id()));
        let mut written = fs::File::create(&new)?;
        writeln!(written, "{}\n{job_id}", self.endpoint)?;
        fs::rename(new, file)
    }
}

/// `$XDG_STATE_HOME/grms-client`, else `~/.local/state/grms-client`.
fn state_directory(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let named = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
    let usual = || variable("HOME").map(|home| home.join(".local/state"));
    named.or_else(usual).map(|state| state.join("grms-client"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_broker_has_its_own_last_job() {
        let directory = tempfile::tempdir().expect("a directory");
        let memory = |endpoint| Memory::within(Some(directory.path().join("state/grms-client")), endpoint);
        assert_eq!(memory("https://a/").recall(), None);
        memory("https://a/").remember("1_a_1");
        memory("https://b/").remember("1_b_1");
        memory("https://a/").remember("2_a_2");
        assert_eq!(memory("https://a/").recall().as_deref(), Some("2_a_2"));
        assert_eq!(memory("https://b/").recall().as_deref(), Some("1_b_1"));
        let files = fs::read_dir(directory.path().join("state/grms-client")).expect("a directory").count();
        assert_eq!(files, 2, "nothing is left of the writing");
    }

    #[test]
    fn a_file_of_another_broker_and_one_cut_short_are_not_believed() {
        let directory = tempfile::tempdir().expect("a directory");
        let memory = Memory::within(Some(directory.path().to_owned()), "https://a/");
        for text in ["https://b/\n1_b_1\n", "https://a/", ""] {
            fs::write(memory.file.as_ref().expect("a file"), text).expect("written");
            assert_eq!(memory.recall(), None, "{text}");
        }
        Memory::within(None, "https://a/").remember("1_a_1");
    }

    #[test]
    fn the_state_directory_is_the_usual_one_unless_another_is_named() {
        let with = |state: Option<&str>| {
            let variables = move |name: &str| match name {
                "XDG_STATE_HOME" => state.map(PathBuf::from),
                _ => Some(PathBuf::from("/home/jan")),
            };
            state_directory(variables).expect("one")
        };
        assert_eq!(with(None), PathBuf::from("/home/jan/.local/state/grms-client"));
        assert_eq!(with(Some("/s")), PathBuf::from("/s/grms-client"));
        assert_eq!(with(Some("relative")), PathBuf::from("/home/jan/.local/state/grms-client"));
    }
}

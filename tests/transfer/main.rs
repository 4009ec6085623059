//! Transfers as the staging workers use them: `file:`, `http:` and `https:` against real servers in this process.

#![expect(clippy::unwrap_used, reason = "a test panics when something is not as it should be")]

mod data;
mod file;
mod http;
mod https;
mod server;

use grms::job::{FileKind, Url};
use grms::shell::{LocalShell, LocalUser};
use grms::transfer::{Access, Landing, Protocols, Settings};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A directory to land in, and the protocols with a spool of their own.
struct Place {
    directory: tempfile::TempDir,
    protocols: Protocols,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("work")).unwrap();
        let settings = Settings { spool: directory.path().join("spool"), ..Settings::default() };
        Self { protocols: Protocols::new(&settings), directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("work").join(name)
    }

    fn landing(&self, name: &str, kind: FileKind) -> Landing {
        Landing { shell: Arc::new(LocalShell::new()), user: None, path: self.path(name), kind }
    }

    /// Every name in the working directory, hidden ones too.
    fn names(&self) -> Vec<String> {
        names(&self.path(""))
    }
}

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn access() -> Access {
    Access { credential: None, authorities: None, stall: Duration::from_secs(20) }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// An account without rights, when this test may use one.
fn another_user() -> Option<LocalUser> {
    nix::unistd::Uid::effective().is_root().then(|| LocalUser { name: "nobody".into() })
}

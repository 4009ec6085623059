//! What `check-config` prints: what was understood, and whether everything that is named can be reached.

use super::{Config, RunAs};
use crate::identity::{GridMap, TlsIdentity};
use crate::soap::CLASSIC_PATH;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLine {
    /// What: `database`, `cluster local`, …
    pub what: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was understood or found, or what is wrong and what to do.
    pub detail: String,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order of looking.
    pub lines: Vec<CheckLine>,
}

impl Report {
    /// Everything that files and directories tell. Databases and batch systems are asked by their own rooms and added.
    #[must_use]
    pub fn of(config: &Config, root: bool) -> Self {
        let mut report = Self::default();
        report.add("configuration", Ok(config.file.display().to_string()));
        let server = &config.server;
        report.add("server", Ok(format!("{} on {}", server.url, server.listen)));
        let classic =
            format!("{}{}, GRMS {} when a request shows no version", server.url, CLASSIC_PATH, config.classic.profile);
        report.add("classic service", Ok(classic));
        let certificate = TlsIdentity::open(server.tls.clone());
        let certificate =
            certificate.map(|_| format!("{}, key {}", server.tls.certificate.display(), server.tls.key.display()));
        report.add("certificate", certificate.map_err(|error| with_cause(&error)));
        report.add("authorities", authorities(&server.tls.authorities, server.tls.require_crl));
        let administrators: Vec<_> = server.administrators.iter().map(ToString::to_string).collect();
        let administrators = if administrators.is_empty() { "nobody".to_owned() } else { administrators.join(", ") };
        report.add("administrators", Ok(administrators));
        report.add("database", Ok(config.database.to_string()));
        if let Some(map) = &config.users {
            let map = GridMap::load(map).map(|read| format!("{}: {} subjects", map.display(), read.len()));
            report.add("users", map.map_err(|error| with_cause(&error)));
        }
        if config.clusters.is_empty() {
            report.add("clusters", Err("none is configured, so no job can run: add a [[cluster]] section".to_owned()));
        }
        for cluster in &config.clusters {
            let whose = match cluster.run_as(root) {
                RunAs::Mapped => "mapped accounts",
                RunAs::Broker => "the broker's account",
            };
            let contact = cluster.contact.as_deref().unwrap_or("this host");
            let understood = format!("kind {}, {contact}, jobs run as {whose}", cluster.kind);
            report.add(&format!("cluster {}", cluster.name), Ok(understood));
        }
        report
    }

    /// Adds a line.
    pub fn add(&mut self, what: &str, found: Result<String, String>) {
        let (ok, detail) = match found {
            Ok(detail) => (true, detail),
            Err(detail) => (false, detail),
        };
        self.lines.push(CheckLine { what: what.to_owned(), ok, detail });
    }

    /// Whether everything is as it should be.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.lines.iter().all(|line| line.ok)
    }
}

/// One line each: mark, what, detail; further lines of a detail are indented.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.lines.iter().map(|line| line.what.chars().count()).max().unwrap_or(0);
        for line in &self.lines {
            let mark = if line.ok { "ok  " } else { "FAIL" };
            let detail = line.detail.replace('\n', &format!("\n{:1$}", "", width + 7));
            writeln!(f, "{mark} {:width$}  {detail}", line.what)?;
        }
        Ok(())
    }
}

fn authorities(directory: &Path, require_crl: bool) -> Result<String, String> {
    let shown = directory.display();
    let entries = std::fs::read_dir(directory).map_err(|error| format!("cannot read {shown}: {error}"))?;
    // The same file under its old and its new hash counts once.
    let (mut authorities, mut lists) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries.flatten() {
        let (Ok(name), Ok(file)) = (entry.file_name().into_string(), entry.path().canonicalize()) else { continue };
        // Eight digits of the hash, a point, `r` for a revocation list, a number.
        let Some((hash, suffix)) = name.split_once('.') else { continue };
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if hash.len() != 8 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            continue;
        }
        if number(suffix) {
            authorities.insert(file);
        } else if suffix.strip_prefix('r').is_some_and(number) {
            lists.insert(file);
        }
    }
    let (authorities, lists) = (authorities.len(), lists.len());
    if authorities == 0 {
        return Err(format!("{shown} holds no authority under a hashed name such as 1a2b3c4d.0: run `openssl rehash`"));
    }
    if require_crl && lists == 0 {
        return Err(format!("{shown} holds no revocation list, and require_crl = true refuses everybody without one"));
    }
    Ok(format!("{shown}: authorities: {authorities}, revocation lists: {lists}"))
}

fn with_cause(error: &dyn std::error::Error) -> String {
    let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
    format!("{error}{cause}")
}

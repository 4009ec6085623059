//! A broker of one's own: a fresh site made by `grmsd init`, the real daemon, and a caller who speaks the web service.
//!
//! A site removes its directory and ends its daemon when it is dropped, whatever happened.

#![allow(dead_code, reason = "each test target uses a part of this")]

pub(crate) mod portal;

use portal::Portal;
use std::collections::HashMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest any single thing may take before a test gives up on it.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// A site and, while it runs, its daemon.
pub(crate) struct Site {
    /// Everything is below this directory.
    pub(crate) dir: tempfile::TempDir,
    /// What `init` made.
    home: PathBuf,
    port: u16,
    daemon: Option<Child>,
    grmsd: PathBuf,
    environment: Vec<(String, String)>,
}

impl Site {
    /// A fresh site of a daemon.
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    pub(crate) fn of(grmsd: &Path) -> Self {
        // Mapped accounts walk through it to their working directories.
        let open = fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().prefix("grms-site-").permissions(open).tempdir().unwrap();
        let (home, port) = (dir.path().join("site"), free_port());
        let made =
            Command::new(grmsd).args(["init", "--port", &port.to_string(), "--dir"]).arg(&home).output().unwrap();
        assert!(made.status.success(), "grmsd init: {}", String::from_utf8_lossy(&made.stderr));
        Self { dir, home, port, daemon: None, grmsd: grmsd.to_owned(), environment: Vec::new() }
    }

    /// A second daemon of the same site: another port, everything else shared. It must not outlive this one.
    pub(crate) fn twin(&self) -> Self {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        let text = fs::read_to_string(self.config()).unwrap().replace(&self.port.to_string(), &port.to_string());
        let (home, grmsd, environment) = (self.home.clone(), self.grmsd.clone(), self.environment.clone());
        let twin = Self { dir, home, port, daemon: None, grmsd, environment };
        fs::write(twin.config(), text).unwrap();
        twin
    }

    /// Lets the daemon be started by another program from now on, which must become the daemon.
    pub(crate) fn run_by(&mut self, program: &Path) {
        program.clone_into(&mut self.grmsd);
    }

    /// The directory that `init` made.
    pub(crate) fn path(&self) -> PathBuf {
        self.home.clone()
    }

    /// Its configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        let name = if self.is_twin() { format!("grms-{}.toml", self.port) } else { "grms.toml".to_owned() };
        self.home.join(name)
    }

    fn is_twin(&self) -> bool {
        !self.home.starts_with(self.dir.path())
    }

    /// Changes the text of the configuration.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let text = change(fs::read_to_string(self.config()).unwrap());
        fs::write(self.config(), text).unwrap();
    }

    /// Sets a variable of the daemon's environment from the next start on; an empty value removes it.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.environment.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The variables of `client.env`.
    pub(crate) fn client_env(&self) -> HashMap<String, String> {
        fs::read_to_string(self.path().join("client.env"))
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches(['\'', '"']).to_owned()))
            .collect()
    }

    /// Starts the daemon without waiting for it.
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    pub(crate) fn launch(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let daemon = Command::new(&self.grmsd)
            .args(["serve", "--config"])
            .arg(self.config())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemon = Some(daemon);
    }

    /// Starts the daemon and waits until it is ready.
    pub(crate) fn start(&mut self) {
        self.launch();
        assert!(self.wait_ready(), "the daemon did not become ready:\n{}", self.log_text());
    }

    /// Waits until the daemon is ready. Gives `false` when it ended instead.
    pub(crate) fn wait_ready(&mut self) -> bool {
        let end = Instant::now() + BOUND;
        while Instant::now() < end {
            if let Ok(mut portal) = Portal::connect(self)
                && portal.get("/healthz").is_ok_and(|answer| answer.status == 200)
            {
                return true;
            }
            if self.has_ended() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Whether the daemon has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.daemon.as_mut().is_none_or(|daemon| daemon.try_wait().unwrap().is_some())
    }

    /// Waits for the daemon's own end and gives its exit code.
    pub(crate) fn wait_ended(&mut self) -> Option<i32> {
        let end = Instant::now() + BOUND;
        while !self.has_ended() {
            assert!(Instant::now() < end, "the daemon did not end:\n{}", self.log_text());
            std::thread::sleep(Duration::from_millis(10));
        }
        self.daemon.take().and_then(|mut daemon| daemon.wait().unwrap().code())
    }

    /// The daemon's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("the daemon runs").id()
    }

    /// Ends the daemon as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }

    /// Asks the daemon to stop and gives its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.pid()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.wait_ended()
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("grmsd.log")
    }

    /// What the daemon said so far.
    pub(crate) fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> (String, u16) {
        ("localhost".to_owned(), self.port)
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Drop for Site {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The text between `<name>` and `</name>`, the first time it occurs, with the five entities resolved.
pub(crate) fn element(xml: &str, name: &str) -> Option<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let start = xml.find(&open)? + open.len();
    let end = start + xml[start..].find(&close)?;
    let text = xml[start..end].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    Some(text.replace("&amp;", "&"))
}

/// Every text between `<name>` and `</name>`.
pub(crate) fn elements(xml: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = xml;
    let close = format!("</{name}>");
    while let Some(text) = element(rest, name) {
        found.push(text);
        let Some(at) = rest.find(&close) else { break };
        rest = &rest[at + close.len()..];
    }
    found
}

/// A version 1 document around the content of `simplejob`.
pub(crate) fn gjd(label: &str, simplejob: &str) -> String {
    format!("<grmsjob appid=\"{label}\"><simplejob>{simplejob}</simplejob></grmsjob>")
}

/// A document that runs a line of shell; `extra` follows the arguments.
pub(crate) fn shell_job(label: &str, line: &str, extra: &str) -> String {
    let line = portal::escaped(line);
    let executable = format!(
        "<executable type=\"single\"><file name=\"sh\" type=\"in\"><url>file:////bin/sh</url></file>\
         <arguments><value>-c</value><value>{line}</value></arguments>{extra}</executable>"
    );
    gjd(label, &executable)
}

//! A person at a terminal: a site, users of it, and the command line with what it printed compared to transcripts.

use crate::support::Site;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

/// What every user here is called, so that transcripts do not name whoever runs the tests.
pub(crate) const USER: &str = "Jan Kowalski";

/// A line of shell that runs until it is canceled; it ends by itself when its site is gone, and after a minute in any case.
pub(crate) const LONG: &str = "for i in $(seq 300); do [ -d \"$PWD\" ] || exit; sleep 0.2; done";

/// A running site with one more user.
pub(crate) struct Terminal {
    pub(crate) site: Site,
    env: PathBuf,
}

impl Terminal {
    /// The daemon runs, and `USER` has a certificate.
    pub(crate) fn new() -> Self {
        let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
        let env = add_user(&site, USER);
        site.start();
        Self { site, env }
    }

    /// Whoever made the site may see everybody's jobs from now on.
    pub(crate) fn with_administrator() -> Self {
        let mut terminal = Self::new();
        terminal.site.stop();
        terminal.site.configure(|text| text.replace("# administrators", "administrators"));
        terminal.site.start();
        terminal
    }

    /// Another person at the same site.
    pub(crate) fn become_user(&mut self, name: &str) {
        self.env = add_user(&self.site, name);
    }

    /// The administrator of the site.
    pub(crate) fn become_owner(&mut self) {
        self.env = self.site.path().join("client.env");
    }

    /// Writes a file beside the site.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.site.dir.path().join(name), text).unwrap();
    }

    /// A command as a shell would run it, after `. client.env`.
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.site.dir.path()).env_clear().envs(settings(&self.env));
        command.env("TZ", "UTC").env("HOME", self.site.dir.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(client()).args(arguments).output().unwrap()
    }

    /// Runs a line of shell that calls the command line; gives its standard output.
    pub(crate) fn shell(&self, line: &str) -> String {
        let path = format!("{}:/usr/bin:/bin", client().parent().unwrap().display());
        let seen = self.command(Path::new("/bin/sh")).args(["-c", line]).env("PATH", path).output().unwrap();
        assert!(seen.status.success(), "{line}: {}", String::from_utf8_lossy(&seen.stderr));
        String::from_utf8(seen.stdout).unwrap().trim_end().to_owned()
    }

    /// Starts a command that goes on; its standard output is read by the test.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(client()).args(arguments).stdout(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a command that must succeed and gives its standard output.
    pub(crate) fn output(&self, arguments: &[&str]) -> String {
        let seen = self.run(arguments);
        assert!(seen.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&seen.stderr));
        String::from_utf8(seen.stdout).unwrap().trim_end().to_owned()
    }

    /// Submits a description, waits for its end, gives its id.
    pub(crate) fn finished(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        let id = self.output(&["submit", name, "--quiet"]);
        self.run(&["wait", &id, "--timeout", "60"]);
        id
    }

    /// Runs commands and compares what was typed, printed and returned with the transcript. `BLESS=1` writes what was
    /// seen.
    pub(crate) fn transcript(&self, name: &str, commands: &[&[&str]]) {
        let mut text = String::new();
        for arguments in commands {
            let seen = self.run(arguments);
            text.push_str(&format!("$ grms-client {}\n", arguments.join(" ")));
            text.push_str(&String::from_utf8(seen.stdout).unwrap());
            for line in String::from_utf8(seen.stderr).unwrap().lines() {
                text.push_str(format!("! {line}").trim_end());
                text.push('\n');
            }
            text.push_str(&format!("exit code {}\n\n", seen.status.code().unwrap()));
        }
        let text = self.without_accidents(&text);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/transcripts/{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(text, expected, "{} differs; BLESS=1 writes what was seen:\n{text}", file.display());
    }

    fn without_accidents(&self, text: &str) -> String {
        let text = text.replace(&self.site.dir.path().display().to_string(), "<directory>");
        let text = text.replace(&format!("localhost:{}", self.site.address().1), "localhost:8443");
        let text = text.replace(env!("CARGO_PKG_VERSION"), "<version>");
        // The place of a program has the name of its cluster until it was seen running, then the machine's own.
        let machine = nix::unistd::gethostname().unwrap().into_string().unwrap();
        let text = text.replace(&format!("\"hostName\": \"{machine}\""), "\"hostName\": \"localhost\"");
        let text =
            text.replace(&format!("on {machine}"), "on localhost").replace(&format!(" {machine}\n"), " localhost\n");
        let text = text.replace(&format!("  {machine}  "), "  localhost  ");
        text.lines().map(|line| without_accidents_of_a_line(line) + "\n").collect()
    }
}

/// Cells of tables stand two blanks apart, whatever their widths; drawings of faults stay as they are.
fn without_accidents_of_a_line(line: &str) -> String {
    let words = line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && !"_-@:.".contains(c)).map(|word| {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let named = match bare {
            id if is_job_id(id) => "<job id>",
            _ if line.trim_start().starts_with("\"version\": ") && shape(bare) == "0" => "<number>",
            id if id.contains('@') && id.starts_with(|c: char| c.is_ascii_digit()) => "<local id>",
            time if shape(time).starts_with("0-0-0T0:0:0") => "<time>",
            _ => return word.to_owned(),
        };
        word.replace(bare, named)
    });
    let line: String = words.collect();
    if line.starts_with("! ") && line.contains(" |") {
        return line;
    }
    let indent = line.len() - line.trim_start().len();
    let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(|cell| {
        let age = |text: &str| text == "now" || text.ends_with(" ago") || text.starts_with("in ");
        match cell.split_once(" (") {
            _ if shape(cell) == "0-0-0 0:0:0" => "<time>".to_owned(),
            Some((at, ago)) if shape(at) == "0-0-0 0:0:0" && age(ago.trim_end_matches(')')) => {
                "<time> (<age>)".to_owned()
            }
            _ if age(cell) => "<age>".to_owned(),
            _ if shape(cell) == "0 s" => "<span>".to_owned(),
            _ => cell.to_owned(),
        }
    });
    " ".repeat(indent) + &cells.collect::<Vec<_>>().join("  ")
}

/// The text with every number as 0.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            c => shape.push(c),
        }
    }
    shape
}

fn is_job_id(word: &str) -> bool {
    word.len() > 14 && word.as_bytes()[13] == b'_' && word[..13].bytes().all(|byte| byte.is_ascii_digit())
}

/// The variables that a `client.env` exports.
fn settings(file: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(file).unwrap();
    let exported = text.lines().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
    exported.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
}

/// Gives a person a certificate; returns the person's `client.env`.
#[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
fn add_user(site: &Site, name: &str) -> PathBuf {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grmsd"));
    // Otherwise jobs would run as whoever became root.
    let made = command.args(["add-user", "--dir"]).arg(site.path()).arg(name).env_remove("SUDO_USER").output().unwrap();
    let told = String::from_utf8(made.stdout).unwrap();
    let file = told.lines().find_map(|line| line.strip_prefix("Use it: . '")?.strip_suffix('\''));
    file.unwrap_or_else(|| panic!("add-user: {told}{}", String::from_utf8_lossy(&made.stderr))).into()
}

/// The command line, beside the daemon. It is another package, so nothing has built it when this one is tested alone.
pub(crate) fn client() -> &'static Path {
    static CLIENT: OnceLock<PathBuf> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let program = Path::new(env!("CARGO_BIN_EXE_grmsd")).with_file_name("grms-client");
        let built = fs::metadata(&program).and_then(|file| file.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
        if newest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/grms-client/src")) > built {
            build();
        }
        program
    })
}

#[expect(clippy::disallowed_methods, reason = "the command line is built by cargo")]
fn build() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--package", "grms-client"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    assert!(command.status().unwrap().success(), "grms-client cannot be built");
}

/// When the youngest file of a directory was written.
fn newest(directory: &Path) -> SystemTime {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let times = entries
        .map(|path| if path.is_dir() { newest(&path) } else { fs::metadata(&path).unwrap().modified().unwrap() });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

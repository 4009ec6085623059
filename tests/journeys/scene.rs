//! A site with a place for its user's files, and short ways to write job descriptions.

use crate::support::portal::{Portal, escaped};
use crate::support::{BOUND, Site, element, gjd};
use nix::unistd::{User, geteuid};
use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A site, and a directory that its user's account may read and write.
pub(crate) struct Scene {
    pub(crate) site: Site,
    home: PathBuf,
    account: Option<User>,
}

impl Scene {
    /// Not started yet. `settings` is added to the configuration.
    pub(crate) fn with(settings: &str) -> Self {
        let site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
        site.configure(|text| text + settings);
        let account = geteuid().is_root().then(|| {
            let map = fs::read_to_string(site.path().join("grid-mapfile")).unwrap();
            let name = map.lines().last().and_then(|line| line.rsplit(' ').next()).unwrap();
            User::from_name(name).unwrap().expect("the mapped account exists")
        });
        let home = site.dir.path().join("home");
        fs::create_dir(&home).unwrap();
        let scene = Self { site, home, account };
        scene.give(&scene.home);
        scene
    }

    /// Started.
    pub(crate) fn new() -> Self {
        let mut scene = Self::with("");
        scene.site.start();
        scene
    }

    pub(crate) fn portal(&self) -> Portal {
        Portal::connect(&self.site).unwrap()
    }

    fn give(&self, path: &Path) {
        if let Some(account) = &self.account {
            chown(path, Some(account.uid.as_raw()), Some(account.gid.as_raw())).unwrap();
        }
    }

    /// The path of a file of the user.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// Its location in a job description.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("<url>file:///{}</url>", self.path(name).display())
    }

    /// Writes a file of the user.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        let parent = path.parent().unwrap();
        if !parent.exists() {
            fs::create_dir_all(parent).unwrap();
            parent.ancestors().take_while(|above| *above != self.home).for_each(|above| self.give(above));
        }
        fs::write(&path, content).unwrap();
        self.give(&path);
    }

    /// Reads a file of the user as text.
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Whether there is such a file of the user.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Waits until a job made a file.
    pub(crate) fn wait_for_file(&self, name: &str) {
        wait_until(&format!("{name} exists"), || self.has(name));
    }

    /// The working area.
    pub(crate) fn area(&self) -> PathBuf {
        self.site.path().join("work")
    }

    /// What is left in the working area.
    pub(crate) fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.area()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Waits until the broker left nothing behind.
    pub(crate) fn wait_swept(&self) {
        wait_until("the working area is empty", || self.left().is_empty());
    }
}

/// Waits for something outside that gives no event.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + BOUND;
    while !condition() {
        assert!(Instant::now() < end, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A line of shell that waits for the file it is given as `$0`; for a minute, so that a test that fails leaves no process.
pub(crate) const WAIT: &str =
    "left=1200; while [ ! -e \"$0\" ] && [ $left -gt 0 ]; do sleep 0.05; left=$((left - 1)); done";
/// A line of shell that does nothing, for half a minute.
pub(crate) const IDLE: &str = "left=300; while [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done";

/// A job description in the making.
#[derive(Default)]
pub(crate) struct Job {
    resource: String,
    executable: String,
    program: String,
    arguments: String,
    after: String,
    execution: String,
}

impl Job {
    /// A program that lies on the machine.
    pub(crate) fn of(program: &str, arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|value| format!("<value>{}</value>", escaped(value))).collect();
        let program = format!("<file name=\"program\" type=\"in\"><url>file:///{program}</url></file>");
        Self { program, arguments, executable: "type=\"single\"".to_owned(), ..Self::default() }
    }

    /// A line of shell. Variables of the description are written `${…}`; a `$` of the shell stays one otherwise.
    pub(crate) fn sh(line: &str) -> Self {
        Self::of("/bin/sh", &["-c", line])
    }

    /// A program that comes from elsewhere, in the place of one that lies on the machine.
    pub(crate) fn program(mut self, name: &str, url: &str) -> Self {
        self.program = format!("<file name=\"{name}\" type=\"in\">{url}</file>");
        self
    }

    pub(crate) fn attributes(mut self, attributes: &str) -> Self {
        self.executable = attributes.to_owned();
        self
    }

    /// The content of `resource`.
    pub(crate) fn resource(mut self, content: &str) -> Self {
        self.resource = format!("<resource>{content}</resource>");
        self
    }

    /// A file that moves; `url` is an element.
    pub(crate) fn file(mut self, name: &str, direction: &str, url: &str) -> Self {
        self.arguments += &format!("<file name=\"{}\" type=\"{direction}\">{url}</file>", escaped(name));
        self
    }

    pub(crate) fn directory(mut self, name: &str, direction: &str, url: &str) -> Self {
        self.arguments += &format!("<directory name=\"{name}\" type=\"{direction}\">{url}</directory>");
        self
    }

    /// `stdin`, `stdout` or `stderr`; to be told in this order.
    pub(crate) fn stream(mut self, name: &str, url: &str) -> Self {
        self.after += &format!("<{name}>{url}</{name}>");
        self
    }

    /// What follows the streams.
    pub(crate) fn environment(mut self, variables: &[(&str, &str)]) -> Self {
        let variables: String = variables
            .iter()
            .map(|(name, value)| format!("<variable name=\"{name}\">{}</variable>", escaped(value)))
            .collect();
        self.after += &format!("<environment>{variables}</environment>");
        self
    }

    /// The content of `executionTime`.
    pub(crate) fn execution_time(mut self, content: &str) -> Self {
        self.execution = format!("<executionTime>{content}</executionTime>");
        self
    }

    /// The document.
    pub(crate) fn text(&self) -> String {
        let Self { resource, executable, program, arguments, after, execution } = self;
        let arguments =
            if arguments.is_empty() { String::new() } else { format!("<arguments>{arguments}</arguments>") };
        gjd(
            "journey",
            &format!("{resource}<executable {executable}>{program}{arguments}{after}</executable>{execution}"),
        )
    }

    /// Submits it and waits for its end, which must be `status`; gives `getJobInfo`'s answer.
    pub(crate) fn run(&self, portal: &mut Portal, status: &str) -> String {
        let id = portal.submit(&self.text());
        let end = portal.wait_end(&id).body;
        assert_eq!(element(&end, "status").as_deref(), Some(status), "{end}");
        end
    }
}

/// A member of an answer that must be there.
pub(crate) fn member(body: &str, name: &str) -> String {
    element(body, name).unwrap_or_else(|| panic!("no {name}: {body}"))
}

/// Waits until the job's `statusDescription` contains every one of `words`; gives the description.
pub(crate) fn wait_for_reason(portal: &mut Portal, id: &str, words: &[&str]) -> String {
    let mut said = String::new();
    wait_until(&format!("{id} tells {words:?}"), || {
        let body = portal.info(id).unwrap().body;
        said = element(&body, "statusDescription").unwrap_or_default();
        let over = ["FINISHED", "FAILED", "CANCELED"].contains(&member(&body, "status").as_str());
        assert!(!over, "over before it told {words:?}: {body}");
        words.iter().all(|word| said.contains(word))
    });
    said
}

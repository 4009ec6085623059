//! A site whose one cluster is a Slurm, and the commands a person would type there.

use super::support::portal::{Answer, Portal, escaped};
use super::support::{Site, element, gjd};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Which of the two clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// With `sacct`.
    Accounted,
    /// Without.
    Plain,
}

impl Which {
    pub(crate) fn conf(self) -> String {
        let name = match self {
            Self::Accounted => "GRMS_TEST_SLURM_CONF",
            Self::Plain => "GRMS_TEST_SLURM_PLAIN_CONF",
        };
        std::env::var(name).unwrap_or_else(|_| {
            panic!("{name} is not set; this test needs a real Slurm: run `scripts/test live slurm`")
        })
    }

    /// Runs a command there and gives what it prints.
    #[expect(clippy::disallowed_methods, reason = "somebody else's command, not the broker's")]
    pub(crate) fn run(self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(program).args(arguments).env("SLURM_CONF", self.conf()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A key of its configuration.
    pub(crate) fn setting(self, key: &str) -> String {
        let text = fs::read_to_string(self.conf()).unwrap();
        text.lines().find_map(|line| line.strip_prefix(&format!("{key}="))).unwrap().to_owned()
    }
}

/// A running broker in front of a cluster.
pub(crate) struct Broker {
    pub(crate) site: Site,
    pub(crate) portal: Portal,
    pub(crate) which: Which,
    files: PathBuf,
}

impl Broker {
    /// Starts it. `more` are more settings of the cluster, in TOML.
    pub(crate) fn start(which: Which, more: &str) -> Self {
        let mut site = Site::of(env!("CARGO_BIN_EXE_grmsd").as_ref());
        let accounting = if which == Which::Accounted { "sacct" } else { "none" };
        let files = site.dir.path().join("files");
        fs::create_dir(&files).unwrap();
        fs::set_permissions(&files, Permissions::from_mode(0o777)).unwrap();
        site.configure(|text| {
            let head = text.split("[[cluster]]").next().unwrap();
            format!(
                "{head}[broker]\nsurvey_every = \"2s\"\nsettle = \"2s\"\n\n[[cluster]]\nname = \"real\"\nkind = \"slurm\"\n\
                 work_dir = \"work\"\nslurm_conf = \"{}\"\naccounting = \"{accounting}\"\n{more}\n",
                which.conf()
            )
        });
        site.start();
        let portal = Portal::connect(&site).unwrap();
        Self { site, portal, which, files }
    }

    /// A file that jobs may read and write.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.files.join(name)
    }

    /// Its URL.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("file:///{}", self.file(name).display())
    }

    /// Its text; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Submits a line of shell. `resource` and `more`, which follows the program's first arguments, are XML.
    pub(crate) fn submit(&mut self, line: &str, resource: &str, more: &str) -> String {
        self.portal.submit(&gjd(
            "live",
            &format!(
                "<resource>{resource}</resource><executable type=\"single\"><file name=\"sh\" type=\"in\">\
                 <url>file:////bin/sh</url></file><arguments><value>-c</value><value>{}</value>{more}</executable>",
                escaped(line)
            ),
        ))
    }

    /// Asks until the answer is as wanted.
    pub(crate) fn wait(&mut self, id: &str, seconds: u64, wanted: impl Fn(&Answer) -> bool) -> Answer {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            let answer = self.portal.info(id).unwrap();
            if wanted(&answer) {
                return answer;
            }
            assert!(Instant::now() < end, "not within {seconds} s: {}\n{}", answer.body, self.site.log_text());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The last attempt's id at Slurm.
    pub(crate) fn local_id(&mut self, id: &str) -> String {
        let answer = self.portal.info(id).unwrap();
        element(&answer.body, "localJobId").unwrap_or_else(|| panic!("no local id: {}", answer.body))
    }

    /// What `squeue` shows of a job in a format; ended jobs included.
    pub(crate) fn squeue(&mut self, id: &str, format: &str) -> String {
        let local = self.local_id(id);
        self.which.run("squeue", &["-h", "-t", "all", "-j", &local, "-o", format]).trim().to_owned()
    }
}

/// Whether the answer shows one of these states.
pub(crate) fn is(states: &'static [&'static str]) -> impl Fn(&Answer) -> bool {
    move |answer| element(&answer.body, "status").is_some_and(|status| states.contains(&status.as_str()))
}

/// An end, whatever it is.
pub(crate) const OVER: &[&str] = &["FINISHED", "FAILED", "CANCELED"];

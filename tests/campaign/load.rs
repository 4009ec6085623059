//! Callers who submit without a pause, repeat under the same key when an answer was lost, and cancel some of their jobs.

use super::dice::Dice;
use super::support::portal::{Answer, Credential, Portal, escaped};
use super::support::{Site, element, gjd};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CALLERS: usize = 4;
/// The longest a broker may be without an answer, over all restarts.
const SILENCE: Duration = Duration::from_secs(120);

/// What the program of a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ends with 0.
    Good,
    /// Ends with 0; its input was staged in and its output staged out.
    Staged,
    /// Ends with 3.
    Bad,
    /// Runs until it is canceled.
    Endless,
}

/// A job as its caller knows it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) key: String,
    pub(crate) kind: Kind,
    /// The id, and others that the same key gave later.
    pub(crate) ids: Vec<String>,
}

/// The files that programs write to.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    root: PathBuf,
}

impl Places {
    /// Makes them, open to the account that jobs run as.
    fn make(site: &Site) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        let places = Self::of(site);
        let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::create_dir_all(places.root.join("out")).unwrap();
        std::fs::write(places.ledger(), "").unwrap();
        std::fs::write(places.input(), "content\n").unwrap();
        open(site.dir.path(), 0o711);
        open(&places.root, 0o755);
        open(&places.root.join("out"), 0o777);
        open(&places.ledger(), 0o666);
        places
    }

    pub(crate) fn of(site: &Site) -> Self {
        Self { root: site.dir.path().join("campaign") }
    }

    /// One line for each start and each end of a program.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.root.join("ledger")
    }

    fn input(&self) -> PathBuf {
        self.root.join("input")
    }

    /// Where the output of a staged job goes.
    pub(crate) fn output(&self, key: &str) -> PathBuf {
        self.root.join("out").join(key)
    }
}

/// The callers at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    accepted: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<Vec<Job>>>,
}

impl Load {
    /// Sends the callers.
    pub(crate) fn start(site: &Site, dice: &mut Dice, slurm: bool) -> Self {
        let (stop, accepted) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let places = Places::make(site);
        let callers = (0..CALLERS).map(|number| {
            let caller = Caller {
                number,
                address: site.address(),
                credential: Credential::of(site),
                portal: None,
                dice: dice.split(),
                places: places.clone(),
                slurm,
                to_cancel: Vec::new(),
            };
            let (stop, accepted) = (Arc::clone(&stop), Arc::clone(&accepted));
            std::thread::spawn(move || caller.work(&stop, &accepted))
        });
        Self { callers: callers.collect(), stop, accepted }
    }

    /// How many jobs were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Lets every caller finish what it is about, with a broker that is up, and gives all jobs.
    pub(crate) fn finish(self) -> Vec<Job> {
        self.stop.store(true, Ordering::Relaxed);
        self.callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    }
}

struct Caller {
    number: usize,
    address: (String, u16),
    credential: Credential,
    portal: Option<Portal>,
    dice: Dice,
    places: Places,
    slurm: bool,
    to_cancel: Vec<(Instant, String)>,
}

impl Caller {
    fn work(mut self, stop: &AtomicBool, accepted: &AtomicUsize) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let mut job = self.new_job(jobs.len());
            let text = self.document(&job);
            // Now and then the answer is taken for lost although it came.
            for _ in 0..1 + usize::from(self.dice.one_in(8)) {
                let id = self.submit(&text, &job.key);
                if !job.ids.contains(&id) {
                    job.ids.push(id);
                }
            }
            accepted.fetch_add(1, Ordering::Relaxed);
            if job.kind == Kind::Endless {
                self.to_cancel.push((Instant::now() + self.dice.milliseconds(0..5_000), job.ids[0].clone()));
            }
            jobs.push(job);
            self.cancel_due(Instant::now());
            std::thread::sleep(self.dice.milliseconds(0..1_200));
        }
        self.cancel_due(Instant::now() + Duration::from_secs(3600));
        jobs
    }

    fn new_job(&mut self, serial: usize) -> Job {
        let kind = match self.dice.below(10) {
            0 | 1 => Kind::Bad,
            2 => Kind::Endless,
            3 | 4 => Kind::Staged,
            _ => Kind::Good,
        };
        Job { key: format!("c{}-{serial}", self.number), kind, ids: Vec::new() }
    }

    fn document(&mut self, job: &Job) -> String {
        let (key, ledger) = (&job.key, self.places.ledger());
        let note = |what: &str| format!("echo {what} {key} $GRMS_JOB_ID $GRMS_ATTEMPT >>{}", ledger.display());
        let seconds = ["0", "0.2", "1", "3"][self.dice.below(4)];
        let (began, ended) = (note("began"), note("ended"));
        let line = match job.kind {
            Kind::Good => format!("{began}; sleep {seconds}; {ended}"),
            Kind::Staged => format!("{began}; sleep {seconds}; cat input >output && echo {key} >>output && {ended}"),
            Kind::Bad => format!("{began}; sleep {seconds}; {ended}; exit 3"),
            Kind::Endless => format!("{began}; exec sleep 900"),
        };
        let mut arguments = format!("<value>-c</value><value>{}</value>", escaped(&line));
        if job.kind == Kind::Staged {
            let file = |name: &str, way: &str, path: &Path| {
                format!("<file name=\"{name}\" type=\"{way}\"><url>file:///{}</url></file>", path.display())
            };
            arguments += &file("input", "in", &self.places.input());
            arguments += &file("output", "out", &self.places.output(key));
        }
        let manager = if self.slurm && self.dice.one_in(2) { "slurm" } else { "fork" };
        gjd(
            "campaign",
            &format!(
                "<resource><localrmname>{manager}</localrmname></resource><executable type=\"single\">\
                 <file name=\"sh\" type=\"in\"><url>file:////bin/sh</url></file><arguments>{arguments}</arguments></executable>"
            ),
        )
    }

    fn submit(&mut self, text: &str, key: &str) -> String {
        let answer = self.insist(|portal| portal.try_submit(text, Some(key)));
        element(&answer.body, "jobId").unwrap_or_else(|| panic!("{key} was refused: {}", answer.body))
    }

    fn cancel_due(&mut self, now: Instant) {
        for (_, id) in self.to_cancel.extract_if(.., |(due, _)| *due <= now).collect::<Vec<_>>() {
            // A fault says that it has ended; whether it ended well the ledger knows.
            self.insist(|portal| portal.call("cancelJob", &format!("<jobId>{id}</jobId>")));
        }
    }

    /// Asks until there is an answer that means something: not of a broker that was killed, and not "try again later".
    fn insist(&mut self, ask: impl Fn(&mut Portal) -> io::Result<Answer>) -> Answer {
        let end = Instant::now() + SILENCE;
        while Instant::now() < end {
            let portal = match self.portal.take() {
                Some(portal) => Ok(portal),
                None => Portal::connect_as(self.address.clone(), Some(&self.credential)),
            };
            if let Ok(mut portal) = portal
                && let Ok(answer) = ask(&mut portal)
            {
                self.portal = Some(portal);
                if answer.status == 200 || element(&answer.body, "retryable").as_deref() == Some("false") {
                    return answer;
                }
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        panic!("no answer for {} s", SILENCE.as_secs());
    }
}

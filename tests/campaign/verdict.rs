//! What became of the jobs: the broker's word held against the ledger that the programs wrote.

use super::load::{Job, Kind, Places};
use super::support::portal::Portal;
use super::support::{Site, element};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) lost: usize,
    pub(crate) duplicated: usize,
    pub(crate) stuck: usize,
    /// One for each thing that is not as it should be.
    pub(crate) lines: Vec<String>,
}

/// Starts and ends of programs: by job, with the attempt of each.
#[derive(Debug, Default)]
struct Ledger {
    began: HashMap<String, Vec<String>>,
    ended: HashMap<String, Vec<String>>,
    /// The ids under which each key ran.
    ids: HashMap<String, HashSet<String>>,
}

impl Ledger {
    fn read(places: &Places) -> Self {
        let mut ledger = Self::default();
        for line in std::fs::read_to_string(places.ledger()).unwrap().lines() {
            let [what, key, id, attempt] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("torn line: {line}") };
            let side = if what == "began" { &mut ledger.began } else { &mut ledger.ended };
            side.entry(id.to_owned()).or_default().push(attempt.to_owned());
            ledger.ids.entry(key.to_owned()).or_default().insert(id.to_owned());
        }
        ledger
    }
}

/// Waits for the ends of all jobs, `bound` at the most, and judges them.
pub(crate) fn judge(site: &Site, jobs: &[Job], bound: Duration) -> Verdict {
    let (mut verdict, places, end) = (Verdict::default(), Places::of(site), Instant::now() + bound);
    let mut portal = Portal::connect(site).unwrap();
    let answers: Vec<_> = jobs.iter().map(|job| wait_end(&mut portal, &job.ids[0], end)).collect();
    verdict.stuck += left_over(&places, &mut verdict.lines);
    let ledger = Ledger::read(&places);
    for (job, answer) in jobs.iter().zip(answers) {
        one(&mut verdict, &places, &ledger, job, answer);
    }
    verdict
}

/// The last answer about a job: its status and why it failed, or a fault.
fn wait_end(portal: &mut Portal, id: &str, end: Instant) -> Result<(String, String), String> {
    loop {
        let answer = portal.info(id).expect("the broker answers");
        let Some(status) = element(&answer.body, "status") else { return Err(answer.body) };
        let over = ["FINISHED", "FAILED", "CANCELED"].contains(&status.as_str());
        if over || Instant::now() >= end {
            let exit = element(&answer.body, "exitCode").unwrap_or_default();
            let why = element(&answer.body, "errorDescription").unwrap_or_default();
            let waits = element(&answer.body, "statusDescription").unwrap_or_default();
            return Ok((status, format!("exit code {exit}; {why}{waits}")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn one(verdict: &mut Verdict, places: &Places, ledger: &Ledger, job: &Job, answer: Result<(String, String), String>) {
    let id = &job.ids[0];
    let name = format!("{} {:?} {id}", job.key, job.kind);
    let none = Vec::new();
    let (began, ended) = (ledger.began.get(id).unwrap_or(&none), ledger.ended.get(id).unwrap_or(&none));
    let known = ledger.ids.get(&job.key).map_or(0, HashSet::len);
    let again = began.len() > began.iter().collect::<HashSet<_>>().len();
    if job.ids.len() > 1 || known > 1 || again || ended.len() > 1 {
        verdict.duplicated += 1;
        verdict.lines.push(format!("duplicated: {name}: ids {:?}, began {began:?}, ended {ended:?}", job.ids));
    }
    let (status, why) = match answer {
        Ok(known) => known,
        Err(fault) => {
            verdict.lost += 1;
            verdict.lines.push(format!("lost: {name}: {fault}"));
            return;
        }
    };
    if !["FINISHED", "FAILED", "CANCELED"].contains(&status.as_str()) {
        verdict.stuck += 1;
        verdict.lines.push(format!("stuck: {name}: {status}: {why}; began {began:?}, ended {ended:?}"));
        return;
    }
    let ran = began.len() == 1 && ended.len() == 1;
    let right = match job.kind {
        Kind::Good => status == "FINISHED" && ran,
        Kind::Staged => status == "FINISHED" && ran && output_is_right(places, &job.key),
        Kind::Bad => status == "FAILED" && ran && why.starts_with("exit code 3;"),
        Kind::Endless => status == "CANCELED" && ended.is_empty(),
    };
    if !right {
        verdict.lost += 1;
        verdict.lines.push(format!("lost: {name}: {status}: {why}; began {began:?}, ended {ended:?}"));
    }
}

fn output_is_right(places: &Places, key: &str) -> bool {
    std::fs::read_to_string(places.output(key)).is_ok_and(|text| text == format!("content\n{key}\n"))
}

/// Programs that still run although their jobs are over. What was canceled may take a moment to end.
fn left_over(places: &Places, lines: &mut Vec<String>) -> usize {
    let end = Instant::now() + Duration::from_secs(15);
    loop {
        let running = running(&places.ledger().display().to_string());
        if running.is_empty() || Instant::now() >= end {
            lines.extend(running.iter().map(|command| format!("stuck: its job is over, and it still runs: {command}")));
            return running.len();
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Commands of processes that name the ledger.
fn running(ledger: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let commands = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let texts = commands.map(|command| String::from_utf8_lossy(&command).replace('\0', " "));
    texts.filter(|text| text.contains(ledger)).collect()
}

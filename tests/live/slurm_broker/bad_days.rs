//! A controller that is away, an operator who cancels, and a queue full of jobs.

use super::cluster::{Broker, OVER, Which, is};
use super::support::{element, elements};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

/// The controller of the cluster without accounting; comes back when this is dropped.
struct Away(Which);

impl Away {
    fn stop(which: Which) -> Self {
        let pid: i32 = fs::read_to_string(which.setting("SlurmctldPidFile")).unwrap().trim().parse().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGTERM).unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while kill(Pid::from_raw(pid), None).is_ok() {
            assert!(Instant::now() < end, "slurmctld does not stop");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self(which)
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        self.0.run("slurmctld", &["-f", &self.0.conf()]);
    }
}

/// One after the other, since the first stops the controller.
#[test]
fn a_cluster_without_accounting_has_bad_days() {
    a_controller_that_is_away_changes_no_job();
    an_operator_cancels(Which::Plain);
}

#[test]
fn an_operator_cancels_a_job_at_the_cluster() {
    an_operator_cancels(Which::Accounted);
}

fn a_controller_that_is_away_changes_no_job() {
    let mut broker = Broker::start(Which::Plain, "");
    let ledger = broker.file("ledger").display().to_string();
    let line = |name: &str| format!("echo {name} >>{ledger}; chmod 666 {ledger}; sleep 3");
    let running = broker.submit(&line("first"), "", "</arguments>");
    broker.wait(&running, 60, is(&["RUNNING"]));
    let away = Away::stop(Which::Plain);
    let submitted = broker.submit(&line("second"), "", "</arguments>");
    // Longer than the first job takes: nobody can know its end, so nobody may tell one.
    let end = Instant::now() + Duration::from_secs(8);
    while Instant::now() < end {
        assert_eq!(broker.portal.status(&running), "RUNNING");
        assert!(["QUEUED", "PREPROCESSING"].contains(&broker.portal.status(&submitted).as_str()));
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(away);
    for id in [&running, &submitted] {
        let answer = broker.wait(id, 120, is(OVER));
        assert_eq!(element(&answer.body, "status").as_deref(), Some("FINISHED"), "{}", answer.body);
    }
    assert_eq!(broker.text("ledger"), "first\nsecond\n", "each ran once");
    let history = broker.portal.call("getJobHistory", &format!("<jobId>{running}</jobId>")).unwrap();
    assert_eq!(elements(&history.body, "number").len(), 1, "what ran was left alone: {}", history.body);
}

fn an_operator_cancels(which: Which) {
    let mut broker = Broker::start(which, "");
    let id = broker.submit("exec sleep 900", "", "</arguments>");
    broker.wait(&id, 60, is(&["RUNNING"]));
    let local = broker.local_id(&id);
    which.run("scancel", &[&local]);
    let answer = broker.wait(&id, 60, is(OVER));
    assert_eq!(element(&answer.body, "status").as_deref(), Some("FAILED"), "{}", answer.body);
    assert!(answer.body.contains("canceled at the batch system by an operator"), "{}", answer.body);
}

#[test]
fn the_number_of_jobs_does_not_change_the_number_of_questions() {
    let tools = tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    let log = tools.path().join("log");
    fs::write(&log, "").unwrap();
    fs::set_permissions(&log, Permissions::from_mode(0o666)).unwrap();
    for tool in ["sbatch", "squeue", "sacct", "scancel", "scontrol", "sinfo"] {
        let path = tools.path().join(tool);
        fs::write(&path, format!("#!/bin/sh\necho \"{tool} $*\" >>{}\nexec /usr/bin/{tool} \"$@\"\n", log.display()))
            .unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let mut broker = Broker::start(Which::Accounted, &format!("command_dir = \"{}\"", tools.path().display()));
    let ids: Vec<_> = (0..40).map(|_| broker.submit("sleep 6", "", "</arguments>")).collect();
    for id in &ids {
        broker.wait(id, 60, is(&["PENDING", "RUNNING", "STOPPED", "POSTPROCESSING", "FINISHED"]));
    }
    let before = fs::read_to_string(&log).unwrap().len();
    let began = Instant::now();
    for id in &ids {
        broker.wait(id, 60, is(&["FINISHED"]));
    }
    let seconds = began.elapsed().as_secs_f64();
    let said = fs::read_to_string(&log).unwrap()[before..].to_owned();
    let count = |tool: &str| said.lines().filter(|line| line.starts_with(tool)).count() as f64;
    // One listing a second, one count of the queues every two; the accounting at most with each listing.
    let most = (seconds + 2.0) * 1.5 + 1.0;
    assert!(count("squeue") <= most, "{} in {seconds} s:\n{said}", count("squeue"));
    assert!(count("sacct") <= seconds + 2.0, "{} in {seconds} s:\n{said}", count("sacct"));
    assert!(count("squeue") >= 3.0, "the log was not written:\n{said}");
}

//! The conformance suite on the machine itself, and what only `fork` does.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "suite.rs"]
mod suite;

use grms::batch::{NativeState, Workplace, fork::Fork};
use grms::job::{Code, Exit, LocalJobId, Outcome};
use grms::shell::{LocalUser, Shell as _};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::time::Duration;
use suite::Bench;

fn bench(user: Option<LocalUser>, area: &tempfile::TempDir) -> Bench {
    Bench { sabotage: kill_everything, ..Bench::new(&Fork, toml::Table::new(), user, area.path()) }
}

fn kill_everything(_: &Bench, id: &LocalJobId, place: &Workplace) {
    let wrapper = id.as_str().split_once('-').unwrap().0.parse().unwrap();
    let note = std::fs::read_to_string(place.control.join("records/payload")).unwrap();
    let payload = note.split_once(' ').unwrap().0.parse().unwrap();
    for group in [wrapper, payload] {
        killpg(Pid::from_raw(group), Signal::SIGKILL).unwrap();
    }
}

#[tokio::test]
async fn fork_conforms() {
    let area = tempfile::tempdir().unwrap();
    suite::run_all(bench(None, &area)).await;
}

#[tokio::test]
async fn fork_conforms_with_jobs_of_another_account() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let area = tempfile::tempdir().unwrap();
    suite::run_all(bench(Some(LocalUser { name: "nobody".into() }), &area)).await;
}

#[tokio::test]
async fn the_end_of_a_job_wakes_the_monitor() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench(None, &area);
    let wakeups = bench.system.wakeups().unwrap();
    let job = bench.job("wake", "exit 0").await;
    let id = bench.system.submit(&job).await.unwrap();
    tokio::time::timeout(Duration::from_secs(20), wakeups.notified()).await.unwrap();
    let record = bench.look(&job, &id).await.unwrap();
    assert!(matches!(record.state, NativeState::Ended(_)), "its record is there by then: {record:?}");
}

#[tokio::test]
async fn a_killed_wrapper_leaves_the_program_running_and_cancel_still_ends_it() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench(None, &area);
    let job = bench.job("orphan", ": >up; exec sleep 100").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    let wrapper = id.as_str().split_once('-').unwrap().0.parse().unwrap();
    killpg(Pid::from_raw(wrapper), Signal::SIGKILL).unwrap();
    bench.shell.ended().unwrap();
    assert_eq!(bench.look(&job, &id).await.unwrap().state, NativeState::Running);
    bench.system.cancel(&[(id.clone(), job.place.clone())]).await.unwrap();
    let ending = bench.end(&job, &id).await;
    assert_eq!((ending.outcome, ending.exit), (Outcome::Canceled, Some(Exit::Signal(9))));
}

#[tokio::test]
async fn a_job_of_an_earlier_boot_is_lost_with_its_node() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench(None, &area);
    let job = bench.job("reboot", "exit 0").await;
    bench.shell.make_directory(&job.place.control.join("records")).await.unwrap();
    let start = format!(
        r#"{{"version":1,"token":"{}","pid":{},"pid_start":1,"boot":"00000000-0000","started_ms":1000}}"#,
        job.token,
        std::process::id()
    );
    bench.shell.write_file(&job.place.control.join("records/start.json"), start.as_bytes(), 0o600).await.unwrap();
    let id = LocalJobId::parse(&format!("{}-1@00000000", std::process::id())).unwrap();
    let ending = bench.end(&job, &id).await;
    let failure = ending.failure.unwrap();
    assert_eq!((ending.outcome, failure.code), (Outcome::Failed, Code::ResourceLost));
    assert_eq!(failure.message, "the worker node has rebooted");
}

#[tokio::test]
async fn a_noted_process_of_somebody_else_is_never_signalled() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench(nix::unistd::geteuid().is_root().then(|| LocalUser { name: "nobody".into() }), &area);
    if bench.user.is_none() {
        return;
    }
    // A process of the broker's own account, named by a job of another account as its program.
    let victim = bench.shell.spawn(grms::shell::Command::new("sleep", ["100"])).await.unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{victim}/stat")).unwrap();
    let start = stat.rsplit_once(") ").unwrap().1.split(' ').nth(19).unwrap().to_owned();
    let job = bench.job("liar", ": >up; exec sleep 100").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    let note = job.place.control.join("records/payload");
    let honest = std::fs::read_to_string(&note).unwrap();
    std::fs::write(&note, format!("{victim} {start}\n")).unwrap();
    let wrapper = id.as_str().split_once('-').unwrap().0.parse().unwrap();
    killpg(Pid::from_raw(wrapper), Signal::SIGKILL).unwrap();
    bench.system.cancel(&[(id.clone(), job.place.clone())]).await.unwrap();
    assert_ne!(bench.end(&job, &id).await.outcome, Outcome::Done);
    let victim = Pid::from_raw(i32::try_from(victim).unwrap());
    nix::sys::signal::kill(victim, None).expect("the broker's process still lives");
    nix::sys::signal::kill(victim, Signal::SIGKILL).unwrap();
    killpg(Pid::from_raw(honest.split_once(' ').unwrap().0.parse().unwrap()), Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn a_memory_limit_is_set() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench(None, &area);
    let mut job = bench.job("memory", "ulimit -v").await;
    job.memory = Some(1 << 30);
    let id = bench.system.submit(&job).await.unwrap();
    assert_eq!(bench.end(&job, &id).await.outcome, Outcome::Done);
    assert_eq!(bench.text(&job, "stdout.txt"), "1048576\n");
}

#[tokio::test]
async fn limits_of_a_process_end_a_program_that_exceeds_them() {
    use grms::job::ProcessLimit::{CpuTime, FileSize};
    let area = tempfile::tempdir().unwrap();
    let bench = bench(None, &area);
    for (limit, value, line, message) in [
        (FileSize, 65_536, "exec head -c 1000000 /dev/zero", "the program wrote a file larger than its limit"),
        (CpuTime, 1, "while :; do :; done", "the program used more processor time than its limit"),
    ] {
        let mut job = bench.job("greedy", line).await;
        job.process_limits = vec![(limit, value)];
        let id = bench.system.submit(&job).await.unwrap();
        let ending = bench.end(&job, &id).await;
        let failure = ending.failure.unwrap();
        assert_eq!((failure.code, failure.message.as_str()), (Code::LimitKilled, message), "{line}");
    }
    let written = std::fs::metadata(
        area.path()
            .read_dir()
            .unwrap()
            .flatten()
            .find_map(|entry| {
                let file = entry.path().join("work/stdout.txt");
                file.metadata().is_ok_and(|file| file.len() > 0).then_some(file)
            })
            .unwrap(),
    );
    assert_eq!(written.unwrap().len(), 65_536, "what fitted was written");
}

#[test]
fn settings_are_checked() {
    let open = |text: &str| {
        let area = tempfile::tempdir().unwrap();
        let site = grms::batch::Site {
            cluster: grms::job::ClusterName::parse("here").unwrap(),
            shell: std::sync::Arc::new(grms::shell::LocalShell::new()),
            area: area.path().into(),
            grace: suite::GRACE,
        };
        grms::batch::Kind::open(&Fork, site, text.parse().unwrap()).map(|system| system.slots()).err()
    };
    assert_eq!(open("slots = 3"), None);
    assert!(open("slot = 3").unwrap().contains("unknown field `slot`, expected `slots`"));
    assert!(open("slots = 0").unwrap().contains("at least 1"));
}

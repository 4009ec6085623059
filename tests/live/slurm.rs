//! The conformance suite on a real Slurm, started by `scripts/components/slurm.sh`. Run it by `scripts/test live
//! slurm`.
//!
//! `GRMS_TEST_SLURM_CONF` names a cluster with accounting, `GRMS_TEST_SLURM_PLAIN_CONF` one without. Jobs run as
//! `grmstest1`.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "../conformance/batch/suite.rs"]
mod suite;

use grms::batch::{BatchError, Cancelled, Found, NativeState, Workplace, slurm::Slurm};
use grms::job::{Code, Launch, Layout, LocalJobId, Outcome};
use grms::shell::{Command, LocalUser, Shell as _};
use std::time::Duration;
use suite::{Bench, attempt};

fn conf(variable: &str) -> String {
    let conf = std::env::var(variable);
    conf.unwrap_or_else(|_| {
        panic!("{variable} is not set; this test needs a real Slurm: run `scripts/test live slurm`")
    })
}

fn bench(variable: &str, area: &tempfile::TempDir) -> Bench {
    let mut settings = toml::Table::new();
    settings.insert("slurm_conf".into(), conf(variable).into());
    let user = Some(LocalUser { name: "grmstest1".into() });
    let bench = Bench::new(&Slurm, settings, user, area.path());
    Bench { shortest_limit: Duration::from_secs(60), sabotage: scancel, ..bench }
}

#[expect(clippy::disallowed_methods, reason = "somebody else's command, not the broker's")]
fn scancel(bench: &Bench, id: &LocalJobId, _: &Workplace) {
    let conf = bench.settings["slurm_conf"].as_str().unwrap();
    let status = std::process::Command::new("scancel").arg(id.as_str()).env("SLURM_CONF", conf).status();
    assert!(status.unwrap().success());
}

fn in_cluster(bench: &Bench, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program, arguments.iter().copied());
    command.environment.push(("SLURM_CONF".into(), bench.settings["slurm_conf"].as_str().unwrap().into()));
    command
}

#[tokio::test]
async fn slurm_with_accounting_conforms() {
    let area = tempfile::tempdir().unwrap();
    suite::run_all(bench("GRMS_TEST_SLURM_CONF", &area)).await;
}

#[tokio::test]
async fn slurm_without_accounting_conforms() {
    let area = tempfile::tempdir().unwrap();
    suite::run_all(bench("GRMS_TEST_SLURM_PLAIN_CONF", &area)).await;
}

#[tokio::test]
async fn a_waiting_job_tells_why_and_leaves_nothing_when_canceled() {
    let area = tempfile::tempdir().unwrap();
    let mut bench = bench("GRMS_TEST_SLURM_CONF", &area);
    bench.settings.insert("extra_arguments".into(), toml::Value::Array(vec!["--hold".into()]));
    bench.system = suite::open(&Slurm, &bench.settings, bench.shell.clone(), area.path());
    let job = bench.job("held", "exit 0").await;
    let id = bench.system.submit(&job).await.unwrap();
    let state = bench.look(&job, &id).await.unwrap().state;
    assert_eq!(state, NativeState::Held { reason: "is held by its owner".into() });
    assert_eq!(bench.system.look_up(&attempt(&job, None)).await.unwrap(), Found::Jobs(vec![id.clone()]));
    assert_eq!(bench.system.cancel(&[(id.clone(), job.place.clone())]).await.unwrap(), [Cancelled::Asked]);
    let ending = bench.end(&job, &id).await;
    assert_eq!((ending.outcome, ending.exit, ending.failure), (Outcome::Canceled, None, None));
}

#[tokio::test]
async fn processes_and_threads_are_laid_out_as_asked() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench("GRMS_TEST_SLURM_CONF", &area);
    let line = "echo $SLURM_JOB_NUM_NODES $SLURM_NTASKS $SLURM_NTASKS_PER_NODE $SLURM_CPUS_PER_TASK; \
        until [ -e go ]; do sleep 0.1; done";
    let mut job = bench.job("layout", line).await;
    (job.launch, job.count) = (Launch::Multiple, 4);
    job.layout = Layout { per_host: Some(2), threads: Some(3) };
    let id = bench.system.submit(&job).await.unwrap();
    bench.until(&job, &id, |record| (record.state == NativeState::Running).then_some(())).await;
    let show = in_cluster(&bench, "scontrol", &["--oneliner", "show", "job", id.as_str()]);
    let shown = String::from_utf8(bench.shell.run(show).await.unwrap().stdout).unwrap();
    for word in [" NumNodes=2 ", " NumTasks=4 ", " CPUs/Task=3 ", " NtasksPerN:B:S:C=2:0:"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    bench.shell.write_file(&job.place.work.join("go"), b"", 0o644).await.unwrap();
    let ending = bench.end(&job, &id).await;
    assert_eq!(ending.outcome, Outcome::Done, "{:?}", ending.failure);
    assert_eq!(bench.text(&job, "stdout.txt"), "2 4 2 3\n".repeat(4), "one line of each process");
}

#[tokio::test]
async fn a_job_of_somebody_else_with_the_same_id_is_left_alone() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench("GRMS_TEST_SLURM_CONF", &area);
    let submit = in_cluster(&bench, "sbatch", &["--parsable", "--output=/dev/null", "--hold", "--wrap=true"]);
    let other = String::from_utf8(bench.shell.run(submit).await.unwrap().stdout).unwrap();
    let other = LocalJobId::parse(other.trim()).unwrap();
    let job = bench.job("reused", "exit 0").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.end(&job, &id).await;
    // The numbering began again: our job's number is now another job's.
    assert_eq!(bench.system.cancel(&[(other.clone(), job.place.clone())]).await.unwrap(), [Cancelled::Unknown]);
    let show = in_cluster(&bench, "squeue", &["-h", "-j", other.as_str(), "-o", "%T"]);
    assert_eq!(bench.shell.run(show).await.unwrap().stdout, b"PENDING\n");
    bench.shell.run(in_cluster(&bench, "scancel", &[other.as_str()])).await.unwrap();
}

#[tokio::test]
async fn a_refused_submission_and_a_dead_controller_are_told_apart() {
    let area = tempfile::tempdir().unwrap();
    let mut bench = bench("GRMS_TEST_SLURM_CONF", &area);
    let mut job = bench.job("refused", "exit 0").await;
    job.queue = Some("no-such-queue".into());
    let error = bench.system.submit(&job).await.unwrap_err();
    assert!(matches!(&error, BatchError::Rejected { why, .. } if why.contains("Invalid partition")), "{error}");

    let dead = area.path().join("dead.conf");
    let conf = std::fs::read_to_string(bench.settings["slurm_conf"].as_str().unwrap()).unwrap();
    let port = conf.lines().find_map(|line| line.strip_prefix("SlurmctldPort=")).unwrap();
    let conf = conf
        .replace(&format!("SlurmctldPort={port}"), "SlurmctldPort=1")
        .replace("MessageTimeout=30", "MessageTimeout=2");
    std::fs::write(&dead, conf).unwrap();
    bench.settings.insert("slurm_conf".into(), dead.display().to_string().into());
    bench.system = suite::open(&Slurm, &bench.settings, bench.shell.clone(), area.path());
    let job = bench.job("unreachable", "exit 0").await;
    let (submitted, listed) = tokio::join!(bench.system.submit(&job), bench.system.list(&[]));
    assert!(matches!(submitted, Err(BatchError::Unreachable { .. })), "{submitted:?}");
    assert!(matches!(listed, Err(BatchError::Unreachable { .. })), "a listing that failed is no empty listing");
}

#[tokio::test]
async fn a_working_directory_that_is_not_there_is_explained() {
    let area = tempfile::tempdir().unwrap();
    let bench = bench("GRMS_TEST_SLURM_CONF", &area);
    let mut closed = bench.job("closed", "exit 0").await;
    closed.place.work = "/no/such/directory".into();
    closed.stdout = "/dev/null".into();
    closed.stderr = "/dev/null".into();
    match bench.system.submit(&closed).await {
        Ok(id) => {
            let failure = bench.end(&closed, &id).await.failure.unwrap();
            assert_eq!(failure.code, Code::LrmError, "{failure}");
        }
        Err(BatchError::Rejected { why, .. }) => assert!(why.contains("directory"), "{why}"),
        Err(other) => panic!("{other}"),
    }
}

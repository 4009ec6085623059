//! What every batch system must do, tried on a real one. The cases know no kind; what differs is in [`Bench`].

use grms::batch::{
    BatchJob, BatchSystem, Cancelled, Found, Kind, NativeRecord, NativeState, Site, Vanished, Workplace,
};
use grms::job::{ClusterName, Code, Ending, Exit, JobId, Launch, Limits, LocalJobId, Outcome, TaskId, Token};
use grms::shell::{LocalShell, LocalUser, Shell};
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// One batch system under test.
pub(crate) struct Bench {
    pub(crate) kind: &'static dyn Kind,
    pub(crate) settings: toml::Table,
    pub(crate) user: Option<LocalUser>,
    pub(crate) system: Arc<dyn BatchSystem>,
    pub(crate) shell: Arc<LocalShell>,
    pub(crate) area: PathBuf,
    /// The shortest wall clock limit the system knows.
    pub(crate) shortest_limit: Duration,
    /// Ends a job without asking the broker.
    pub(crate) sabotage: fn(&Bench, &LocalJobId, &Workplace),
}

impl Bench {
    pub(crate) fn new(kind: &'static dyn Kind, settings: toml::Table, user: Option<LocalUser>, area: &Path) -> Self {
        std::fs::set_permissions(area, std::fs::Permissions::from_mode(0o711)).unwrap();
        let shell = Arc::new(LocalShell::new());
        let system = open(kind, &settings, shell.clone(), area);
        let sabotage = |_: &Self, _: &LocalJobId, _: &Workplace| panic!("no way to end a job behind the broker's back");
        let area = area.to_path_buf();
        Self { kind, settings, user, system, shell, area, shortest_limit: Duration::from_secs(1), sabotage }
    }

    /// A job that runs a line of shell, with its directory made and handed over.
    pub(crate) async fn job(&self, label: &str, line: &str) -> BatchJob {
        static SERIAL: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let serial = SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let job = JobId::new(1, label, serial);
        let place = Workplace::of(&self.area, &job, &TaskId::main(), 1);
        self.shell.make_directory(&place.work).await.unwrap();
        if let Some(user) = &self.user {
            self.shell.hand_over(&place.work, user).await.unwrap();
        }
        BatchJob {
            token: Token::from_random(u128::from(uuid())),
            job,
            task: TaskId::main(),
            attempt: 1,
            user: self.user.clone(),
            queue: None,
            launch: Launch::Single,
            count: 1,
            layout: grms::job::Layout::default(),
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), line.into()],
            environment: vec![("GRMS_JOB_ID".into(), "the id".into())],
            stdin: None,
            stdout: place.work.join("stdout.txt"),
            stderr: place.work.join("stderr.txt"),
            limits: Limits::default(),
            memory: None,
            process_limits: Vec::new(),
            place,
        }
    }

    pub(crate) async fn look(&self, job: &BatchJob, id: &LocalJobId) -> Option<NativeRecord> {
        let attempt = attempt(job, Some(id));
        let listing = self.system.list(std::slice::from_ref(&attempt)).await.unwrap();
        assert_eq!(listing.unreadable, Vec::<String>::new());
        let listed = listing.records.into_iter().find(|r| r.id == *id && r.token.as_ref() == Some(&job.token));
        match listed {
            Some(record) => Some(record),
            None => self.system.account(&[attempt]).await.unwrap().pop(),
        }
    }

    /// Waits until the system says something of the job that is looked for.
    pub(crate) async fn until<T>(
        &self,
        job: &BatchJob,
        id: &LocalJobId,
        wanted: impl Fn(NativeRecord) -> Option<T>,
    ) -> T {
        let begin = Instant::now();
        let mut last = None;
        while begin.elapsed() < Duration::from_secs(150) {
            last = self.look(job, id).await;
            if let Some(found) = last.clone().and_then(&wanted) {
                return found;
            }
            // The system tells nobody when something changes.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{}: waited in vain; last seen: {last:?}", job.job);
    }

    pub(crate) async fn end(&self, job: &BatchJob, id: &LocalJobId) -> Ending {
        self.until(job, id, |record| if let NativeState::Ended(ending) = record.state { Some(ending) } else { None })
            .await
    }

    pub(crate) async fn running(&self, job: &BatchJob, id: &LocalJobId, sign: &str) {
        let sign = job.place.work.join(sign);
        self.until(job, id, |r| (r.state == NativeState::Running && sign.exists()).then_some(())).await;
    }

    async fn run(&self, job: &BatchJob) -> Ending {
        let id = self.system.submit(job).await.unwrap();
        self.end(job, &id).await
    }

    pub(crate) fn text(&self, job: &BatchJob, name: &str) -> String {
        std::fs::read_to_string(job.place.work.join(name)).unwrap_or_default()
    }
}

pub(crate) fn open(
    kind: &dyn Kind,
    settings: &toml::Table,
    shell: Arc<LocalShell>,
    area: &Path,
) -> Arc<dyn BatchSystem> {
    let site = Site { cluster: ClusterName::parse("here").unwrap(), shell, area: area.to_path_buf(), grace: GRACE };
    kind.open(site, settings.clone()).unwrap()
}

pub(crate) fn attempt(job: &BatchJob, id: Option<&LocalJobId>) -> Vanished {
    Vanished { id: id.cloned(), token: job.token.clone(), place: job.place.clone() }
}

/// A number no other test run has.
fn uuid() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

type Case = for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        pub(crate) const CASES: &[(&str, Case)] = &[$((stringify!($name), |bench| Box::pin($name(bench)))),*];
    };
}

cases![
    a_program_that_ends_well_is_done,
    a_bad_exit_code_and_a_signal_are_told,
    a_missing_program_is_told,
    hostile_arguments_arrive_whole,
    copies_are_counted,
    a_canceled_program_can_say_good_bye,
    a_program_that_does_not_listen_is_killed,
    two_submissions_of_one_token_run_the_program_once,
    a_lost_reply_is_found_by_the_token,
    what_was_never_submitted_is_absent_and_stays_so,
    a_job_ended_behind_the_brokers_back_is_not_done,
    the_wall_clock_limit_ends_a_program,
    a_record_with_a_foreign_token_is_ignored,
    another_broker_process_goes_on_watching,
    an_odd_request_is_refused_for_good,
    the_survey_tells_queues,
];

/// Runs every case, all at once, and names the ones that failed.
pub(crate) async fn run_all(bench: Bench) {
    let bench = Arc::new(bench);
    let local = tokio::task::LocalSet::new();
    let tasks: Vec<_> = CASES
        .iter()
        .map(|(name, case)| {
            let bench = bench.clone();
            (*name, local.spawn_local(async move { case(&bench).await }))
        })
        .collect();
    local.await;
    let mut failed = Vec::new();
    for (name, task) in tasks {
        let ended = task.await;
        failed.extend(ended.err().map(|_| name));
    }
    assert!(failed.is_empty(), "{}: {failed:?}", bench.kind.name());
}

async fn a_program_that_ends_well_is_done(bench: &Bench) {
    let mut job = bench.job("well", "cat; echo $GRMS_JOB_ID; pwd; id -un; sleep 1; echo complaint >&2").await;
    let input = job.place.work.join("input");
    bench.shell.write_file(&input, b"from input\n", 0o644).await.unwrap();
    job.stdin = Some(input);
    let id = bench.system.submit(&job).await.unwrap();
    let record = bench.until(&job, &id, |r| matches!(r.state, NativeState::Ended(_)).then_some(r)).await;
    let NativeState::Ended(ending) = record.state else { unreachable!() };
    assert_eq!((ending.outcome, ending.exit, ending.failure), (Outcome::Done, Some(Exit::Code(0)), None));
    assert_eq!(ending.evidence, "exit record");
    assert!(record.usage.wall >= Some(Duration::from_secs(1)) && record.usage.user.is_some() && record.host.is_some());
    let user = bench.user.as_ref().map_or("root", |user| &user.name);
    if bench.user.is_some() || nix::unistd::geteuid().is_root() {
        let expected = format!("from input\nthe id\n{}\n{user}\n", job.place.work.display());
        assert_eq!(bench.text(&job, "stdout.txt"), expected);
    }
    assert_eq!(bench.text(&job, "stderr.txt"), "complaint\n");
}

async fn a_bad_exit_code_and_a_signal_are_told(bench: &Bench) {
    for (line, exit) in
        [("exit 7", Exit::Code(7)), ("kill -SEGV $$", Exit::Signal(11)), ("kill -KILL $$", Exit::Signal(9))]
    {
        let job = bench.job("bad", line).await;
        let ending = bench.run(&job).await;
        assert_eq!((ending.outcome, ending.exit), (Outcome::Failed, Some(exit)), "{line}");
        assert_eq!(ending.failure.unwrap().code, Code::ExecutionFailed, "{line}");
    }
}

async fn a_missing_program_is_told(bench: &Bench) {
    let mut job = bench.job("missing", "").await;
    job.program = "./no-such-program".into();
    let ending = bench.run(&job).await;
    assert_eq!((ending.outcome, ending.exit), (Outcome::Failed, Some(Exit::Code(127))));
    assert!(bench.text(&job, "stderr.txt").contains("no-such-program"));
}

async fn hostile_arguments_arrive_whole(bench: &Bench) {
    let hostile = ["it's", "a  b\n", "$(id >stolen)", "`id`", "-n", "--", "\\", "*", "é", "", "%j|\"'"];
    let mut job = bench.job("hostile", "").await;
    job.program = "/usr/bin/printf".into();
    job.arguments = std::iter::once("%s\\0").chain(hostile).map(str::to_owned).collect();
    assert_eq!(bench.run(&job).await.outcome, Outcome::Done);
    let expected: String = hostile.iter().map(|argument| format!("{argument}\0")).collect();
    assert_eq!(bench.text(&job, "stdout.txt"), expected);
    assert!(!job.place.work.join("stolen").exists());
}

async fn copies_are_counted(bench: &Bench) {
    let line = "echo ran >copy$GRMS_PROCESS; [ $GRMS_PROCESS != 2 ] || exit 5";
    let job = BatchJob { launch: Launch::Multiple, count: 3, ..bench.job("copies", line).await };
    let ending = bench.run(&job).await;
    assert_eq!(ending.exit, Some(Exit::Code(5)));
    assert!((0..3).all(|n| bench.text(&job, &format!("copy{n}")) == "ran\n"));
}

async fn a_canceled_program_can_say_good_bye(bench: &Bench) {
    let job = bench.job("polite", "trap 'echo bye >bye; exit 0' TERM; : >up; while :; do sleep 0.1; done").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    let request = [(id.clone(), job.place.clone())];
    assert_eq!(bench.system.cancel(&request).await.unwrap(), [Cancelled::Asked]);
    bench.system.cancel(&request).await.unwrap();
    let ending = bench.end(&job, &id).await;
    assert_eq!((ending.outcome, ending.failure), (Outcome::Canceled, None));
    assert_eq!(bench.text(&job, "bye"), "bye\n");
    // The script leaves its record a moment before it is gone itself.
    let end = Instant::now() + Duration::from_secs(10);
    while bench.system.cancel(&request).await.unwrap() != [Cancelled::Unknown] {
        assert!(Instant::now() < end, "what has ended is still known");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_program_that_does_not_listen_is_killed(bench: &Bench) {
    let job = bench.job("deaf", "trap '' TERM; : >up; while :; do sleep 0.1; done").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    bench.system.cancel(&[(id.clone(), job.place.clone())]).await.unwrap();
    let ending = bench.end(&job, &id).await;
    assert_eq!((ending.outcome, ending.exit), (Outcome::Canceled, Some(Exit::Signal(9))));
}

async fn two_submissions_of_one_token_run_the_program_once(bench: &Bench) {
    let job = bench.job("twice", "echo ran >>ran; sleep 1").await;
    let (first, second) = tokio::join!(bench.system.submit(&job), bench.system.submit(&job));
    let (first, second) = (first.unwrap(), second.unwrap());
    let ending = bench.end(&job, &first).await;
    assert_eq!(ending.outcome, Outcome::Done);
    assert_eq!(bench.end(&job, &second).await.outcome, Outcome::Done, "the second is told as what the first came to");
    assert_eq!(bench.text(&job, "ran"), "ran\n");
    let Found::Jobs(found) = bench.system.look_up(&attempt(&job, None)).await.unwrap() else { panic!("not found") };
    assert!(found.contains(&first) || found.contains(&second));
}

async fn a_lost_reply_is_found_by_the_token(bench: &Bench) {
    let job = bench.job("lost-reply", ": >up; while [ ! -e go ]; do sleep 0.1; done").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    assert_eq!(bench.system.look_up(&attempt(&job, None)).await.unwrap(), Found::Jobs(vec![id.clone()]));
    bench.shell.write_file(&job.place.work.join("go"), b"", 0o644).await.unwrap();
    assert_eq!(bench.end(&job, &id).await.outcome, Outcome::Done);
    assert_eq!(bench.system.look_up(&attempt(&job, None)).await.unwrap(), Found::Jobs(vec![id]));
}

async fn what_was_never_submitted_is_absent_and_stays_so(bench: &Bench) {
    let job = bench.job("absent", "echo ran >ran").await;
    let lost = attempt(&job, None);
    assert_eq!(bench.system.look_up(&lost).await.unwrap(), Found::Absent);
    assert_eq!(bench.system.look_up(&lost).await.unwrap(), Found::Absent, "asked again after a crash");
    let late = bench.system.submit(&job).await;
    assert!(matches!(late, Err(grms::batch::BatchError::Rejected { .. })), "{late:?}");
    assert!(!job.place.work.join("ran").exists());
}

async fn a_job_ended_behind_the_brokers_back_is_not_done(bench: &Bench) {
    let job = bench.job("sabotage", ": >up; exec sleep 100").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    (bench.sabotage)(bench, &id, &job.place);
    let ending = bench.end(&job, &id).await;
    assert!(matches!(ending.outcome, Outcome::Lost | Outcome::Failed), "{ending:?}");
    assert!(matches!(ending.failure.unwrap().code, Code::ResourceLost | Code::LrmError));
}

async fn the_wall_clock_limit_ends_a_program(bench: &Bench) {
    let mut job = bench.job("limit", "exec sleep 300").await;
    job.limits.wall = Some(bench.shortest_limit);
    let ending = bench.run(&job).await;
    assert_eq!((ending.outcome, ending.failure.unwrap().code), (Outcome::Failed, Code::LimitKilled));
}

async fn a_record_with_a_foreign_token_is_ignored(bench: &Bench) {
    let job = bench.job("foreign", ": >up; while [ ! -e go ]; do sleep 0.1; done; exit 4").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    let records = job.place.control.join("records");
    let forged = r#"{"version":1,"token":"gzzz","code":0,"phase":"payload","limit":"","stopped":"","text":"",
        "user":"","system":"","started_ms":1,"ended_ms":2}"#;
    bench.shell.write_file(&records.join("exit.json"), forged.as_bytes(), 0o644).await.unwrap();
    let seen = bench.look(&job, &id).await.unwrap();
    assert_eq!(seen.state, NativeState::Running);
    bench.shell.write_file(&job.place.work.join("go"), b"", 0o644).await.unwrap();
    assert_eq!(bench.end(&job, &id).await.exit, Some(Exit::Code(4)));
}

async fn another_broker_process_goes_on_watching(bench: &Bench) {
    let job = bench.job("restart", ": >up; while [ ! -e go ]; do sleep 0.1; done; exit 6").await;
    let id = bench.system.submit(&job).await.unwrap();
    bench.running(&job, &id, "up").await;
    let shell = Arc::new(LocalShell::new());
    let system = open(bench.kind, &bench.settings, shell.clone(), &bench.area);
    let fresh = Bench {
        system,
        shell,
        settings: bench.settings.clone(),
        user: bench.user.clone(),
        area: bench.area.clone(),
        ..*bench
    };
    fresh.running(&job, &id, "up").await;
    fresh.shell.write_file(&job.place.work.join("go"), b"", 0o644).await.unwrap();
    assert_eq!(fresh.end(&job, &id).await.exit, Some(Exit::Code(6)));
}

async fn an_odd_request_is_refused_for_good(bench: &Bench) {
    let job = BatchJob { arguments: vec!["a\0b".into()], ..bench.job("odd", "").await };
    assert!(matches!(bench.system.submit(&job).await, Err(grms::batch::BatchError::Rejected { .. })));
    let job = BatchJob { user: Some(LocalUser { name: "root".into() }), ..bench.job("odd", "").await };
    assert!(matches!(bench.system.submit(&job).await, Err(grms::batch::BatchError::Rejected { .. })));
}

async fn the_survey_tells_queues(bench: &Bench) {
    assert!(bench.system.ping().await.unwrap().starts_with(bench.kind.name()));
    let survey = bench.system.survey().await.unwrap();
    let queue = survey.queues.iter().find(|queue| queue.default).unwrap();
    assert!(queue.open && queue.slots > Some(0) && queue.cpus_per_node > Some(0) && queue.memory > Some(0));
    assert!(survey.free_disk > Some(0) && survey.architecture.is_some() && survey.os_name.as_deref() == Some("Linux"));
}

//! The script as text (golden files, shellcheck) and as it runs, with hostile values, in dash and bash.
#![expect(clippy::disallowed_methods, reason = "the script is run by the shells themselves")]

use super::super::Workplace;
use super::*;
use crate::job::{JobId, Limits, ProcessLimit, TaskId, Token};
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const FORK: Flavour =
    Flavour { native: "", launcher: &["mpirun", "-np", "{count}"], process_number: None, limits: true };
const BATCH: Flavour = Flavour {
    native: "${SLURM_JOB_ID-}",
    launcher: &["srun", "--ntasks={count}"],
    process_number: Some("SLURM_PROCID"),
    limits: false,
};

fn job(root: &Path) -> BatchJob {
    let place = Workplace { work: root.join("work"), control: root.join("control"), streams: root.join("streams") };
    BatchJob {
        token: Token::from_random(1),
        job: JobId::parse("1_x_0001").unwrap(),
        task: TaskId::main(),
        attempt: 1,
        user: None,
        queue: None,
        launch: Launch::Single,
        count: 1,
        layout: crate::job::Layout::default(),
        program: "./show".into(),
        arguments: Vec::new(),
        environment: Vec::new(),
        stdin: None,
        stdout: place.work.join("out"),
        stderr: place.work.join("err"),
        limits: Limits::default(),
        memory: None,
        process_limits: Vec::new(),
        place,
    }
}

/// A job whose program notes its argument vector and its environment, byte for byte.
fn noting_job(root: &Path) -> BatchJob {
    let job = job(root);
    std::fs::create_dir_all(&job.place.work).unwrap();
    std::fs::create_dir_all(records::directory(&job.place)).unwrap();
    let show = job.place.work.join("show");
    // Not a shell: shells stumble over some variables themselves.
    let notes = r#"#!/usr/bin/perl
use strict;
for my $what ("environ", "cmdline") {
  local $/;
  open(my $in, "<", "/proc/self/$what") or die;
  open(my $out, ">", $what) or die;
  print {$out} (<$in>);
}
"#;
    std::fs::write(&show, notes).unwrap();
    std::fs::set_permissions(show, std::fs::Permissions::from_mode(0o700)).unwrap();
    job
}

fn run(shell: &str, job: &BatchJob, flavour: &Flavour) -> Option<i32> {
    let script = records::directory(&job.place).join("job.sh");
    std::fs::write(&script, render(job, flavour, Duration::from_secs(5)).unwrap()).unwrap();
    let mut command = Command::new(shell);
    command.arg(script).env_clear().stdin(Stdio::null());
    command.status().unwrap().code()
}

fn exit_record(job: &BatchJob) -> records::ExitRecord {
    let bytes = std::fs::read(records::directory(&job.place).join("exit.json")).unwrap();
    records::ExitRecord::parse(&bytes, &job.token).unwrap()
}

fn strings(bytes: &[u8]) -> Vec<String> {
    let mut parts: Vec<_> = bytes.split(|b| *b == 0).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect();
    assert_eq!(parts.pop().as_deref(), Some(""));
    parts
}

#[test]
fn the_scripts_are_the_golden_files_and_shellcheck_finds_nothing() {
    let mut single = job(Path::new("/area/1_x_0001.main.1"));
    single.arguments = vec!["it's".into(), "-n".into(), "$(reboot)".into()];
    single.environment = vec![("GRMS_JOB_ID".into(), "1_x_0001".into()), ("A.B".into(), "odd".into())];
    single.limits.wall = Some(Duration::from_millis(1500));
    single.memory = Some(1 << 30);
    let multiple = BatchJob { launch: Launch::Multiple, count: 3, ..job(Path::new("/area/1_x_0001.main.1")) };
    let parallel = BatchJob { launch: Launch::Mpi, count: 4, ..job(Path::new("/area/1_x_0001.main.1")) };
    let mut limited = job(Path::new("/area/1_x_0001.main.1"));
    limited.process_limits = EVERY_LIMIT.to_vec();
    for (name, job, flavour) in [
        ("single-fork", &single, &FORK),
        ("limited-batch", &limited, &BATCH),
        ("multiple-fork", &multiple, &FORK),
        ("multiple-batch", &multiple, &BATCH),
        ("mpi-batch", &parallel, &BATCH),
    ] {
        let text = render(job, flavour, Duration::from_secs(30)).unwrap();
        let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/batch/script/{name}.sh"));
        if std::env::var_os("GRMS_BLESS").is_some() {
            std::fs::write(&golden, &text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&golden).unwrap(), "{name}: GRMS_BLESS=1 writes the file anew");
        // Reached only through traps; the copies' own script in quotes; the letters of ulimit are asked for one by one in dash and
        // bash below; the option posix is asked for before it is set.
        let check = Command::new("shellcheck")
            .args(["--shell=sh", "--exclude=SC2317,SC2016,SC3045,SC3040"])
            .arg(&golden)
            .output();
        let check = check.expect("shellcheck is installed (Debian package shellcheck)");
        assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    }
}

/// One of each that a shell can set.
const EVERY_LIMIT: &[(ProcessLimit, u64)] = &[
    (ProcessLimit::CpuTime, 60),
    (ProcessLimit::FileSize, 1025),
    (ProcessLimit::CoreDump, 0),
    (ProcessLimit::DataSegment, 1 << 30),
    (ProcessLimit::LockedMemory, 65_536),
    (ProcessLimit::Memory, 2 << 30),
    (ProcessLimit::OpenDescriptors, 64),
    (ProcessLimit::StackSize, 4 << 20),
    (ProcessLimit::VirtualMemory, 1 << 30),
    (ProcessLimit::Processes, 500),
];

#[test]
fn every_limit_reaches_the_program_from_every_shell() {
    for shell in ["dash", "bash"] {
        let root = tempfile::tempdir().unwrap();
        let mut job = noting_job(root.path());
        job.program = "/bin/cat".into();
        job.arguments = vec!["/proc/self/limits".into()];
        job.process_limits = EVERY_LIMIT.to_vec();
        assert_eq!(run(shell, &job, &BATCH), Some(0), "{shell}");
        let told = std::fs::read_to_string(&job.stdout).unwrap();
        for (name, soft) in [
            ("Max cpu time", 60),
            ("Max file size", 1536),
            ("Max core file size", 0),
            ("Max data size", 1 << 30),
            ("Max locked memory", 65_536),
            ("Max open files", 64),
            ("Max stack size", 4 << 20),
            ("Max address space", 1 << 30),
            ("Max processes", 500),
        ] {
            let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            assert_eq!(line.split_whitespace().next(), Some(soft.to_string().as_str()), "{shell}: {name}");
        }
    }
}

#[test]
fn a_limit_that_cannot_be_set_is_named_and_the_program_is_not_started() {
    for (limit, name) in [(ProcessLimit::PipeSize, "pipes"), (ProcessLimit::Threads, "threads")] {
        let root = tempfile::tempdir().unwrap();
        let mut job = noting_job(root.path());
        job.process_limits = vec![(limit, 1)];
        assert_eq!(run("/bin/sh", &job, &FORK), Some(71));
        let record = exit_record(&job);
        assert!(!record.ran() && !job.place.work.join("cmdline").exists());
        let failure = record.ending(false).failure.unwrap();
        assert_eq!(failure.message, format!("the limit on {name} cannot be set on this host"));
    }
}

#[test]
fn what_no_script_can_carry_is_refused() {
    let base = job(Path::new("/a"));
    let refused = |job: BatchJob| render(&job, &FORK, Duration::ZERO).unwrap_err();
    let nul = BatchJob { arguments: vec!["a\0b".into()], ..base.clone() };
    assert_eq!(refused(nul), Unwritable::Nul { what: "an argument" });
    let name = BatchJob { environment: vec![("A=B".into(), String::new())], ..base.clone() };
    assert!(matches!(refused(name), Unwritable::BadVariable { .. }));
    let odd = BatchJob { program: "./a=b".into(), environment: vec![("A.B".into(), String::new())], ..base };
    assert!(matches!(refused(odd), Unwritable::OddTogether { .. }));
}

#[test]
fn the_program_is_started_once_whatever_runs_the_script_again() {
    for shell in ["dash", "bash"] {
        let root = tempfile::tempdir().unwrap();
        let mut job = noting_job(root.path());
        job.program = "/bin/sh".into();
        job.arguments = vec!["-c".into(), "echo ran >>ran; exit 3".into()];
        assert_eq!(run(shell, &job, &FORK), Some(3), "{shell}");
        assert_eq!(exit_record(&job).exit(), Some(crate::job::Exit::Code(3)));
        assert_eq!(run(shell, &job, &FORK), Some(75));
        assert_eq!(std::fs::read_to_string(job.place.work.join("ran")).unwrap(), "ran\n");
    }
}

#[test]
fn copies_know_their_number_and_the_first_bad_code_wins() {
    let root = tempfile::tempdir().unwrap();
    let mut job = BatchJob { launch: Launch::Multiple, count: 3, ..noting_job(root.path()) };
    job.program = "/bin/sh".into();
    job.arguments = vec!["-c".into(), "echo x >n$GRMS_PROCESS; exit $((GRMS_PROCESS * 4))".into()];
    assert_eq!(run("/bin/sh", &job, &FORK), Some(4));
    assert!((0..3).all(|n| job.place.work.join(format!("n{n}")).exists()));
}

#[test]
fn a_missing_launcher_directory_or_input_is_told_in_the_record() {
    let message = |change: &dyn Fn(&mut BatchJob)| {
        let root = tempfile::tempdir().unwrap();
        let mut job = noting_job(root.path());
        change(&mut job);
        assert_ne!(run("/bin/sh", &job, &FORK), Some(0));
        let record = exit_record(&job);
        assert!(!record.ran() && record.exit().is_none());
        record.ending(false).failure.unwrap().message
    };
    let launcher = message(&|job| {
        job.launch = Launch::Mpi;
        job.environment = vec![("PATH".into(), "/nowhere".into())];
    });
    assert!(launcher.contains("launcher"), "{launcher}");
    let directory = message(&|job| job.place.work = "/no/such/directory".into());
    assert!(directory.contains("working directory"), "{directory}");
    let input = message(&|job| job.stdin = Some("/no/such/file".into()));
    assert!(input.contains("standard input"), "{input}");
    let output = message(&|job| job.stdout = "/no/such/file".into());
    assert!(output.contains("standard output"), "{output}");
}

#[test]
fn the_wall_clock_limit_ends_the_program_and_what_it_started() {
    for shell in ["dash", "bash"] {
        let root = tempfile::tempdir().unwrap();
        let mut job = noting_job(root.path());
        job.program = "/bin/sh".into();
        job.arguments = vec!["-c".into(), "sleep 100 & echo $! >child; wait".into()];
        job.limits.wall = Some(Duration::from_secs(1));
        assert_eq!(run(shell, &job, &FORK), Some(143), "{shell}");
        let ending = exit_record(&job).ending(false);
        assert_eq!(ending.failure.unwrap().code, crate::job::Code::LimitKilled);
        let child = std::fs::read_to_string(job.place.work.join("child")).unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        assert!(stat.is_err() || stat.unwrap().contains(") Z "), "{shell}");
    }
}

#[test]
fn the_wrapper_costs_little() {
    let root = tempfile::tempdir().unwrap();
    let used = || {
        let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).unwrap();
        let ms = |t: nix::sys::time::TimeVal| t.tv_sec() * 1000 + t.tv_usec() / 1000;
        ms(usage.user_time()) + ms(usage.system_time())
    };
    let before = used();
    let rounds = 20;
    for n in 0..rounds {
        let mut job = noting_job(&root.path().join(n.to_string()));
        job.program = "/bin/true".into();
        assert_eq!(run("/bin/sh", &job, &FORK), Some(0));
    }
    // Other tests' children are counted too: the bound only catches a script that begins to start many processes.
    let each = (used() - before) / rounds;
    println!("{each} ms processor time for each wrapper");
    assert!(each < 200, "{each} ms for each wrapper");
}

/// Text with everything a shell could trip over.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\"".into()),
        Just("$(touch /tmp/pwned)".into()),
        Just("`id`".into()),
        Just("\n".into()),
        Just("\\".into()),
        Just(" ".into()),
        Just("-e".into()),
        Just("--".into()),
        Just("${HOME}".into()),
        Just("*".into()),
        Just("!".into()),
        Just("\r\t\u{1b}".into()),
        Just("é\u{fffd}😀".into()),
        Just("'\\''".into()),
        Just("#".into()),
        Just(";&|<>".into()),
        Just("=".into()),
        Just("%s\\n".into()),
        "[ -~]{0,8}",
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z_][A-Z0-9_]{0,6}",
        "[a-z.-]{1,6}",
        Just("IFS".to_owned()),
        Just("UID".into()),
        Just("PATH".into()),
        Just("records".into()),
        Just("BASH_ENV".into()),
        Just("LD_X".into()),
        Just("1ST".into()),
        Just("A B".into()),
        Just("PS4".into()),
        Just("OPTIND".into()),
        Just("SECONDS".into()),
        Just("LC_X".into()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn hostile_values_arrive_byte_for_byte(
        arguments in proptest::collection::vec(hostile(), 0..5),
        variables in proptest::collection::btree_map(name(), hostile(), 0..5),
    ) {
        for shell in ["dash", "bash"] {
            let root = tempfile::tempdir().unwrap();
            let mut job = noting_job(&root.path().join("it's a $place"));
            job.arguments.clone_from(&arguments);
            job.environment = variables.clone().into_iter().collect();
            prop_assert_eq!(run(shell, &job, &FORK), Some(0));
            let argv = strings(&std::fs::read(job.place.work.join("cmdline")).unwrap());
            // The interpreter of the noting script and its own name come first.
            prop_assert_eq!(&argv[2..], &arguments[..]);
            let environment = strings(&std::fs::read(job.place.work.join("environ")).unwrap());
            for (name, value) in &variables {
                let entry = format!("{name}={value}");
                prop_assert!(environment.contains(&entry), "{shell}: {entry:?} is not in {environment:?}");
            }
        }
    }
}

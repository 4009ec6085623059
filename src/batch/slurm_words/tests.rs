//! The parse functions on captured output, and the tables.

use super::*;
use std::collections::BTreeSet;

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/batch/slurm/{name}-22.05.8.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn time(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn a_captured_queue_is_read_and_strangers_are_left_out() {
    let lines: Vec<_> = fixture("squeue").lines().map(parse_queue_line).collect();
    assert!(lines.iter().all(Result::is_ok));
    let ours: Vec<_> = lines.into_iter().flatten().flatten().map(|line| line.record).collect();
    let of = |id: &str| ours.iter().find(|record| record.id.as_str() == id);
    assert!(of("8").is_none() && of("10").is_none());
    let running = of("6").unwrap();
    assert_eq!(running.state, NativeState::Running);
    assert_eq!(running.host.as_deref(), Some("alphan2"));
    assert_eq!(running.submitted, time("2026-11-21T06:26:36Z"));
    assert_eq!(running.token.as_ref().unwrap().as_str(), "gaaaaaaaaaaaaaaaaaaaaaaaaf");
    let waiting = of("7").unwrap();
    assert_eq!(waiting.state, NativeState::Pending { reason: Some("waits for free nodes".into()) });
    assert_eq!(waiting.started, None, "a guess at the start is no start");
}

#[test]
fn a_line_that_is_none_harms_nobody_else() {
    assert!(parse_queue_line("7|PENDING|Reso").is_err());
    assert!(parse_queue_line("slurm_load_jobs error").is_err());
    assert_eq!(parse_queue_line("8|RUNNING|None|2026-11-21T06:26:36|N/A|n|odd | name|x|y"), Ok(None));
}

#[test]
fn a_captured_accounting_is_read() {
    let lines: Vec<_> = fixture("sacct").lines().filter_map(parse_account_line).collect();
    let of = |id: &str| lines.iter().find(|line| line.id.as_str() == id);
    assert!(of("8").is_none() && of("10").is_none());
    assert_eq!(of("2").unwrap().exit, Some(Exit::Code(3)));
    assert_eq!(of("3").unwrap().exit, Some(Exit::Signal(9)));
    let limit = of("6").unwrap();
    assert_eq!((limit.word.as_str(), limit.usage.wall), ("TIMEOUT", Some(Duration::from_secs(76))));
    assert_eq!(limit.ended, time("2026-11-21T06:27:52Z"));
    assert_eq!((of("7").unwrap().word.as_str(), of("7").unwrap().ended), ("RUNNING", None));
    let by = |uid: &str| {
        let line = format!("5|CANCELLED by {uid}|0:0|1001|t|None|t|None assigned|0|||gaaaaaaaaaaaaaaaaaaaaaaaae");
        parse_account_line(&line).unwrap()
    };
    assert_eq!((by("1001").word.as_str(), by("1001").by_owner, by("0").by_owner), ("CANCELLED", true, false));
    assert_eq!((by("0").started, by("0").host), (None, None));
}

/// Every word of squeue(1) 22.05, and that a word of a later version is told apart from all of them.
#[test]
fn each_state_has_its_meaning_and_an_unknown_one_is_data() {
    for (word, reason, expected) in [
        ("PENDING", "Priority", "pending"),
        ("PENDING", "JobHeldUser", "held"),
        ("PENDING", "JobHeldAdmin", "held"),
        ("PENDING", "JobHoldMaxRequeue", "held"),
        ("CONFIGURING", "None", "pending"),
        ("REQUEUED", "None", "pending"),
        ("REQUEUE_FED", "None", "pending"),
        ("REQUEUE_HOLD", "None", "held"),
        ("RESV_DEL_HOLD", "None", "held"),
        ("SPECIAL_EXIT", "None", "held"),
        ("RUNNING", "None", "running"),
        ("COMPLETING", "None", "running"),
        ("SIGNALING", "None", "running"),
        ("STAGE_OUT", "None", "running"),
        ("RESIZING", "None", "running"),
        ("SUSPENDED", "None", "suspended"),
        ("STOPPED", "None", "suspended"),
        ("NEWSTATE", "None", "unknown"),
    ] {
        let state = match live_state(word, reason) {
            NativeState::Pending { .. } => "pending",
            NativeState::Held { .. } => "held",
            NativeState::Running => "running",
            NativeState::Suspended => "suspended",
            NativeState::Ended(_) => "ended",
            NativeState::Unknown(raw) => {
                assert_eq!(raw, word);
                "unknown"
            }
        };
        assert_eq!(state, expected, "{word} {reason}");
    }
    assert_eq!(explain("SomethingNew").as_deref(), Some("waits; the batch system's reason is SomethingNew"));
}

#[test]
fn each_end_has_a_reason_of_its_own() {
    let mut seen = BTreeSet::new();
    for (word, exit, asked, outcome, code) in [
        ("COMPLETED", Some(Exit::Code(0)), false, Outcome::Done, None),
        ("FAILED", Some(Exit::Code(3)), false, Outcome::Failed, Some(Code::ExecutionFailed)),
        ("FAILED", Some(Exit::Signal(11)), false, Outcome::Failed, Some(Code::ExecutionFailed)),
        ("FAILED", None, false, Outcome::Failed, Some(Code::LrmError)),
        ("CANCELLED", Some(Exit::Signal(15)), true, Outcome::Canceled, None),
        ("CANCELLED", Some(Exit::Signal(15)), false, Outcome::Failed, Some(Code::LrmError)),
        ("TIMEOUT", None, true, Outcome::Failed, Some(Code::LimitKilled)),
        ("DEADLINE", None, false, Outcome::Failed, Some(Code::LimitKilled)),
        ("OUT_OF_MEMORY", Some(Exit::Signal(9)), false, Outcome::Failed, Some(Code::LimitKilled)),
        ("PREEMPTED", None, false, Outcome::Failed, Some(Code::LrmError)),
        ("REVOKED", None, false, Outcome::Failed, Some(Code::LrmError)),
        ("NODE_FAIL", None, false, Outcome::Failed, Some(Code::ResourceLost)),
        ("BOOT_FAIL", None, false, Outcome::Failed, Some(Code::ResourceLost)),
        ("LAUNCH_FAILED", None, false, Outcome::Failed, Some(Code::ResourceLost)),
    ] {
        let (found, failure) = judge(word, exit, asked);
        assert!(is_final(word));
        assert_eq!((found, failure.as_ref().map(|f| f.code)), (outcome, code), "{word}");
        assert!(seen.insert((found.as_str(), failure.map(|f| f.message))), "{word} has no reason of its own");
    }
}

#[test]
fn only_an_understood_refusal_is_a_refusal() {
    for said in [
        "sbatch: error: Batch job submission failed: Invalid partition name specified",
        "sbatch: unrecognized option '--bogus'\nTry \"sbatch --help\" for more information",
        "sbatch: error: Invalid --time specification",
    ] {
        assert!(is_refusal(said), "{said}");
    }
    for said in [
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
        "sbatch: fatal: Unable to process configuration file",
        "",
    ] {
        assert!(!is_refusal(said), "{said}");
    }
}

#[test]
fn queues_and_nodes_are_read_from_captured_output() {
    let queues = parse_queues(&fixture("sinfo"), &fixture("counts"));
    let [main, short] = &queues[..] else { panic!("{queues:?}") };
    assert!(main.default && main.open && !short.default);
    assert_eq!((main.slots, main.memory, main.cpus_per_node), (Some(8), Some(4000 << 20), Some(4)));
    assert_eq!((main.max_wall, short.max_wall), (None, Some(Duration::from_secs(600))));
    assert_eq!(
        main.running.unwrap() + main.waiting.unwrap(),
        u32::try_from(fixture("counts").matches("main|").count()).unwrap()
    );
    assert!(main.running > Some(0) && main.waiting > Some(0));
    assert_eq!(node_field(&fixture("nodes"), "Arch").as_deref(), Some("x86_64"));
    assert_eq!(node_field(&fixture("nodes"), "Version").as_deref(), Some("22.05.8"));
    assert!(node_field(&fixture("nodes"), "OS").unwrap().starts_with("Linux 6."));
}

#[test]
fn durations_are_read_in_every_form() {
    for (text, seconds) in [("10:00", 600.0), ("1-00:00:01", 86_401.0), ("00:01.500", 1.5), ("02:00:00", 7200.0)] {
        assert_eq!(parse_duration(text), Some(Duration::from_secs_f64(seconds)), "{text}");
    }
    assert_eq!(parse_duration("infinite"), None);
}

//! Each predicate by a table, the order, and two properties: a clause never adds a match, and the order of the candidates never matters.

use super::*;
use crate::job::{
    ApplicationRequirement, Attribute, Bound, Clause, Condition, ExecutionTime, Interval, Limits, Location,
    NetworkClause, NetworkMeasure, Program, RelativeName, TaskId, Url,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn candidate(cluster: &str, kind: &str, queue: Option<&str>) -> Candidate {
    Candidate {
        cluster: ClusterName::parse(cluster).unwrap(),
        host: format!("{cluster}.example.org"),
        kind: kind.into(),
        queue: queue.map(Into::into),
        facts: Facts {
            texts: BTreeMap::from([(Attribute::OsName, "Linux".into()), (Attribute::CpuArchitecture, "x86_64".into())]),
            numbers: BTreeMap::from([(Attribute::Memory, 1024.0), (Attribute::FreeMemory, 512.0)]),
            applications: vec![InstalledApplication {
                name: "solver".into(),
                version: Some("2.1.3".into()),
                instances: Some(4),
                path: None,
            }],
            max_wall: Some(Duration::from_secs(3600)),
            slots: Some(4),
            free_slots: Some(2),
            waiting: Some(0),
        },
        observed: "2026-01-01T00:00:00Z".parse().unwrap(),
        usable: Ok(()),
    }
}

fn task(resources: Vec<ResourceRequest>) -> TaskSpec {
    let program = Program::File {
        name: RelativeName::parse("date").unwrap(),
        location: Location::Url(Url::parse("file:////bin/date").unwrap()),
    };
    TaskSpec { resources, ..TaskSpec::new(TaskId::main(), program) }
}

fn clause(attribute: Attribute, condition: Condition) -> Clause {
    Clause { attribute, condition }
}

fn between(least: f64, most: f64) -> Condition {
    let bound = |value| Some(Bound { value, exclusive: false });
    Condition::within(Interval { least: bound(least), most: bound(most) })
}

fn text(attribute: Attribute, text: &str) -> Clause {
    clause(attribute, Condition::one_of(vec![text.into()]))
}

fn request(clauses: Vec<Clause>) -> ResourceRequest {
    ResourceRequest { clauses, ..ResourceRequest::default() }
}

fn ask(task: &TaskSpec, candidates: &[Candidate]) -> Answer {
    let now = "2026-01-01T00:01:30Z".parse().unwrap();
    find_matches(&JobId::new(1, "job", 1), task, candidates, now)
}

/// The reasons against the first candidate.
fn reasons(answer: &Answer) -> Vec<&str> {
    answer.rejections.iter().map(|one| one.reason.as_str()).collect()
}

#[test]
fn a_task_without_resources_runs_anywhere() {
    let answer = ask(&task(Vec::new()), &[candidate("a", "slurm", Some("q"))]);
    assert_eq!((answer.matches[0].resource_index, answer.rejections.len()), (None, 0));
    assert_eq!(answer.matches[0].notes, ["2 free processors, 0 waiting jobs, as seen 90 s ago"]);
}

#[test]
fn texts_and_numbers_are_compared_and_refusals_say_both_sides() {
    use Attribute as A;
    use Condition as C;
    for (asked, reason, temporary) in [
        (text(A::OsName, "LINUX"), "", false),
        (clause(A::OsName, C::one_of(vec!["Plan 9".into(), "linux".into()])), "", false),
        (text(A::OsName, "Plan 9"), "osname Plan 9 required, Linux offered", false),
        (text(A::OsVersion, "12"), "osversion is not known for this cluster", true),
        (clause(A::Memory, C::at_least(1024.0)), "", false),
        (clause(A::Memory, C::at_least(2048.0)), "memory 2048 MB required, 1024 MB offered", false),
        (clause(A::FreeMemory, C::at_least(600.0)), "freememory 600 MB required, 512 MB offered", true),
        (
            clause(A::Memory, C::within(Interval::at_most(512.0))),
            "memory at most 512 MB required, 1024 MB offered",
            false,
        ),
        (clause(A::Memory, between(1.0, 2.0)), "memory 1 to 2 MB required, 1024 MB offered", false),
        (clause(A::Memory, between(1.0, 1024.0)), "", false),
        (text(A::Memory, "1024"), "", false),
        (clause(A::CpuCount, C::at_least(4.0)), "", false),
        (clause(A::CpuCount, C::at_least(5.0)), "cpucount 5 required, 4 offered", false),
        (clause(A::FreeCpus, C::at_least(3.0)), "freecpus 3 required, 2 offered", true),
        (clause(A::CpuSpeed, C::at_least(1.0)), "cpuspeed is not known for this cluster", true),
        (clause(A::OsName, C::at_least(1.0)), "osname is not known for this cluster", true),
        (clause(A::Memory, C::at_least(f64::NAN)), "memory NaN MB required, 1024 MB offered", false),
    ] {
        let answer = ask(&task(vec![request(vec![asked.clone()])]), &[candidate("a", "slurm", None)]);
        assert_eq!(reasons(&answer).join(""), reason, "{asked:?}");
        assert_eq!(answer.matches.is_empty(), !reason.is_empty());
        assert!(answer.rejections.iter().all(|one| one.temporary == temporary), "{asked:?}");
        assert!(answer.rejections.iter().all(|one| one.clause == asked.attribute.as_str()));
    }
}

#[test]
fn every_reason_is_told_with_the_age_of_the_facts() {
    let asked = request(vec![
        clause(Attribute::Memory, Condition::at_least(2048.0)),
        clause(Attribute::CpuCount, Condition::at_least(64.0)),
    ]);
    let answer = ask(&task(vec![asked]), &[candidate("a", "slurm", Some("q"))]);
    let told: Vec<_> = answer.rejections.iter().map(|one| (one.clause.as_str(), one.age.as_secs())).collect();
    assert_eq!(told, [("memory", 90), ("cpucount", 90)]);
    assert_eq!((answer.rejections[0].queue.as_deref(), answer.rejections[0].resource_index), (Some("q"), Some(0)));
}

#[test]
fn a_hostname_is_a_host_or_a_contact() {
    let mut with_port = candidate("a", "slurm", None);
    with_port.host = "a.example.org:2119".into();
    let plain = candidate("a", "slurm", None);
    for (pin, fits_plain, fits_port) in [
        ("a.example.org", true, true),
        ("A.Example.ORG", true, true),
        ("a.example.org:2119", true, true),
        ("a.example.org:2120", true, false),
        ("a.example.org/jobmanager", true, true),
        ("a.example.org:2119/jobmanager-slurm", true, true),
        ("a.example.org/jobmanager-SLURM", true, true),
        ("a.example.org/jobmanager-pbs", false, false),
        ("b.example.org", false, false),
        ("a", false, false),
    ] {
        let task = task(vec![request(vec![text(Attribute::HostName, pin)])]);
        assert_eq!(!ask(&task, std::slice::from_ref(&plain)).matches.is_empty(), fits_plain, "{pin}");
        assert_eq!(!ask(&task, std::slice::from_ref(&with_port)).matches.is_empty(), fits_port, "{pin}");
    }
    assert_eq!(with_port.contact(), "a.example.org:2119/jobmanager-slurm");
}

#[test]
fn a_hostname_alone_means_fork_where_the_host_offers_it() {
    let mut fork = candidate("afork", "fork", None);
    fork.host = "a.example.org".into();
    let slurm = candidate("a", "slurm", Some("q"));
    let host = text(Attribute::HostName, "a.example.org");
    for (asked, candidates, expected) in [
        (vec![host.clone()], vec![fork.clone(), slurm.clone()], vec!["afork"]),
        (vec![host.clone()], vec![slurm.clone()], vec!["a"]),
        (vec![host.clone(), text(Attribute::LocalManager, "Slurm")], vec![fork.clone(), slurm.clone()], vec!["a"]),
        (
            vec![text(Attribute::HostName, "a.example.org/jobmanager-slurm")],
            vec![fork.clone(), slurm.clone()],
            vec!["a"],
        ),
        (vec![text(Attribute::LocalManager, "fork")], vec![fork.clone(), slurm.clone()], vec!["afork"]),
        (vec![], vec![fork.clone()], vec!["afork"]),
    ] {
        let answer = ask(&task(vec![request(asked.clone())]), &candidates);
        let found: Vec<_> = answer.matches.iter().map(|one| candidates[one.index].cluster.as_str()).collect();
        assert_eq!(found, expected, "{asked:?}");
    }
    let answer = ask(&task(vec![request(vec![host])]), &[fork, slurm]);
    assert!(reasons(&answer)[0].contains("write localrmname slurm"), "{:?}", reasons(&answer));
}

#[test]
fn a_queue_is_the_one_that_is_named() {
    let task = task(vec![request(vec![text(Attribute::Queue, "long")])]);
    for (queue, reason) in [
        (Some("long"), ""),
        (Some("longer"), "queue long required, this is longer"),
        (None, "queue long required, this cluster has no queues"),
    ] {
        assert_eq!(reasons(&ask(&task, &[candidate("a", "slurm", queue)])).join(""), reason);
    }
}

#[test]
fn applications_must_be_installed_in_version_and_number() {
    for (name, version, instances, reason) in [
        ("Solver", None, None, ""),
        ("solver", Some("2.1.3"), Some(4), ""),
        ("solver", Some("2.*"), None, ""),
        ("solver", Some("*"), None, ""),
        ("solver", Some("2.1"), None, "application solver version 2.1 required, 2.1.3 installed"),
        ("solver", Some("3*"), None, "application solver version 3* required, 2.1.3 installed"),
        ("solver", None, Some(5), "5 instances of solver required, 4 offered"),
        ("viewer", None, None, "application viewer is not installed"),
    ] {
        let wanted = ApplicationRequirement { name: name.into(), version: version.map(Into::into), instances };
        let asked = ResourceRequest { applications: vec![wanted], ..ResourceRequest::default() };
        let answer = ask(&task(vec![asked]), &[candidate("a", "slurm", None)]);
        assert_eq!(reasons(&answer).join(""), reason);
    }
    let mut unlimited = candidate("a", "slurm", None);
    unlimited.facts.applications[0].instances = None;
    let wanted = ApplicationRequirement { name: "solver".into(), version: None, instances: Some(1) };
    let asked = ResourceRequest { applications: vec![wanted], ..ResourceRequest::default() };
    let answer = ask(&task(vec![asked]), &[unlimited]);
    assert_eq!(reasons(&answer), ["the number of instances of solver is not known for this cluster"]);
}

#[test]
fn a_program_that_is_an_application_must_be_installed_everywhere() {
    let mut task = task(Vec::new());
    task.program = Program::Application { name: "viewer".into(), version: None };
    let answer = ask(&task, &[candidate("a", "slurm", None)]);
    assert_eq!(reasons(&answer), ["application viewer is not installed"]);
}

#[test]
fn wall_time_and_processors_are_bounded_by_the_queue() {
    let minutes = |minutes: u64| Limits { wall: Some(Duration::from_secs(minutes * 60)), ..Limits::default() };
    let limited = |minutes_wanted| ResourceRequest { limits: minutes(minutes_wanted), ..ResourceRequest::default() };
    let one = [candidate("a", "slurm", None)];
    assert!(reasons(&ask(&task(vec![limited(60)]), &one)).is_empty());
    assert_eq!(reasons(&ask(&task(vec![limited(61)]), &one)), ["61 minutes of wall time required, 60 allowed"]);

    let mut long = task(Vec::new());
    long.execution_time = Some(ExecutionTime { slot: None, duration: Duration::from_secs(7200), period: None });
    assert_eq!(reasons(&ask(&long, &one)), ["120 minutes of wall time required, 60 allowed"]);

    let mut wide = task(Vec::new());
    wide.count = 5;
    assert_eq!(reasons(&ask(&wide, &one)), ["5 processors required, 4 slots exist"]);
    let mut unbounded = candidate("a", "slurm", None);
    (unbounded.facts.slots, unbounded.facts.max_wall) = (None, None);
    assert!(reasons(&ask(&wide, &[unbounded])).is_empty());
}

#[test]
fn processes_and_threads_must_fit_on_the_hosts() {
    let laid = |per_host, threads| {
        let mut task = task(Vec::new());
        (task.launch, task.count) = (Launch::Mpi, 4);
        task.layout = crate::job::Layout { per_host, threads };
        task
    };
    let mut machine = candidate("a", "fork", None);
    machine.facts.slots = Some(8);
    let mut hosts = candidate("b", "slurm", Some("long"));
    hosts.facts.slots = Some(64);
    hosts.facts.numbers.insert(Attribute::CpuCount, 8.0);
    for (per_host, threads, candidate, expected) in [
        (Some(4), Some(2), &machine, &[][..]),
        (Some(2), None, &machine, &["4 processes, 2 on each host, required, one host offered"]),
        (None, Some(3), &machine, &["4 processes with 3 threads required, 8 slots exist"]),
        (Some(2), Some(4), &hosts, &[]),
        (Some(4), Some(3), &hosts, &["12 processors on each host required, 8 offered"]),
    ] {
        let answer = ask(&laid(per_host, threads), std::slice::from_ref(candidate));
        assert_eq!(reasons(&answer), expected, "{per_host:?} {threads:?}");
    }
}

#[test]
fn network_clauses_are_refused_because_nothing_is_known() {
    let network = vec![NetworkClause {
        measure: NetworkMeasure::Latency,
        condition: Condition::within(Interval::at_most(5.0)),
        host: Some("b".into()),
    }];
    let asked = ResourceRequest { network, ..ResourceRequest::default() };
    let answer = ask(&task(vec![asked]), &[candidate("a", "slurm", None)]);
    assert_eq!(reasons(&answer), ["latency between this cluster and b is not known; leave the clause out"]);
    assert!(!answer.is_feasible());
}

#[test]
fn what_waiting_may_cure_is_told_from_what_it_cannot() {
    let mut down = candidate("a", "slurm", None);
    down.usable = Err("slurmctld does not answer".into());
    let answer = ask(&task(Vec::new()), &[down.clone()]);
    assert_eq!((reasons(&answer), answer.is_feasible()), (vec!["slurmctld does not answer"], true));

    let large = task(vec![request(vec![clause(Attribute::Memory, Condition::at_least(1e6))])]);
    assert!(!ask(&large, &[down.clone()]).is_feasible());
    let either = task(vec![request(vec![clause(Attribute::Memory, Condition::at_least(1e6))]), request(Vec::new())]);
    assert!(ask(&either, &[down]).is_feasible());
    assert!(!ask(&either, &[]).is_feasible());
}

#[test]
fn resources_are_alternatives_and_the_first_that_fits_counts() {
    let asked = vec![
        request(vec![clause(Attribute::Memory, Condition::at_least(2048.0))]),
        request(vec![text(Attribute::OsName, "linux")]),
        request(Vec::new()),
    ];
    let answer = ask(&task(asked), &[candidate("a", "slurm", None)]);
    assert_eq!((answer.matches[0].resource_index, answer.rejections.len()), (Some(1), 0));
}

#[test]
fn the_parts_of_an_mpichg_run_must_be_on_one_host() {
    let part = |host: &str| request(vec![text(Attribute::HostName, &format!("{host}.example.org"))]);
    let mut task = task(vec![part("a"), part("b")]);
    (task.launch, task.count) = (Launch::MpichG, 2);
    let candidates = [candidate("a", "slurm", None), candidate("b", "slurm", None)];
    let answer = ask(&task, &candidates);
    assert!(answer.matches.is_empty() && !answer.is_feasible());
    assert!(reasons(&answer).iter().any(|reason| reason.contains("mpichg over several hosts")), "{answer:?}");
    task.resources = vec![part("b"), part("b")];
    let answer = ask(&task, &candidates);
    assert_eq!((answer.matches.len(), answer.matches[0].index), (1, 1));
}

#[test]
fn free_processors_come_first_then_short_queues() {
    let with = |cluster: &str, free, waiting| {
        let mut candidate = candidate(cluster, "slurm", None);
        (candidate.facts.free_slots, candidate.facts.waiting) = (free, waiting);
        candidate
    };
    let candidates = [
        with("unknown", None, None),
        with("busy", Some(0), Some(5)),
        with("long", Some(2), Some(9)),
        with("short", Some(2), Some(1)),
        with("free", Some(3), None),
    ];
    let answer = ask(&task(Vec::new()), &candidates);
    let order: Vec<_> = answer.matches.iter().map(|one| candidates[one.index].cluster.as_str()).collect();
    assert_eq!(order, ["free", "short", "long", "busy", "unknown"]);
}

#[test]
fn equal_clusters_share_the_jobs() {
    let candidates = [candidate("a", "slurm", None), candidate("b", "slurm", None)];
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let first = |serial| {
        let job = JobId::new(1_700_000_000_000, "job", serial);
        find_matches(&job, &task(Vec::new()), &candidates, now).matches[0].index
    };
    let second: usize = (0..1000).map(first).sum();
    assert!((400..600).contains(&second), "{second} of 1000 jobs on one of two equal clusters");
}

fn any_clause() -> impl Strategy<Value = Clause> {
    use Attribute as A;
    let attribute = prop::sample::select(vec![
        A::OsName,
        A::OsVersion,
        A::HostName,
        A::LocalManager,
        A::Queue,
        A::Memory,
        A::FreeMemory,
        A::CpuCount,
        A::FreeCpus,
    ]);
    let word = prop::sample::select(vec![
        "linux",
        "a.example.org",
        "b.example.org/jobmanager-fork",
        "fork",
        "slurm",
        "q",
        "12",
    ]);
    let condition = prop_oneof![
        prop::collection::vec(word.prop_map(str::to_owned), 1..3).prop_map(Condition::one_of),
        (0.0..3000.0).prop_map(Condition::at_least),
        (0.0..3000.0).prop_map(|most| Condition::within(Interval::at_most(most))),
    ];
    (attribute, condition).prop_map(|(attribute, condition)| clause(attribute, condition))
}

fn any_candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (
        prop::sample::select(vec!["a", "b", "c"]),
        prop::sample::select(vec!["fork", "slurm"]),
        prop::sample::select(vec![None, Some("q"), Some("r")]),
        (prop::option::of(0_u32..4), prop::option::of(0_u32..3), 0.0..3000.0, any::<bool>()),
    );
    let made = one.prop_map(|(cluster, kind, queue, (free, waiting, memory, usable))| {
        let mut made = candidate(cluster, kind, queue);
        made.cluster = ClusterName::parse(&format!("{cluster}-{kind}")).unwrap();
        (made.facts.free_slots, made.facts.waiting) = (free, waiting);
        made.facts.numbers.insert(Attribute::Memory, memory);
        made.usable = if usable { Ok(()) } else { Err("closed".into()) };
        made
    });
    prop::collection::vec(made, 0..8).prop_map(|mut made| {
        made.sort_by(|a, b| (&a.cluster, &a.queue).cmp(&(&b.cluster, &b.queue)));
        made.dedup_by(|a, b| (&a.cluster, &a.queue) == (&b.cluster, &b.queue));
        made
    })
}

fn names(answer: &Answer, candidates: &[Candidate]) -> Vec<(ClusterName, Option<String>)> {
    answer
        .matches
        .iter()
        .map(|one| (candidates[one.index].cluster.clone(), candidates[one.index].queue.clone()))
        .collect()
}

proptest! {
    // `localrmname` is left out: beside a hostname it replaces the default, fork.
    #[test]
    fn a_clause_never_adds_a_match(
        clauses in prop::collection::vec(any_clause(), 0..4), more in any_clause(), candidates in any_candidates()
    ) {
        prop_assume!(more.attribute != Attribute::LocalManager);
        let few = ask(&task(vec![request(clauses.clone())]), &candidates);
        let mut clauses = clauses;
        clauses.push(more);
        let many = ask(&task(vec![request(clauses)]), &candidates);
        let few = names(&few, &candidates);
        prop_assert!(names(&many, &candidates).iter().all(|name| few.contains(name)));
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(
        clauses in prop::collection::vec(any_clause(), 0..2), candidates in any_candidates()
    ) {
        let asked = task(vec![request(clauses)]);
        let answer = ask(&asked, &candidates);
        let backwards: Vec<_> = candidates.iter().rev().cloned().collect();
        prop_assert_eq!(names(&answer, &candidates), names(&ask(&asked, &backwards), &backwards));
        let rejected = candidates.len() - answer.matches.len();
        prop_assert!(rejected == 0 || !answer.rejections.is_empty(), "every rejected candidate has a reason");
    }
}

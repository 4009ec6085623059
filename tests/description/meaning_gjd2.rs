//! What accepted documents of version 2 mean.

use super::*;
use grms::job::{
    Attribute, Condition, Dialect, Direction, FileKind, Interval, Launch, Location, NetworkMeasure, Program, Scheme,
    Spec, Status, Trigger,
};

fn accepted(name: &str) -> Accepted {
    let file = path(&format!("tests/fixtures/description/gjd2/valid/{name}.xml"));
    read(&std::fs::read_to_string(file).unwrap(), &rules()).unwrap()
}

fn spec(name: &str) -> Spec {
    accepted(name).spec
}

#[test]
fn a_smallest_task_has_the_defaults_of_the_language() {
    let spec = spec("smallest");
    assert_eq!((spec.dialect, spec.app_id.as_str(), spec.project.as_deref()), (Dialect::Gjd2, "x", None));
    let [task] = spec.tasks.as_slice() else { panic!("{} tasks", spec.tasks.len()) };
    assert_eq!((task.id.as_str(), task.launch, task.count), ("a", Launch::Single, 1));
    assert!(task.crucial && !task.persistent && task.trigger.is_none() && task.resources.is_empty());
    let Program::File { name, location } = &task.program else { panic!("{:?}", task.program) };
    assert_eq!((name.as_str(), location.to_string().as_str()), ("date", "file:////bin/date"));
}

#[test]
fn everything_of_a_task_is_honoured() {
    let accepted = accepted("everything");
    assert!(accepted.beyond.is_empty());
    let spec = accepted.spec;
    assert_eq!((spec.app_id.as_str(), spec.project.as_deref()), ("everything", Some("demo")));
    let task = &spec.tasks[0];
    assert_eq!((task.id.as_str(), task.launch, task.count), ("solve", Launch::Mpi, 4));
    assert!(task.persistent && !task.crucial && task.checkpointable);
    assert_eq!(task.arguments, ["--in", "", " two words "]);
    let staged: Vec<_> = task
        .staging
        .iter()
        .map(|staged| format!("{:?} {:?} {} {}", staged.direction, staged.kind, staged.name, staged.location))
        .collect();
    assert_eq!(
        staged,
        [
            "In File mesh.dat gsiftp://store.example.org//mesh.dat",
            "Out Directory out gsiftp://store.example.org//out",
            "In File note.txt data:text/plain;charset=US-ASCII (5 bytes)",
            "InOut File log gsiftp://store.example.org//log",
        ]
    );
    let Some(Location::Url(stdin)) = &task.stdin else { panic!("{:?}", task.stdin) };
    assert_eq!((stdin.scheme(), stdin.content().unwrap()), (Scheme::Data, b"one line".to_vec()));
    let streams = [&task.stdout, &task.stderr].map(|stream| stream.as_ref().unwrap().to_string());
    assert_eq!(streams, ["gsiftp://store.example.org//stdout-${JOB_ID}", "gsiftp://store.example.org//stderr"]);
    assert_eq!(task.environment, [("OMP_NUM_THREADS".to_owned(), "1".to_owned())]);
    assert_eq!((task.checkpoint[0].direction, task.checkpoint[0].kind), (Direction::InOut, FileKind::File));
    let time = task.execution_time.as_ref().unwrap();
    assert_eq!(time.duration.as_secs(), 5400);
    assert!(time.slot.is_some() && time.period.is_some());
}

#[test]
fn constraints_narrow_the_resource() {
    let spec = spec("everything");
    let [request] = spec.tasks[0].resources.as_slice() else { panic!("one place") };
    let range = |least: f64, most: f64| Interval { most: Interval::at_most(most).most, ..Interval::at_least(least) };
    let any = |any: Vec<Interval>| Condition::Number { any, none: Vec::new() };
    let texts = |texts: &[&str]| Condition::one_of(texts.iter().map(|text| (*text).to_owned()).collect());
    let clauses: Vec<_> = request.clauses.iter().map(|clause| (clause.attribute, clause.condition.clone())).collect();
    assert_eq!(
        clauses,
        [
            (Attribute::OsName, texts(&["Linux"])),
            (Attribute::CpuCount, Condition::at_least(2.0)),
            (Attribute::Queue, texts(&["long"])),
            (Attribute::HostName, texts(&["a.example.org", "b.example.org"])),
            (Attribute::Memory, any(vec![Interval::exactly(1024.0), range(2048.0, 4096.5)])),
            (Attribute::CpuCount, any(vec![Interval::at_least(4.0)])),
            (Attribute::CpuSpeed, any(vec![Interval::at_most(3000.0)])),
            (Attribute::DiskSpace, any(vec![Interval::exactly(100.0)])),
        ]
    );
    assert_eq!((request.network.len(), request.network[0].measure), (1, NetworkMeasure::Bandwidth));
    assert_eq!(request.applications[0].version.as_deref(), Some("2.*"));
    assert_eq!(request.limits.wall.unwrap().as_secs(), 90 * 60);
}

#[test]
fn tasks_that_wait_for_others_become_a_graph_and_are_told_to_be_beyond() {
    let accepted = accepted("workflow");
    let tasks = &accepted.spec.tasks;
    let waits = |number: usize| -> Vec<(String, Status)> {
        let trigger = tasks[number].trigger.as_ref().map(Trigger::parents).unwrap_or_default();
        trigger.iter().map(|parent| (parent.task.to_string(), parent.state)).collect()
    };
    assert_eq!(tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["prep", "run", "side", "clean"]);
    assert_eq!(waits(0), []);
    assert_eq!(waits(1), [("prep".to_owned(), Status::Finished), ("side".to_owned(), Status::Running)]);
    assert_eq!(waits(3), [("run".to_owned(), Status::Failed)]);
    assert!(matches!(tasks[1].trigger, Some(Trigger::All(_))));
    assert!(!tasks[1].crucial && tasks[3].crucial);
    assert_eq!(accepted.beyond.len(), 4, "more than one task, and three parents");
    assert!(accepted.beyond.iter().all(|found| found.code.number() == 114));
}

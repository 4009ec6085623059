//! What accepted documents mean: nothing that is written in them is lost on the way to the specification.

use super::*;
use grms::job::{
    Attribute, Calendar, Condition, Day, Dialect, Direction, FileKind, Interval, Launch, NetworkMeasure, PeriodEnd,
    Program, SlotEnd, Spec,
};
use jiff::civil;

fn spec(name: &str) -> Spec {
    let file = path(&format!("tests/fixtures/description/gjd1/valid/{name}.xml"));
    read(&std::fs::read_to_string(file).unwrap(), &rules()).unwrap().spec
}

fn texts(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

#[test]
fn a_smallest_job_is_one_task_with_defaults() {
    let spec = spec("smallest");
    assert_eq!((spec.dialect, spec.app_id.as_str(), spec.project.as_deref()), (Dialect::Gjd1, "x", None));
    let [task] = spec.tasks.as_slice() else { panic!("{} tasks", spec.tasks.len()) };
    assert_eq!((task.id.as_str(), task.launch, task.count), ("main", Launch::Single, 1));
    assert_eq!(
        task.program.clone(),
        Program::File {
            name: grms::job::RelativeName::parse("date").unwrap(),
            location: grms::job::Location::Url(grms::job::Url::parse("file:////bin/date").unwrap()),
        }
    );
    assert!(task.resources.is_empty() && task.staging.is_empty() && task.stdout.is_none() && !task.persistent);
}

#[test]
fn everything_of_release_1_9_0_is_honoured() {
    let spec = spec("release_1_9_0");
    let task = &spec.tasks[0];
    assert_eq!((task.launch, task.count), (Launch::Mpi, 4));
    assert_eq!(task.arguments, ["--in", "mesh.dat", "", "two words and <more>"]);
    assert_eq!(
        task.environment,
        [
            ("OMP_NUM_THREADS".to_owned(), "1".to_owned()),
            ("WHERE".to_owned(), "${HOST}:${TASK_DIR} costs $$5".to_owned()),
        ]
    );
    let staged: Vec<_> = task
        .staging
        .iter()
        .map(|staged| format!("{:?} {:?} {} {}", staged.direction, staged.kind, staged.name, staged.location))
        .collect();
    assert_eq!(
        staged,
        [
            "In File mesh.dat logical:models/mesh",
            "InOut File state.dat gsiftp://store.example.org/~/state.dat",
            "Out File out/result.dat https://store.example.org:8443/results/${JOB_ID}.dat",
            "In Directory lib logical:models/lib",
            "Out Directory . gsiftp://store.example.org//all/${JOB_ID}",
        ]
    );
    let streams = [&task.stdin, &task.stdout, &task.stderr].map(|stream| stream.as_ref().unwrap().to_string());
    assert_eq!(streams, ["file:///${HOME}/words.txt", "gsiftp://store.example.org//log/out", "logical:logs/err"]);
    assert_eq!((task.checkpoint[0].direction, task.checkpoint[0].kind), (Direction::InOut, FileKind::File));

    let resource = &task.resources[0];
    let one = |text: &str| Condition::one_of(vec![text.to_owned()]);
    let clauses: Vec<_> = resource.clauses.iter().map(|clause| (clause.attribute, clause.condition.clone())).collect();
    assert_eq!(
        clauses,
        [
            (Attribute::OsName, one("Linux")),
            (Attribute::OsType, one("i686")),
            (Attribute::OsVersion, one("2.4")),
            (Attribute::OsRelease, one("Debian")),
            (Attribute::HostName, one("ce1.example.org:2119/jobmanager-pbs")),
            (Attribute::LocalManager, one("pbs")),
            (Attribute::Memory, Condition::at_least(512.0)),
            (Attribute::CpuCount, Condition::at_least(2.0)),
            (Attribute::CpuSpeed, Condition::at_least(1000.0)),
        ]
    );
    let minutes = [resource.limits.time, resource.limits.wall, resource.limits.cpu];
    assert_eq!(minutes.map(|limit| limit.unwrap().as_secs() / 60), [30, 60, 45]);
    let network: Vec<_> =
        resource.network.iter().map(|n| (n.measure, n.condition.clone(), n.host.as_deref())).collect();
    assert_eq!(
        network,
        [
            (NetworkMeasure::Bandwidth, Condition::at_least(10.0), Some("store.example.org")),
            (NetworkMeasure::Latency, Condition::within(Interval::at_most(20.0)), None),
            (NetworkMeasure::Capacity, Condition::at_least(100.0), Some("b.example.org")),
        ]
    );
    let reservation = task.reservation.as_ref().unwrap();
    assert_eq!(
        texts(&[reservation.earliest_start.unwrap(), reservation.deadline.unwrap()]),
        ["2027-01-01T00:00:00Z", "2027-01-02T11:00:00Z"]
    );
    assert_eq!(reservation.data_size, Some(12.5));
}

#[test]
fn everything_of_release_1_9_6_is_honoured() {
    let spec = spec("release_1_9_6");
    let task = &spec.tasks[0];
    assert_eq!((spec.app_id.as_str(), spec.project.as_deref()), ("", Some("demo")));
    assert!(task.persistent && task.checkpointable);
    assert_eq!((task.launch, task.count, task.arguments.join(" ")), (Launch::Multiple, 3, "a d".to_owned()));
    assert_eq!(task.program, Program::Application { name: "solver".into(), version: Some("2.1".into()) });
    assert_eq!((task.resources.len(), task.checkpoint.len(), task.staging.len()), (3, 3, 2));
    let words: Vec<_> = task.resources[0].clauses.iter().map(|clause| clause.attribute.as_str()).collect();
    assert_eq!(words, ["localrmname", "queue", "freememory", "diskspace", "freediskspace", "freecpus"]);
    let applications = &task.resources[0].applications;
    assert_eq!((applications[0].version.as_deref(), applications[0].instances), (Some("2.*"), Some(3)));
    assert_eq!((applications[1].name.as_str(), applications[1].instances), ("matlab", None));
    assert_eq!(task.resources[1].texts(Attribute::HostName), ["b.example.org"]);
    assert!(task.resources[1].texts(Attribute::LocalManager).is_empty(), "no clause is invented for a pinned host");

    let time = task.execution_time.as_ref().unwrap();
    assert_eq!(time.duration.as_secs(), 5400);
    let slot = time.slot.as_ref().unwrap();
    assert_eq!((slot.start, slot.offset_minutes), (civil::time(22, 0, 0, 0), Some(60)));
    assert_eq!(slot.end, SlotEnd::At(civil::time(6, 30, 0, 0)), "05:30 UTC in the zone of the start");
    assert_eq!(
        *time.period.as_ref().unwrap(),
        Calendar {
            start: Some("2026-12-01T00:00:00Z".parse().unwrap()),
            end: PeriodEnd::After(std::time::Duration::from_secs(30 * 86_400)),
            excluding: vec![Day::Week(7), Day::Date(civil::date(2026, 12, 24))],
            including: vec![Day::Date(civil::date(2026, 12, 27)), Day::Week(1)],
        }
    );
}

#[test]
fn the_parts_of_an_mpichg_run_keep_their_tile_sizes() {
    let task = &spec("mpichg").tasks[0];
    let tiles: Vec<_> = task.resources.iter().map(|resource| resource.tile_size).collect();
    assert_eq!((task.launch, task.count, tiles), (Launch::MpichG, 3, vec![Some(2), Some(1)]));
}

#[test]
fn a_slot_may_be_given_by_its_length() {
    let spec = spec("slot_by_duration");
    let time = spec.tasks[0].execution_time.as_ref().unwrap();
    let slot = time.slot.as_ref().unwrap();
    assert_eq!((slot.end, slot.offset_minutes), (SlotEnd::After(std::time::Duration::from_secs(8 * 3600)), None));
    let period = time.period.as_ref().unwrap();
    assert_eq!((period.start, period.end), (None, PeriodEnd::At("2027-01-01T00:00:00Z".parse().unwrap())));
}

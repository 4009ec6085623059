//! Specifications made by chance, of every part that a description can have: the canonical document of each says all of it.

use super::written::returns;
use grms::job::{
    ApplicationRequirement, Attribute, Axis, Better, Bound, Calendar, Clause, Condition, CreationFlag, Day, Dialect,
    Direction, ExecutionTime, FileKind, Interval, Launch, Layout, Limits, Location, NetworkClause, NetworkMeasure,
    OtherClause, Parameter, Parent, PeriodEnd, Preference, PreferenceKind, Preferences, ProcessLimit, Product, Program,
    RelativeName, Reservation, ResourceRequest, SlotEnd, Spec, Staged, Status, Subject, Sweep, TaskId, TaskSpec,
    TimeSlot, Trigger, Url, Values,
};
use jiff::{Timestamp, civil};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::time::Duration;

/// 2026-11-22; the moment of reading is the day before.
const SOON: i64 = 1_795_305_600;

/// Texts with everything that markup, blanks and variables could spoil.
fn text() -> impl Strategy<Value = String> {
    const PIECES: &[&str] =
        &["a", " ", "\n", "\r", "\t", "<", "&amp;", "]]>", "\"", "'", "é", "${HOME}", "${JOB_ID}", "$$", "$", "}"];
    vec(select(PIECES), 0..6).prop_map(|pieces| pieces.concat())
}

/// A text that says something and has no blanks around it.
fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z<&\"é]([ a-z0-9.'>-]{0,8}[a-z0-9])?"
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE};
    prop_oneof![Just(0.0), (-9999_i32..9999).prop_map(|n| f64::from(n) / 8.0), NORMAL | POSITIVE | NEGATIVE]
}

fn duration() -> impl Strategy<Value = Duration> {
    (1_u64..10_000_000).prop_map(Duration::from_millis)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0_i64..100_000_000).prop_map(|later| Timestamp::from_second(SOON + later).unwrap())
}

fn url() -> impl Strategy<Value = Location> {
    const PLACES: &[&str] = &[
        "gsiftp://h.example.org//a%20b",
        "gsiftp://h.example.org:2811/~/x",
        "https://h.example.org/a?b=1&c='2'",
        "file:////bin/x",
        "file:///${HOME}/x",
        "s3://bucket/${JOB_ID}",
    ];
    let url = select(PLACES).prop_map(|url| Location::Url(Url::parse(url).unwrap()));
    prop_oneof![3 => url, 1 => (word(), word()).prop_map(|(collection, name)| Location::Logical { collection, name })]
}

/// A place that something is brought from: content inside the description, too.
fn source() -> impl Strategy<Value = Location> {
    let content = vec(any::<u8>(), 0..40).prop_map(|bytes| Location::Url(Url::inline("text/plain", &bytes)));
    prop_oneof![3 => url(), 1 => content]
}

fn files(stem: &'static str) -> impl Strategy<Value = Vec<Staged>> {
    let direction = select(&[Direction::In, Direction::Out, Direction::InOut][..]);
    let creation = select(&[CreationFlag::Overwrite, CreationFlag::Append, CreationFlag::DontOverwrite][..]);
    let kind = select(&[FileKind::File, FileKind::Directory][..]);
    let file = (direction, creation, kind, url(), source(), any::<bool>(), of(0_u32..=0o777));
    vec(file, 0..4).prop_map(move |files| {
        let file = |(number, (direction, creation, kind, anywhere, from, required, permissions))| {
            let name = RelativeName::parse(&format!("{stem}/{number} <&>")).unwrap();
            let location = if direction == Direction::In && kind == FileKind::File { from } else { anywhere };
            Staged { required, creation, permissions, ..Staged::new(name, kind, direction, location) }
        };
        files.into_iter().enumerate().map(file).collect()
    })
}

fn interval() -> impl Strategy<Value = Interval> {
    let bound = || of((number(), any::<bool>()).prop_map(|(value, exclusive)| Bound { value, exclusive }));
    (bound(), bound()).prop_map(|(one, other)| match (one, other) {
        (Some(a), Some(b)) if a.value > b.value => Interval { least: Some(b), most: Some(a) },
        (Some(a), Some(b)) if a.value == b.value => Interval::exactly(a.value),
        (least, most) => Interval { least, most },
    })
}

fn numbers() -> impl Strategy<Value = Condition> {
    (vec(interval(), 0..3), vec(interval(), 0..3)).prop_filter_map("a condition says something", |(any, none)| {
        (!any.is_empty() || !none.is_empty()).then_some(Condition::Number { any, none })
    })
}

fn texts() -> impl Strategy<Value = Condition> {
    (vec(word(), 0..3), vec(word(), 0..3)).prop_filter_map("a condition says something", |(any, none)| {
        (!any.is_empty() || !none.is_empty()).then_some(Condition::Text { any, none })
    })
}

fn fact() -> impl Strategy<Value = (Attribute, bool)> {
    use Attribute as A;
    select(
        &[
            (A::OsName, true),
            (A::OsType, true),
            (A::OsVersion, true),
            (A::OsRelease, true),
            (A::CpuArchitecture, true),
            (A::HostName, true),
            (A::LocalManager, true),
            (A::Queue, true),
            (A::SubmissionInterface, true),
            (A::Memory, false),
            (A::FreeMemory, false),
            (A::CpuCount, false),
            (A::FreeCpus, false),
            (A::GpuCount, false),
            (A::CpuSpeed, false),
            (A::DiskSpace, false),
            (A::FreeDiskSpace, false),
        ][..],
    )
}

fn measure() -> impl Strategy<Value = NetworkMeasure> {
    select(&[NetworkMeasure::Bandwidth, NetworkMeasure::Latency, NetworkMeasure::Capacity][..])
}

fn program() -> impl Strategy<Value = Program> {
    let name = || RelativeName::parse("bin/it & that").unwrap();
    prop_oneof![
        source().prop_map(move |location| Program::File { name: name(), location }),
        (word(), of(word())).prop_map(|(name, version)| Program::Application { name, version }),
    ]
}

fn request() -> impl Strategy<Value = ResourceRequest> {
    let clause = (fact(), texts(), numbers()).prop_map(|((attribute, is_text), text, number)| Clause {
        attribute,
        condition: if is_text { text } else { number },
    });
    let network = (measure(), numbers(), of(word())).prop_map(|(measure, condition, host)| NetworkClause {
        measure,
        condition,
        host,
    });
    let other = ("own-[a-z]{1,5}", prop_oneof![texts(), numbers()], of(word()));
    let other = other.prop_map(|(name, condition, host)| OtherClause { name, condition, host });
    let application = (word(), of(word()), of(1_u32..1000));
    let application =
        application.prop_map(|(name, version, instances)| ApplicationRequirement { name, version, instances });
    let limits =
        (of(duration()), of(duration()), of(duration())).prop_map(|(time, wall, cpu)| Limits { time, wall, cpu });
    let parts =
        (vec(clause, 0..4), vec(network, 0..2), vec(other, 0..2), vec(application, 0..2), of(program()), limits);
    parts.prop_map(|(clauses, network, others, applications, program, limits)| ResourceRequest {
        clauses,
        network,
        others,
        applications,
        program,
        tile_size: None,
        limits,
    })
}

fn preferences() -> impl Strategy<Value = Preferences> {
    let subject = prop_oneof![
        fact().prop_map(|(attribute, _)| Subject::Fact(attribute)),
        (measure(), of(word())).prop_map(|(measure, host)| Subject::Network(measure, host)),
        "own-[a-z]{1,5}".prop_map(Subject::Other),
    ];
    let bounded = interval().prop_filter("a wish has an end", |one| one.least.is_some() || one.most.is_some());
    let desired = prop_oneof![
        Just((None, None)),
        bounded.prop_map(|one| (Some(one), None)),
        word().prop_map(|text| (None, Some(text))),
    ];
    let better = select(&[Better::Gain, Better::Cost][..]);
    let one = (subject, better, any::<i32>(), desired, number());
    let one = one.prop_map(|(subject, better, importance, (desired, desired_text), indifference)| Preference {
        subject,
        better,
        importance,
        desired,
        desired_text,
        indifference: indifference.abs(),
    });
    let kind = select(&[PreferenceKind::Priority, PreferenceKind::Ranking][..]);
    (kind, vec(one, 1..4)).prop_map(|(kind, parameters)| Preferences { kind, parameters })
}

fn days() -> impl Strategy<Value = Vec<Day>> {
    let day = prop_oneof![
        (1_i8..=7).prop_map(Day::Week),
        (1_i8..=12, 1_i8..=28).prop_map(|(month, day)| Day::Date(civil::date(2027, month, day))),
    ];
    vec(day, 0..3)
}

fn times() -> impl Strategy<Value = ExecutionTime> {
    let time = |second: i32| civil::time(0, 0, 0, 0).wrapping_add(jiff::SignedDuration::from_secs(second.into()));
    let slot = (0..86_400, 1..86_400, of(-840_i16..=840), of(duration()));
    let slot = slot.prop_map(move |(start, later, offset_minutes, length)| TimeSlot {
        start: time(start),
        offset_minutes,
        end: length.map_or_else(|| SlotEnd::At(time((start + later) % 86_400)), SlotEnd::After),
    });
    let period = (of(moment()), 1_i64..1_000_000, of(duration()), days(), days());
    let period = period.prop_map(|(start, later, length, excluding, including)| {
        let begin = start.map_or(SOON, Timestamp::as_second);
        let at = || PeriodEnd::At(Timestamp::from_second(begin + later).unwrap());
        Calendar { start, end: length.map_or_else(at, PeriodEnd::After), excluding, including }
    });
    (of(slot), duration(), of(period)).prop_map(|(slot, duration, period)| ExecutionTime { slot, duration, period })
}

fn reservation() -> impl Strategy<Value = Reservation> {
    (of(moment()), any::<bool>(), 1_i64..1_000_000, of(number())).prop_map(|(deadline, starts, earlier, size)| {
        let begin = deadline.map_or(SOON, Timestamp::as_second) - earlier;
        let earliest_start = starts.then(|| Timestamp::from_second(begin).unwrap());
        Reservation { deadline, earliest_start, data_size: size.map(f64::abs) }
    })
}

/// Parameters that advance together, or one that counts.
fn axis(names: Vec<String>) -> impl Strategy<Value = Axis> {
    let width = names.len();
    let columns = (1_usize..4).prop_flat_map(move |length| vec(vec(text(), length), width));
    let steps = (-50_i32..50, 0_i32..5, 1_i32..9, any::<bool>(), of(0_u32..=17), vec(number(), 0..2));
    (columns, steps, any::<bool>()).prop_map(move |(columns, (start, count, step, down, decimals, except), counts)| {
        let step = f64::from(step) / 8.0 * if down { -1.0 } else { 1.0 };
        let start = f64::from(start) / 8.0;
        let steps = Values::Loop { start, end: start + f64::from(count) * step, step, decimals, except };
        let parameter = |(name, column): (&String, &Vec<String>)| Parameter {
            name: name.clone(),
            values: if counts && width == 1 && steps.count() > 0 { steps.clone() } else { Values::Set(column.clone()) },
        };
        Axis { parameters: names.iter().zip(&columns).map(parameter).collect() }
    })
}

/// Products of the same parameters, cut differently into axes.
fn sweep() -> impl Strategy<Value = Sweep> {
    let product = |count: usize| {
        (0..=count).prop_flat_map(move |cut| {
            let names: Vec<String> = (0..count).map(|number| format!("p{number}")).collect();
            let (together, apart) = names.split_at(cut);
            let mut axes: Vec<_> = apart.iter().map(|name| axis(vec![name.clone()]).boxed()).collect();
            if !together.is_empty() {
                axes.insert(axes.len() / 2, axis(together.to_vec()).boxed());
            }
            axes.prop_map(|axes| Product { axes })
        })
    };
    (1_usize..4).prop_flat_map(move |count| vec(product(count), 1..4)).prop_map(|products| Sweep { products })
}

/// What a task waits for, of the tasks before it.
fn trigger(before: usize) -> impl Strategy<Value = Trigger> {
    let state = select(&[Status::Finished, Status::Failed, Status::Running, Status::Canceled, Status::Suspended][..]);
    let parent = (0..before, state, any::<bool>()).prop_map(|(number, state, same_host)| {
        Trigger::Parent(Parent { task: id(number), state, same_host, each_iteration: false })
    });
    parent.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![vec(inner.clone(), 0..3).prop_map(Trigger::All), vec(inner, 0..3).prop_map(Trigger::Any)]
    })
}

fn id(number: usize) -> TaskId {
    TaskId::parse(&format!("t-{number}")).unwrap()
}

fn task(number: usize) -> impl Strategy<Value = TaskSpec> {
    const LAUNCHES: &[Launch] = &[Launch::Single, Launch::Multiple, Launch::Mpi, Launch::OpenMpi, Launch::OpenMp];
    let started = (program(), select(LAUNCHES), 1_u32..5000, of(1_u32..99), of(1_u32..99));
    let given = (vec(text(), 0..4), vec(text(), 0..4), of(source()), of(url()), of(url()));
    let moved = (files("moved"), files("saved"), any::<[bool; 4]>(), any::<i32>(), of(text()));
    let limits = (subsequence(ProcessLimit::ALL.to_vec(), 0..4), any::<u64>());
    let trigger = if number == 0 { Just(None).boxed() } else { of(trigger(number)).boxed() };
    let placed =
        (vec(request(), 0..3), of(preferences()), of(times()), of(reservation()), limits, trigger, of(sweep()));
    (started, given, moved, placed).prop_map(move |(started, given, moved, placed)| {
        let (program, launch, count, per_host, threads) = started;
        let (arguments, values, stdin, stdout, stderr) = given;
        let (staging, checkpoint, [checkpointable, persistent, crucial, commit_wait], priority, description) = moved;
        let (resources, preferences, execution_time, reservation, (limits, bound), trigger, sweep) = placed;
        let environment = values.into_iter().enumerate().map(|(n, value)| (format!("V_{n}"), value)).collect();
        TaskSpec {
            launch,
            count,
            arguments,
            environment,
            stdin,
            stdout,
            stderr,
            staging,
            checkpoint,
            checkpointable,
            persistent,
            resources,
            execution_time,
            reservation,
            layout: Layout { per_host, threads },
            preferences,
            process_limits: limits.into_iter().map(|limit| (limit, bound)).collect(),
            description,
            crucial,
            commit_wait,
            priority,
            trigger,
            sweep,
            ..TaskSpec::new(id(number), program)
        }
    })
}

fn spec() -> impl Strategy<Value = Spec> {
    let tasks = (1_usize..4).prop_flat_map(|count| (0..count).map(|number| task(number).boxed()).collect::<Vec<_>>());
    let said = (text(), of(word()), of(text()), vec((of(word()), text()), 0..3), any::<bool>(), any::<i32>());
    (said, of(times()), tasks).prop_map(|(said, execution_time, tasks)| {
        let (app_id, project, description, annotations, commit_wait, priority) = said;
        Spec {
            project,
            description,
            annotations,
            commit_wait,
            priority,
            execution_time,
            tasks,
            ..Spec::new(Dialect::Gjd1, app_id)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_specification_returns_from_its_canonical_form(spec in spec()) {
        returns(spec, "generated");
    }
}

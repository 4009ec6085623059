//! What version 3 documents mean.

use super::*;
use grms::job::{
    Attribute, Condition, Dialect, Launch, NetworkMeasure, PreferenceKind, Program, Spec, Status, Subject, Trigger,
};

fn accepted(name: &str) -> Accepted {
    let file = path(&format!("tests/fixtures/description/gjd3/valid/{name}.xml"));
    read(&std::fs::read_to_string(file).unwrap(), &rules()).unwrap()
}

fn spec(name: &str) -> Spec {
    accepted(name).spec
}

fn task(inner: &str) -> String {
    format!("<qcgJob appId=\"x\"><task taskId=\"t\">{inner}</task></qcgJob>")
}

const APPLICATION: &str = "<execution type=\"single\"><executable><application name=\"a\"/></executable></execution>";

#[test]
fn everything_is_honoured() {
    let spec = spec("everything");
    assert_eq!((spec.dialect, spec.commit_wait, spec.project.as_deref()), (Dialect::Gjd3, true, Some("demo")));
    assert_eq!(spec.annotations, [(Some("colour".to_owned()), "green".to_owned()), (None, "plain".to_owned())]);
    assert_eq!(spec.execution_time.as_ref().unwrap().duration.as_secs(), 7200);
    let task = &spec.tasks[0];
    assert!(task.persistent && !task.crucial && task.commit_wait && task.checkpointable);
    assert_eq!((task.launch, task.count), (Launch::Mpi, 4));
    assert_eq!(task.execution_time.as_ref().unwrap().duration.as_secs(), 1800, "from tasksDefaults");
    assert_eq!(task.arguments, ["--level", "3 of $${LEVEL}", ""]);
    assert_eq!(task.environment, [("LEVEL".to_owned(), "3".to_owned())]);
    assert_eq!(task.stdin.as_ref().unwrap().to_string(), "gsiftp://store.example.org//data/mesh.dat");
    assert_eq!(task.stdout.as_ref().unwrap().to_string(), "gsiftp://store.example.org//data/out-${JOB_ID}");
    let staged: Vec<_> = task.staging.iter().map(|one| (one.name.as_str(), one.required, one.permissions)).collect();
    assert_eq!(staged, [("mesh.dat", true, Some(0o640)), ("hints.dat", false, Some(0o600)), (".", false, None)]);

    let [linux, old] = task.resources.as_slice() else { panic!("{} places", task.resources.len()) };
    let words: Vec<_> = linux.clauses.iter().map(|clause| clause.attribute).collect();
    assert_eq!(words, [Attribute::Memory, Attribute::OsName, Attribute::CpuCount, Attribute::HostName]);
    let holds = |index: usize, number| linux.clauses[index].condition.holds_for_number(number);
    assert!(!holds(0, 2048.0) && holds(0, 2049.0));
    for (number, expected) in [(4.0, true), (5.0, false), (8.0, true), (13.0, false), (63.0, true), (64.0, false)] {
        assert_eq!(holds(2, number), expected, "{number}");
    }
    let text = |text| linux.clauses[1].condition.holds_for_text(text);
    assert!(text("linux") && !text("Windows"));
    assert_eq!(linux.network[0].measure, NetworkMeasure::Latency);
    assert!(linux.network[0].condition.holds_for_number(20.0) && !linux.network[0].condition.holds_for_number(20.1));
    assert_eq!((linux.others[0].name.as_str(), linux.applications[0].version.as_deref()), ("colour", Some("2.*")));
    assert_eq!(linux.program, None);
    assert!(
        matches!(task.program_at(Some(old)), Program::File { location, .. } if location.to_string().ends_with("solve.old"))
    );
    assert_eq!(old.clauses[1].condition, Condition::one_of(vec!["a.example.org".into(), "b.example.org".into()]));

    let wishes = task.preferences.as_ref().unwrap();
    assert_eq!((wishes.kind, wishes.parameters.len()), (PreferenceKind::Ranking, 3));
    assert_eq!((wishes.parameters[0].indifference, wishes.parameters[0].importance), (1.5, 2));
    assert_eq!(
        wishes.parameters[1].subject,
        Subject::Network(NetworkMeasure::Latency, Some("store.example.org".into()))
    );
    assert_eq!(wishes.parameters[1].desired.unwrap().most.unwrap().value, 500.0);
    assert_eq!(wishes.parameters[2].desired_text.as_deref(), Some("slurm"));
    assert!(accepted("everything").beyond.is_empty());
}

#[test]
fn a_workflow_with_a_sweep_is_understood_and_named_as_not_carried_out() {
    let accepted = accepted("study");
    let told: Vec<_> = accepted.beyond.iter().map(|one| (one.code.number(), one.path.as_str())).collect();
    assert_eq!(
        told,
        [
            (114, "/qcgJob/task[2]"),
            (114, "/qcgJob/task[2]/workflow/parent"),
            (114, "/qcgJob/task[2]/parametersSweep"),
            (114, "/qcgJob/task[3]/workflow/or/parent[1]"),
            (114, "/qcgJob/task[3]/workflow/or/parent[2]"),
        ]
    );
    let [prep, run, collect] = accepted.spec.tasks.as_slice() else { panic!("three tasks") };
    assert!(prep.trigger.is_none() && !run.crucial);
    let sweep = run.sweep.as_ref().unwrap();
    let all: Vec<_> = (0..sweep.count())
        .map(|number| sweep.iteration(number).unwrap().into_iter().map(|(_, value)| value).collect::<String>())
        .collect();
    assert_eq!(all, ["1x", "1y", "2x", "2y", "4x", "4y"]);
    let Some(Trigger::Any(states)) = &collect.trigger else { panic!("an or") };
    let states: Vec<_> = states.iter().flat_map(Trigger::parents).map(|parent| parent.state).collect();
    assert_eq!(states, [Status::Finished, Status::Failed]);
}

#[test]
fn binaries_and_resources_make_alternatives() {
    let variant = |name: &str, properties: &str| {
        format!(
            "<execFile><execProperties>{properties}</execProperties><file><location type=\"URL\">gsiftp://h//{name}</location></file></execFile>"
        )
    };
    let arch = |arch: &str| format!("<hostParameter name=\"cpuarch\"><stringValue value=\"{arch}\"/></hostParameter>");
    let executable = [variant("arm", &arch("arm64")), variant("any", ""), variant("x86", &arch("x86_64"))].concat();
    let document = task(&format!(
        "<requirements><resourceRequirements><computingResource><hostParameter name=\"osname\"><stringValue value=\"Linux\"/></hostParameter></computingResource>\
         <computingResource/></resourceRequirements></requirements><execution type=\"single\"><executable>{executable}</executable></execution>"
    ));
    let spec = read(&document, &rules()).unwrap().spec;
    let told: Vec<_> = spec.tasks[0]
        .resources
        .iter()
        .map(|place| {
            let Program::File { name, .. } = spec.tasks[0].program_at(Some(place)) else { panic!("a file") };
            let texts = |attribute| place.texts(attribute).concat();
            format!("{} {} {name}", texts(Attribute::OsName), texts(Attribute::CpuArchitecture))
        })
        .collect();
    assert_eq!(told, ["Linux arm64 arm", "Linux x86_64 x86", "Linux  any", " arm64 arm", " x86_64 x86", "  any"]);
}

#[test]
fn the_smallest_number_of_processes_is_chosen_and_told() {
    for (count, number, told) in [
        ("<value>6</value>", 6, false),
        ("<min>3.5</min>", 4, true),
        ("<min exclusiveBound=\"true\">3</min>", 4, true),
        ("<max>9</max>", 1, true),
        ("<range><min>2</min><max>2</max></range>", 2, true),
    ] {
        let topology = format!(
            "<requirements><topology><processes><processesCount>{count}</processesCount></processes></topology></requirements>"
        );
        let accepted = read(&task(&format!("{topology}{APPLICATION}")), &rules()).unwrap();
        assert_eq!((accepted.spec.tasks[0].count, !accepted.warnings.is_empty()), (number, told), "{count}");
    }
}

#[test]
fn many_tasks_and_members_cost_no_more_than_their_text() {
    let sweep = "<parametersSweep><parameter><name>a</name><value><loop><start>1</start><end>99000</end><step>1</step></loop></value></parameter></parametersSweep>";
    let accepted = read(&task(&format!("{APPLICATION}{sweep}")), &rules()).unwrap();
    assert_eq!(accepted.spec.tasks[0].sweep.as_ref().unwrap().count(), 99_000);
    let waits = |number: usize| {
        if number == 0 { String::new() } else { format!("<workflow><parent>t{}</parent></workflow>", number - 1) }
    };
    let tasks: String =
        (0..3000).map(|number| format!("<task taskId=\"t{number}\">{APPLICATION}{}</task>", waits(number))).collect();
    let text = format!("<qcgJob appId=\"x\">{tasks}</qcgJob>");
    let began = std::time::Instant::now();
    assert_eq!(read(&text, &rules()).unwrap().spec.tasks.len(), 3000);
    let few = Rules { max_tasks: 2999, ..rules() };
    assert_eq!(read(&text, &few).unwrap_err()[0].code.number(), 118);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

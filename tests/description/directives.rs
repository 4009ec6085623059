//! What scripts with directives mean.

use super::*;
use grms::job::{Attribute, Condition, Dialect, Layout, Location, PeriodEnd, Program, Spec, TaskSpec};
use proptest::prelude::*;
use std::time::Duration;

fn text(name: &str) -> String {
    std::fs::read_to_string(path(&format!("tests/fixtures/description/qcg/valid/{name}.sh"))).unwrap()
}

fn spec(name: &str) -> Spec {
    read(&text(name), &rules()).unwrap().spec
}

/// The program's name, its location for people, and its content when that is in the description.
fn program(task: &TaskSpec) -> (String, String, Option<String>) {
    let Program::File { name, location: Location::Url(url) } = &task.program else { panic!("{:?}", task.program) };
    let content = url.content().map(|content| String::from_utf8(content).unwrap());
    (name.to_string(), url.to_string(), content)
}

#[test]
fn a_script_without_directives_is_the_job() {
    let spec = spec("plain_script");
    assert_eq!((spec.dialect, spec.app_id.as_str(), spec.tasks.len()), (Dialect::QcgSimple, "", 1));
    let (name, location, content) = program(&spec.tasks[0]);
    assert_eq!((name.as_str(), content.unwrap()), ("script", text("plain_script")));
    assert_eq!(location, "data:text/x-shellscript (23 bytes)", "the script is shown by its size only");
    assert!(spec.tasks[0].resources.is_empty() && spec.tasks[0].staging.is_empty());
}

#[test]
fn every_directive_that_is_honoured_is_in_the_specification() {
    let spec = spec("everything");
    assert_eq!(
        (spec.app_id.as_str(), spec.description.as_deref(), spec.project.as_deref()),
        ("three words and ünï", Some("prepares the mesh"), Some("demo"))
    );
    let task = &spec.tasks[0];
    assert_eq!(program(task).2.unwrap(), text("everything"));
    assert_eq!(task.arguments, ["--fast", "two  words", ""]);
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(task.environment, [variable("OMP_NUM_THREADS", "4"), variable("GREETING", "a=b c")]);
    assert_eq!((task.count, task.layout), (8, Layout { per_host: Some(4), threads: Some(3) }));
    assert!(task.persistent);
    let staged: Vec<_> = task
        .staging
        .iter()
        .map(|staged| format!("{:?} {:?} {} {}", staged.direction, staged.kind, staged.name, staged.location))
        .collect();
    assert_eq!(
        staged,
        [
            "In File mesh.dat gsiftp://store.example.org//data/mesh.dat",
            "In File in/values.txt file:////opt/a%20b/100%25.txt",
            "In Directory lib gsiftp://store.example.org//lib",
            "Out File result.dat gsiftp://store.example.org//out/${JOB_ID}.dat",
            "Out Directory . gsiftp://store.example.org//all",
        ]
    );
    let streams = [&task.stdin, &task.stdout, &task.stderr].map(|stream| stream.as_ref().unwrap().to_string());
    assert_eq!(
        streams,
        ["file:///${HOME}/words.txt", "gsiftp://store.example.org//log/out", "https://store.example.org:8443/log/err"]
    );
    let [request] = task.resources.as_slice() else { panic!("one place") };
    let texts = |texts: &[&str]| Condition::one_of(texts.iter().map(|text| (*text).to_owned()).collect());
    let clauses: Vec<_> = request.clauses.iter().map(|clause| (clause.attribute, clause.condition.clone())).collect();
    assert_eq!(
        clauses,
        [
            (Attribute::HostName, texts(&["a.example.org", "b.example.org", "c.example.org"])),
            (Attribute::Queue, texts(&["long"])),
            (Attribute::Memory, Condition::at_least(12.0 * 512.0)),
        ]
    );
    let others: Vec<_> = request.others.iter().map(|other| (other.name.as_str(), other.condition.clone())).collect();
    assert_eq!(others, [("properties", texts(&["gpu"])), ("properties", texts(&["ssd"]))]);
    assert_eq!(request.limits.wall, Some(Duration::from_secs(5400)));
    let period = task.execution_time.as_ref().unwrap().period.as_ref().unwrap();
    assert_eq!(period.start.unwrap().to_string(), "2026-12-01T08:00:00Z");
    let last = PeriodEnd::At("2026-12-08T22:30:00Z".parse().unwrap());
    assert_eq!(period.end, last, "a start later than this would miss the deadline");
    let reservation = task.reservation.as_ref().unwrap();
    assert_eq!(reservation.deadline.unwrap().to_string(), "2026-12-09T00:00:00Z");
}

#[test]
fn an_executable_is_a_place_or_a_file_that_is_brought() {
    let named = &spec("executable").tasks[0];
    let (name, location, content) = program(named);
    assert_eq!((name.as_str(), location.as_str(), content), ("solve", "gsiftp://store.example.org//bin/solve", None));
    assert_eq!((named.count, named.layout.is_free(), named.persistent), (8, true, false));
    assert!(named.execution_time.is_none() && named.reservation.is_some());

    let staged = &spec("executable_staged").tasks[0];
    assert_eq!(program(staged).0, "bin/solve");
    let names: Vec<_> = staged.staging.iter().map(|staged| staged.name.to_string()).collect();
    assert_eq!(names, ["note.txt"], "the program is brought once");

    let application = &spec("application").tasks[0];
    let gaussian = Program::Application { name: "gaussian".to_owned(), version: Some("16".to_owned()) };
    assert_eq!((&application.program, application.count), (&gaussian, 8));
}

#[test]
fn variables_of_the_script_stand_for_their_values_in_directives_only() {
    let task = &spec("variables").tasks[0];
    let streams = [&task.stdin, &task.stdout].map(|stream| stream.as_ref().unwrap().to_string());
    assert_eq!(streams, ["gsiftp://store.example.org//data/in", "gsiftp://store.example.org//data/out"]);
    assert_eq!(task.arguments, ["me & ${HOST} $${WHO}"]);
    assert_eq!(task.count, 8);
    assert!(program(task).2.unwrap().contains("${STORE}/in"));
}

#[test]
fn a_script_that_names_no_interpreter_is_run_by_the_shell() {
    let content = program(&spec("directives_without_interpreter").tasks[0]).2.unwrap();
    assert_eq!(content, format!("#!/bin/sh\n{}", text("directives_without_interpreter")));
}

#[test]
fn xml_is_never_taken_for_a_script() {
    let document = "<!--\n#QCG name=x\n--><grmsjob appid='x'/>";
    assert!(render(&read(document, &rules()).unwrap_err()).contains("/grmsjob"));
    assert_eq!(read("\u{feff}#!/bin/sh\necho", &rules()).unwrap().spec.dialect, Dialect::QcgSimple);
    assert!(render(&read("echo hello", &rules()).unwrap_err()).contains(" 110 "));
}

#[test]
fn a_site_may_refuse_programs_inside_descriptions() {
    let site = Rules { schemes: vec![grms::job::Scheme::File], ..rules() };
    let said = render(&read("#!/bin/sh\ndate", &site).unwrap_err());
    assert!(said.starts_with("1:1 114 line 1 "), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_script_says_is_what_is_read(
        name in "[!-#%-~]([ -#%-~é]{0,20}[!-#%-~])?",
        arguments in prop::collection::vec("([!-#%-~]([ -#%-~é]{0,20}[!-#%-~])?)?", 0..6),
        variables in prop::collection::vec(("[A-Z_][A-Z0-9_]{0,8}", "([!-#%-~]([ -#%-~]{0,20}[!-#%-~])?)?"), 0..4),
        nodes in 1..50_u32,
        each in 1..50_u32,
        memory in 0..1_000_000_u32,
        seconds in 1..1_000_000_u64,
        body in "[a-z \n]{0,60}",
    ) {
        let mut script = format!("#!/bin/sh\n#QCG name={name}\n#QCG nodes={nodes}:{each}\n#QCG memory={memory}\n");
        script.push_str(&format!("#QCG walltime=PT{seconds}S\n{body}\n"));
        for argument in &arguments {
            script.push_str(&format!("#QCG argument={argument}\n"));
        }
        for (name, value) in &variables {
            script.push_str(&format!("#QCG environment={name}={value}\n"));
        }
        let accepted = read(&script, &rules());
        prop_assume!(!variables.iter().any(|(name, _)| name.starts_with("GRMS_")));
        let spec = accepted.unwrap().spec;
        let task = &spec.tasks[0];
        prop_assert_eq!(&spec.app_id, &name);
        prop_assert_eq!(&task.arguments, &arguments);
        prop_assert_eq!(&task.environment, &variables);
        prop_assert_eq!(task.count, nodes * each);
        prop_assert_eq!(&task.resources[0].clauses[0].condition, &Condition::at_least(f64::from(memory)));
        prop_assert_eq!(task.resources[0].limits.wall, Some(Duration::from_secs(seconds)));
        prop_assert_eq!(program(task).2, Some(script));
    }
}

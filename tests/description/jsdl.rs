//! What JSDL documents mean.

use super::*;
use grms::job::{
    Attribute, Condition, Dialect, Interval, Launch, Layout, Location, ProcessLimit, Program, Spec, TaskSpec, Values,
};

const FOLDER: &str = "tests/fixtures/description/jsdl";

fn text(name: &str) -> String {
    std::fs::read_to_string(path(&format!("{FOLDER}/valid/{name}.xml"))).unwrap()
}

fn spec(name: &str) -> Spec {
    read(&text(name), &rules()).unwrap().spec
}

fn task(name: &str) -> TaskSpec {
    let mut spec = spec(name);
    assert_eq!((spec.dialect, spec.tasks.len()), (Dialect::Jsdl, 1));
    spec.tasks.remove(0)
}

fn clauses(task: &TaskSpec) -> Vec<(Attribute, Condition)> {
    task.resources[0].clauses.iter().map(|clause| (clause.attribute, clause.condition.clone())).collect()
}

fn shown(location: Option<&Location>) -> String {
    location.map(ToString::to_string).unwrap_or_default()
}

#[test]
fn a_posix_application_is_honoured_whole() {
    let whole = spec("posix");
    let names = [whole.app_id.as_str(), whole.tasks[0].id.as_str(), whole.project.as_deref().unwrap()];
    assert_eq!(names, ["melt 42", "melt_42", "ice"]);
    assert_eq!(whole.description.as_deref(), Some("How ice melts."));
    assert_eq!(whole.annotations, [(None, "first try".to_owned()), (None, "second note".to_owned())]);
    let task = &whole.tasks[0];
    assert_eq!((task.launch, task.count, task.persistent), (Launch::Single, 2, true));
    let Program::File { name, location } = &task.program else { panic!("{:?}", task.program) };
    assert_eq!([name.to_string(), location.to_string()], ["bin/melt", "https://store.example.org/melt"]);
    assert_eq!(
        task.arguments,
        ["--grid", " two  blanks and $${HOME} ", "", "/data/sea/map.nc", "${HOME}/.meltrc"],
        "JSDL has no variables: what looks like one reaches the program as it is"
    );
    assert_eq!(
        task.environment,
        [("COST".to_owned(), "$$5".to_owned()), ("CONFIG".to_owned(), "/data/etc/melt.conf".to_owned())]
    );
    let streams = [&task.stdin, &task.stdout, &task.stderr].map(|stream| shown(stream.as_ref()));
    assert_eq!(
        streams,
        ["file:///${TASK_DIR}/words.txt", "file:///${TASK_DIR}/out/100%25%20of%20it.txt", "file:///${HOME}/melt.err"]
    );
    let staged: Vec<_> =
        task.staging.iter().map(|one| format!("{:?} {} {}", one.direction, one.name, one.location)).collect();
    assert_eq!(
        staged,
        [
            "In words.txt gsiftp://store.example.org//words",
            "Out words.txt gsiftp://store.example.org//words.${JOB_ID}",
            "Out out/100% of it.txt https://store.example.org/out.txt",
        ]
    );
    assert_eq!(task.execution_time.as_ref().unwrap().duration.as_secs(), 3600);
    let limits = |limit| task.process_limits.iter().find(|(known, _)| *known == limit).map(|(_, value)| *value);
    assert_eq!(task.process_limits.len(), 10);
    assert_eq!(
        [ProcessLimit::FileSize, ProcessLimit::CoreDump, ProcessLimit::CpuTime, ProcessLimit::Processes].map(limits),
        [Some(1 << 30), Some(0), Some(30), Some(8)]
    );
}

#[test]
fn resources_are_asked_for_in_the_units_of_the_model() {
    let task = task("posix");
    let one_of = |texts: &[&str]| Condition::one_of(texts.iter().map(|text| (*text).to_owned()).collect());
    let mut faster = Interval::at_least(2000.0);
    faster.least.as_mut().unwrap().exclusive = true;
    assert_eq!(
        clauses(&task),
        [
            (Attribute::CpuCount, Condition::at_least(2.0)),
            (Attribute::HostName, one_of(&["a.example.org", "b.example.org"])),
            (Attribute::FreeDiskSpace, Condition::at_least(2.0)),
            (Attribute::OsName, one_of(&["LINUX"])),
            (Attribute::OsVersion, one_of(&["6.1"])),
            (Attribute::CpuArchitecture, one_of(&["x86_64", "amd64"])),
            (Attribute::CpuSpeed, Condition::within(faster)),
            (Attribute::Memory, Condition::at_least(2048.0)),
            (Attribute::FreeDiskSpace, Condition::at_least(10.0)),
        ]
    );
    assert_eq!(task.resources[0].network[0].condition, Condition::at_least(10.0), "MB/s");
    assert_eq!(task.resources[0].limits.cpu.unwrap().as_secs(), 600);
}

#[test]
fn of_a_set_one_number_is_asked_for() {
    let task = task("ranges");
    let speeds = Condition::Number {
        any: vec![
            Interval { least: Interval::at_least(1900.0).least, most: Interval::at_most(2100.0).most },
            Interval::exactly(3000.0),
        ],
        none: Vec::new(),
    };
    assert_eq!(clauses(&task), [(Attribute::CpuSpeed, speeds), (Attribute::Memory, Condition::at_least(1025.0))]);
    assert_eq!(task.process_limits, [(ProcessLimit::VirtualMemory, 8 << 30)]);
    assert_eq!(task.resources[0].limits.cpu.unwrap().as_secs(), 100, "the stricter of 120 and 100");
    assert_eq!(task.count, 1);
}

#[test]
fn parallel_programs_have_their_counts_and_their_layout() {
    let laid = |task: TaskSpec| (task.launch, task.count, task.layout.per_host, task.layout.threads);
    assert_eq!(laid(task("spmd")), (Launch::OpenMpi, 8, Some(4), Some(2)));
    assert_eq!(laid(task("spmd_counts")), (Launch::Mpi, 6, Some(2), None));
    let shares = clauses(&task("spmd_counts"));
    assert_eq!(shares, [(Attribute::Memory, Condition::at_least(954.0))], "a third of 3,000,000,000 bytes");
    assert_eq!(laid(task("openmp")), (Launch::OpenMp, 6, None, None));
    assert_eq!(task("hpcpa").count, 4);
    assert_eq!(task("hpcpa").layout, Layout::default());
}

#[test]
fn paths_and_names_of_systems_are_understood() {
    let hpcpa = task("hpcpa");
    assert_eq!(hpcpa.id.as_str(), "task");
    let streams = [&hpcpa.stdin, &hpcpa.stdout, &hpcpa.stderr].map(|stream| shown(stream.as_ref()));
    assert_eq!(streams, ["file:////dev/null", "file:////tmp/env%20of%20$$me.txt", "file:///${TASK_DIR}/env.err"]);
    let place = |osname: &str| clauses(&hpcpa).iter().any(|(_, condition)| condition.holds_for_text(osname));
    assert!(place("SunOS") && place("sparc64") && !place("Linux"));
    assert_eq!(
        task("application").program,
        Program::Application { name: "solver".into(), version: Some("2.1".into()) }
    );
    assert!(!task("smallest").persistent);
}

#[test]
fn a_sweep_becomes_parameters_in_texts() {
    let task = task("sweep");
    assert_eq!(task.arguments, ["--seed", "${PS_p1}", "in.${PS_p2}.dat"]);
    assert_eq!(task.environment[0].1, "${PS_p5}");
    assert_eq!(task.staging[0].name.as_str(), "in.${PS_p3}.dat");
    assert_eq!(task.staging[0].location.to_string(), "http://store.example.org/in.${PS_p4}.dat");
    let products = &task.sweep.as_ref().unwrap().products;
    let shape = |number: usize| -> Vec<Vec<String>> {
        let names = |axis: &grms::job::Axis| axis.parameters.iter().map(|one| one.name.clone()).collect();
        products[number].axes.iter().map(names).collect()
    };
    assert_eq!(products.len(), 2);
    assert_eq!(shape(0), [vec!["p1"], vec!["p2", "p3", "p4", "p5"]]);
    assert_eq!(shape(1), [vec!["p1"], vec!["p2"], vec!["p3"], vec!["p4"], vec!["p5"]]);
    let outer = &products[0].axes[0].parameters[0].values;
    let whole = Values::Loop { start: 1.0, end: 2e4, step: 1.0, decimals: Some(0), except: vec![13.0] };
    assert_eq!(*outer, whole, "a hundred thousand members cost one line");
    assert_eq!(products[1].axes[2].parameters[0].values, Values::Set(vec!["00".into()]), "as written");
}

#[test]
fn a_foreign_namespace_is_refused_unless_the_site_ignores_it() {
    let foreign =
        text("smallest").replace("<Executable>", "<g:Rank xmlns:g=\"urn:example:grid\">9</g:Rank><Executable>");
    let refused = read(&foreign, &rules()).unwrap_err();
    let fault = refused.iter().find(|found| found.severity == Severity::Error).unwrap();
    assert_eq!(fault.code.number(), 114);
    assert!(fault.message.contains("element Rank of namespace urn:example:grid"), "{}", fault.message);
    let site = Rules { ignorable: vec!["urn:example:grid".into()], ..rules() };
    let accepted = read(&foreign, &site).unwrap();
    assert!(accepted.warnings.iter().any(|found| found.message.contains("no effect here")), "{:?}", accepted.warnings);
}

#[test]
fn a_credential_is_in_no_message_and_in_no_specification() {
    let accepted = read(&text("beyond"), &rules()).unwrap();
    let told = format!("{accepted:?}");
    assert!(!told.contains("open-sesame") && !told.contains("somebody"));
    assert!(accepted.beyond.iter().any(|found| found.path.ends_with("/Credential")));
    let broken = text("beyond").replace("<FileName>mine.txt</FileName>", "<Filename>mine.txt</Filename>");
    assert!(!format!("{:?}", read(&broken, &rules())).contains("open-sesame"));
}

#[test]
fn expressions_that_look_everywhere_end_soon() {
    let matches = "<s:DocumentNode><s:Match>//*//*//*//*</s:Match></s:DocumentNode>".repeat(300);
    let filler = "<Argument>x</Argument>".repeat(20_000);
    let text = text("sweep").replacen("<s:DocumentNode>", &format!("{matches}<s:DocumentNode>"), 1);
    let text = text.replacen("<Argument>", &format!("{filler}<Argument>"), 1);
    let began = std::time::Instant::now();
    let faults = read(&text, &rules()).unwrap_err();
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    assert!(faults.iter().any(|fault| fault.code.number() == 104), "{}", render(&faults[..3]));
}

#[test]
fn sweeps_have_a_greatest_number_of_members() {
    let long = text("sweep").replacen("end=\"20000\"", "end=\"300000\"", 1);
    let faults = read(&long, &rules()).unwrap_err();
    let fault = faults.iter().find(|fault| fault.severity == Severity::Error).unwrap();
    assert_eq!((fault.code.number(), fault.line), (118, 19), "{}", fault.message);
    assert!(fault.message.contains("900000 members, more than the 100000 tasks"), "{}", fault.message);
}

/// A thousand products that each keep many values for many texts need more memory than any machine has.
#[test]
fn values_that_products_would_keep_are_bounded() {
    let assignment = |name: &str, values: usize| {
        let value = "<f:Value/>".repeat(values);
        format!(
            "<s:Assignment><s:DocumentNode><s:Match>{name}</s:Match></s:DocumentNode><f:Values>{value}</f:Values></s:Assignment>"
        )
    };
    let inner =
        format!("<s:Sweep>{}</s:Sweep>", assignment("/j:JobDefinition/j:JobDescription/j:DataStaging/j:FileName", 2));
    let sweep = format!("<s:Sweep>{}{}</s:Sweep>", assignment("//p:Argument", 20_000), inner.repeat(900));
    let text = format!(
        "<j:JobDefinition xmlns:j='http://schemas.ggf.org/jsdl/2005/11/jsdl' xmlns:s='http://schemas.ogf.org/jsdl/2009/03/sweep' \
         xmlns:p='http://schemas.ggf.org/jsdl/2005/11/jsdl-posix' xmlns:f='http://schemas.ogf.org/jsdl/2009/03/sweep/functions'>\
         <j:JobDescription><j:Application><p:POSIXApplication><p:Executable>/bin/true</p:Executable>{}</p:POSIXApplication>\
         </j:Application><j:DataStaging><j:FileName>a</j:FileName><j:Source><j:URI>http://a.example.org/a</j:URI></j:Source>\
         </j:DataStaging></j:JobDescription>{sweep}</j:JobDefinition>",
        "<p:Argument>x</p:Argument>".repeat(90)
    );
    let faults = read(&text, &rules()).unwrap_err();
    assert!(faults.iter().any(|fault| fault.message.contains("more than 1000000 values")), "{}", render(&faults));
}

#[test]
fn processors_of_all_hosts_together_are_a_number() {
    let counts = "<TotalResourceCount><Exact>65536</Exact></TotalResourceCount><IndividualCPUCount><Exact>65536</Exact></IndividualCPUCount>";
    let text = format!(
        "<JobDefinition xmlns='http://schemas.ggf.org/jsdl/2005/11/jsdl'><JobDescription><Application>\
         <x:SPMDApplication xmlns:x='http://schemas.ogf.org/jsdl/2007/02/jsdl-spmd' xmlns='http://schemas.ggf.org/jsdl/2005/11/jsdl-posix'>\
         <Executable>/bin/true</Executable><x:SPMDVariation>http://www.ogf.org/jsdl/2007/02/jsdl-spmd/MPI</x:SPMDVariation>\
         </x:SPMDApplication></Application><Resources>{counts}</Resources></JobDescription></JobDefinition>"
    );
    let said = render(&read(&text, &rules()).unwrap_err());
    assert!(said.contains("makes 4294967296 processors"), "{said}");
}

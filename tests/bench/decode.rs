//! How many job descriptions a second are read, validated and typed, in every dialect; beside a schema validator that only says yes or no.
//! The documents say the same thing in each language.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench ends at the first surprise, prints figures and runs the other program"
)]

#[path = "common.rs"]
mod common;

use grms::description::{Rules, read};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const VARIABLES: usize = 20;
const FILES: usize = 6;
const ROUND: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 3;

fn repeated(count: usize, mut one: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::new();
    (0..count).for_each(|number| one(&mut text, number));
    text
}

fn variables(element: &str) -> String {
    repeated(VARIABLES, |text, number| {
        write!(text, "<{element} name=\"SETTING_{number}\">value number {number} of this job</{element}>").unwrap();
    })
}

fn gjd1() -> String {
    let files = repeated(FILES, |text, number| {
        write!(
            text,
            "<file name=\"in{number}.dat\" type=\"in\"><url>gsiftp://store.example.org//data/{number}</url></file>"
        )
        .unwrap();
    });
    let variables = variables("variable");
    format!(
        "<grmsjob appid=\"bench\" project=\"demo\"><simplejob><resource><osname>Linux</osname><memory>256</memory>\
         <cpucount>2</cpucount></resource><executable type=\"single\" count=\"2\"><file name=\"solve\" type=\"in\">\
         <url>file:////opt/solve</url></file><arguments><value>--fast</value><value>-n</value><value>7</value>{files}\
         </arguments><stdout><url>gsiftp://store.example.org//log/out</url></stdout><environment>{variables}</environment>\
         </executable><executionTime><execDuration>PT30M</execDuration></executionTime></simplejob></grmsjob>"
    )
}

fn gjd2() -> String {
    let files = repeated(FILES, |text, number| {
        write!(
            text,
            "<file name=\"in{number}.dat\" type=\"in\"><url>gsiftp://store.example.org//data/{number}</url></file>"
        )
        .unwrap();
    });
    let variables = variables("variable");
    format!(
        "<grmsJob appid=\"bench\" project=\"demo\"><task taskid=\"main\"><resource><osname>Linux</osname><memory>256</memory>\
         <cpucount>2</cpucount></resource><executable type=\"single\" count=\"2\"><execfile name=\"solve\">\
         <url>file:////opt/solve</url></execfile><arguments><value>--fast</value><value>-n</value><value>7</value>{files}\
         </arguments><stdout><url>gsiftp://store.example.org//log/out</url></stdout><environment>{variables}</environment>\
         </executable><executionTime><execDuration>PT30M</execDuration></executionTime></task></grmsJob>"
    )
}

fn gjd3() -> String {
    let files = repeated(FILES, |text, number| {
        write!(
            text,
            "<file name=\"in{number}.dat\" type=\"in\"><location type=\"URL\">gsiftp://store.example.org//data/{number}\
             </location></file>"
        )
        .unwrap();
    });
    let variables = variables("variable");
    format!(
        "<qcgJob appId=\"bench\" project=\"demo\"><task taskId=\"main\"><requirements><resourceRequirements>\
         <computingResource><hostParameter name=\"osname\"><stringValue value=\"Linux\"/></hostParameter>\
         <hostParameter name=\"memory\"><min>256</min></hostParameter><hostParameter name=\"cpucount\"><min>2</min>\
         </hostParameter></computingResource></resourceRequirements></requirements><execution type=\"single\"><executable>\
         <execFile><file name=\"solve\"><location type=\"URL\">file:////opt/solve</location></file></execFile></executable>\
         <arguments><value>--fast</value><value>-n</value><value>7</value></arguments><stdout><file>\
         <location type=\"URL\">gsiftp://store.example.org//log/out</location></file></stdout><stageInOut>{files}</stageInOut>\
         <environment>{variables}</environment></execution><executionTime><executionDuration>PT30M</executionDuration>\
         </executionTime></task></qcgJob>"
    )
}

fn jsdl() -> String {
    let files = repeated(FILES, |text, number| {
        write!(
            text,
            "<DataStaging><FileName>in{number}.dat</FileName><CreationFlag>overwrite</CreationFlag><Source>\
             <URI>gsiftp://store.example.org//data/{number}</URI></Source></DataStaging>"
        )
        .unwrap();
    });
    let variables = variables("p:Environment");
    format!(
        "<JobDefinition xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\" \
         xmlns:p=\"http://schemas.ggf.org/jsdl/2005/11/jsdl-posix\"><JobDescription><JobIdentification><JobName>bench</JobName>\
         <JobProject>demo</JobProject></JobIdentification><Application><p:POSIXApplication><p:Executable>/opt/solve\
         </p:Executable><p:Argument>--fast</p:Argument><p:Argument>-n</p:Argument><p:Argument>7</p:Argument>\
         <p:Output>out</p:Output>{variables}<p:WallTimeLimit>1800</p:WallTimeLimit></p:POSIXApplication></Application>\
         <Resources><OperatingSystem><OperatingSystemType><OperatingSystemName>LINUX</OperatingSystemName>\
         </OperatingSystemType></OperatingSystem><IndividualCPUCount><LowerBoundedRange>2</LowerBoundedRange>\
         </IndividualCPUCount><IndividualPhysicalMemory><LowerBoundedRange>268435456</LowerBoundedRange>\
         </IndividualPhysicalMemory></Resources>{files}<DataStaging><FileName>out</FileName>\
         <CreationFlag>overwrite</CreationFlag><Target><URI>gsiftp://store.example.org//log/out</URI></Target></DataStaging>\
         </JobDescription></JobDefinition>"
    )
}

fn directives() -> String {
    let files = repeated(FILES, |text, number| {
        writeln!(text, "#QCG stage-in-file=gsiftp://store.example.org//data/{number} -> in{number}.dat").unwrap();
    });
    let variables = repeated(VARIABLES, |text, number| {
        writeln!(text, "#QCG environment=SETTING_{number}=value number {number} of this job").unwrap();
    });
    format!(
        "#!/bin/sh\n#QCG name=bench\n#QCG grant=demo\n#QCG procs=2\n#QCG memory=256\n#QCG walltime=PT30M\n\
         #QCG executable=file:////opt/solve\n#QCG argument=--fast\n#QCG argument=-n\n#QCG argument=7\n\
         #QCG output=gsiftp://store.example.org//log/out\n{files}{variables}"
    )
}

/// Documents a second on one processor.
fn ours(document: &str) -> f64 {
    let rules = Rules::everything("2026-01-01T00:00:00Z".parse().unwrap());
    let (began, mut count) = (Instant::now(), 0_u32);
    while began.elapsed() < ROUND {
        for _ in 0..20 {
            assert!(read(document, &rules).is_ok());
        }
        count += 20;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

/// Documents a second of libxml2, which reads and validates the same document again and again on one processor.
fn validator(schema: &str, document: &Path) -> f64 {
    let schema = format!("{}/schemas/{schema}", env!("CARGO_MANIFEST_DIR"));
    let said = Command::new("xmllint")
        .args(["--noout", "--nonet", "--repeat", "--timing", "--schema", &schema])
        .arg(document)
        .output()
        .expect("xmllint is installed (package libxml2-utils)");
    let text = String::from_utf8(said.stderr).unwrap();
    assert!(said.status.success(), "{text}");
    // `100 iterations took 12 ms`
    let line = text.lines().find(|line| line.contains("iterations took")).expect("xmllint tells its time");
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    numbers[0] * 1000.0 / numbers[1].max(1.0)
}

fn main() -> std::process::ExitCode {
    let documents = [
        ("GJD1", Some("gjd-1.xsd"), gjd1()),
        ("GJD2", Some("gjd-2.xsd"), gjd2()),
        ("GJD3", Some("gjd-3.xsd"), gjd3()),
        ("JSDL", Some("jsdl-1.0.xsd"), jsdl()),
        ("QCG_SIMPLE", None, directives()),
    ];
    for (name, _, document) in &documents {
        let rules = Rules::everything("2026-01-01T00:00:00Z".parse().unwrap());
        let accepted = read(document, &rules).unwrap_or_else(|findings| panic!("{name}: {findings:#?}"));
        assert_eq!(accepted.spec.dialect.as_str(), *name);
        assert!(accepted.beyond.is_empty(), "{:?}", accepted.beyond);
    }
    // The rounds are mixed, so that what else the machine does hits all alike; the best one counts.
    let mut best = [0.0_f64; 5];
    for _ in 0..ROUNDS {
        for (best, (_, _, document)) in best.iter_mut().zip(&documents) {
            *best = best.max(ours(document));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    println!("on one processor    validated and typed     validator alone");
    for (rate, (name, schema, document)) in best.iter().zip(&documents) {
        let file = dir.path().join(name);
        std::fs::write(&file, document).unwrap();
        let alone = schema.map_or("none".to_owned(), |schema| format!("{:8.0} documents/s", validator(schema, &file)));
        println!("{name:<10} {:5} B   {rate:8.0} documents/s   {alone}", document.len());
    }
    let slowest = best.into_iter().fold(f64::INFINITY, f64::min);
    common::verdict(
        "decode",
        slowest,
        best[0],
        "no dialect more than twice as slow as version 1",
        slowest * 2.0 >= best[0],
    )
}

//! The answers that users are promised: for each kind of fault, in every dialect in which it can be made, a kept document gets the code
//! and the words, with the place.

use super::*;
use std::collections::HashSet;

/// A kept document, its code, and words of its answer.
type Case = (&'static str, u16, &'static str);

/// The kinds of faults in the order of the language's own list; what is not there cannot be said in that dialect.
const ROWS: [&[Case]; 29] = [
    &[
        ("gjd1/01_missing_end_tag.xml", 110, "simplejob is not closed"),
        ("gjd2/01_missing_end_tag.xml", 110, "task is not closed"),
        ("gjd3/01_missing_end_tag.xml", 110, "task is not closed"),
        ("jsdl/13_missing_end_tag.xml", 110, "Application is not closed"),
    ],
    &[
        ("gjd1/02_doctype.xml", 110, "a document type declaration is not allowed"),
        ("gjd2/02_doctype.xml", 110, "a document type declaration is not allowed"),
        ("gjd3/02_doctype.xml", 110, "a document type declaration is not allowed"),
        ("jsdl/14_doctype.xml", 110, "a document type declaration is not allowed"),
    ],
    &[
        (
            "gjd1/03_root_job.xml",
            111,
            "unknown root element job; expected grmsjob, grmsJob, qcgJob or JSDL JobDefinition",
        ),
        ("jsdl/12_multi.xml", 111, "unknown root element JobMultiDefinition"),
    ],
    &[
        ("gjd1/04_both_labels.xml", 111, "appid (v1, v2) and appId (v3) cannot be combined"),
        ("gjd2/04_both_labels.xml", 111, "appid (v1, v2) and appId (v3) cannot be combined"),
        ("gjd3/04_both_labels.xml", 111, "appid (v1, v2) and appId (v3) cannot be combined"),
    ],
    &[
        ("gjd1/05_appid_missing.xml", 111, "attribute appid is missing"),
        ("gjd2/05_appid_missing.xml", 111, "attribute appid is missing"),
    ],
    &[("gjd1/06_workflowjob.xml", 114, "workflowjob was never implemented")],
    &[
        ("gjd1/07_executable_missing.xml", 112, "element executable is required"),
        ("gjd2/07_executable_missing.xml", 112, "element executable is required"),
        ("gjd3/07_no_executable.xml", 112, "element executable is required"),
        ("gjd3/07_no_execution.xml", 113, "the task starts nothing"),
        ("jsdl/02_nothing_started.xml", 113, "nothing is started"),
    ],
    // The other dialects leave the order free.
    &[("gjd1/08_resource_after_executable.xml", 112, "resource must come before executable")],
    &[
        ("gjd1/09_type_missing.xml", 112, "type must be single, multiple, mpi or mpichg"),
        ("gjd1/09_type_parallel.xml", 112, "type must be single, multiple, mpi or mpichg"),
        ("gjd2/09_type.xml", 112, "type must be single, multiple, mpi or mpichg"),
        ("gjd3/09_type_unknown.xml", 112, "type must be single, multiple, mpi, mpichg"),
        ("jsdl/07_spmd.xml", 114, "is not supported; known: "),
    ],
    &[
        ("gjd1/10_count_zero.xml", 113, "count must be at least 1"),
        ("gjd1/10_count_two.xml", 112, "is not an integer"),
        ("gjd2/10_count.xml", 113, "count must be at least 1"),
        ("gjd2/10_count.xml", 112, "is not an integer"),
        ("gjd3/32_count.xml", 113, "must be an integer of at least 1"),
        ("qcg/05_numbers.sh", 113, "procs must be at least 1"),
        ("qcg/05_numbers.sh", 112, "is not a whole number"),
    ],
    &[
        ("gjd1/11_location_missing.xml", 112, "exactly one of url and collectionfile"),
        ("gjd1/11_location_twice.xml", 112, "exactly one of url and collectionfile"),
        ("gjd2/11_location.xml", 112, "element url is required"),
        ("gjd2/11_location.xml", 112, "url occurs twice"),
        ("gjd3/11_location.xml", 112, "element location is required"),
        ("gjd3/11_location.xml", 112, "location occurs twice"),
    ],
    // In version 3 several conditions on one fact must all hold.
    &[
        ("gjd1/12_cpucount_twice.xml", 112, "cpucount occurs twice"),
        ("gjd2/12_twice.xml", 112, "cpucount occurs twice"),
        ("jsdl/03_structure.xml", 112, "Executable occurs twice"),
        ("qcg/03_twice.sh", 112, "is given in line 2 already"),
    ],
    &[
        ("gjd1/13_local_manager.xml", 112, "unknown local resource manager Slurm; known: fork lsf pbs condor sge ccs"),
        ("gjd2/13_local_manager.xml", 112, "unknown local resource manager Slurm; known: fork lsf pbs condor sge ccs"),
    ],
    &[
        ("gjd1/14_url_scheme.xml", 115, "unknown scheme htp"),
        ("gjd2/14_url.xml", 115, "unknown scheme htp"),
        ("gjd3/14_url_scheme.xml", 115, "unknown scheme htp"),
        ("jsdl/02_nothing_started.xml", 115, "unknown scheme mailto"),
        ("qcg/08_locations.sh", 115, "unknown scheme htp"),
    ],
    &[
        ("gjd1/15_names.xml", 113, "leaves the working directory"),
        ("gjd2/15_names.xml", 113, "leaves the working directory"),
        ("gjd3/15_name.xml", 113, "leaves the working directory"),
        ("jsdl/06_file_systems.xml", 113, "leaves the working directory"),
        ("qcg/07_staging.sh", 113, "leaves the working directory"),
    ],
    &[
        ("gjd1/16_tiles.xml", 113, "sum of tile sizes is 3, count is 4"),
        ("gjd2/16_tiles.xml", 113, "sum of tile sizes is 2, count is 4"),
        ("gjd3/16_tiles.xml", 113, "sum of tile sizes is 3, processesCount is 4"),
    ],
    &[
        ("gjd1/17_exec_duration_missing.xml", 112, "execDuration is required"),
        ("gjd2/17_exec_duration_missing.xml", 112, "execDuration is required"),
        ("gjd3/17_no_duration.xml", 112, "executionDuration is required"),
    ],
    &[
        ("gjd1/18_period_empty.xml", 113, "the period is empty"),
        ("gjd1/18_period_end_past.xml", 113, "the period is empty"),
        ("gjd2/18_period.xml", 113, "the period is empty"),
        ("gjd3/18_period_past.xml", 113, "the period is empty"),
        ("qcg/06_no_time_remains.sh", 113, "no time remains"),
    ],
    &[
        ("gjd1/19_week_day.xml", 112, "write the English day name in full: Monday"),
        ("gjd2/19_week_day.xml", 112, "write the English day name in full: Monday"),
        ("gjd3/19_week_day.xml", 112, "write the English day name in full: Monday"),
    ],
    &[("gjd3/20_inout.xml", 112, "inout does not exist in this dialect; declare in and out")],
    &[
        ("gjd2/21_task_ids.xml", 112, "task id a is used twice"),
        ("gjd3/21_duplicate_task.xml", 112, "task id run is used twice"),
    ],
    &[
        ("gjd2/22_unknown_parent.xml", 117, "task collect waits for unknown task rnu; did you mean run?"),
        ("gjd3/22_unknown_parent.xml", 117, "task collect waits for unknown task rnu; did you mean run?"),
    ],
    &[("gjd2/23_cycles.xml", 116, "cycle: a -> b -> a"), ("gjd3/23_cycle.xml", 116, "cycle: a -> b -> a")],
    &[
        ("gjd3/24_step_zero.xml", 113, "loop temp never ends"),
        ("gjd3/24_step_wrong.xml", 113, "loop temp is empty"),
        ("jsdl/08_sweep.xml", 113, "a step of 0 never reaches the end"),
    ],
    &[
        ("gjd3/25_no_parameter.xml", 117, "no sweep parameter tmp"),
        ("gjd3/25_no_sweep.xml", 117, "no sweep parameter tmp"),
        ("jsdl/08_sweep.xml", 117, "names nothing in this document"),
    ],
    &[
        ("gjd2/26_constraints.xml", 113, "range is empty: min 8 is greater than max 4"),
        ("gjd3/26_range_empty.xml", 113, "range is empty: no number lies between min 8 and max 4"),
        ("jsdl/05_ranges.xml", 113, "the range is empty"),
    ],
    &[("gjd3/27_mixed.xml", 112, "mixed kinds of condition")],
    &[("gjd3/28_template.xml", 117, "no template linux64")],
    &[("gjd3/29_srbid.xml", 114, "location type SRBID is not supported here")],
];

#[test]
fn every_kind_of_fault_is_answered_with_its_code_its_words_and_its_place() {
    let mut wrong = Vec::new();
    for (row, cases) in ROWS.iter().enumerate() {
        for (name, code, words) in *cases {
            let (dialect, file) = name.split_once('/').unwrap();
            let text = std::fs::read_to_string(path(&format!("tests/fixtures/description/{dialect}/invalid/{file}")));
            let text = text.unwrap_or_else(|why| panic!("{name}: {why}"));
            let faults = read(&text, &rules()).expect_err(name);
            let fits = |fault: &&Diagnostic| {
                i64::from(fault.code.number()) == i64::from(*code) && fault.message.contains(words)
            };
            match faults.iter().find(fits) {
                None => wrong.push(format!("{} {name}: {}", row + 1, render(&faults))),
                Some(fault) if !is_placed(&text, fault) => wrong.push(format!("{} {name}: place {fault:?}", row + 1)),
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the thing that a path names stands at the line and column told, or holds it.
fn is_placed(text: &str, fault: &Diagnostic) -> bool {
    let line = text.lines().nth(fault.line as usize - 1).unwrap_or_default();
    let here: String = line.chars().skip(fault.column as usize - 1).collect();
    if fault.path.starts_with("line ") {
        return fault.path.starts_with(&format!("line {}", fault.line)) && !here.is_empty();
    }
    let last = fault.path.rsplit('/').next().unwrap_or_default();
    let last = last.split_once('[').map_or(last, |(name, _)| name);
    let tag = |name: &str| {
        here.starts_with(&format!("<{name}")) || here.split_once(':').is_some_and(|(_, at)| at.starts_with(name))
    };
    match last.strip_prefix('@') {
        Some(attribute) => here.starts_with(attribute),
        // A text stands behind its tag; what is not well-formed stands where reading ended.
        None => tag(last) || !here.starts_with('<') || fault.code.number() == 110,
    }
}

#[test]
fn every_dialect_that_can_say_it_has_its_documents() {
    let used: HashSet<&str> = ROWS.iter().flat_map(|cases| cases.iter().map(|(name, ..)| *name)).collect();
    for (dialect, least) in [("gjd1/", 20), ("gjd2/", 18), ("gjd3/", 25), ("jsdl/", 8), ("qcg/", 5)] {
        let count = used.iter().filter(|name| name.starts_with(dialect)).count();
        assert!(count >= least, "{dialect} {count}");
    }
}

/// A document that no machine fits is nothing wrong with the text: where it does not fit is told of every place.
#[test]
fn what_no_machine_can_do_is_accepted() {
    let least = "9007199254740992";
    let documents = [
        format!(
            "<grmsjob appid=\"x\"><simplejob><resource><memory>{least}</memory></resource><executable type=\"single\">\
             <file name=\"d\" type=\"in\"><url>file:////bin/date</url></file></executable></simplejob></grmsjob>"
        ),
        format!(
            "<grmsjob appid=\"x\"><task taskid=\"t\"><resource><memory>{least}</memory></resource><executable type=\"single\">\
             <execfile name=\"d\"><url>file:////bin/date</url></execfile></executable></task></grmsjob>"
        ),
        format!(
            "<qcgJob appId=\"x\"><task taskId=\"t\"><requirements><resourceRequirements><computingResource>\
             <hostParameter name=\"memory\"><min>{least}</min></hostParameter></computingResource></resourceRequirements>\
             </requirements><execution type=\"single\"><executable><application name=\"a\"/></executable></execution>\
             </task></qcgJob>"
        ),
        format!(
            "<JobDefinition xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\"><JobDescription><Application>\
             <ApplicationName>a</ApplicationName></Application><Resources><IndividualPhysicalMemory>\
             <LowerBoundedRange>{least}</LowerBoundedRange></IndividualPhysicalMemory></Resources></JobDescription>\
             </JobDefinition>"
        ),
        format!("#!/bin/sh\n#QCG memory={least}\ntrue\n"),
    ];
    for text in documents {
        let accepted = read(&text, &rules()).unwrap_or_else(|faults| panic!("{}", render(&faults)));
        assert!(accepted.warnings.is_empty() && accepted.beyond.is_empty(), "{text}");
    }
}

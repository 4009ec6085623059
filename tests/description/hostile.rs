//! Texts that mean harm: they are answered, quickly, and never with a crash.

use super::*;
use grms::job::Code;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Generous for a slow and busy machine; what this guards against takes minutes or for ever.
const BOUND: Duration = Duration::from_secs(5);

fn only_code(text: &str) -> Code {
    let began = Instant::now();
    let faults = read(text, &rules()).expect_err("refused");
    assert!(began.elapsed() < BOUND, "took {:?}", began.elapsed());
    assert_eq!(faults.len(), 1, "{}", render(&faults));
    faults[0].code
}

#[test]
fn deep_documents_do_not_exhaust_the_stack() {
    for depth in [65, 10_000, 200_000] {
        let text = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        let roomy = Rules { max_bytes: 10_000_000, ..rules() };
        let faults = read(&text, &roomy).unwrap_err();
        assert_eq!(faults[0].code, Code::LimitExceeded, "{}", render(&faults));
        assert_eq!((faults[0].line, faults[0].column), (1, 193));
        let unbounded = Rules { max_bytes: 10_000_000, max_depth: usize::MAX, ..rules() };
        assert_eq!(read(&text, &unbounded).unwrap_err()[0].code, Code::DescUnknownDialect);
    }
}

#[test]
fn large_documents_are_refused_unread() {
    assert_eq!(only_code(&" ".repeat(1_000_001)), Code::LimitExceeded);
    assert_eq!(only_code(&"x".repeat(100_000_000)), Code::LimitExceeded);
    assert_eq!(only_code(&format!("#!/bin/sh\n{}", "#QCG name=x\n".repeat(1_000_000))), Code::LimitExceeded);
}

#[test]
fn many_attributes_and_namespaces_cost_nothing() {
    let attributes: String = (0..80_000).map(|n| format!(" a{n}='1'")).collect();
    assert_eq!(only_code(&format!("<grmsjob{attributes}/>")), Code::LimitExceeded);
    let namespaces: String = (0..20_000).map(|n| format!("<x xmlns:p{n}='urn:{n}'/>")).collect();
    assert_eq!(only_code(&format!("<grmsjob>{namespaces}</grmsjob>")), Code::LimitExceeded);
}

#[test]
fn a_document_of_nothing_but_faults_is_answered_with_a_bounded_list() {
    let began = Instant::now();
    let strangers = "<x/>".repeat(240_000);
    let faults = read(&format!("<grmsjob appid='x'><simplejob>{strangers}</simplejob></grmsjob>"), &rules());
    let faults = faults.unwrap_err();
    assert!(began.elapsed() < 4 * BOUND, "took {:?}", began.elapsed());
    assert_eq!(faults.len(), 1000);
    assert!(
        faults[999].message.ends_with("more findings are not listed, correct these first"),
        "{}",
        faults[999].message
    );
    let long = "n".repeat(900_000);
    let faults = read(&format!("<grmsjob appid='x'><simplejob><{long} {long}='1'/></simplejob></grmsjob>"), &rules());
    assert!(render(&faults.unwrap_err()).len() < 2000);
}

#[test]
fn entities_are_neither_expanded_nor_fetched() {
    for name in ["02_entity_bomb", "02_external_entity", "02_doctype"] {
        let file = path(&format!("tests/fixtures/description/gjd1/invalid/{name}.xml"));
        assert_eq!(only_code(&std::fs::read_to_string(file).unwrap()), Code::DescNotWellFormed);
    }
    assert_eq!(only_code("<grmsjob appid='&x;'/>"), Code::DescNotWellFormed);
}

#[test]
fn processing_instructions_have_no_effect() {
    let text = "<?php x?><grmsjob appid='x'><?a?><simplejob><executable type='single'><file name='d' type='in'>\
                <url>file:////bin/<?b?>date</url></file></executable></simplejob></grmsjob><?c?>";
    let spec = read(text, &rules()).unwrap().spec;
    assert!(format!("{:?}", spec.tasks[0].program).contains("\"/bin/date\""));
}

fn seeds() -> Vec<String> {
    let files = kept("valid").into_iter().chain(kept("invalid"));
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_texts_are_answered(text in any::<String>()) {
        let _ = read(&text, &rules());
    }

    #[test]
    fn texts_in_the_alphabet_of_xml_are_answered(text in "[<>/!?\\[\\]\"'&;=a: \\-\u{e9}\n]{0,60}") {
        let _ = read(&text, &rules());
    }

    #[test]
    fn texts_in_the_alphabet_of_directives_are_answered(
        text in "(#QCG (nodes|walltime|procs|memory|variable|stage-in-file|stage-out-dir|host|deadline|name|x)[= :0-9>a-zPTHZ/$\\{\\}é-]{0,20}\r?\n|[#!/a \n]{0,6}){0,6}"
    ) {
        let answer = read(&text, &rules());
        for found in findings(&answer) {
            prop_assert!(text.lines().count() + 1 >= found.line as usize);
        }
    }

    #[test]
    fn damaged_documents_are_answered_in_bounded_time(
        seed in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, ".{0,3}"), 1..6),
    ) {
        let seeds = seeds();
        let mut text: Vec<char> = seed.get(&seeds).chars().collect();
        for (at, length, piece) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            text.splice(at..end, piece.chars());
        }
        let text: String = text.into_iter().collect();
        let began = Instant::now();
        let answer = read(&text, &rules());
        prop_assert!(began.elapsed() < BOUND);
        for found in findings(&answer) {
            prop_assert!(found.line >= 1 && found.column >= 1);
            prop_assert!(found.path.starts_with('/') || found.path.starts_with("line "), "{}", found.path);
            prop_assert!(text.lines().count() + 1 >= found.line as usize);
        }
    }
}

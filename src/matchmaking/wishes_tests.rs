//! The order that preferences make, by tables.

use super::*;
use crate::job::{
    Attribute, Better, Interval, Location, Preference, PreferenceKind, Preferences, Program, RelativeName, Subject,
    TaskId, Url,
};
use std::collections::BTreeMap;

/// A place with free processors, a clock, and memory where that is known.
fn place(name: &str, free: f64, speed: f64, memory: Option<f64>) -> Candidate {
    let mut numbers = BTreeMap::from([(Attribute::FreeCpus, free), (Attribute::CpuSpeed, speed)]);
    numbers.extend(memory.map(|memory| (Attribute::Memory, memory)));
    let facts = Facts { numbers, texts: BTreeMap::from([(Attribute::OsName, name.to_owned())]), ..Facts::default() };
    Candidate {
        cluster: ClusterName::parse(name).unwrap(),
        host: format!("{name}.example.org:2119"),
        kind: "slurm".into(),
        queue: None,
        facts,
        observed: "2026-01-01T00:00:00Z".parse().unwrap(),
        usable: Ok(()),
    }
}

fn wish(attribute: Attribute, better: Better, importance: i32) -> Preference {
    Preference {
        subject: Subject::Fact(attribute),
        better,
        importance,
        desired: None,
        desired_text: None,
        indifference: 0.0,
    }
}

fn answer(kind: PreferenceKind, parameters: Vec<Preference>, candidates: &[Candidate]) -> Answer {
    let url = Url::parse("file:////bin/date").unwrap();
    let program = Program::File { name: RelativeName::parse("date").unwrap(), location: Location::Url(url) };
    let mut task = TaskSpec::new(TaskId::main(), program);
    task.preferences = Some(Preferences { kind, parameters });
    find_matches(&JobId::new(1, "job", 1), &task, candidates, "2026-01-01T00:00:00Z".parse().unwrap())
}

fn order(kind: PreferenceKind, parameters: Vec<Preference>, candidates: &[Candidate]) -> String {
    let answer = answer(kind, parameters, candidates);
    answer.matches.iter().map(|found| candidates[found.index].cluster.as_str()).collect::<Vec<_>>().join(" ")
}

fn places() -> Vec<Candidate> {
    vec![place("a", 10.0, 1000.0, None), place("b", 8.0, 3000.0, Some(64.0)), place("c", 2.0, 2000.0, Some(512.0))]
}

#[test]
fn ranking_weighs_normalised_values() {
    use Better::{Cost, Gain};
    let rank = |parameters| order(PreferenceKind::Ranking, parameters, &places());
    assert_eq!(rank(vec![wish(Attribute::FreeCpus, Cost, 1)]), "c b a");
    assert_eq!(rank(vec![wish(Attribute::CpuSpeed, Gain, 1)]), "b c a");
    // b: 0.75 and 1; a: 1 and 0; c: 0 and 0.5. The units of the values do not count.
    assert_eq!(rank(vec![wish(Attribute::FreeCpus, Gain, 1), wish(Attribute::CpuSpeed, Gain, 1)]), "b a c");
    assert_eq!(rank(vec![wish(Attribute::FreeCpus, Gain, 9), wish(Attribute::CpuSpeed, Gain, 1)]), "a b c");
    // What is not known is worst.
    assert_eq!(rank(vec![wish(Attribute::Memory, Cost, 1)]), "b a c");
}

#[test]
fn priority_asks_the_most_important_first_and_indifference_passes_on() {
    use Better::Gain;
    let first = |parameters| order(PreferenceKind::Priority, parameters, &places());
    assert_eq!(first(vec![wish(Attribute::CpuSpeed, Gain, 1), wish(Attribute::FreeCpus, Gain, 2)]), "a b c");
    let lazy = Preference { indifference: 3.0, ..wish(Attribute::FreeCpus, Gain, 2) };
    assert_eq!(first(vec![wish(Attribute::CpuSpeed, Gain, 1), lazy]), "b a c");
    assert_eq!(first(vec![wish(Attribute::Memory, Gain, 1)]), "c b a");
}

#[test]
fn inside_the_desired_zone_nothing_is_better() {
    let zone = |desired| Preference { desired: Some(desired), ..wish(Attribute::FreeCpus, Better::Gain, 1) };
    let rank = |desired| answer(PreferenceKind::Ranking, vec![zone(desired)], &places());
    let enough = rank(Interval::at_least(8.0));
    assert_eq!(enough.matches.iter().map(|found| found.rank).collect::<Vec<_>>(), [1.0, 1.0, 0.0]);
    let exact = rank(Interval::exactly(2.0));
    assert_eq!(exact.matches.iter().map(|found| found.rank).collect::<Vec<_>>(), [1.0, 0.25, 0.0]);
    assert_eq!(places()[exact.matches[0].index].cluster.as_str(), "c");
}

#[test]
fn texts_are_wanted_or_not_and_notes_explain_the_rank() {
    let text =
        |better, text: &str| Preference { desired_text: Some(text.to_owned()), ..wish(Attribute::OsName, better, 3) };
    assert_eq!(order(PreferenceKind::Ranking, vec![text(Better::Gain, "C")], &places()), "c a b");
    assert_eq!(order(PreferenceKind::Ranking, vec![text(Better::Cost, "a")], &places()), "b c a");
    let notes = answer(PreferenceKind::Ranking, vec![wish(Attribute::FreeCpus, Better::Gain, 3)], &places());
    assert_eq!(notes.matches[1].notes[1], "preference freecpus, importance 3: 8, score 0.75 of 1");
}

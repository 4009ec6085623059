//! The preferences of a task: how far each place is from the best one, and the order that makes.
//!
//! Distances are multiples of the indifference, measured from the best place, so that "counts as equal" is the same question for every pair.

use super::{Candidate, Match};
use crate::job::{Attribute, Better, Interval, Preference, PreferenceKind, Preferences, Subject};

/// Orders matches that are in the broker's own order already, which decides between equals. Every note tells what a place was worth.
pub(super) fn order(wishes: &Preferences, matches: &mut Vec<Match>, candidates: &[Candidate]) {
    let mut parameters: Vec<&Preference> = wishes.parameters.iter().collect();
    if wishes.kind == PreferenceKind::Priority {
        parameters.sort_by_key(|one| std::cmp::Reverse(one.importance));
    }
    let weight = |one: &Preference| f64::from(one.importance.max(0));
    let whole: f64 = parameters.iter().map(|one| weight(one)).sum();
    let columns: Vec<Vec<f64>> = parameters.iter().map(|one| distances(one, matches, candidates)).collect();
    let scores: Vec<Vec<f64>> = columns.iter().map(|column| scores(column)).collect();
    let mut judged: Vec<(Vec<f64>, f64, Match)> = Vec::with_capacity(matches.len());
    for (row, mut found) in std::mem::take(matches).into_iter().enumerate() {
        let far: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        let weighed: f64 = parameters.iter().zip(&scores).map(|(one, column)| weight(one) * column[row]).sum();
        let total = if whole > 0.0 { weighed / whole } else { 0.0 };
        let candidate = &candidates[found.index];
        let notes = parameters.iter().zip(&scores).map(|(one, column)| note(one, candidate, column[row]));
        found.notes.extend(notes);
        found.rank = match wishes.kind {
            PreferenceKind::Ranking => total,
            PreferenceKind::Priority => scores.first().map_or(0.0, |column| column[row]),
        };
        judged.push((far, total, found));
    }
    judged.sort_by(|(near, better, _), (far, worse, _)| match wishes.kind {
        PreferenceKind::Ranking => worse.total_cmp(better),
        PreferenceKind::Priority => {
            let pairs = near.iter().zip(far).map(|(a, b)| a.total_cmp(b));
            pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        }
    });
    matches.extend(judged.into_iter().map(|(_, _, found)| found));
}

/// How far each match is from the best; what is not known is infinitely far.
fn distances(wish: &Preference, matches: &[Match], candidates: &[Candidate]) -> Vec<f64> {
    let of = |found: &Match| &candidates[found.index];
    if let Some(desired) = &wish.desired_text {
        return matches.iter().map(|found| if has_text(wish, of(found), desired) { 0.0 } else { 1.0 }).collect();
    }
    let values: Vec<_> = matches.iter().map(|found| number(wish, of(found))).collect();
    let known = values.iter().copied().flatten();
    let best = match wish.better {
        Better::Gain => known.fold(f64::NEG_INFINITY, f64::max),
        Better::Cost => known.fold(f64::INFINITY, f64::min),
    };
    let far = |value: Option<f64>| {
        let Some(value) = value else { return f64::INFINITY };
        let distance = wish.desired.map_or((value - best).abs(), |zone| outside(&zone, value));
        if wish.indifference > 0.0 { (distance / wish.indifference).floor() * wish.indifference } else { distance }
    };
    values.into_iter().map(far).collect()
}

/// How far a value is from a zone; 0 inside.
fn outside(zone: &Interval, value: f64) -> f64 {
    if zone.contains(value) {
        return 0.0;
    }
    let ends = [zone.least, zone.most].into_iter().flatten().map(|bound| (bound.value - value).abs());
    // On an end that lies outside itself, the least that is not nothing.
    ends.fold(f64::INFINITY, f64::min).max(f64::MIN_POSITIVE)
}

/// Distances as scores: 1 for the best, 0 for the farthest that is known and for what is not known.
fn scores(column: &[f64]) -> Vec<f64> {
    let farthest = column.iter().copied().filter(|far| far.is_finite()).fold(0.0, f64::max);
    let score = |far: f64| match far {
        far if !far.is_finite() => 0.0,
        _ if farthest == 0.0 => 1.0,
        far => 1.0 - far / farthest,
    };
    column.iter().map(|far| score(*far)).collect()
}

fn number(wish: &Preference, candidate: &Candidate) -> Option<f64> {
    match &wish.subject {
        Subject::Fact(attribute) => candidate.number(*attribute).filter(|value| value.is_finite()),
        // Nothing measures the network, and no site publishes parameters of its own.
        Subject::Network(..) | Subject::Other(_) => None,
    }
}

fn has_text(wish: &Preference, candidate: &Candidate, desired: &str) -> bool {
    let Subject::Fact(attribute) = &wish.subject else { return false };
    let offered = candidate.text(*attribute).map(str::trim);
    let host = *attribute == Attribute::HostName && candidate.host_name().eq_ignore_ascii_case(desired.trim());
    let same = host || offered.is_some_and(|offered| offered.eq_ignore_ascii_case(desired.trim()));
    same == (wish.better == Better::Gain)
}

fn note(wish: &Preference, candidate: &Candidate, score: f64) -> String {
    let (name, seen) = match &wish.subject {
        Subject::Fact(attribute) => {
            let text = candidate.text(*attribute).map(str::to_owned);
            (attribute.as_str(), text.or_else(|| candidate.number(*attribute).map(|number| number.to_string())))
        }
        Subject::Network(measure, _) => (
            match measure {
                crate::job::NetworkMeasure::Bandwidth => "bandwidth",
                crate::job::NetworkMeasure::Latency => "latency",
                crate::job::NetworkMeasure::Capacity => "capacity",
            },
            None,
        ),
        Subject::Other(name) => (name.as_str(), None),
    };
    let seen = seen.unwrap_or_else(|| "not known".to_owned());
    format!("preference {name}, importance {}: {seen}, score {score:.2} of 1", wish.importance)
}

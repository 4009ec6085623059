//! `RangeValue`: a set of numbers, the union of all its parts, and the one number that is asked for because of it.

use super::Jsdl;
use super::names::{self, Family};
use crate::description::findings::At;
use crate::description::view;
use crate::job::{Bound, Interval};
use crate::xml::lexical;
use roxmltree::Node;

/// A set of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Range(pub(super) Vec<Interval>);

/// What a request makes of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Choice {
    /// The smallest of a set that is bounded below.
    Least(f64),
    /// The upper bound of another one.
    Most(f64),
    /// The set has no bounds.
    Anything,
}

impl Jsdl<'_, '_, '_> {
    /// The range of a child of `Resources`, its numbers multiplied by `factor`.
    pub(super) fn range<'a, 'i>(
        &mut self,
        parent: Node<'a, 'i>,
        name: &'static str,
        factor: f64,
    ) -> Option<(Node<'a, 'i>, Range)> {
        let node = names::child(parent, Family::Jsdl, name)?;
        self.read_range(node).map(|range| (node, range.times(factor)))
    }

    fn read_range(&mut self, node: Node<'_, '_>) -> Option<Range> {
        let mut parts = Vec::new();
        let mut whole = true;
        for part in view::elements(node).filter(|part| !names::is_nil(*part)) {
            let name = part.tag_name().name();
            let interval = match name {
                "Exact" => self.exact(part),
                "LowerBoundedRange" => self.bound(part).map(|least| Interval { least: Some(least), most: None }),
                "UpperBoundedRange" => self.bound(part).map(|most| Interval { least: None, most: Some(most) }),
                "Range" => {
                    let mut end = |name| names::child(part, Family::Jsdl, name).and_then(|end| self.bound(end));
                    let (least, most) = (end("LowerBound"), end("UpperBound"));
                    least.zip(most).map(|(least, most)| Interval { least: Some(least), most: Some(most) })
                }
                _ => continue,
            };
            if interval.is_some_and(|interval| interval.is_empty()) {
                let say = "the range is empty; its lower bound must lie below its upper bound";
                self.inconsistent(At::Element(part), say);
                whole = false;
            }
            whole &= interval.is_some();
            parts.extend(interval);
        }
        if parts.is_empty() && whole {
            let name = node.tag_name().name();
            let say = format!("{name} says nothing; write an Exact value or a range, or leave it out");
            self.inconsistent(At::Element(node), say);
            return None;
        }
        whole.then_some(Range(parts))
    }

    fn finite(&mut self, node: Node<'_, '_>) -> Option<f64> {
        let value = lexical::double(&view::text(node))?;
        if !value.is_finite() {
            let say = format!("{} must be a finite number", node.tag_name().name());
            self.inconsistent(At::Text(node), say);
        }
        value.is_finite().then_some(value)
    }

    fn bound(&mut self, node: Node<'_, '_>) -> Option<Bound> {
        Some(Bound { value: self.finite(node)?, exclusive: names::flag(node, "exclusiveBound") })
    }

    fn exact(&mut self, node: Node<'_, '_>) -> Option<Interval> {
        let value = self.finite(node)?;
        let Some(epsilon) = node.attribute("epsilon") else { return Some(Interval::exactly(value)) };
        let epsilon = lexical::double(epsilon)?;
        if !epsilon.is_finite() || epsilon < 0.0 {
            self.inconsistent(At::Attribute(node, "epsilon"), "epsilon must be a number of at least 0");
            return None;
        }
        let bound = |value| Some(Bound { value, exclusive: false });
        Some(Interval { least: bound(value - epsilon), most: bound(value + epsilon) })
    }
}

impl Range {
    /// Whether a number is in the set.
    #[cfg(test)]
    fn contains(&self, number: f64) -> bool {
        self.0.iter().any(|part| part.contains(number))
    }

    fn times(mut self, factor: f64) -> Self {
        let scale = |bound: Option<Bound>| bound.map(|bound| Bound { value: bound.value * factor, ..bound });
        for part in &mut self.0 {
            *part = Interval { least: scale(part.least), most: scale(part.most) };
        }
        self
    }

    /// Whether it says no more than one number, or from which number on.
    pub(super) fn is_plain(&self) -> bool {
        match self.0.as_slice() {
            [one] => one.least.is_some_and(|least| !least.exclusive && (one.most.is_none() || one.most == one.least)),
            _ => false,
        }
    }

    /// The number to ask for, a whole one of at least `floor`; nothing when the set holds none.
    pub(super) fn choose(&self, floor: f64) -> Option<Choice> {
        let upper = || self.0.iter().map(|part| part.most).collect::<Option<Vec<_>>>();
        if self.0.iter().all(|part| part.least.is_some()) {
            let least = self.0.iter().filter_map(|part| smallest(part, floor)).min_by(f64::total_cmp);
            return least.map(Choice::Least);
        }
        let Some(upper) = upper() else { return Some(Choice::Anything) };
        let greatest = upper.into_iter().map(whole_below).max_by(f64::total_cmp)?;
        (greatest >= floor).then_some(Choice::Most(greatest))
    }

    /// The longest of a set of times, or the shortest of one without an upper bound, in whole seconds.
    pub(super) fn time(&self) -> Option<Choice> {
        match self.0.iter().map(|part| part.most).collect::<Option<Vec<_>>>() {
            Some(upper) => {
                let most = upper.into_iter().map(whole_below).max_by(f64::total_cmp)?;
                (most >= 1.0).then_some(Choice::Most(most))
            }
            None => self.choose(1.0),
        }
    }
}

/// The smallest whole number of a part.
fn smallest(part: &Interval, floor: f64) -> Option<f64> {
    let least = part.least?;
    let mut number = least.value.ceil();
    if least.exclusive && number <= least.value {
        number += 1.0;
    }
    let number = number.max(floor);
    part.contains(number).then_some(number)
}

fn whole_below(bound: Bound) -> f64 {
    let number = bound.value.floor();
    if bound.exclusive && number >= bound.value { number - 1.0 } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(value: f64, exclusive: bool) -> Option<Bound> {
        Some(Bound { value, exclusive })
    }

    fn lower(value: f64, exclusive: bool) -> Interval {
        Interval { least: bound(value, exclusive), most: None }
    }

    fn upper(value: f64, exclusive: bool) -> Interval {
        Interval { least: None, most: bound(value, exclusive) }
    }

    fn near(value: f64, epsilon: f64) -> Interval {
        Interval { least: bound(value - epsilon, false), most: bound(value + epsilon, false) }
    }

    #[test]
    fn a_set_is_the_union_of_its_parts() {
        let between = |a, a_open, b, b_open| Interval { least: bound(a, a_open), most: bound(b, b_open) };
        let rows: [(Vec<Interval>, &[f64], &[f64]); 6] = [
            (vec![lower(0.0, true)], &[0.1, 100.0], &[0.0, -1.0]),
            (vec![upper(10.0, false)], &[10.0, 9.0], &[11.0]),
            (vec![lower(0.0, true), upper(10.0, false)], &[-5.0, 0.0, 5.0, 11.0], &[]),
            (vec![near(5.0, 0.0), near(10.0, 2.0)], &[5.0, 8.0, 12.0], &[5.1, 4.9, 7.9]),
            (vec![between(5.0, true, 10.0, false), between(0.0, false, 3.0, true)], &[6.0, 2.3, 0.0], &[12.0, 4.0]),
            (
                vec![
                    lower(100.0, false),
                    near(5.0, 0.0),
                    near(6.7777, 1e-5),
                    near(7.0, 0.0),
                    between(50.3, false, 99.5, true),
                ],
                &[5.0, 6.7777, 55.0, 98.0, 100.0],
                &[99.5, 99.9],
            ),
        ];
        for (parts, inside, outside) in rows {
            let range = Range(parts);
            for number in inside {
                assert!(range.contains(*number), "{number} in {range:?}");
            }
            for number in outside {
                assert!(!range.contains(*number), "{number} not in {range:?}");
            }
        }
    }

    #[test]
    fn a_request_asks_for_the_smallest_number_or_for_the_upper_bound() {
        let choose = |parts: &[Interval]| Range(parts.to_vec()).choose(1.0);
        assert_eq!(choose(&[lower(4.0, false)]), Some(Choice::Least(4.0)));
        assert_eq!(choose(&[lower(4.0, true)]), Some(Choice::Least(5.0)));
        assert_eq!(choose(&[lower(4.2, true), near(2.0, 0.0)]), Some(Choice::Least(2.0)));
        assert_eq!(choose(&[near(4.5, 0.2)]), None, "no whole number");
        assert_eq!(choose(&[lower(-3.0, false)]), Some(Choice::Least(1.0)));
        assert_eq!(choose(&[upper(10.0, true)]), Some(Choice::Most(9.0)));
        assert_eq!(choose(&[upper(0.0, false)]), None);
        assert_eq!(choose(&[lower(0.0, true), upper(10.0, false)]), Some(Choice::Anything));
        let time = |parts: &[Interval]| Range(parts.to_vec()).time();
        assert_eq!(time(&[near(90.0, 30.0)]), Some(Choice::Most(120.0)));
        assert_eq!(time(&[lower(60.0, false)]), Some(Choice::Least(60.0)));
    }
}

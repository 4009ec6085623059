//! The iterations of a sweep: how many there are, and the values of one of them, without making the others.

use super::{Axis, Parameter, Product, Sweep, Values};

/// By which part of a step two numbers of a loop may differ and still be the same.
const TOLERANCE: f64 = 1e-6;

impl Sweep {
    /// The number of iterations; the greatest number there is when they cannot be counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.products.iter().fold(0, |sum, product| sum.saturating_add(product.count()))
    }

    /// The names and values of one iteration, numbered from 0. Nothing beyond the last one.
    #[must_use]
    pub fn iteration(&self, mut number: u64) -> Option<Vec<(&str, String)>> {
        for product in &self.products {
            let count = product.count();
            if number < count {
                return product.iteration(number);
            }
            number -= count;
        }
        None
    }

    /// Whether another sweep has the same iterations: the same names with the same values under the same numbers.
    #[must_use]
    pub fn has_iterations_of(&self, other: &Self) -> bool {
        let count = self.count();
        // Written differently, they may still be the same; that is only looked into where it is cheap.
        self == other
            || (count == other.count()
                && count <= 100_000
                && (0..count).all(|number| self.iteration(number) == other.iteration(number)))
    }
}

impl Product {
    /// The number of combinations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.axes.iter().fold(1, |count, axis| count.saturating_mul(axis.count()))
    }

    fn iteration(&self, mut number: u64) -> Option<Vec<(&str, String)>> {
        let mut steps = Vec::with_capacity(self.axes.len());
        // The last axis changes fastest, so its step is the first remainder.
        for axis in self.axes.iter().rev() {
            let count = axis.count();
            steps.push(number.checked_rem(count)?);
            number = number.checked_div(count)?;
        }
        let mut values = Vec::with_capacity(self.axes.len());
        for (axis, step) in self.axes.iter().zip(steps.into_iter().rev()) {
            for Parameter { name, values: list } in &axis.parameters {
                values.push((name.as_str(), list.value(step)?));
            }
        }
        Some(values)
    }
}

impl Axis {
    /// The number of steps; the fewest of any parameter.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.parameters.iter().map(|parameter| parameter.values.count()).min().unwrap_or(0)
    }
}

impl Values {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Set(items) => items.len() as u64,
            Self::Loop { start, end, step, except, .. } => {
                steps(*start, *end, *step).saturating_sub(left_out(*start, *end, *step, except).len() as u64)
            }
        }
    }

    /// One of them, numbered from 0, as it is put into texts.
    #[must_use]
    pub fn value(&self, number: u64) -> Option<String> {
        match self {
            Self::Set(items) => items.get(usize::try_from(number).ok()?).cloned(),
            Self::Loop { start, end, step, decimals, except } => {
                let mut number = number;
                for left_out in left_out(*start, *end, *step, except) {
                    if left_out <= number {
                        number = number.checked_add(1)?;
                    }
                }
                (number < steps(*start, *end, *step)).then(|| print(*start, *step, number, *decimals))
            }
        }
    }
}

/// How many steps a loop has, those left out included. The end is included; a little beyond it still counts as the end.
fn steps(start: f64, end: f64, step: f64) -> u64 {
    let last = ((end - start) / step + TOLERANCE).floor();
    // Casting saturates, and a loop without an end has no last step.
    if last.is_nan() || last < 0.0 { 0 } else { (last as u64).saturating_add(1) }
}

/// The numbers of the steps that are left out, ascending, each once.
fn left_out(start: f64, end: f64, step: f64, except: &[f64]) -> Vec<u64> {
    let count = steps(start, end, step);
    let step_of = |value: &f64| {
        let exact = (value - start) / step;
        let near = exact.round();
        ((exact - near).abs() <= TOLERANCE && near >= 0.0).then_some(near as u64).filter(|near| *near < count)
    };
    let mut numbers: Vec<_> = except.iter().filter_map(step_of).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// One value: with so many digits behind the point, or with as few as the start and the step have, without an exponent.
fn print(start: f64, step: f64, number: u64, decimals: Option<u32>) -> String {
    let value = start + number as f64 * step;
    let text = match decimals {
        Some(decimals) => format!("{value:.*}", decimals as usize),
        None => {
            let text = format!("{value:.*}", places(start).max(places(step)));
            if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
        }
    };
    let is_zero = text.bytes().all(|byte| b"-0.".contains(&byte));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// Digits behind the point in the shortest text of a number.
fn places(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, digits)| digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steps_of(start: f64, end: f64, step: f64, decimals: Option<u32>, except: &[f64]) -> Values {
        Values::Loop { start, end, step, decimals, except: except.to_vec() }
    }

    fn all(values: &Values) -> Vec<String> {
        (0..values.count()).map(|number| values.value(number).unwrap()).collect()
    }

    fn axis(name: &str, values: Values) -> Axis {
        Axis { parameters: vec![Parameter { name: name.to_owned(), values }] }
    }

    #[test]
    fn loops_include_both_ends_and_never_accumulate() {
        for (values, expected) in [
            (steps_of(1.0, 4.0, 1.0, Some(0), &[3.0]), "1 2 4"),
            (steps_of(0.0, 1.0, 0.1, None, &[]), "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"),
            (steps_of(3.0, 1.0, -1.0, None, &[]), "3 2 1"),
            (steps_of(1.0, 2.0, 0.4, Some(2), &[]), "1.00 1.40 1.80"),
            (steps_of(-0.1, 0.1, 0.1, Some(1), &[]), "-0.1 0.0 0.1"),
            (steps_of(5.0, 5.0, 7.0, None, &[]), "5"),
            (steps_of(1.0, 4.0, 1.0, None, &[1.0, 4.0, 4.0, 9.0, 2.5]), "2 3"),
            (
                steps_of(0.0, 3e20, 1e20, None, &[]),
                "0 100000000000000000000 200000000000000000000 300000000000000000000",
            ),
        ] {
            assert_eq!(all(&values).join(" "), expected);
            assert_eq!(values.value(values.count()), None);
        }
        assert_eq!(steps_of(1.0, 0.0, 1.0, None, &[]).count(), 0);
    }

    #[test]
    fn the_last_parameter_changes_fastest_and_products_follow_each_other() {
        let set = |items: &[&str]| Values::Set(items.iter().map(|item| (*item).to_owned()).collect());
        let first = Product { axes: vec![axis("a", steps_of(1.0, 2.0, 1.0, None, &[])), axis("b", set(&["x", "y"]))] };
        let together = Axis {
            parameters: vec![
                Parameter { name: "a".into(), values: set(&["8", "9"]) },
                Parameter { name: "b".into(), values: set(&["p", "q"]) },
            ],
        };
        let sweep = Sweep { products: vec![first, Product { axes: vec![together] }] };
        let told: Vec<_> = (0..sweep.count())
            .map(|number| {
                sweep.iteration(number).unwrap().into_iter().map(|(n, v)| format!("{n}{v}")).collect::<String>()
            })
            .collect();
        assert_eq!(told, ["a1bx", "a1by", "a2bx", "a2by", "a8bp", "a9bq"]);
        assert_eq!(sweep.iteration(6), None);
        assert!(sweep.has_iterations_of(&sweep.clone()));
    }

    #[test]
    fn what_cannot_be_counted_is_the_greatest_number_and_any_member_costs_the_same() {
        let long = || steps_of(0.0, 1e9, 1.0, None, &[]);
        let sweep = Sweep { products: vec![Product { axes: vec![axis("a", long()), axis("b", long())] }] };
        assert_eq!(sweep.count(), 1_000_000_002_000_000_001);
        assert_eq!(
            sweep.iteration(sweep.count() - 1).unwrap(),
            [("a", "1000000000".into()), ("b", "1000000000".into())]
        );
        let endless =
            Sweep { products: vec![Product { axes: vec![axis("a", long()), axis("b", long()), axis("c", long())] }] };
        assert_eq!(endless.count(), u64::MAX);
    }

    proptest! {
        #[test]
        fn every_value_lies_on_a_step_and_none_is_left_out_by_mistake(
            start in -1000_i32..1000, length in 0_u32..60, step in 1_u32..50, down: bool, tenths in 1_u32..4,
            except in proptest::collection::vec(0_u32..80, 0..6),
        ) {
            let unit = 10_f64.powi(-(tenths as i32));
            let step = f64::from(step) * unit * if down { -1.0 } else { 1.0 };
            let start = f64::from(start) * unit;
            let end = start + f64::from(length) * step;
            let except: Vec<_> = except.iter().map(|number| start + f64::from(*number) * step).collect();
            let values = Values::Loop { start, end, step, decimals: None, except: except.clone() };
            let wanted: Vec<f64> = (0..=length).map(|number| start + f64::from(number) * step)
                .filter(|value| !except.iter().any(|out| (out - value).abs() < step.abs() / 1e3)).collect();
            prop_assert_eq!(values.count(), wanted.len() as u64);
            for (text, value) in all(&values).iter().zip(wanted) {
                prop_assert!((text.parse::<f64>().unwrap() - value).abs() <= step.abs() / 1e6, "{} {}", text, value);
                prop_assert!(!text.contains('e'));
            }
        }

        #[test]
        fn iterations_are_all_different_and_as_many_as_are_counted(
            sizes in proptest::collection::vec(1_usize..5, 1..4),
        ) {
            let items = |size: usize| Values::Set((0..size).map(|item| item.to_string()).collect());
            let axes = sizes.iter().enumerate().map(|(number, size)| axis(&format!("p{number}"), items(*size))).collect();
            let sweep = Sweep { products: vec![Product { axes }] };
            let all: std::collections::HashSet<_> = (0..sweep.count()).map(|number| sweep.iteration(number).unwrap()).collect();
            prop_assert_eq!(all.len(), sizes.iter().product::<usize>());
        }
    }
}

//! The values of an assignment: loops over numbers, or a list.

use super::names::{self, Family};
use crate::description::findings::At;
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::Values;
use crate::xml::lexical;
use roxmltree::Node;

/// Numbers are kept as floating point, which is exact up to here.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// The values of an assignment; nothing when a fault was told.
pub(super) fn read(assignment: Node<'_, '_>, reader: &mut Reader<'_>) -> Option<Values> {
    if let Some(values) = names::child(assignment, Family::Functions, "Values") {
        let texts = names::named(values, Family::Functions, "Value").map(|value| view::text(value).into_owned());
        return Some(Values::Set(texts.collect()));
    }
    let whole = names::child(assignment, Family::Functions, "LoopInteger");
    let node = whole.or_else(|| names::child(assignment, Family::Functions, "LoopDouble"))?;
    let mut number = |node, name| number(node, name, reader);
    let (start, end) = (number(node, "start"), number(node, "end"));
    let step = if node.has_attribute("step") { number(node, "step") } else { Some(1.0) };
    let except: Vec<_> = names::named(node, Family::Functions, "Exception").map(|node| number(node, "value")).collect();
    let (start, end, step) = (start?, end?, step?);
    let except = except.into_iter().collect::<Option<Vec<_>>>()?;
    if step == 0.0 {
        reader.inconsistent(At::Attribute(node, "step"), "a step of 0 never reaches the end; write another one");
        return None;
    }
    let values = Values::Loop { start, end, step, decimals: whole.is_some().then_some(0), except };
    if count(&values) == 0 {
        let say = "the loop has no value; its end lies before its start, or everything is excepted";
        reader.inconsistent(At::Element(node), say);
        return None;
    }
    Some(values)
}

fn number(node: Node<'_, '_>, name: &'static str, reader: &mut Reader<'_>) -> Option<f64> {
    let value = lexical::double(node.attribute(name)?)?;
    let good = value.is_finite() && value.abs() < GREATEST;
    if !good {
        reader.inconsistent(At::Attribute(node, name), format!("{name} must be a number that can be counted with"));
    }
    good.then_some(value)
}

/// How many values there are. Costs nothing for long loops.
pub(super) fn count(values: &Values) -> u64 {
    match values {
        Values::Set(texts) => texts.len() as u64,
        Values::Loop { start, end, step, except, .. } => {
            let steps = ((end - start) / step + 1e-6).floor();
            if steps < 0.0 {
                return 0;
            }
            let mut left_out: Vec<u64> = except
                .iter()
                .map(|value| (value - start) / step)
                .filter(|at| *at > -0.5 && (at - at.round()).abs() < 1e-6 && at.round() <= steps)
                .map(|at| at.round() as u64)
                .collect();
            left_out.sort_unstable();
            left_out.dedup();
            (steps as u64 + 1).saturating_sub(left_out.len() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_counted_without_being_run() {
        let values = |start, end, step, except: &[f64]| {
            count(&Values::Loop { start, end, step, decimals: None, except: except.to_vec() })
        };
        assert_eq!(values(1.0, 100_000.0, 1.0, &[]), 100_000);
        assert_eq!(values(0.0, 1.0, 0.1, &[]), 11, "both ends are included");
        assert_eq!(values(5.0, 1.0, -2.0, &[3.0]), 2);
        assert_eq!(values(1.0, 3.0, 1.0, &[2.0, 2.0, 2.5, 9.0, -4.0]), 2);
        assert_eq!(values(2.0, 1.0, 1.0, &[]), 0);
        assert_eq!(values(0.0, 9e15, 1.0, &[]), 9_000_000_000_000_001);
    }
}

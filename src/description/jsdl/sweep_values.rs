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
    if values.count() == 0 {
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

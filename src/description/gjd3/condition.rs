//! Conditions on facts: values, ranges, bounds and texts.

use crate::description::findings::At;
use crate::description::reader::{Reader, flag};
use crate::description::view;
use crate::job::{Bound, Condition, Interval};
use crate::xml::lexical;
use roxmltree::Node;

/// By which power of ten numbers are multiplied to come into the unit of the model.
pub(super) type Shift = i32;

/// The condition inside a parameter; nothing when it is at fault.
pub(super) fn condition(reader: &mut Reader<'_>, node: Node<'_, '_>, shift: Shift) -> Option<Condition> {
    let (mut texts, mut numbers) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut whole = true;
    for child in view::elements(node) {
        let excluded = usize::from(flag(child, "exclude"));
        if view::is(child, "stringValue") {
            match string(reader, child) {
                Some(text) => texts[excluded].push(text),
                None => whole = false,
            }
            continue;
        }
        if view::is(child, "value") && child.has_attribute("indiffThreshold") {
            let say = "indiffThreshold has an effect in preferences only; a hard condition knows no indifference";
            let at = At::Attribute(child, "indiffThreshold");
            reader.findings.warning(crate::job::Code::DescInconsistent, at, say);
        }
        match interval(reader, child, shift) {
            Some(interval) => numbers[excluded].push(interval),
            None => whole = false,
        }
    }
    let [any, none] = texts;
    let [inside, outside] = numbers;
    if !whole {
        None
    } else if !(any.is_empty() && none.is_empty()) {
        Some(Condition::Text { any, none })
    } else if inside.is_empty() && outside.is_empty() {
        None
    } else {
        Some(Condition::Number { any: inside, none: outside })
    }
}

/// The text of a `stringValue` outside `application`.
fn string(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<String> {
    if let Some(property) = view::child(node, "property") {
        let say = "property refines an application only; leave it out here";
        reader.findings.error(crate::job::Code::DescUnsupported, At::Element(property), say);
        return None;
    }
    let Some(text) = node.attribute("value") else {
        reader.inconsistent(At::Element(node), "stringValue needs a value here: <stringValue value=\"Linux\"/>");
        return None;
    };
    reader.word(text, "value", At::Attribute(node, "value"))
}

/// `value`, `range`, `min` or `max`.
pub(super) fn interval(reader: &mut Reader<'_>, node: Node<'_, '_>, shift: Shift) -> Option<Interval> {
    let name = node.tag_name().name();
    let interval = match name {
        "value" => Interval::exactly(finite(reader, node, shift)?),
        "min" => Interval { least: bound(reader, node, shift)?, most: None },
        "max" => Interval { least: None, most: bound(reader, node, shift)? },
        "range" => {
            let least = view::child(node, "min").map(|min| bound(reader, min, shift));
            let most = view::child(node, "max").map(|max| bound(reader, max, shift));
            Interval { least: least??, most: most?? }
        }
        _ => return None,
    };
    if interval.is_empty() {
        let ends = [interval.least, interval.most].map(|end| end.map_or(0.0, |bound| bound.value));
        let say = format!("range is empty: no number lies between min {} and max {}", ends[0], ends[1]);
        reader.inconsistent(At::Element(node), say);
        return None;
    }
    Some(interval)
}

/// One end of an interval; inside a range an infinite one is open.
fn bound(reader: &mut Reader<'_>, node: Node<'_, '_>, shift: Shift) -> Option<Option<Bound>> {
    let open = if view::is(node, "min") { f64::NEG_INFINITY } else { f64::INFINITY };
    if lexical::double(&view::text(node)) == Some(open) && node.parent().is_some_and(|parent| view::is(parent, "range"))
    {
        return Some(None);
    }
    let value = finite(reader, node, shift)?;
    Some(Some(Bound { value, exclusive: flag(node, "exclusiveBound") }))
}

/// A number that is one.
fn finite(reader: &mut Reader<'_>, node: Node<'_, '_>, shift: Shift) -> Option<f64> {
    let value = shifted(&view::text(node), shift)?;
    if !value.is_finite() {
        let say = format!("{} must be a finite number", node.tag_name().name());
        reader.inconsistent(At::Text(node), say);
        return None;
    }
    Some(value)
}

/// A number times a power of ten, rounded once: the exponent is changed in the digits.
pub(super) fn shifted(text: &str, shift: Shift) -> Option<f64> {
    let text = lexical::trim(text);
    let value = lexical::double(text)?;
    if shift == 0 || !value.is_finite() {
        return Some(value);
    }
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = exponent.parse::<i32>().ok().and_then(|exponent| exponent.checked_add(shift));
    match exponent {
        Some(exponent) => format!("{digits}e{exponent}").parse().ok(),
        None => Some(value),
    }
}

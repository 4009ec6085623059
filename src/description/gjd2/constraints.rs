//! `candidateHosts` and `hardConstraints`.

use crate::description::findings::At;
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::{Attribute, Bound, Clause, Condition, Interval, NetworkClause, NetworkMeasure, ResourceRequest};
use crate::xml::lexical;
use roxmltree::Node;

/// One of these hosts.
pub(super) fn hosts(reader: &mut Reader<'_>, node: Node<'_, '_>, request: &mut ResourceRequest) {
    let names = view::named(node, "hostName")
        .filter_map(|name| reader.word(&view::text(name), "hostName", At::Text(name)))
        .collect::<Vec<_>>();
    if !names.is_empty() {
        request.clauses.push(Clause { attribute: Attribute::HostName, condition: Condition::one_of(names) });
    }
}

/// Every parameter must hold; inside one, the values and ranges are alternatives.
pub(super) fn hard(reader: &mut Reader<'_>, node: Node<'_, '_>, request: &mut ResourceRequest) {
    for parameter in view::named(node, "parameter") {
        let any: Vec<_> = view::elements(parameter).filter_map(|one| interval(reader, one)).collect();
        if any.is_empty() {
            continue;
        }
        let condition = Condition::Number { any, none: Vec::new() };
        let attribute = match parameter.attribute("name").map(lexical::trim) {
            Some("cpuspeed") => Attribute::CpuSpeed,
            Some("cpucount") => Attribute::CpuCount,
            Some("memory") => Attribute::Memory,
            Some("diskspace") => Attribute::DiskSpace,
            Some("bandwidth") => {
                request.network.push(NetworkClause { measure: NetworkMeasure::Bandwidth, condition, host: None });
                continue;
            }
            _ => continue,
        };
        request.clauses.push(Clause { attribute, condition });
    }
}

fn interval(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Interval> {
    if view::is(node, "value") {
        return Some(Interval::exactly(number(reader, node)?));
    }
    if !view::is(node, "range") {
        return None;
    }
    let mut bound = |name| match view::child(node, name) {
        Some(child) => number(reader, child).map(|value| Some(Bound { value, exclusive: false })),
        None => Some(None),
    };
    let (least, most) = (bound("min"), bound("max"));
    let interval = Interval { least: least?, most: most? };
    if let (Some(least), Some(most)) = (interval.least, interval.most)
        && interval.is_empty()
    {
        let say = format!("the range is empty: min {} is greater than max {}; exchange them", least.value, most.value);
        reader.inconsistent(At::Element(node), say);
        return None;
    }
    if interval.least.is_none() && interval.most.is_none() {
        reader.inconsistent(At::Element(node), "the range has neither min nor max; give one of them, or leave it out");
        return None;
    }
    Some(interval)
}

fn number(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<f64> {
    let value = lexical::double(&view::text(node))?;
    let good = value.is_finite() && value >= 0.0;
    if !good {
        let name = node.tag_name().name();
        reader.inconsistent(At::Text(node), format!("{name} must be a number of at least 0"));
    }
    good.then_some(value)
}

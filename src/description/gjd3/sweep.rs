//! `parametersSweep`: parameters with loops or lists, nested or side by side, as one product in which the last changes fastest.

use crate::description::findings::{At, short};
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::{Axis, Parameter, Product, Sweep, Values};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::HashSet;

/// The names of the parameters, and the sweep unless a part of it is at fault.
pub(super) fn decode(reader: &mut Reader<'_>, node: Node<'_, '_>) -> (Vec<String>, Option<Sweep>) {
    let say =
        "a parameter sweep is understood, but not carried out by this broker; submit one job for each combination";
    reader.findings.beyond(At::Element(node), say);
    let mut names = Vec::new();
    let mut whole = true;
    let mut products = Vec::new();
    let plain: Vec<_> = view::named(node, "parameter").collect();
    if !plain.is_empty() {
        products.extend(product(reader, &plain, &mut names, &mut whole));
    }
    for (index, node) in view::named(node, "product").enumerate() {
        let mut own = Vec::new();
        let axes =
            view::named(node, "axis").filter_map(|axis| self::axis(reader, axis, &mut own, &mut whole)).collect();
        products.push(Product { axes });
        if index == 0 {
            names = own;
        } else if names.iter().collect::<HashSet<_>>() != own.iter().collect() {
            reader.inconsistent(At::Element(node), "every product must give values to the same parameters");
        }
    }
    let good = whole && products.iter().all(|product| !product.axes.is_empty()) && !products.is_empty();
    (names, good.then_some(Sweep { products }))
}

/// Parameters side by side, each followed by those nested in it.
fn product(
    reader: &mut Reader<'_>,
    nodes: &[Node<'_, '_>],
    names: &mut Vec<String>,
    whole: &mut bool,
) -> Option<Product> {
    let mut axes = Vec::new();
    let mut seen = HashSet::new();
    // A stack instead of recursion: the order of the document is kept by pushing children in reverse.
    let mut open: Vec<_> = nodes.iter().rev().copied().collect();
    while let Some(node) = open.pop() {
        match parameter(reader, node, &mut seen) {
            Some(parameter) => axes.push(Axis { parameters: vec![parameter] }),
            None => *whole = false,
        }
        let inner: Vec<_> = view::named(node, "parameter").collect();
        open.extend(inner.into_iter().rev());
    }
    names.extend(seen);
    (!axes.is_empty()).then_some(Product { axes })
}

fn axis(reader: &mut Reader<'_>, node: Node<'_, '_>, names: &mut Vec<String>, whole: &mut bool) -> Option<Axis> {
    let mut seen: HashSet<String> = names.iter().cloned().collect();
    let mut parameters = Vec::new();
    for child in view::named(node, "parameter") {
        match parameter(reader, child, &mut seen) {
            Some(parameter) => parameters.push(parameter),
            None => *whole = false,
        }
        if let Some(nested) = view::child(child, "parameter") {
            reader.inconsistent(At::Element(nested), "parameters of an axis advance together; none is nested in them");
            *whole = false;
        }
    }
    *names = seen.into_iter().collect();
    let lengths: HashSet<_> = parameters.iter().map(|parameter| parameter.values.count()).collect();
    if lengths.len() > 1 {
        reader.inconsistent(At::Element(node), "the parameters of an axis must have the same number of values");
        *whole = false;
    }
    (!parameters.is_empty()).then_some(Axis { parameters })
}

fn parameter(reader: &mut Reader<'_>, node: Node<'_, '_>, seen: &mut HashSet<String>) -> Option<Parameter> {
    let label = view::child(node, "name")?;
    let name = reader.word(&view::text(label), "name", At::Element(label));
    if let Some(name) = &name {
        if name.contains(['$', '{', '}']) || name.contains(char::is_whitespace) {
            let say = format!("`{}` is no name of a parameter; use no blanks, $ and braces", short(name));
            reader.inconsistent(At::Text(label), say);
        } else if !seen.insert(name.clone()) {
            let say = format!("sweep parameter {} is used twice; give one of them another name", short(name));
            reader.inconsistent(At::Text(label), say);
        }
    }
    let value = view::child(node, "value")?;
    let values = match (view::child(value, "loop"), view::child(value, "set")) {
        (Some(node), _) => steps(reader, node, name.as_deref().unwrap_or_default())?,
        (None, Some(set)) => Values::Set(view::named(set, "item").map(|item| reader.text(item).into_owned()).collect()),
        (None, None) => return None,
    };
    Some(Parameter { name: name?, values })
}

fn steps(reader: &mut Reader<'_>, node: Node<'_, '_>, name: &str) -> Option<Values> {
    let number = |name| lexical::double(&view::text(view::child(node, name)?));
    let (start, end, step) = (number("start")?, number("end")?, number("step")?);
    let except: Vec<_> = view::child(node, "except")
        .into_iter()
        .flat_map(|except| view::named(except, "value"))
        .filter_map(|value| lexical::double(&view::text(value)))
        .collect();
    let decimals = view::child(node, "decimalPlaces").and_then(|node| lexical::integer(&view::text(node)));
    let at = At::Element(node);
    let digits = decimals.and_then(|decimals| u32::try_from(decimals).ok());
    let values = Values::Loop { start, end, step, decimals: digits, except: except.clone() };
    let fault = if ![start, end, step].into_iter().chain(except.iter().copied()).all(f64::is_finite) {
        Some("has an infinite number; write finite ones")
    } else if step == 0.0 {
        Some("never ends: step is 0; write another step")
    } else if (end - start) * step < 0.0 && values.count() == 0 {
        Some("is empty: step leads away from end; change its sign")
    } else if decimals.is_some_and(|decimals| decimals > 17) {
        Some("has more than 17 decimalPlaces, more than numbers have")
    } else {
        None
    };
    if let Some(fault) = fault {
        reader.inconsistent(at, format!("loop {} {fault}", short(name)));
        return None;
    }
    if values.count() == 0 {
        reader.inconsistent(at, format!("loop {} is empty: every value is left out", short(name)));
        return None;
    }
    Some(values)
}

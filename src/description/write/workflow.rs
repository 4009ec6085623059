//! What a task waits for, and the values it is repeated with.

use super::duration::number;
use super::markup::Markup;
use crate::job::{Axis, Parameter, Parent, Status, Sweep, Trigger, Values};

pub(super) fn trigger(markup: &mut Markup, trigger: &Trigger) {
    match trigger {
        Trigger::Parent(parent) => waits_for(markup, parent),
        Trigger::All(inner) => markup.element("and", &[], |markup| {
            inner.iter().for_each(|one| self::trigger(markup, one));
        }),
        Trigger::Any(inner) => markup.element("or", &[], |markup| {
            inner.iter().for_each(|one| self::trigger(markup, one));
        }),
    }
}

fn waits_for(markup: &mut Markup, parent: &Parent) {
    let state = (parent.state != Status::Finished).then(|| parent.state.as_str().to_owned());
    let said = |flag: bool| flag.then(|| "true".to_owned());
    let attributes = [
        ("triggerState", state),
        ("runSameHost", said(parent.same_host)),
        ("atEachIteration", said(parent.each_iteration)),
    ];
    markup.leaf("parent", &attributes, parent.task.as_str());
}

/// The plain form where the language has it: one product of parameters side by side. Otherwise `product` and `axis`, additions of ours.
pub(super) fn sweep(markup: &mut Markup, sweep: &Sweep) {
    let plain = |axis: &Axis| axis.parameters.len() == 1;
    markup.element("parametersSweep", &[], |markup| match sweep.products.as_slice() {
        [only] if only.axes.iter().all(plain) => {
            only.axes.iter().flat_map(|axis| &axis.parameters).for_each(|one| parameter(markup, one));
        }
        products => {
            for product in products {
                markup.element("product", &[], |markup| {
                    for axis in &product.axes {
                        markup.element("axis", &[], |markup| {
                            axis.parameters.iter().for_each(|one| parameter(markup, one));
                        });
                    }
                });
            }
        }
    });
}

fn parameter(markup: &mut Markup, parameter: &Parameter) {
    markup.element("parameter", &[], |markup| {
        markup.leaf("name", &[], &parameter.name);
        markup.element("value", &[], |markup| match &parameter.values {
            Values::Set(items) => markup.element("set", &[], |markup| {
                items.iter().for_each(|item| markup.leaf("item", &[], item));
            }),
            Values::Loop { start, end, step, decimals, except } => markup.element("loop", &[], |markup| {
                for (name, value) in [("start", start), ("end", end), ("step", step)] {
                    markup.leaf(name, &[], &number(*value));
                }
                if let Some(decimals) = decimals {
                    markup.leaf("decimalPlaces", &[], &decimals.to_string());
                }
                markup.section("except", |markup| {
                    except.iter().for_each(|value| markup.leaf("value", &[], &number(*value)));
                });
            }),
        });
    });
}

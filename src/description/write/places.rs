//! `requirements`: the acceptable places with their conditions, the number of processes, the preferences.

use super::duration::{iso, milliseconds_in_seconds, number};
use super::execution;
use super::markup::Markup;
use crate::job::{
    ApplicationRequirement, Attribute, Better, Bound, Condition, Interval, Limits, NetworkMeasure, Preference,
    PreferenceKind, ResourceRequest, Subject, TaskSpec,
};

/// A number in the unit of the document.
type Print = fn(f64) -> String;

pub(super) fn requirements(markup: &mut Markup, task: &TaskSpec) {
    markup.section("requirements", |markup| {
        markup.section("resourceRequirements", |markup| {
            task.resources.iter().for_each(|request| resource(markup, request));
            if let Some(preferences) = &task.preferences {
                let kind = match preferences.kind {
                    PreferenceKind::Priority => "PRIORITY",
                    PreferenceKind::Ranking => "RANKING",
                };
                markup.element("preferences", &[("preferenceType", Some(kind.to_owned()))], |markup| {
                    preferences.parameters.iter().for_each(|one| preference(markup, one));
                });
            }
        });
        if task.count != 1 {
            markup.element("topology", &[], |markup| {
                markup.element("processes", &[], |markup| execution::count(markup, task.count));
            });
        }
    });
}

fn resource(markup: &mut Markup, request: &ResourceRequest) {
    let tiles = [("tileSize", request.tile_size.map(|size| size.to_string()))];
    markup.element("computingResource", &tiles, |markup| {
        for clause in &request.clauses {
            let name = [("name", Some(word(clause.attribute).to_owned()))];
            markup.element("hostParameter", &name, |markup| condition(markup, &clause.condition, number));
        }
        for one in &request.applications {
            application(markup, one);
        }
        for clause in &request.network {
            let name = [("name", Some(measure(clause.measure).to_owned())), ("endpoint", clause.host.clone())];
            let print = unit(clause.measure);
            markup.element("networkParameter", &name, |markup| condition(markup, &clause.condition, print));
        }
        for clause in &request.others {
            let name = [("name", Some(clause.name.clone())), ("endpoint", clause.host.clone())];
            markup.element("otherParameter", &name, |markup| condition(markup, &clause.condition, number));
        }
        if request.limits != Limits::default() {
            let Limits { time, wall, cpu } = request.limits;
            let attributes = [("time", time.map(iso)), ("wall", wall.map(iso)), ("cpu", cpu.map(iso))];
            markup.empty("limits", &attributes);
        }
        if let Some(program) = &request.program {
            execution::program(markup, program);
        }
    });
}

/// The word of this dialect for a fact; `queue` is an addition of ours.
pub(in crate::description) const fn word(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::LocalManager => "localResourceManager",
        other => other.as_str(),
    }
}

/// The word for a measure of the network.
pub(in crate::description) const fn measure(measure: NetworkMeasure) -> &'static str {
    match measure {
        NetworkMeasure::Bandwidth => "bandwidth",
        NetworkMeasure::Latency => "latency",
        NetworkMeasure::Capacity => "capacity",
    }
}

/// Latency is written in seconds.
fn unit(measure: NetworkMeasure) -> Print {
    match measure {
        NetworkMeasure::Latency => milliseconds_in_seconds,
        NetworkMeasure::Bandwidth | NetworkMeasure::Capacity => number,
    }
}

fn application(markup: &mut Markup, application: &ApplicationRequirement) {
    markup.element("hostParameter", &[("name", Some("application".to_owned()))], |markup| {
        markup.element("stringValue", &[("value", Some(application.name.clone()))], |markup| {
            let instances = application.instances.map(|count| count.to_string());
            for (name, value) in [("version", &application.version), ("instances", &instances)] {
                if let Some(value) = value {
                    let name = [("name", Some(name.to_owned()))];
                    markup.element("property", &name, |markup| markup.leaf("value", &[], value));
                }
            }
        });
    });
}

fn condition(markup: &mut Markup, condition: &Condition, print: Print) {
    match condition {
        Condition::Text { any, none } => {
            for (texts, exclude) in [(any, None), (none, Some("true".to_owned()))] {
                for text in texts {
                    markup.empty("stringValue", &[("value", Some(text.clone())), ("exclude", exclude.clone())]);
                }
            }
        }
        Condition::Number { any, none } => match (any.as_slice(), none.as_slice()) {
            ([one], []) => interval(markup, one, print),
            ([], []) => range(markup, &Interval { least: None, most: None }, false, print),
            _ => {
                any.iter().for_each(|one| alternative(markup, one, false, print));
                none.iter().for_each(|one| alternative(markup, one, true, print));
            }
        },
    }
}

/// One interval in the shortest form.
fn interval(markup: &mut Markup, one: &Interval, print: Print) {
    match (one.least, one.most) {
        (Some(least), None) => bound(markup, "min", Some(least), "", print),
        (None, Some(most)) => bound(markup, "max", Some(most), "", print),
        _ => alternative(markup, one, false, print),
    }
}

fn alternative(markup: &mut Markup, one: &Interval, exclude: bool, print: Print) {
    match (one.least, one.most) {
        (Some(Bound { value, exclusive: false }), Some(most)) if most == (Bound { value, exclusive: false }) => {
            let exclude = exclude.then(|| "true".to_owned());
            markup.leaf("value", &[("exclude", exclude)], &print(value));
        }
        _ => range(markup, one, exclude, print),
    }
}

fn range(markup: &mut Markup, one: &Interval, exclude: bool, print: Print) {
    let exclude = [("exclude", exclude.then(|| "true".to_owned()))];
    markup.element("range", &exclude, |markup| {
        bound(markup, "min", one.least, "-INF", print);
        bound(markup, "max", one.most, "INF", print);
    });
}

fn bound(markup: &mut Markup, name: &str, bound: Option<Bound>, open: &str, print: Print) {
    let exclusive = bound.is_some_and(|bound| bound.exclusive).then(|| "true".to_owned());
    let text = bound.map_or_else(|| open.to_owned(), |bound| print(bound.value));
    markup.leaf(name, &[("exclusiveBound", exclusive)], &text);
}

fn preference(markup: &mut Markup, preference: &Preference) {
    let (name, endpoint, print) = match &preference.subject {
        Subject::Fact(attribute) => (word(*attribute).to_owned(), None, number as Print),
        Subject::Network(of, host) => (measure(*of).to_owned(), host.clone(), unit(*of)),
        Subject::Other(name) => (name.clone(), None, number as Print),
    };
    let better = match preference.better {
        Better::Gain => "GAIN",
        Better::Cost => "COST",
    };
    let indifference = (preference.indifference != 0.0).then(|| print(preference.indifference));
    let attributes = [
        ("name", Some(name)),
        ("optimizationType", Some(better.to_owned())),
        ("importance", Some(preference.importance.to_string())),
        ("endpoint", endpoint),
        ("indiffThreshold", indifference),
    ];
    markup.element("parameter", &attributes, |markup| {
        if let Some(desired) = &preference.desired {
            interval(markup, desired, print);
        }
        if let Some(text) = &preference.desired_text {
            markup.leaf("stringValue", &[], text);
        }
    });
}

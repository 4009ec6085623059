//! Version 1 of the language: `simplejob`, one task. Structure is checked by the grammar; what is read here is the meaning,
//! and what contradicts itself although it is well built.
//!
//! Every element ends up in the [`Spec`] or in a warning. `localrmname` left out beside a `hostname` means `fork` on that
//! host; that default is the matchmaker's to apply, so no clause is invented for it here.

pub(super) mod executable;
pub(super) mod grammar;
mod shape;
pub(super) mod tiles;

use super::findings::{At, Findings, short};
use super::reader::{Reader, flag};
use super::{Rules, grammar as rule, view};
use crate::job::{Code, Dialect, Spec, TaskId, TaskSpec};
use crate::xml::lexical;
use executable::executable;
use roxmltree::Node;

/// Reads a document whose root is known to be of version 1. The specification means nothing when faults were found.
pub(super) fn decode(root: Node<'_, '_>, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    rule::check(root, &grammar::ROOT, rules, findings);
    let mut reader = Reader::new(rules, findings);
    if let Some(name) = root.attribute("extension").filter(|name| !view::is_blank(name)) {
        let say = format!("there is no extension {} at this broker; leave the attribute out", short(name));
        reader.findings.error(Code::DescUnsupported, At::Attribute(root, "extension"), say);
    }
    if let Some(workflow) = view::child(root, "workflowjob") {
        let say = "workflowjob was never implemented; write one simplejob for every step";
        reader.findings.error(Code::DescUnsupported, At::Element(workflow), say);
    }
    let main = task(&mut reader, root, view::child(root, "simplejob")?);
    let project = root.attribute("project").map(lexical::trim).filter(|project| !project.is_empty());
    let mut spec = Spec::new(Dialect::Gjd1, root.attribute("appid").unwrap_or_default().to_owned());
    spec.project = project.map(str::to_owned);
    spec.tasks.push(main?);
    Some(spec)
}

fn task(reader: &mut Reader<'_>, root: Node<'_, '_>, simplejob: Node<'_, '_>) -> Option<TaskSpec> {
    shape::check(root, simplejob, reader.findings);
    let resources: Vec<_> =
        view::named(simplejob, "resource").filter_map(|resource| reader.resource(resource)).collect();
    let reservation = view::child(simplejob, "reservation").and_then(|node| reader.reservation(node));
    let execution_time =
        view::child(simplejob, "executionTime").and_then(|node| reader.execution_time(node, "execDuration"));
    let node = view::child(simplejob, "executable")?;
    let read = executable(reader, node);
    tiles::check(reader, node, simplejob, &resources);
    let mut task = read?.into_task(TaskId::main());
    task.persistent = flag(root, "persistent");
    task.resources = resources;
    task.execution_time = execution_time;
    task.reservation = reservation;
    Some(task)
}

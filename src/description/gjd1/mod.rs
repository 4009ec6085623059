//! Version 1 of the language: `simplejob`, one task. Structure is checked by the grammar; what is read here is the meaning,
//! and what contradicts itself although it is well built.
//!
//! Every element ends up in the [`Spec`] or in a warning. `localrmname` left out beside a `hostname` means `fork` on that
//! host; that default is the matchmaker's to apply, so no clause is invented for it here.

mod executable;
mod grammar;
mod location;
mod resource;
mod shape;
mod staging;
mod time;

use super::findings::{At, Findings, short};
use super::{Rules, grammar as rule, view};
use crate::job::{Code, Dialect, Spec, TaskId, TaskSpec};
use crate::xml::lexical;
use roxmltree::Node;
use std::ops::RangeInclusive;

/// Reads a document whose root is known to be of version 1. The specification means nothing when faults were found.
pub(super) fn decode(root: Node<'_, '_>, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    rule::check(root, &grammar::ROOT, rules, findings);
    let mut reader = Reader { rules, findings };
    if let Some(name) = root.attribute("extension").filter(|name| !view::is_blank(name)) {
        let say = format!("there is no extension {} at this broker; leave the attribute out", short(name));
        reader.findings.error(Code::DescUnsupported, At::Attribute(root, "extension"), say);
    }
    if let Some(workflow) = view::child(root, "workflowjob") {
        let say = "workflowjob was never implemented; write one simplejob for every step";
        reader.findings.error(Code::DescUnsupported, At::Element(workflow), say);
    }
    let task = reader.task(root, view::child(root, "simplejob")?);
    let project = root.attribute("project").map(lexical::trim).filter(|project| !project.is_empty());
    let mut spec = Spec::new(Dialect::Gjd1, root.attribute("appid").unwrap_or_default().to_owned());
    spec.project = project.map(str::to_owned);
    spec.tasks.push(task?);
    Some(spec)
}

/// What reading needs everywhere. Texts that are not of their type have been reported by the grammar and are absent here.
struct Reader<'r> {
    rules: &'r Rules,
    findings: &'r mut Findings,
}

impl Reader<'_> {
    fn task(&mut self, root: Node<'_, '_>, simplejob: Node<'_, '_>) -> Option<TaskSpec> {
        shape::check(root, simplejob, self.findings);
        let resources: Vec<_> =
            view::named(simplejob, "resource").filter_map(|resource| self.resource(resource)).collect();
        let reservation = view::child(simplejob, "reservation").and_then(|node| self.reservation(node));
        let execution_time = view::child(simplejob, "executionTime").and_then(|node| self.execution_time(node));
        let node = view::child(simplejob, "executable")?;
        let executable = self.executable(node);
        self.tiles(node, simplejob, &resources);
        let executable = executable?;
        let mut task = TaskSpec::new(TaskId::main(), executable.program);
        task.launch = executable.launch;
        task.count = executable.count;
        task.arguments = executable.arguments;
        task.environment = executable.environment;
        task.stdin = executable.stdin;
        task.stdout = executable.stdout;
        task.stderr = executable.stderr;
        task.staging = executable.staging;
        task.checkpoint = executable.checkpoint;
        task.checkpointable = executable.checkpointable;
        task.persistent = flag(root, "persistent");
        task.resources = resources;
        task.execution_time = execution_time;
        task.reservation = reservation;
        Some(task)
    }

    fn inconsistent(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.findings.error(Code::DescInconsistent, at, message);
    }

    /// An integer that must lie in a range.
    fn within(&mut self, text: &str, name: &str, at: At<'_, '_>, range: RangeInclusive<i64>) -> Option<i64> {
        let value = lexical::integer(text)?;
        if value < *range.start() {
            self.inconsistent(
                at,
                format!("{name} must be at least {}, not {}", range.start(), short(lexical::trim(text))),
            );
        } else if value > *range.end() {
            self.inconsistent(
                at,
                format!("{name} must be at most {}, not {}", range.end(), short(lexical::trim(text))),
            );
        }
        range.contains(&value).then_some(value)
    }

    /// The same for an attribute that counts something.
    fn count(&mut self, node: Node<'_, '_>, name: &'static str) -> Option<u32> {
        let text = node.attribute(name).filter(|text| lexical::int(text).is_some())?;
        let value = self.within(text, name, At::Attribute(node, name), 1..=i64::from(i32::MAX))?;
        u32::try_from(value).ok()
    }

    /// A text that must say something.
    fn word(&mut self, text: &str, name: &str, at: At<'_, '_>) -> Option<String> {
        let text = lexical::trim(text);
        if text.is_empty() {
            self.inconsistent(at, format!("{name} is empty; write a value or leave it out"));
        }
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn flag(node: Node<'_, '_>, name: &str) -> bool {
    node.attribute(name).and_then(lexical::boolean).unwrap_or(false)
}

//! Tasks that wait for each other: names that are known, no circles, and what this broker cannot carry out yet.

use crate::description::findings::{At, short};
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::{Code, Parent, Status, TaskId, Trigger, cycles};
use crate::xml::{lexical, nearest};
use roxmltree::Node;
use std::collections::{HashMap, HashSet};

/// Holds the names of tasks against each other.
pub(super) fn check(reader: &mut Reader<'_>, root: Node<'_, '_>) {
    let tasks: Vec<_> = view::named(root, "task").collect();
    let mut known: HashMap<&str, Node<'_, '_>> = HashMap::new();
    for task in &tasks {
        let Some(id) = task.attribute("taskid") else { continue };
        if known.insert(id, *task).is_some() {
            let say = format!("task id {} is used twice; give every task its own", short(id));
            reader.findings.error(Code::DescInvalid, At::Attribute(*task, "taskid"), say);
        }
    }
    for task in &tasks {
        references(reader, *task, &known);
    }
    circles(reader, &known, &tasks);
    for task in tasks.iter().skip(1) {
        let say = "this broker carries out jobs of one task; submit each task as a job of its own";
        reader.findings.beyond(At::Element(*task), format!("task {}: {say}", short(name_of(*task))));
    }
}

fn name_of<'a>(task: Node<'a, '_>) -> &'a str {
    task.attribute("taskid").unwrap_or_default()
}

fn parents<'a, 'i>(task: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    view::child(task, "workflow").into_iter().flat_map(|workflow| view::named(workflow, "parent"))
}

fn references(reader: &mut Reader<'_>, task: Node<'_, '_>, known: &HashMap<&str, Node<'_, '_>>) {
    let name = short(name_of(task));
    for parent in parents(task) {
        let id = view::trimmed(parent);
        if known.contains_key(id.as_str()) {
            let say = format!("task {name} waits for task {}; this broker runs no workflows", short(&id));
            reader.findings.beyond(At::Element(parent), format!("{say}, submit the second when the first has ended"));
            continue;
        }
        if id.is_empty() {
            let say = "parent is empty; write the taskid of the task that is waited for";
            reader.findings.error(Code::DescUndefinedReference, At::Element(parent), say);
            continue;
        }
        let hint = match nearest(&id, known.keys().copied()) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "write the taskid of another task".to_owned(),
        };
        let say = format!("task {name} waits for unknown task {}; {hint}", short(&id));
        reader.findings.error(Code::DescUndefinedReference, At::Element(parent), say);
    }
}

/// Reports tasks that wait for each other in a circle, each circle once.
fn circles(reader: &mut Reader<'_>, known: &HashMap<&str, Node<'_, '_>>, tasks: &[Node<'_, '_>]) {
    let mut seen = HashSet::new();
    let first = tasks.iter().filter(|task| seen.insert(name_of(**task)));
    let waits: Vec<_> = first
        .filter_map(|task| {
            let id = TaskId::parse(name_of(*task)).ok()?;
            Some((id, parents(*task).filter_map(|parent| TaskId::parse(&view::trimmed(parent)).ok()).collect()))
        })
        .collect();
    for circle in cycles(&waits) {
        let (Some(begin), Some(next)) = (circle.first(), circle.get(1)) else { continue };
        let Some(task) = known.get(begin.as_str()) else { continue };
        let edge = parents(*task).find(|parent| view::trimmed(*parent) == next.as_str());
        let names: Vec<_> = circle.iter().map(|id| id.as_str()).collect();
        let say = match names.as_slice() {
            [name, _] => format!("task {name} waits for itself; remove this parent"),
            names => format!("cycle: {}; remove one of these parents", names.join(" -> ")),
        };
        reader.findings.error(Code::DescCycle, At::Element(edge.unwrap_or(*task)), say);
    }
}

/// What a task waits for: all its parents.
pub(super) fn trigger(workflow: Node<'_, '_>) -> Option<Trigger> {
    let parent = |node: Node<'_, '_>| {
        let state = match node.attribute("triggerState").map(lexical::trim) {
            Some(word) => Status::ALL.iter().copied().find(|status| status.as_str() == word)?,
            None => Status::Finished,
        };
        let task = TaskId::parse(&view::trimmed(node)).ok()?;
        Some(Trigger::Parent(Parent { task, state, same_host: false, each_iteration: false }))
    };
    let mut all: Vec<_> = view::named(workflow, "parent").filter_map(parent).collect();
    if all.len() == 1 { all.pop() } else { Some(Trigger::All(all)) }
}

//! `workflow`: what a task waits for; and the graph of all tasks, which must have no cycle.

use crate::description::findings::{At, short};
use crate::description::reader::{Reader, flag};
use crate::description::view;
use crate::job::{Code, Parent, Status, TaskId, Trigger};
use crate::xml::{lexical, nearest};
use roxmltree::Node;
use std::collections::HashMap;

/// Comparisons that may be spent on suggestions, all unknown names together.
const PATIENCE: usize = 200_000;

/// The condition of one task.
pub(super) fn trigger(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Trigger> {
    let mut inner: Vec<_> = view::elements(node).filter_map(|child| condition(reader, child)).collect();
    match inner.len() {
        0 => None,
        1 => inner.pop(),
        _ => Some(Trigger::All(inner)),
    }
}

fn condition(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Trigger> {
    let inner = |reader: &mut Reader<'_>| view::elements(node).filter_map(|child| condition(reader, child)).collect();
    match node.tag_name().name() {
        "and" => Some(Trigger::All(inner(reader))),
        "or" => Some(Trigger::Any(inner(reader))),
        _ => {
            // Unknown names are found with the whole graph.
            let task = TaskId::parse(&view::trimmed(node)).ok()?;
            let word = node.attribute("triggerState").map(lexical::trim);
            let state = word.map_or(Some(Status::Finished), Status::from_word)?;
            let (same_host, each_iteration) = (flag(node, "runSameHost"), flag(node, "atEachIteration"));
            Some(Trigger::Parent(Parent { task, state, same_host, each_iteration }))
        }
    }
}

/// Every `parent` of a task, where it stands.
fn parents<'a, 'i>(task: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let workflow = view::child(task, "workflow").into_iter();
    workflow.flat_map(|node| node.descendants().filter(|node| view::is(*node, "parent")))
}

/// Reports ids used twice, unknown parents and cycles, and what of a graph this broker does not carry out.
pub(super) fn check(reader: &mut Reader<'_>, tasks: &[Node<'_, '_>]) {
    let mut index: HashMap<&str, usize> = HashMap::with_capacity(tasks.len());
    for (number, task) in tasks.iter().enumerate() {
        let Some(id) = task.attribute("taskId").map(lexical::trim) else { continue };
        if index.contains_key(id) {
            let say = format!("task id {} is used twice; give one of the tasks another", short(id));
            reader.findings.error(Code::DescInvalid, At::Attribute(*task, "taskId"), say);
        } else {
            index.insert(id, number);
        }
    }
    if let Some(second) = tasks.get(1) {
        let say = "a job with several tasks is not carried out by this broker; submit each task as a job of its own";
        reader.findings.beyond(At::Element(*second), say);
    }
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    let mut patience = PATIENCE;
    for (number, task) in tasks.iter().enumerate() {
        let own = task.attribute("taskId").map(lexical::trim).unwrap_or_default();
        if let Some(workflow) = view::child(*task, "workflow") {
            let say = format!("what task {} waits for is understood, but not carried out by this broker", short(own));
            reader.findings.beyond(At::Element(workflow), say);
        }
        for parent in parents(*task) {
            let text = view::text(parent);
            let wanted = lexical::trim(&text);
            match index.get(wanted) {
                Some(found) if *found == number => {
                    let say = format!("cycle: {own} -> {own}; a task cannot wait for itself");
                    reader.findings.error(Code::DescCycle, At::Text(parent), say);
                }
                Some(found) => edges[number].push(*found),
                None => unknown(reader, parent, own, wanted, &index, &mut patience),
            }
        }
    }
    cycles(reader, tasks, &edges);
}

fn unknown(
    reader: &mut Reader<'_>,
    parent: Node<'_, '_>,
    own: &str,
    wanted: &str,
    index: &HashMap<&str, usize>,
    patience: &mut usize,
) {
    let meant = if *patience >= index.len() {
        *patience -= index.len();
        nearest(wanted, index.keys().copied())
    } else {
        None
    };
    let meant = meant.map(|meant| format!(" (did you mean {meant}?)")).unwrap_or_default();
    let say = format!("task {} waits for unknown task {}{meant}", short(own), short(wanted));
    reader.findings.error(Code::DescUndefinedReference, At::Text(parent), say);
}

/// Every task is entered once and left once; an edge into one that is entered and not left closes a cycle.
fn cycles(reader: &mut Reader<'_>, tasks: &[Node<'_, '_>], edges: &[Vec<usize>]) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        Open,
        Done,
    }
    let mut seen = vec![Seen::Not; tasks.len()];
    for start in 0..tasks.len() {
        if seen[start] != Seen::Not {
            continue;
        }
        let mut path = vec![(start, 0)];
        seen[start] = Seen::Open;
        while let Some((task, next)) = path.last_mut() {
            let Some(parent) = edges[*task].get(*next).copied() else {
                seen[*task] = Seen::Done;
                path.pop();
                continue;
            };
            *next += 1;
            match seen[parent] {
                Seen::Done => {}
                Seen::Not => {
                    seen[parent] = Seen::Open;
                    path.push((parent, 0));
                }
                Seen::Open => {
                    let from = path.iter().position(|(task, _)| *task == parent).unwrap_or(0);
                    report(reader, tasks, path[from..].iter().map(|(task, _)| *task), parent);
                }
            }
        }
    }
}

/// Names the tasks of a cycle, at most ten of them, at the task where it closes.
fn report(reader: &mut Reader<'_>, tasks: &[Node<'_, '_>], members: impl Iterator<Item = usize>, first: usize) {
    let name = |task: usize| tasks[task].attribute("taskId").map(|id| short(lexical::trim(id))).unwrap_or_default();
    let members: Vec<_> = members.collect();
    let mut names: Vec<_> = members.iter().take(10).map(|task| name(*task)).collect();
    if members.len() > 10 {
        names.push(format!("({} more)", members.len() - 10));
    }
    names.push(name(first));
    let say = format!("cycle: {}; take one of these dependencies away", names.join(" -> "));
    let at = view::child(tasks[first], "workflow").unwrap_or(tasks[first]);
    reader.findings.error(Code::DescCycle, At::Element(at), say);
}

//! Tasks that wait for each other: their names, what each waits for, no circles, and what this broker does not carry out.

use super::{Reader, flag};
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Code, Parent, Status, Sweep, TaskId, TaskSpec, Trigger, cycles};
use crate::xml::{lexical, nearest};
use roxmltree::Node;
use std::collections::HashMap;

/// Comparisons that may be spent on suggestions, all unknown names together.
const PATIENCE: usize = 200_000;
/// So many tasks of a circle are named.
const NAMED: usize = 10;

/// What a `workflow` waits for: its parents, all of them where nothing else is said.
pub(in crate::description) fn trigger(workflow: Node<'_, '_>) -> Option<Trigger> {
    let mut inner: Vec<_> = view::elements(workflow).filter_map(condition).collect();
    match inner.len() {
        0 => None,
        1 => inner.pop(),
        _ => Some(Trigger::All(inner)),
    }
}

fn condition(node: Node<'_, '_>) -> Option<Trigger> {
    let inner = || view::elements(node).filter_map(condition).collect();
    match node.tag_name().name() {
        "and" => Some(Trigger::All(inner())),
        "or" => Some(Trigger::Any(inner())),
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

/// The tasks of a document.
struct Graph<'g, 'a, 'i> {
    tasks: &'g [Node<'a, 'i>],
    /// The attribute with a task's id.
    id: &'static str,
    known: HashMap<&'a str, Node<'a, 'i>>,
    patience: usize,
}

impl Reader<'_> {
    /// Holds the names of tasks against each other; `id` is the attribute that has them.
    pub(in crate::description) fn graph<'a>(&mut self, tasks: &[Node<'a, '_>], id: &'static str) {
        let mut known: HashMap<&str, Node<'_, '_>> = HashMap::with_capacity(tasks.len());
        for task in tasks {
            let Some(name) = task.attribute(id).map(lexical::trim) else { continue };
            if known.contains_key(name) {
                let say = format!("task id {} is used twice; give every task its own", short(name));
                self.findings.error(Code::DescInvalid, At::Attribute(*task, id), say);
            } else {
                known.insert(name, *task);
            }
        }
        if let Some(second) = tasks.get(1) {
            let say = "this broker carries out jobs of one task; submit each task as a job of its own";
            self.findings.beyond(At::Element(*second), say);
        }
        let mut graph = Graph { tasks, id, known, patience: PATIENCE };
        graph.references(self);
        graph.circles(self);
    }

    /// Refuses a job whose tasks, every iteration counted, are more than the broker takes.
    pub(in crate::description) fn number_of_tasks(&mut self, nodes: &[Node<'_, '_>], tasks: &[TaskSpec]) {
        let mut sum: u64 = 0;
        for (node, task) in nodes.iter().zip(tasks) {
            sum = sum.saturating_add(task.sweep.as_ref().map_or(1, Sweep::count));
            if sum > self.rules.max_tasks {
                let most = self.rules.max_tasks;
                let at = view::child(*node, "parametersSweep").unwrap_or(*node);
                let say = format!(
                    "the job has more than {most} tasks, every iteration counted; the first {sum} reach to here"
                );
                self.findings.error(Code::DescTooManyTasks, At::Element(at), say);
                return;
            }
        }
    }
}

impl<'a> Graph<'_, 'a, '_> {
    fn name(&self, task: Node<'a, '_>) -> &'a str {
        task.attribute(self.id).map(lexical::trim).unwrap_or_default()
    }

    fn references(&mut self, reader: &mut Reader<'_>) {
        for task in self.tasks {
            let name = short(self.name(*task));
            for parent in parents(*task) {
                let wanted = view::trimmed(parent);
                if self.known.contains_key(wanted.as_str()) {
                    let say = "this broker runs no workflows, submit the second when the first has ended";
                    let say = format!("task {name} waits for task {}; {say}", short(&wanted));
                    reader.findings.beyond(At::Element(parent), say);
                } else if wanted.is_empty() {
                    let say = format!("parent is empty; write the {} of the task that is waited for", self.id);
                    reader.findings.error(Code::DescUndefinedReference, At::Element(parent), say);
                } else {
                    let hint = self.hint(&wanted);
                    let say = format!("task {name} waits for unknown task {}; {hint}", short(&wanted));
                    reader.findings.error(Code::DescUndefinedReference, At::Element(parent), say);
                }
            }
        }
    }

    fn hint(&mut self, wanted: &str) -> String {
        let meant = if self.patience >= self.known.len() {
            self.patience -= self.known.len();
            nearest(wanted, self.known.keys().copied())
        } else {
            None
        };
        meant.map_or_else(|| format!("write the {} of another task", self.id), |meant| format!("did you mean {meant}?"))
    }

    /// Reports tasks that wait for each other in a circle, each circle once, at the parent where it begins.
    fn circles(&self, reader: &mut Reader<'_>) {
        let waits = |task: &Node<'a, '_>| {
            let id = TaskId::parse(self.name(*task)).ok()?;
            let first = self.known.get(id.as_str()) == Some(task);
            let parents = parents(*task).filter_map(|parent| TaskId::parse(&view::trimmed(parent)).ok());
            first.then(|| (id, parents.collect::<Vec<_>>()))
        };
        let waits: Vec<_> = self.tasks.iter().filter_map(waits).collect();
        for circle in cycles(&waits) {
            let (Some(begin), Some(next)) = (circle.first(), circle.get(1)) else { continue };
            let Some(task) = self.known.get(begin.as_str()) else { continue };
            let edge = parents(*task).find(|parent| view::trimmed(*parent) == next.as_str());
            let say = match circle.as_slice() {
                [name, _] => format!("task {name} waits for itself; remove this parent"),
                names => format!("cycle: {}; remove one of these parents", way(names)),
            };
            reader.findings.error(Code::DescCycle, At::Element(edge.unwrap_or(*task)), say);
        }
    }
}

/// The tasks of a circle, not too many of them.
fn way(circle: &[&TaskId]) -> String {
    let mut names: Vec<_> = circle.iter().map(ToString::to_string).collect();
    if names.len() > NAMED + 1 {
        let left_out = format!("({} more)", names.len() - 1 - NAMED);
        names.splice(NAMED..names.len() - 1, [left_out]);
    }
    names.join(" -> ")
}

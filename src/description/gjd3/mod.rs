//! Version 3 of the language: tasks with `taskId`, conditions, preferences, workflows and sweeps. Structure is checked by the grammar; what is
//! read here is the meaning.
//!
//! Every element ends up in the [`Spec`], or is refused by name: a fault where no broker could honour it, [`Findings::beyond`] where this one does not.
//! Hints that have no effect are warned of.

mod condition;
mod execution;
mod files;
mod grammar;
mod processes;
mod program;
mod resource;
mod sweep;

use super::findings::{At, Findings, short};
use super::reader::{Reader, flag, trigger};
use super::{Rules, grammar as rule, view};
use crate::job::{Dialect, Location, Spec, TaskId, TaskSpec};
use crate::xml::{lexical, nearest};
use resource::Templates;
use roxmltree::Node;
use std::collections::HashMap;

/// Reads a document whose root is known to be of version 3. The specification means nothing when faults were found.
pub(super) fn decode(root: Node<'_, '_>, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    rule::check(root, &grammar::ROOT, rules, findings);
    let mut reader = Reader::new(rules, findings);
    reader.values = definitions(&mut reader, root);
    let templates = Templates::of(&mut reader, root);
    let mut job = Job { reader, files: files::by_id(root), templates, defaults: view::child(root, "tasksDefaults") };
    let mut spec = Spec::new(Dialect::Gjd3, root.attribute("appId").unwrap_or_default().to_owned());
    let project = root.attribute("project").map(lexical::trim).filter(|project| !project.is_empty());
    spec.project = project.map(str::to_owned);
    spec.description = note(root);
    let annotations = view::child(root, "annotations").into_iter().flat_map(|node| view::named(node, "annotation"));
    let annotation = |node: Node<'_, '_>| (node.attribute("name").map(str::to_owned), view::text(node).into_owned());
    spec.annotations = annotations.map(annotation).collect();
    spec.commit_wait = flag(root, "commitWait");
    spec.priority = job.priority(root);
    spec.execution_time = view::child(root, "executionTime").and_then(|node| job.times(node));
    if let Some(defaults) = job.defaults {
        job.not_here(defaults, &["proxyInfo", "faultTolerance"]);
    }
    let nodes: Vec<_> = view::named(root, "task").collect();
    let mut whole = true;
    for node in &nodes {
        match job.task(*node) {
            Some(task) => spec.tasks.push(task),
            None => whole = false,
        }
    }
    job.reader.graph(&nodes, "taskId");
    if whole {
        job.reader.number_of_tasks(&nodes, &spec.tasks);
    }
    (whole && !spec.tasks.is_empty()).then_some(spec)
}

/// What reading one task needs of the whole document.
struct Job<'a, 'i, 'r> {
    reader: Reader<'r>,
    /// Files and directories with an id.
    files: HashMap<&'a str, Node<'a, 'i>>,
    templates: Templates<'a, 'i>,
    defaults: Option<Node<'a, 'i>>,
}

/// Variables that a document or a task defines.
fn definitions(reader: &mut Reader<'_>, node: Node<'_, '_>) -> HashMap<String, String> {
    let mut values = reader.values.clone();
    let Some(variables) = view::child(node, "descriptionVariables") else { return values };
    for variable in view::named(variables, "variable") {
        let text = view::text(variable);
        let (name, value) = match variable.attribute("name") {
            Some(name) => (lexical::trim(name), text.as_ref()),
            None => match text.split_once('=') {
                Some((name, value)) => (lexical::trim(name), value),
                None => {
                    let say = "a variable needs a name; write <variable name=\"NAME\">value</variable>";
                    reader.inconsistent(At::Element(variable), say);
                    continue;
                }
            },
        };
        if name.is_empty() || name.contains('}') || name.starts_with("PS_") {
            let say =
                format!("`{}` cannot be defined; a name is not empty, has no braces, begins not with PS_", short(name));
            reader.inconsistent(At::Element(variable), say);
        }
        values.insert(name.to_owned(), value.to_owned());
    }
    values
}

fn note(node: Node<'_, '_>) -> Option<String> {
    view::child(node, "description").map(|node| view::text(node).into_owned())
}

impl<'a, 'i> Job<'a, 'i, '_> {
    fn task(&mut self, node: Node<'a, 'i>) -> Option<TaskSpec> {
        let id = self.task_id(node);
        let whole = self.reader.values.clone();
        self.reader.values = definitions(&mut self.reader, node);
        let sweep = view::child(node, "parametersSweep").map(|node| sweep::decode(&mut self.reader, node));
        let parameters = sweep.as_ref().map(|(names, _)| names.clone()).unwrap_or_default();
        self.reader.known(parameters);
        self.refusals(node);
        let trigger = view::child(node, "workflow").and_then(trigger);
        let execution_time = self.section(node, "executionTime").and_then(|node| self.times(node));
        let reservation = view::child(node, "reservation").and_then(|node| self.reader.reservation(node));
        let places = self.places(node);
        let task = view::child(node, "execution").map(|execution| self.execution(execution, node, places));
        if task.is_none() {
            self.reader.inconsistent(At::Element(node), "the task starts nothing; give it an execution");
        }
        self.reader.values = whole;
        let mut task = task??;
        task.id = id?;
        task.persistent |= flag(node, "persistent");
        task.crucial = node.attribute("crucial").and_then(lexical::boolean).unwrap_or(true);
        task.commit_wait = flag(node, "commitWait");
        task.priority = self.priority(node);
        task.description = note(node);
        task.execution_time = execution_time;
        task.reservation = reservation;
        task.trigger = trigger;
        task.sweep = sweep.and_then(|(_, sweep)| sweep);
        Some(task)
    }

    fn task_id(&mut self, node: Node<'a, 'i>) -> Option<TaskId> {
        match TaskId::parse(lexical::trim(node.attribute("taskId")?)) {
            Ok(id) => Some(id),
            Err(why) => {
                self.reader.inconsistent(At::Attribute(node, "taskId"), why.to_string());
                None
            }
        }
    }

    /// A section of the task, or the one that the job gives to tasks without it.
    fn section(&self, task: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
        view::child(task, name).or_else(|| view::child(self.defaults?, name))
    }

    fn times(&mut self, node: Node<'_, '_>) -> Option<crate::job::ExecutionTime> {
        self.reader.execution_time(node, "executionDuration")
    }

    /// A priority, which is kept as a hint.
    fn priority(&mut self, node: Node<'_, '_>) -> i32 {
        let priority = node.attribute("priority").and_then(lexical::int).unwrap_or(0);
        if priority != 0 {
            let say = "priority is kept as a hint; this broker serves jobs in the order of their submission";
            self.reader.findings.warning(crate::job::Code::DescUnsupported, At::Attribute(node, "priority"), say);
        }
        priority
    }

    /// What this broker does not do, named where it stands.
    fn refusals(&mut self, task: Node<'_, '_>) {
        if let Some(name) = task.attribute("extension").filter(|name| !view::is_blank(name)) {
            let say = format!("there is no extension {} at this broker; leave the attribute out", short(name));
            let at = At::Attribute(task, "extension");
            self.reader.findings.error(crate::job::Code::DescUnsupported, at, say);
        }
        if flag(task, "useScratchDir") {
            let say = "useScratchDir is not offered: programs run in the working directory; leave it out";
            self.reader.findings.beyond(At::Attribute(task, "useScratchDir"), say);
        }
        self.not_here(task, &["proxyInfo", "postResumeExecution", "faultTolerance", "other"]);
    }

    /// Elements with something in them that this broker does not carry out.
    fn not_here(&mut self, node: Node<'_, '_>, names: &[&'static str]) {
        for name in names {
            let Some(found) = view::child(node, name) else { continue };
            let nothing =
                found.children().all(|child| !child.is_element() && view::is_blank(child.text().unwrap_or("")));
            if !(nothing && ["other", "faultTolerance"].contains(name)) {
                let say = format!("{name} is not offered by this broker: {}; leave it out", instead(name));
                self.reader.findings.beyond(At::Element(found), say);
            }
        }
    }

    /// The location of a file or directory of the job, followed through references.
    fn referenced(&mut self, at: At<'_, '_>, id: &str) -> Option<Location> {
        let Some(file) = self.files.get(id).copied() else {
            let hint = nearest(id, self.files.keys().copied().take(1000));
            let hint = hint.map_or_else(|| "give it a fileDirId".to_owned(), |meant| format!("did you mean {meant}?"));
            let say = format!("no file or directory {} in this job; {hint}", short(id));
            self.reader.findings.error(crate::job::Code::DescUndefinedReference, at, say);
            return None;
        };
        let location = view::child(file, "location")?;
        if location.attribute("type").map(lexical::trim) == Some("REFERENCE") {
            let say = format!("{} is a reference itself; refer to the file or directory that has the place", short(id));
            self.reader.findings.error(crate::job::Code::DescInconsistent, at, say);
            return None;
        }
        self.place(file)
    }
}

/// What happens without it, for people.
fn instead(name: &str) -> &'static str {
    match name {
        "proxyInfo" => "files move with the credential that the broker has",
        "postResumeExecution" => "what is resumed starts its execution again",
        "faultTolerance" => "no processors are kept in reserve",
        _ => "nothing is known about its content",
    }
}

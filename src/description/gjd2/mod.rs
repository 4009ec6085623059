//! Version 2 of the language: tasks with `taskid` that may wait for each other. A task is read as version 1 reads its `simplejob`,
//! but for its own words: `execfile`, `candidateHosts`, `hardConstraints`, `workflow`.
//!
//! Every element ends up in the [`Spec`], in a warning, or in what is beyond this broker.

mod constraints;
mod grammar;

use super::findings::{At, Findings, short};
use super::gjd1::{executable, tiles};
use super::reader::{Reader, flag, trigger};
use super::{Rules, grammar as rule, view};
use crate::job::{Code, Dialect, Location, ResourceRequest, Spec, TaskId, TaskSpec};
use crate::xml::lexical;
use roxmltree::Node;

/// Reads a document whose root is known to be of version 2. The specification means nothing when faults were found.
pub(super) fn decode(root: Node<'_, '_>, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    rule::check(root, &grammar::ROOT, rules, findings);
    let mut reader = Reader::new(rules, findings);
    let nodes: Vec<_> = view::named(root, "task").collect();
    reader.graph(&nodes, "taskid");
    let tasks: Vec<_> = nodes.iter().map(|node| task(&mut reader, *node)).collect();
    let project = root.attribute("project").map(lexical::trim).filter(|project| !project.is_empty());
    let mut spec = Spec::new(Dialect::Gjd2, root.attribute("appid").unwrap_or_default().to_owned());
    spec.project = project.map(str::to_owned);
    spec.tasks = tasks.into_iter().collect::<Option<_>>()?;
    reader.number_of_tasks(&nodes, &spec.tasks);
    (!spec.tasks.is_empty()).then_some(spec)
}

/// Reads all of it before it gives up on a part, so that every fault is reported.
fn task(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<TaskSpec> {
    let id = node.attribute("taskid").and_then(|text| {
        let id = TaskId::parse(text);
        if let Err(why) = &id {
            reader.inconsistent(At::Attribute(node, "taskid"), why.to_string());
        }
        id.ok()
    });
    if let Some(name) = node.attribute("extension").filter(|name| !view::is_blank(name)) {
        let say = format!("there is no extension {} at this broker; leave the attribute out", short(name));
        reader.findings.error(Code::DescUnsupported, At::Attribute(node, "extension"), say);
    }
    let request = request(reader, node);
    let execution_time =
        view::child(node, "executionTime").and_then(|node| reader.execution_time(node, "execDuration"));
    let trigger = view::child(node, "workflow").and_then(trigger);
    let started = view::child(node, "executable")?;
    let read = executable::executable(reader, started);
    let resources: Vec<_> = request.iter().cloned().collect();
    tiles::check(reader, started, node, &resources);
    let mut task = read?.into_task(id?);
    appended(reader, started);
    invocation_record(reader, started, task.stdout.as_ref());
    task.persistent = flag(node, "persistent");
    task.crucial = node.attribute("crucial").and_then(lexical::boolean).unwrap_or(true);
    task.resources = resources;
    task.execution_time = execution_time;
    task.trigger = trigger;
    Some(task)
}

/// The place that a task needs: `resource`, narrowed by `candidateHosts` and `hardConstraints`.
fn request(reader: &mut Reader<'_>, task: Node<'_, '_>) -> Option<ResourceRequest> {
    let parts = ["resource", "candidateHosts", "hardConstraints"];
    let given = parts.iter().any(|name| view::child(task, name).is_some());
    let mut request = match view::child(task, "resource") {
        Some(node) => reader.resource(node).unwrap_or_default(),
        None => ResourceRequest::default(),
    };
    if let Some(hosts) = view::child(task, "candidateHosts") {
        constraints::hosts(reader, hosts, &mut request);
    }
    if let Some(hard) = view::child(task, "hardConstraints") {
        constraints::hard(reader, hard, &mut request);
    }
    if let Some(soft) = view::child(task, "softConstraints") {
        let say = "softConstraints has no known form in version 2 and is ignored; write preferences in version 3";
        reader.findings.warning(Code::DescUnsupported, At::Element(soft), say);
    }
    given.then_some(request)
}

/// Nothing here adds to a file that exists.
fn appended(reader: &mut Reader<'_>, executable: Node<'_, '_>) {
    let files = ["arguments", "checkpoint"].into_iter().filter_map(|name| view::child(executable, name));
    for file in files.flat_map(view::elements).filter(|file| flag(*file, "append")) {
        let name = short(file.attribute("name").unwrap_or_default());
        let say = format!("append: this broker replaces {name} where it is delivered and adds nothing to it");
        reader.findings.beyond(At::Attribute(file, "append"), format!("{say}; leave append out"));
    }
}

/// Earlier brokers had the program wrapped by another one, whose record of the exit code came as standard output.
fn invocation_record(reader: &mut Reader<'_>, executable: Node<'_, '_>, stdout: Option<&Location>) {
    let Some(Location::Url(url)) = stdout else { return };
    let name = url.file_name().unwrap_or_default();
    if name.starts_with("kickstart__exitcode__of__") && name.ends_with(".xml") {
        let Some(node) = view::child(executable, "stdout") else { return };
        let say = format!(
            "{} is not read as an invocation record: the exit code comes from the batch system here; the file gets the \
             program's own output",
            short(name)
        );
        reader.findings.warning(Code::DescUnsupported, At::Element(node), say);
    }
}

//! `Application`: how the program is started, its arguments, streams, environment and limits.

use super::Jsdl;
use super::count::{Counts, Start};
use super::names::{self, Family};
use super::resources::Place;
use crate::description::findings::At;
use crate::description::view;
use crate::job::{ExecutionTime, Location, ProcessLimit, ResourceRequest, TaskId, TaskSpec};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::HashSet;
use std::time::Duration;

/// A thousand years; batch systems end earlier.
const MOST_SECONDS: i64 = 60 * 60 * 24 * 366 * 1000;

const LIMITS: &[(&str, ProcessLimit)] = &[
    ("CPUTimeLimit", ProcessLimit::CpuTime),
    ("FileSizeLimit", ProcessLimit::FileSize),
    ("CoreDumpLimit", ProcessLimit::CoreDump),
    ("DataSegmentLimit", ProcessLimit::DataSegment),
    ("LockedMemoryLimit", ProcessLimit::LockedMemory),
    ("MemoryLimit", ProcessLimit::Memory),
    ("OpenDescriptorsLimit", ProcessLimit::OpenDescriptors),
    ("PipeSizeLimit", ProcessLimit::PipeSize),
    ("StackSizeLimit", ProcessLimit::StackSize),
    ("ProcessCountLimit", ProcessLimit::Processes),
    ("VirtualMemoryLimit", ProcessLimit::VirtualMemory),
    ("ThreadCountLimit", ProcessLimit::Threads),
];

/// The application element of a document and the vocabulary of what stands in it.
#[derive(Clone, Copy)]
pub(super) struct Kind<'a, 'i> {
    pub(super) node: Node<'a, 'i>,
    pub(super) family: Family,
    parallel: bool,
}

impl<'a, 'i> Kind<'a, 'i> {
    fn of(application: Node<'a, 'i>) -> Option<Self> {
        let kinds = [
            (Family::Posix, "POSIXApplication", Family::Posix, false),
            (Family::Hpcpa, "HPCProfileApplication", Family::Hpcpa, false),
            (Family::Spmd, "SPMDApplication", Family::Posix, true),
        ];
        kinds.into_iter().find_map(|(of, name, family, parallel)| {
            names::child(application, of, name).map(|node| Self { node, family, parallel })
        })
    }

    pub(super) fn child(&self, name: &'static str) -> Option<Node<'a, 'i>> {
        names::child(self.node, self.family, name)
    }

    fn all(&self, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
        names::named(self.node, self.family, name)
    }
}

impl Jsdl<'_, '_, '_> {
    /// Reads all of it before it gives up on a part, so that every fault is reported.
    pub(super) fn task(
        &mut self,
        description: Node<'_, '_>,
        resources: Option<Node<'_, '_>>,
        id: TaskId,
    ) -> Option<TaskSpec> {
        let application = names::child(description, Family::Jsdl, "Application");
        let kind = application.and_then(Kind::of);
        let mut request = ResourceRequest::default();
        let counts = resources.map(|node| self.counts(node, &mut request)).unwrap_or_default();
        let start = self.start(kind, counts);
        let mut place = resources.map(|node| self.place(node, counts.shares())).unwrap_or_default();
        place.request.clauses.splice(0..0, request.clauses);
        let mut staging = self.staging(description);
        let program = self.program(description, application, kind, &mut staging);
        let mut task = TaskSpec::new(id, program?);
        self.fill(&mut task, kind, place);
        task.launch = start.launch;
        task.count = start.count;
        task.layout = start.layout;
        task.persistent = staging.kept;
        task.staging = staging.moved;
        task.description = application.and_then(|node| names::said(node, Family::Jsdl, "Description"));
        Some(task)
    }

    fn start(&mut self, kind: Option<Kind<'_, '_>>, counts: Counts<'_, '_>) -> Start {
        match kind {
            Some(kind) if kind.parallel => self.parallel(kind.node, counts),
            _ => self.alone(counts),
        }
    }

    fn fill(&mut self, task: &mut TaskSpec, kind: Option<Kind<'_, '_>>, place: Place) {
        if place.request != ResourceRequest::default() {
            task.resources.push(place.request);
        }
        task.process_limits = place.limits;
        let Some(kind) = kind else { return };
        for node in kind.all("Argument") {
            task.arguments.extend(self.data(node));
        }
        self.environment(kind, task);
        [task.stdin, task.stdout, task.stderr] = ["Input", "Output", "Error"].map(|name| self.stream(kind, name));
        if let (Some(error), true) = (kind.child("Error"), task.stdout.is_some() && task.stdout == task.stderr) {
            let say = "Output and Error are one file; what is written to Error will replace the other";
            self.remark(At::Element(error), say);
        }
        self.wall_time(kind, task);
        for (name, limit) in LIMITS {
            let Some(node) = kind.child(name) else { continue };
            let Some(value) = lexical::integer(&view::text(node)).and_then(|value| u64::try_from(value).ok()) else {
                continue;
            };
            if matches!(limit, ProcessLimit::PipeSize | ProcessLimit::Threads) {
                let say = format!("no system that this broker drives can limit that; leave {name} out");
                self.reader.findings.beyond(At::Element(node), say);
            }
            tighten(&mut task.process_limits, *limit, value);
        }
        self.refused(kind);
    }

    fn environment(&mut self, kind: Kind<'_, '_>, task: &mut TaskSpec) {
        let mut known = HashSet::new();
        for node in kind.all("Environment") {
            let value = self.data(node);
            let Some(name) = node.attribute("name") else { continue };
            let taken = !known.insert(name);
            self.reader.environment_name(name, At::Attribute(node, "name"), taken);
            task.environment.extend(value.map(|value| (name.to_owned(), value)));
        }
    }

    fn stream(&mut self, kind: Kind<'_, '_>, name: &'static str) -> Option<Location> {
        let node = kind.child(name)?;
        let text = self.targets.text(node).trimmed();
        if text.is_blank() {
            self.inconsistent(At::Element(node), format!("{name} is empty; write the name of a file or leave it out"));
            return None;
        }
        let url = self.path_url(node, &text)?;
        self.own_location(At::Text(node), &url)
    }

    fn wall_time(&mut self, kind: Kind<'_, '_>, task: &mut TaskSpec) {
        let Some(node) = kind.child("WallTimeLimit") else { return };
        let seconds = self.reader.within(&view::text(node), "WallTimeLimit", At::Text(node), 1..=MOST_SECONDS);
        task.execution_time = seconds.map(|seconds| ExecutionTime {
            slot: None,
            duration: Duration::from_secs(seconds.unsigned_abs()),
            period: None,
        });
    }

    /// What is the site's to say, not the document's.
    fn refused(&mut self, kind: Kind<'_, '_>) {
        let refused = [
            ("WorkingDirectory", "the broker makes a working directory of its own; leave WorkingDirectory out"),
            ("UserName", "the account is the one that the site's grid-mapfile gives to you; leave UserName out"),
            ("GroupName", "the group is that of the account at the site; leave GroupName out"),
        ];
        for (name, say) in refused {
            let Some(node) = kind.child(name) else { continue };
            let text = view::trimmed(node);
            if !(text.is_empty() || name == "WorkingDirectory" && matches!(text.as_str(), "." | "./")) {
                self.reader.findings.beyond(At::Element(node), say);
            }
        }
    }
}

/// Adds a limit; of two on the same thing the stricter one counts.
/// Adds a limit; of two for the same thing the stricter one counts.
pub(super) fn tighten(limits: &mut Vec<(ProcessLimit, u64)>, limit: ProcessLimit, value: u64) {
    match limits.iter_mut().find(|(known, _)| *known == limit) {
        Some((_, known)) => *known = (*known).min(value),
        None => limits.push((limit, value)),
    }
}

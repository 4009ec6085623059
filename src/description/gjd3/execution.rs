//! `execution`: how the program is started, with what, and which files go with it.

use super::Job;
use super::resource::Places;
use crate::description::findings::{At, short};
use crate::description::reader::flag;
use crate::description::view;
use crate::job::{Code, Launch, Layout, ProcessLimit, Program, TaskId, TaskSpec};
use crate::xml::lexical;
use roxmltree::Node;

const LAUNCHES: [Launch; 6] =
    [Launch::Single, Launch::Multiple, Launch::Mpi, Launch::MpichG, Launch::OpenMpi, Launch::OpenMp];

impl<'a, 'i> Job<'a, 'i, '_> {
    /// Reads all of it before it gives up on a part, so that every fault is reported.
    pub(super) fn execution(&mut self, node: Node<'a, 'i>, task: Node<'a, 'i>, places: Places) -> Option<TaskSpec> {
        let launch = self.launch(node);
        let (count, preferences) = (places.count, places.preferences.clone());
        let programs = view::child(node, "executable").and_then(|executable| self.programs(executable, places));
        let arguments = view::child(node, "arguments").map(|node| self.reader.arguments(node)).unwrap_or_default();
        let environment =
            view::child(node, "environment").map(|node| self.reader.environment(node)).unwrap_or_default();
        let stdin = view::child(node, "stdin").and_then(|node| self.place(node));
        let [stdout, stderr] =
            ["stdout", "stderr"].map(|name| view::child(node, name).and_then(|stream| self.stream(stream, name)));
        let local = programs.as_ref().and_then(|(program, _)| match program {
            Program::File { name, .. } => Some(name.as_str().to_owned()),
            Program::Application { .. } => None,
        });
        let staged = view::child(node, "stageInOut").map(|node| self.staged(node, local));
        let (staging, kept) = staged.unwrap_or_default();
        let checkpoint = view::child(node, "checkpoint").map(|node| self.staged(node, None));
        let (checkpoint, kept_too) = checkpoint.unwrap_or_default();
        self.endings(node, flag(task, "persistent"), kept || kept_too);
        self.reader.deliveries(node, &staging, [("stdout", &stdout), ("stderr", &stderr)]);
        let layout =
            Layout { per_host: self.positive(node, "processesPerHost"), threads: self.positive(node, "threads") };
        let process_limits = view::child(node, "processLimits").map(|node| self.limits(node)).unwrap_or_default();
        self.not_here(node, &["other"]);
        let (program, resources) = programs?;
        let launch = launch?;
        self.tiles(node, launch, count, &resources);
        let mut read = TaskSpec::new(TaskId::main(), program);
        read.launch = launch;
        read.count = count;
        read.arguments = arguments;
        read.environment = environment;
        read.stdin = stdin;
        read.stdout = stdout;
        read.stderr = stderr;
        read.staging = staging;
        read.checkpoint = checkpoint;
        read.checkpointable = flag(node, "checkpointable");
        read.persistent = kept || kept_too;
        read.resources = resources;
        read.layout = layout;
        read.preferences = preferences;
        read.process_limits = process_limits;
        Some(read)
    }

    fn launch(&mut self, node: Node<'_, '_>) -> Option<Launch> {
        let text = lexical::trim(node.attribute("type")?);
        let launch = LAUNCHES.into_iter().find(|launch| launch.as_str() == text);
        if launch.is_none() && ["mpi_mp", "proactive", "mapper"].contains(&text) {
            let say = format!("type {text} is not offered; write single, multiple, mpi, mpichg, open_mpi or open_mp");
            self.reader.findings.error(Code::DescUnsupported, At::Attribute(node, "type"), say);
        }
        launch
    }

    fn positive(&mut self, node: Node<'_, '_>, name: &'static str) -> Option<u32> {
        if node.has_attribute(name) { self.reader.count(node, name) } else { None }
    }

    fn limits(&mut self, node: Node<'_, '_>) -> Vec<(ProcessLimit, u64)> {
        let mut limits = Vec::new();
        for limit in view::named(node, "limit") {
            let word = limit.attribute("name").map(lexical::trim).unwrap_or_default();
            let known = ProcessLimit::ALL.iter().copied().find(|one| one.as_str() == word);
            let text = view::trimmed(limit);
            let value = text.parse::<u64>();
            if value.is_err() && lexical::integer(&text).is_some_and(|number| number >= 0) {
                let say = format!("the limit {} is too great; leave it out if there is none", short(word));
                self.reader.inconsistent(At::Text(limit), say);
            }
            let (Some(known), Ok(value)) = (known, value) else { continue };
            if limits.iter().any(|(other, _)| *other == known) {
                let say = format!("the limit {} is given twice; keep one", short(word));
                self.reader.inconsistent(At::Element(limit), say);
            }
            limits.push((known, value));
        }
        limits
    }

    /// The parts of an `mpichg` run are told by their sizes.
    fn tiles(&mut self, node: Node<'_, '_>, launch: Launch, count: u32, resources: &[crate::job::ResourceRequest]) {
        let sizes: Vec<_> = resources.iter().filter_map(|request| request.tile_size).collect();
        if launch != Launch::MpichG {
            if !sizes.is_empty() {
                let say = "tileSize has an effect with type mpichg only";
                self.reader.findings.warning(Code::DescInconsistent, At::Element(node), say);
            }
            return;
        }
        let sum: u64 = sizes.iter().map(|size| u64::from(*size)).sum();
        if resources.is_empty() || sizes.len() != resources.len() {
            let say = "every computingResource of an mpichg run needs a hostname and a tileSize, one for each part";
            self.reader.inconsistent(At::Element(node), say);
        } else if sum != u64::from(count) {
            let say = format!("sum of tile sizes is {sum}, processesCount is {count}; make them equal");
            self.reader.inconsistent(At::Element(node), say);
        }
    }
}

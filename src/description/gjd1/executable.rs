//! `executable` of versions 1 and 2: the program, how it is started, its arguments, streams and environment.

use crate::description::findings::At;
use crate::description::reader::{Reader, flag};
use crate::description::view;
use crate::job::{Checkpoint, Code, Direction, FileKind, Launch, Location, Program, Staged, TaskId, TaskSpec};
use crate::xml::lexical;
use roxmltree::Node;

/// What `executable` says.
pub(in crate::description) struct Executable {
    program: Program,
    launch: Launch,
    count: u32,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    stdin: Option<Location>,
    stdout: Option<Location>,
    stderr: Option<Location>,
    staging: Vec<Staged>,
    checkpoint: Vec<Checkpoint>,
    checkpointable: bool,
}

impl Executable {
    /// A task of which nothing else is known yet.
    pub(in crate::description) fn into_task(self, id: TaskId) -> TaskSpec {
        let mut task = TaskSpec::new(id, self.program);
        task.launch = self.launch;
        task.count = self.count;
        task.arguments = self.arguments;
        task.environment = self.environment;
        task.stdin = self.stdin;
        task.stdout = self.stdout;
        task.stderr = self.stderr;
        task.staging = self.staging;
        task.checkpoint = self.checkpoint;
        task.checkpointable = self.checkpointable;
        task
    }
}

/// Reads all of it before it gives up on a part, so that every fault is reported.
pub(in crate::description) fn executable(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Executable> {
    let launch = node.attribute("type").and_then(launch);
    let count = if node.has_attribute("count") { reader.count(node, "count") } else { Some(1) };
    let program = program(reader, node);
    let arguments = view::child(node, "arguments");
    let staging: Vec<_> = arguments.into_iter().flat_map(view::elements).collect();
    let staging = reader.staging(&staging, program_file(node));
    let checkpoint: Vec<_> = view::child(node, "checkpoint").into_iter().flat_map(view::elements).collect();
    let checkpoint = reader.staging(&checkpoint, None);
    let arguments = arguments.map(|node| reader.arguments(node)).unwrap_or_default();
    let [stdin, stdout, stderr] = [("stdin", Direction::In), ("stdout", Direction::Out), ("stderr", Direction::Out)]
        .map(|(name, direction)| {
            view::child(node, name).and_then(|stream| reader.location(stream, FileKind::File, direction))
        });
    let environment = view::child(node, "environment").map(|node| reader.environment(node)).unwrap_or_default();
    reader.deliveries(node, &staging, [("stdout", &stdout), ("stderr", &stderr)]);
    Some(Executable {
        program: program?,
        launch: launch?,
        count: count?,
        arguments,
        environment,
        stdin,
        stdout,
        stderr,
        staging,
        checkpoint,
        checkpointable: flag(node, "checkpointable"),
    })
}

/// The element of the binary: `file` in version 1, `execfile` in version 2.
fn program_file<'a, 'i>(executable: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    view::child(executable, "file").or_else(|| view::child(executable, "execfile"))
}

fn program(reader: &mut Reader<'_>, executable: Node<'_, '_>) -> Option<Program> {
    if let Some(node) = view::child(executable, "application") {
        let application = reader.application(node)?;
        if application.instances.is_some() {
            let say = "instanceCount of the program to start has no effect; write it in resource/applications";
            reader.findings.warning(Code::DescInconsistent, At::Attribute(node, "instanceCount"), say);
        }
        return Some(Program::Application { name: application.name, version: application.version });
    }
    let file = program_file(executable)?;
    let direction = file.attribute("type").map(lexical::trim);
    if matches!(direction, Some("out" | "inout")) {
        let say = "the file of an executable is always fetched; write type=\"in\"";
        reader.inconsistent(At::Attribute(file, "type"), say);
    }
    let name = reader.local_name(file, true);
    let location = reader.location(file, FileKind::File, Direction::In);
    Some(Program::File { name: name?, location: location? })
}

fn launch(text: &str) -> Option<Launch> {
    let text = lexical::trim(text);
    [Launch::Single, Launch::Multiple, Launch::Mpi, Launch::MpichG].into_iter().find(|launch| launch.as_str() == text)
}

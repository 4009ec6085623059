//! `executable`: the program, how it is started, its arguments, streams and environment.

use crate::description::findings::At;
use crate::description::reader::{Reader, flag};
use crate::description::view;
use crate::job::{Checkpoint, Code, Launch, Location, Program, Staged};
use crate::xml::lexical;
use roxmltree::Node;

/// What `executable` says.
pub(super) struct Executable {
    pub(super) program: Program,
    pub(super) launch: Launch,
    pub(super) count: u32,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    pub(super) stdin: Option<Location>,
    pub(super) stdout: Option<Location>,
    pub(super) stderr: Option<Location>,
    pub(super) staging: Vec<Staged>,
    pub(super) checkpoint: Vec<Checkpoint>,
    pub(super) checkpointable: bool,
}

/// Reads all of it before it gives up on a part, so that every fault is reported.
pub(super) fn executable(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Executable> {
    let launch = node.attribute("type").and_then(launch);
    let count = if node.has_attribute("count") { reader.count(node, "count") } else { Some(1) };
    let program = program(reader, node);
    let arguments = view::child(node, "arguments");
    let staging: Vec<_> = arguments.into_iter().flat_map(view::elements).collect();
    let staging = reader.staging(&staging, view::child(node, "file"));
    let checkpoint: Vec<_> = view::child(node, "checkpoint").into_iter().flat_map(view::elements).collect();
    let checkpoint = reader.staging(&checkpoint, None);
    let arguments = arguments.map(|node| reader.arguments(node)).unwrap_or_default();
    let [stdin, stdout, stderr] =
        ["stdin", "stdout", "stderr"].map(|name| view::child(node, name).and_then(|stream| reader.location(stream)));
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

fn program(reader: &mut Reader<'_>, executable: Node<'_, '_>) -> Option<Program> {
    if let Some(node) = view::child(executable, "application") {
        let application = reader.application(node)?;
        if application.instances.is_some() {
            let say = "instanceCount of the program to start has no effect; write it in resource/applications";
            reader.findings.warning(Code::DescInconsistent, At::Attribute(node, "instanceCount"), say);
        }
        return Some(Program::Application { name: application.name, version: application.version });
    }
    let file = view::child(executable, "file")?;
    let direction = file.attribute("type").map(lexical::trim);
    if matches!(direction, Some("out" | "inout")) {
        let say = "the file of an executable is always fetched; write type=\"in\"";
        reader.inconsistent(At::Attribute(file, "type"), say);
    }
    let name = reader.local_name(file, true);
    let location = reader.location(file);
    Some(Program::File { name: name?, location: location? })
}

fn launch(text: &str) -> Option<Launch> {
    let text = lexical::trim(text);
    [Launch::Single, Launch::Multiple, Launch::Mpi, Launch::MpichG].into_iter().find(|launch| launch.as_str() == text)
}

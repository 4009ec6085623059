//! `executable`: the program, how it is started, its arguments, streams and environment.

use super::{Reader, flag};
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Checkpoint, Code, Launch, Location, Program, RelativeName, Staged};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::HashSet;

/// Names that the broker sets itself.
const RESERVED: &str = "GRMS_";

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

impl Reader<'_> {
    /// Reads all of it before it gives up on a part, so that every fault is reported.
    pub(super) fn executable(&mut self, node: Node<'_, '_>) -> Option<Executable> {
        let launch = node.attribute("type").and_then(launch);
        let count = if node.has_attribute("count") { self.count(node, "count") } else { Some(1) };
        let program = self.program(node);
        let arguments = view::child(node, "arguments");
        let staging: Vec<_> = arguments.into_iter().flat_map(view::elements).collect();
        let staging = self.staging(&staging, view::child(node, "file"));
        let checkpoint: Vec<_> = view::child(node, "checkpoint").into_iter().flat_map(view::elements).collect();
        let checkpoint = self.staging(&checkpoint, None);
        let arguments = arguments.map(|node| self.arguments(node)).unwrap_or_default();
        let [stdin, stdout, stderr] =
            ["stdin", "stdout", "stderr"].map(|name| view::child(node, name).and_then(|stream| self.location(stream)));
        let environment = view::child(node, "environment").map(|node| self.environment(node)).unwrap_or_default();
        self.deliveries(node, &staging, [("stdout", &stdout), ("stderr", &stderr)]);
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

    fn program(&mut self, executable: Node<'_, '_>) -> Option<Program> {
        if let Some(node) = view::child(executable, "application") {
            let application = self.application(node)?;
            if application.instances.is_some() {
                let say = "instanceCount of the program to start has no effect; write it in resource/applications";
                self.findings.warning(Code::DescInconsistent, At::Attribute(node, "instanceCount"), say);
            }
            return Some(Program::Application { name: application.name, version: application.version });
        }
        let file = view::child(executable, "file")?;
        let direction = file.attribute("type").map(lexical::trim);
        if matches!(direction, Some("out" | "inout")) {
            let say = "the file of an executable is always fetched; write type=\"in\"";
            self.inconsistent(At::Attribute(file, "type"), say);
        }
        let name = self.local_name(file, true);
        let location = self.location(file);
        Some(Program::File { name: name?, location: location? })
    }

    fn arguments(&mut self, arguments: Node<'_, '_>) -> Vec<String> {
        let mut values = Vec::new();
        for node in view::named(arguments, "value") {
            let value = view::text(node);
            self.data(&value, At::Text(node));
            values.push(value.into_owned());
        }
        values
    }

    fn environment(&mut self, environment: Node<'_, '_>) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        let mut names = HashSet::new();
        for node in view::named(environment, "variable") {
            let Some(name) = node.attribute("name") else { continue };
            let at = At::Attribute(node, "name");
            if !is_variable_name(name) {
                let say = "is no name of a variable; use letters, digits and _, beginning with no digit";
                self.inconsistent(at, format!("`{}` {say}", short(name)));
            } else if name.starts_with(RESERVED) {
                let say = "names beginning with GRMS_ are set by the broker; choose another name";
                self.inconsistent(at, format!("the variable {} cannot be set: {say}", short(name)));
            } else if !names.insert(name) {
                let say = format!("the variable {} is set twice; the last value counts", short(name));
                self.findings.warning(Code::DescInconsistent, at, say);
            }
            let value = view::text(node);
            self.data(&value, At::Text(node));
            variables.push((name.to_owned(), value.into_owned()));
        }
        variables
    }

    /// The name of a file or directory in the working directory.
    pub(super) fn local_name(&mut self, node: Node<'_, '_>, is_file: bool) -> Option<RelativeName> {
        let text = node.attribute("name")?;
        let at = At::Attribute(node, "name");
        match RelativeName::parse(text) {
            Err(why) => self.inconsistent(at, why.to_string()),
            Ok(name) if is_file && name.is_working_directory() => {
                self.inconsistent(
                    at,
                    format!("`{}` is the working directory itself; give the file a name", short(text)),
                );
            }
            Ok(name) => {
                if text.contains("${") {
                    let say = "variables are not replaced in local names; the name is used as written";
                    self.findings.warning(Code::DescUndefinedReference, at, say);
                }
                return Some(name);
            }
        }
        None
    }
}

fn launch(text: &str) -> Option<Launch> {
    let text = lexical::trim(text);
    [Launch::Single, Launch::Multiple, Launch::Mpi, Launch::MpichG].into_iter().find(|launch| launch.as_str() == text)
}

fn is_variable_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

//! Files and directories that move, and the names and places at which two of them would meet.

use super::{Reader, flag};
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Code, CreationFlag, Direction, FileKind, Location, RelativeName, Staged};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::{HashMap, HashSet};

impl Reader<'_> {
    /// Reads the `file` and `directory` elements among `nodes` as versions 1 and 2 write them; `program` is the executable's own file.
    pub(in crate::description) fn staging(
        &mut self,
        nodes: &[Node<'_, '_>],
        program: Option<Node<'_, '_>>,
    ) -> Vec<Staged> {
        let mut staged = Vec::new();
        let mut names = Names::default();
        if let Some(name) =
            program.and_then(|file| file.attribute("name")).and_then(|name| RelativeName::parse(name).ok())
        {
            names.program = Some(name.as_str().to_owned());
        }
        for node in nodes {
            let kind = match node {
                node if view::is(*node, "file") => FileKind::File,
                node if view::is(*node, "directory") => FileKind::Directory,
                _ => continue,
            };
            let name = self.local_name(*node, kind == FileKind::File);
            let direction = node.attribute("type").and_then(direction);
            let location = self.location(*node, kind, direction.unwrap_or(Direction::In));
            if let (Some(name), Some(direction)) = (&name, direction)
                && let Some(clash) = names.insert(name.as_str(), kind, direction)
            {
                self.inconsistent(At::Attribute(*node, "name"), clash);
            }
            if let (Some(name), Some(direction), Some(location)) = (name, direction, location) {
                let creation = if flag(*node, "append") { CreationFlag::Append } else { CreationFlag::Overwrite };
                staged.push(Staged { creation, ..Staged::new(name, kind, direction, location) });
            }
        }
        staged
    }

    /// The name of a file or directory in the working directory.
    pub(in crate::description) fn local_name(&mut self, node: Node<'_, '_>, is_file: bool) -> Option<RelativeName> {
        self.relative_name(node.attribute("name")?, At::Attribute(node, "name"), is_file)
    }

    /// The same for a name that is written elsewhere.
    pub(in crate::description) fn relative_name(
        &mut self,
        text: &str,
        at: At<'_, '_>,
        is_file: bool,
    ) -> Option<RelativeName> {
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

    /// Warns when two things are delivered to one place.
    pub(in crate::description) fn deliveries(
        &mut self,
        executable: Node<'_, '_>,
        staging: &[Staged],
        streams: [(&'static str, &Option<Location>); 2],
    ) {
        let mut taken: HashSet<&Location> =
            staging.iter().filter(|staged| staged.direction.is_out()).map(|staged| &staged.location).collect();
        for (name, location) in streams {
            if let (Some(location), Some(node)) = (location, view::child(executable, name))
                && !taken.insert(location)
            {
                let say = format!("{name} goes to a place something else goes to as well; one will replace the other");
                self.findings.warning(Code::DescInconsistent, At::Element(node), say);
            }
        }
    }
}

fn direction(text: &str) -> Option<Direction> {
    match lexical::trim(text) {
        "in" => Some(Direction::In),
        "out" => Some(Direction::Out),
        "inout" => Some(Direction::InOut),
        _ => None,
    }
}

/// Names taken in the working directory. One name may be fetched once and delivered once.
#[derive(Default)]
pub(in crate::description) struct Names {
    /// The file of the program.
    pub(in crate::description) program: Option<String>,
    fetched: HashMap<String, FileKind>,
    delivered: HashSet<String>,
    parents: HashSet<String>,
}

impl Names {
    /// Takes a name; answers what it meets.
    pub(in crate::description) fn insert(
        &mut self,
        name: &str,
        kind: FileKind,
        direction: Direction,
    ) -> Option<String> {
        let mut clash = None;
        if direction.is_out() && !self.delivered.insert(name.to_owned()) {
            clash = Some(format!("local name {} is delivered twice; write one file element for it", short(name)));
        }
        if !direction.is_in() {
            return clash;
        }
        let above = || name.match_indices('/').map(|(at, _)| &name[..at]);
        let shown = short(name);
        if self.program.as_deref() == Some(name) {
            clash = Some(format!("local name {shown} is the executable's as well; give one of them another name"));
        } else if self.fetched.contains_key(name) {
            clash = Some(format!("local name {shown} is fetched twice; give one of them another name"));
        } else if let Some(file) = above().find(|parent| self.is_file(parent)) {
            let file = short(file);
            clash = Some(format!("{shown} needs a directory {file}, which is a file; give one of them another name"));
        } else if kind == FileKind::File && self.parents.contains(name) {
            clash = Some(format!("{shown} must be a directory for another file; give one of them another name"));
        }
        self.parents.extend(above().map(str::to_owned));
        self.fetched.insert(name.to_owned(), kind);
        clash
    }

    fn is_file(&self, name: &str) -> bool {
        self.program.as_deref() == Some(name) || self.fetched.get(name) == Some(&FileKind::File)
    }
}

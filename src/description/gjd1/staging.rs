//! Files and directories that move, and the names and places at which two of them would meet.

use super::Reader;
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Code, Direction, FileKind, Location, RelativeName, Staged};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::{HashMap, HashSet};

impl Reader<'_> {
    /// Reads the `file` and `directory` elements among `nodes`; `program` is the executable's own file.
    pub(super) fn staging(&mut self, nodes: &[Node<'_, '_>], program: Option<Node<'_, '_>>) -> Vec<Staged> {
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
            let location = self.location(*node);
            let direction = node.attribute("type").and_then(direction);
            if let (Some(name), Some(direction)) = (&name, direction)
                && let Some(clash) = names.insert(name.as_str(), kind, direction)
            {
                self.inconsistent(At::Attribute(*node, "name"), clash);
            }
            if let (Some(name), Some(direction), Some(location)) = (name, direction, location) {
                staged.push(Staged::new(name, kind, direction, location));
            }
        }
        staged
    }

    /// Warns when two things are delivered to one place.
    pub(super) fn deliveries(
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

/// Names in the working directory. One name may be fetched once and delivered once.
#[derive(Default)]
struct Names {
    program: Option<String>,
    fetched: HashMap<String, FileKind>,
    delivered: HashSet<String>,
    parents: HashSet<String>,
}

impl Names {
    /// Takes a name; answers what it meets.
    fn insert(&mut self, name: &str, kind: FileKind, direction: Direction) -> Option<String> {
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

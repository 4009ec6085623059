//! Files and directories: their places, what is staged, and the attributes of both.

use super::Job;
use crate::description::findings::{At, short};
use crate::description::reader::{Names, flag};
use crate::description::view;
use crate::job::{Code, CreationFlag, Direction, FileKind, Location, Staged};
use crate::xml::lexical;
use roxmltree::Node;
use std::collections::HashMap;

/// Files and directories of a document that have an id.
pub(super) fn by_id<'a, 'i>(root: Node<'a, 'i>) -> HashMap<&'a str, Node<'a, 'i>> {
    let holders = root.descendants().filter(|node| view::is(*node, "file") || view::is(*node, "directory"));
    holders.filter_map(|node| Some((lexical::trim(node.attribute("fileDirId")?), node))).collect()
}

impl<'a, 'i> Job<'a, 'i, '_> {
    /// The `location` inside an element, to be used so.
    pub(super) fn place_for(&mut self, node: Node<'a, 'i>, kind: FileKind, direction: Direction) -> Option<Location> {
        let location = self.place(node)?;
        let at = view::child(node, "location").map_or(At::Element(node), At::Text);
        let fits = match &location {
            Location::Url(url) => self.reader.inline_fits(url, kind, direction, at),
            Location::Logical { .. } => true,
        };
        fits.then_some(location)
    }

    /// The `location` inside an element.
    pub(super) fn place(&mut self, node: Node<'a, 'i>) -> Option<Location> {
        if let Some(properties) = view::child(node, "locationProperties") {
            let say = "locationProperties are not offered: no way of moving files takes any; leave them out";
            self.reader.findings.beyond(At::Element(properties), say);
        }
        let location = view::child(node, "location")?;
        let kind = lexical::trim(location.attribute("type")?);
        if kind != "LOGICAL" && location.has_attribute("collection") {
            let say = "collection belongs to the location type LOGICAL; leave it out";
            self.reader.inconsistent(At::Attribute(location, "collection"), say);
        }
        let text = self.reader.text(location);
        let text = lexical::trim(&text);
        match kind {
            "URL" => self.reader.url(At::Text(location), text).map(Location::Url),
            "REFERENCE" => self.referenced(At::Text(location), text),
            "LOGICAL" => self.logical(location, text),
            other => {
                let say = format!("location type {} is not supported here; write the place as URL", short(other));
                self.reader.findings.error(Code::DescUnsupported, At::Attribute(location, "type"), say);
                None
            }
        }
    }

    fn logical(&mut self, node: Node<'_, '_>, name: &str) -> Option<Location> {
        if !self.reader.rules.logical_files {
            let say = "logical files need a catalogue, and this broker has none; write the place as URL";
            self.reader.findings.error(Code::DescUnsupported, At::Element(node), say);
            return None;
        }
        let collection = node.attribute("collection").map(lexical::trim).unwrap_or_default();
        let name = self.reader.word(name, "the logical name", At::Element(node))?;
        let known = self.reader.references(collection, At::Attribute(node, "collection"))
            & self.reader.references(&name, At::Text(node));
        known.then(|| Location::Logical { collection: collection.to_owned(), name })
    }

    /// Attributes without an effect on a file that is not staged by itself.
    pub(super) fn plain_file(&mut self, node: Node<'_, '_>, what: &str) {
        self.base(node);
        for name in ["permissions", "deleteOnTermination"] {
            if node.has_attribute(name) {
                let say = format!("{name} has no effect on {what}");
                self.reader.findings.warning(Code::DescInconsistent, At::Attribute(node, name), say);
            }
        }
    }

    /// Attributes that no file of this broker has.
    fn base(&mut self, node: Node<'_, '_>) {
        if node.has_attribute("proxyName") {
            let say = "proxyName is not offered: files move with the credential that the broker has; leave it out";
            self.reader.findings.beyond(At::Attribute(node, "proxyName"), say);
        }
        if node.has_attribute("size") {
            let say = "size is a hint that this broker does not use";
            self.reader.findings.warning(Code::DescUnsupported, At::Attribute(node, "size"), say);
        }
        if let Some(id) = node.attribute("fileDirId")
            && self.files.get(lexical::trim(id)).is_some_and(|known| *known != node)
        {
            let say = format!("the id {} is given to two files; give one of them another", short(id));
            self.reader.inconsistent(At::Attribute(node, "fileDirId"), say);
        }
    }

    /// `stdout` or `stderr`.
    pub(super) fn stream(&mut self, node: Node<'a, 'i>, name: &str) -> Option<Location> {
        if let Some(directory) = view::child(node, "directory") {
            let say = format!("{name} into a directory is not offered; write a file");
            self.reader.findings.beyond(At::Element(directory), say);
        }
        let file = view::elements(node).next()?;
        self.plain_file(file, "a stream");
        self.place_for(file, FileKind::File, Direction::Out)
    }

    /// What `stageInOut` or `checkpoint` holds; the flag tells that something wants the working directory kept.
    pub(super) fn staged(&mut self, node: Node<'a, 'i>, program: Option<String>) -> (Vec<Staged>, bool) {
        let (mut names, mut staged, mut kept) = (Names::default(), Vec::new(), false);
        names.program = program;
        for file in view::elements(node) {
            let kind = if view::is(file, "directory") { FileKind::Directory } else { FileKind::File };
            let direction = match file.attribute("type").map(lexical::trim) {
                Some("in") => Direction::In,
                _ => Direction::Out,
            };
            self.base(file);
            let name = self.reader.local_name(file, kind == FileKind::File);
            let location = self.place_for(file, kind, direction);
            if let Some(name) = &name
                && let Some(clash) = names.insert(name.as_str(), kind, direction)
            {
                self.reader.inconsistent(At::Attribute(file, "name"), clash);
            }
            kept |= file.attribute("deleteOnTermination").and_then(lexical::boolean) == Some(false);
            let permissions = self.permissions(file);
            if permissions.is_some() && !direction.is_in() {
                let say = "permissions have an effect on what is brought; what is delivered gets those of its place";
                self.reader.findings.warning(Code::DescInconsistent, At::Attribute(file, "permissions"), say);
            }
            let creation = self.creation(file, direction);
            if let (Some(name), Some(location)) = (name, location) {
                let required = file.attribute("required").and_then(lexical::boolean).unwrap_or(true);
                staged.push(Staged { required, creation, permissions, ..Staged::new(name, kind, direction, location) });
            }
        }
        (staged, kept)
    }

    /// Before the start the working directory is fresh: there is nothing to be replaced, added to or spared.
    fn creation(&mut self, node: Node<'_, '_>, direction: Direction) -> CreationFlag {
        let flag = match node.attribute("creationFlag").map(lexical::trim) {
            Some("APPEND") => CreationFlag::Append,
            Some("DONTOVERWRITE") => CreationFlag::DontOverwrite,
            _ => return CreationFlag::Overwrite,
        };
        if direction.is_out() {
            let say = "this creationFlag is not offered: what is there is replaced; write OVERWRITE, or deliver to a new place";
            self.reader.findings.beyond(At::Attribute(node, "creationFlag"), say);
        }
        flag
    }

    /// Nine bits, as `0640` or `rw-r-----`.
    fn permissions(&mut self, node: Node<'_, '_>) -> Option<u32> {
        let text = lexical::trim(node.attribute("permissions")?);
        let bits = octal(text).or_else(|| symbolic(text));
        if bits.is_none() {
            let say = format!("permissions `{}` are not nine bits; write 0640 or rw-r-----", short(text));
            self.reader.inconsistent(At::Attribute(node, "permissions"), say);
        }
        bits
    }

    /// Warns of what is kept with the directory, or goes with it, against the wish of a file.
    pub(super) fn endings(&mut self, execution: Node<'_, '_>, persistent: bool, kept: bool) {
        if kept && !persistent {
            let say = "deleteOnTermination=\"false\" keeps the whole working directory of the task";
            self.reader.findings.warning(Code::DescInconsistent, At::Element(execution), say);
        }
        let staged = ["stageInOut", "checkpoint"].into_iter().filter_map(|name| view::child(execution, name));
        for file in staged.flat_map(view::elements) {
            if flag(file, "deleteOnTermination") && (persistent || kept) {
                let say =
                    "deleteOnTermination in a working directory that is kept is not offered; leave one of them out";
                self.reader.findings.beyond(At::Attribute(file, "deleteOnTermination"), say);
            }
        }
    }
}

fn octal(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    u32::from_str_radix(text, 8).ok().filter(|bits| digits && (3..=4).contains(&text.len()) && *bits <= 0o777)
}

fn symbolic(text: &str) -> Option<u32> {
    let wanted = "rwxrwxrwx";
    let fits =
        text.len() == wanted.len() && text.chars().zip(wanted.chars()).all(|(one, full)| one == full || one == '-');
    fits.then(|| text.bytes().fold(0, |bits, byte| bits << 1 | u32::from(byte != b'-')))
}

//! `DataStaging`: files that come before and go after.

use super::Jsdl;
use super::file_system::WORK;
use super::names::{self, Family};
use crate::description::findings::{At, short};
use crate::description::reader::Names;
use crate::description::view;
use crate::job::{Code, CreationFlag, Direction, FileKind, Location, RelativeName, Staged};
use roxmltree::Node;

/// The files of a document.
#[derive(Debug, Default)]
pub(super) struct Staging {
    /// What moves.
    pub(super) moved: Vec<Staged>,
    /// Whether something is to be kept after the end.
    pub(super) kept: bool,
}

/// The two ends of one block.
struct Block<'a, 'i> {
    node: Node<'a, 'i>,
    name: RelativeName,
    source: Option<Location>,
    target: Option<Location>,
}

impl Jsdl<'_, '_, '_> {
    /// Reads all blocks.
    pub(super) fn staging(&mut self, description: Node<'_, '_>) -> Staging {
        let nodes: Vec<_> = names::named(description, Family::Jsdl, "DataStaging").collect();
        let mut staging = Staging::default();
        let mut taken = Names::default();
        let mut deleted = None;
        for node in nodes {
            match names::child(node, Family::Jsdl, "DeleteOnTermination") {
                Some(flag) if names::boolean(&view::trimmed(flag)) == Some(false) => staging.kept = true,
                Some(flag) => deleted = deleted.or(Some(flag)),
                None => {}
            }
            let Some(block) = self.block(node) else { continue };
            for (location, direction) in [(&block.source, Direction::In), (&block.target, Direction::Out)] {
                let Some(location) = location else { continue };
                if let Some(clash) = taken.insert(block.name.as_str(), FileKind::File, direction) {
                    self.inconsistent(At::Element(block.node), clash);
                }
                let mut staged = Staged::new(block.name.clone(), FileKind::File, direction, location.clone());
                staged.creation = self.creation(block.node, direction);
                staging.moved.push(staged);
            }
        }
        if let Some(flag) = deleted.filter(|_| staging.kept) {
            let say = "another file is kept, and with it the whole working directory; this one is kept as well";
            self.remark(At::Element(flag), say);
        }
        staging
    }

    fn block<'a, 'i>(&mut self, node: Node<'a, 'i>) -> Option<Block<'a, 'i>> {
        let name = self.file_name(node);
        let source = self.end(node, "Source");
        let target = self.end(node, "Target");
        let on_work = self.is_on_work(node);
        self.credential(node);
        let archive = names::child(node, Family::Jsdl, "HandleAsArchive");
        if let Some(archive) = archive.filter(|flag| names::boolean(&view::trimmed(*flag)) == Some(true)) {
            let say =
                "this broker neither packs nor unpacks archives; let the program do it and leave HandleAsArchive out";
            self.reader.findings.beyond(At::Element(archive), say);
        }
        let plain = [&source, &target].iter().all(|end| matches!(end, End::Absent));
        if plain && names::child(node, Family::Jsdl, "DeleteOnTermination").is_none() {
            let say = "a block without Source, Target and DeleteOnTermination has no effect";
            self.remark(At::Element(node), say);
        }
        let (source, target) = (source.location(), target.location());
        name.filter(|_| on_work).map(|name| Block { node, name, source, target })
    }

    fn file_name(&mut self, node: Node<'_, '_>) -> Option<RelativeName> {
        let node = names::child(node, Family::Jsdl, "FileName")?;
        let text = self.targets.text(node).trimmed();
        match RelativeName::parse(&text.name()) {
            Err(why) => self.inconsistent(At::Element(node), why.to_string()),
            Ok(name) if name.is_working_directory() => {
                self.inconsistent(At::Text(node), "FileName is the working directory itself; name a file");
            }
            Ok(name) => return Some(name),
        }
        None
    }

    fn is_on_work(&mut self, node: Node<'_, '_>) -> bool {
        let Some(named) = names::child(node, Family::Jsdl, "FilesystemName") else { return true };
        let Some(mount) = self.mount(&view::trimmed(named), At::Text(named)) else { return false };
        if mount != WORK {
            let say = "files are staged in the working directory only; leave FilesystemName out, or let the program copy the file";
            self.reader.findings.beyond(At::Element(named), say);
        }
        mount == WORK
    }

    fn end(&mut self, node: Node<'_, '_>, name: &'static str) -> End {
        let Some(end) = names::child(node, Family::Jsdl, name) else { return End::Absent };
        let uri = names::child(end, Family::Jsdl, "URI");
        let text = uri.map(|uri| self.targets.text(uri).trimmed()).filter(|text| !text.is_blank());
        let (Some(uri), Some(text)) = (uri, text) else {
            let say = format!(
                "an empty {name} means that the client moves the file, which this broker does not offer; write a URI"
            );
            self.reader.findings.beyond(At::Element(end), say);
            return End::Client;
        };
        let direction = if name == "Source" { Direction::In } else { Direction::Out };
        let url = self.reader.url(At::Text(uri), &text.uri());
        let fits = |url: &crate::job::Url| self.reader.inline_fits(url, FileKind::File, direction, At::Text(uri));
        url.filter(fits).map_or(End::Client, |url| End::At(Location::Url(url)))
    }

    /// A credential is never looked into: not by a message, not by the log, not by the store.
    fn credential(&mut self, node: Node<'_, '_>) {
        for family in [Family::Staging, Family::Activity] {
            for credential in names::named(node, family, "Credential") {
                let say =
                    "this broker takes no credential in a job description; delegate one, and leave Credential out";
                self.reader.findings.beyond(At::Element(credential), say);
            }
        }
    }

    /// Before the start the working directory is fresh: there is nothing to be replaced, added to or spared.
    fn creation(&mut self, node: Node<'_, '_>, direction: Direction) -> CreationFlag {
        let Some(flag) = names::child(node, Family::Jsdl, "CreationFlag") else { return CreationFlag::Overwrite };
        let creation = match view::trimmed(flag).as_str() {
            "append" => CreationFlag::Append,
            "dontOverwrite" => CreationFlag::DontOverwrite,
            _ => CreationFlag::Overwrite,
        };
        if direction.is_out() && creation != CreationFlag::Overwrite {
            let say =
                "this broker replaces the file at the Target; write overwrite, or choose a Target that is not there";
            self.reader.findings.beyond(At::Element(flag), say);
        }
        creation
    }

    /// A fault of a location on the executing machine is this decoder's own.
    pub(super) fn own_location(&mut self, at: At<'_, '_>, url: &str) -> Option<Location> {
        match crate::job::Url::parse(url) {
            Ok(url) => Some(Location::Url(url)),
            Err(why) => {
                self.reader.findings.error(Code::DescBadUrl, at, format!("{}: {why}", short(url)));
                None
            }
        }
    }
}

/// One end of a block.
enum End {
    Absent,
    /// It is there; a fault has been told.
    Client,
    At(Location),
}

impl End {
    fn location(self) -> Option<Location> {
        if let Self::At(location) = self { Some(location) } else { None }
    }
}

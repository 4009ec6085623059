//! `FileSystem`: named places on the executing machine.

use super::Jsdl;
use super::names::{self, Family};
use super::text::Text;
use crate::description::findings::{At, short};
use crate::description::reader::Reader;
use crate::description::view;
use crate::job::Code;
use crate::xml::nearest;
use roxmltree::Node;
use std::collections::HashMap;

/// Where a file system begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mount {
    /// At an absolute path.
    Path(String),
    /// At a place that only the executing machine knows.
    Variable(&'static str),
}

/// The working directory.
pub(super) const WORK: Mount = Mount::Variable("TASK_DIR");

/// Names that mean something without a mount point.
const WELL_KNOWN: &[&str] = &["HOME", "TMP", "SCRATCH", "SPOOL", "ROOT", "USR"];

fn well_known(name: &str) -> Option<Mount> {
    match name {
        "HOME" => Some(Mount::Variable("HOME")),
        "SPOOL" | "SCRATCH" => Some(WORK),
        "TMP" => Some(Mount::Path("/tmp".into())),
        "ROOT" => Some(Mount::Path("/".into())),
        "USR" => Some(Mount::Path("/usr".into())),
        _ => None,
    }
}

/// The file systems of a document.
#[derive(Debug, Default)]
pub(super) struct Mounts(HashMap<String, Option<Mount>>);

impl Mounts {
    /// Reads those that `Resources` declares.
    pub(super) fn read(resources: Node<'_, '_>, reader: &mut Reader<'_>) -> Self {
        let mut known = HashMap::new();
        for node in names::named(resources, Family::Jsdl, "FileSystem") {
            let Some(name) = node.attribute("name") else { continue };
            let mount = mount(node, name, reader);
            if known.insert(name.to_owned(), mount).is_some() {
                let say = format!("the file system {} is declared twice; keep one", short(name));
                reader.inconsistent(At::Attribute(node, "name"), say);
            }
        }
        Self(known)
    }
}

fn mount(node: Node<'_, '_>, name: &str, reader: &mut Reader<'_>) -> Option<Mount> {
    if let Some(source) = names::child(node, Family::Jsdl, "MountSource") {
        let say =
            "this broker mounts nothing; leave MountSource out and stage the files, or name a MountPoint that is there";
        reader.findings.beyond(At::Element(source), say);
    }
    let Some(point) = names::child(node, Family::Jsdl, "MountPoint").filter(|one| !view::trimmed(*one).is_empty())
    else {
        let mount = well_known(name);
        if mount.is_none() {
            let say = format!(
                "the file system {} has no MountPoint; write one, or use a well-known name: {}",
                short(name),
                WELL_KNOWN.join(" ")
            );
            reader.inconsistent(At::Element(node), say);
        } else if name == "SCRATCH" {
            let say = "SCRATCH without a MountPoint is the working directory of the job here";
            reader.findings.warning(Code::DescInconsistent, At::Element(node), say);
        }
        return mount;
    };
    let path = view::trimmed(point);
    if path.starts_with('/') {
        return Some(Mount::Path(path));
    }
    reader.inconsistent(At::Text(point), format!("the mount point `{}` is no absolute path", short(&path)));
    None
}

impl Jsdl<'_, '_, '_> {
    /// The file system named; the outer `None` is a fault.
    pub(super) fn mount(&mut self, name: &str, at: At<'_, '_>) -> Option<Mount> {
        if let Some(mount) = self.mounts.0.get(name) {
            return mount.clone();
        }
        let hint = match nearest(name, self.mounts.0.keys().map(String::as_str)) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!("declare it in Resources: <FileSystem name=\"{}\">", short(name)),
        };
        let say = format!("there is no file system {}; {hint}", short(name));
        self.reader.findings.error(Code::DescUndefinedReference, at, say);
        None
    }

    /// A text that reaches the program, below the mount point of its file system where it names one.
    pub(super) fn data(&mut self, node: Node<'_, '_>) -> Option<String> {
        let text = self.targets.text(node);
        let Some(name) = node.attribute("filesystemName") else { return Some(text.data()) };
        let mount = self.mount(name, At::Attribute(node, "filesystemName"))?;
        Some(text.trimmed().data_on(&mount))
    }

    /// The URL of a path: absolute, on its file system, or else in the working directory.
    pub(super) fn path_url(&mut self, node: Node<'_, '_>, text: &Text) -> Option<String> {
        match node.attribute("filesystemName") {
            Some(name) => {
                let mount = self.mount(name, At::Attribute(node, "filesystemName"))?;
                Some(text.url_on(&mount))
            }
            None if text.is_absolute() => Some(text.url_on(&Mount::Path(String::new()))),
            None => Some(text.url_on(&WORK)),
        }
    }
}

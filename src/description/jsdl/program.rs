//! The program: an installed application, a file that lies on the executing machine, or one that is staged.

use super::Jsdl;
use super::application::Kind;
use super::names::{self, Family};
use super::staging::Staging;
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Program, RelativeName};
use roxmltree::Node;

impl Jsdl<'_, '_, '_> {
    /// Exactly one of `ApplicationName` and `Executable`.
    pub(super) fn program(
        &mut self,
        description: Node<'_, '_>,
        application: Option<Node<'_, '_>>,
        kind: Option<Kind<'_, '_>>,
        staging: &mut Staging,
    ) -> Option<Program> {
        let name = application.and_then(|node| names::child(node, Family::Jsdl, "ApplicationName"));
        let name = name.filter(|name| !view::trimmed(*name).is_empty());
        let executable = kind.and_then(|kind| kind.child("Executable"));
        let version = application.and_then(|node| names::child(node, Family::Jsdl, "ApplicationVersion"));
        match (name, executable) {
            (Some(name), None) => {
                let version = version.map(view::trimmed).filter(|version| !version.is_empty());
                Some(Program::Application { name: view::trimmed(name), version })
            }
            (None, Some(executable)) => {
                if let Some(version) = version.filter(|version| !view::trimmed(*version).is_empty()) {
                    self.remark(At::Element(version), "the version of a program that is given as a file has no effect");
                }
                self.file(executable, staging)
            }
            (Some(name), Some(_)) => {
                let say = "ApplicationName and Executable both name what is started; keep one of them";
                self.inconsistent(At::Element(name), say);
                None
            }
            (None, None) => {
                let at = kind.map(|kind| kind.node).or(application).unwrap_or(description);
                let say = "nothing is started; write an Executable in a POSIXApplication, or an ApplicationName";
                self.inconsistent(At::Element(at), say);
                None
            }
        }
    }

    fn file(&mut self, node: Node<'_, '_>, staging: &mut Staging) -> Option<Program> {
        let text = self.targets.text(node).trimmed();
        if text.is_blank() {
            self.inconsistent(At::Element(node), "Executable is empty; write the path of the program");
            return None;
        }
        let on_work = !text.is_absolute() && node.attribute("filesystemName").is_none();
        let written = text.name();
        if on_work {
            let name = match RelativeName::parse(&written) {
                Ok(name) => name,
                Err(why) => {
                    self.inconsistent(At::Text(node), why.to_string());
                    return None;
                }
            };
            let fetched = |one: &crate::job::Staged| one.direction.is_in() && one.name == name;
            if let Some(at) = staging.moved.iter().position(fetched) {
                let location = staging.moved.remove(at).location;
                return Some(Program::File { name, location });
            }
            let say = format!(
                "no DataStaging puts {} into the working directory; write an absolute path for a program that is installed",
                short(&written)
            );
            self.remark(At::Text(node), say);
        }
        let url = self.path_url(node, &text)?;
        let location = self.own_location(At::Text(node), &url)?;
        let last = written.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        match RelativeName::parse(last) {
            Ok(name) if !name.is_working_directory() => Some(Program::File { name, location }),
            _ => {
                self.inconsistent(At::Text(node), format!("`{}` is no path of a program", short(&written)));
                None
            }
        }
    }
}

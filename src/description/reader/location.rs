//! Locations, and the variables in them and in other texts.

use super::{Parameters, Reader};
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::variable::{Part, Variable, parts};
use crate::job::{Code, Direction, FileKind, Location, Scheme, Url};
use crate::xml::{lexical, nearest};
use roxmltree::Node;

impl Reader<'_> {
    /// The location inside `file`, `directory`, `stdin`, `stdout` or `stderr`, as versions 1 and 2 write it.
    pub(in crate::description) fn location(
        &mut self,
        node: Node<'_, '_>,
        kind: FileKind,
        direction: Direction,
    ) -> Option<Location> {
        let child = view::elements(node)
            .find(|child| ["url", "collectionfile", "collection"].into_iter().any(|name| view::is(*child, name)))?;
        let text = view::text(child);
        let text = lexical::trim(&text);
        if view::is(child, "url") {
            let url = self.url(At::Text(child), text)?;
            return self.inline_fits(&url, kind, direction, At::Text(child)).then_some(Location::Url(url));
        }
        if !self.rules.logical_files {
            let say = "logical files need a catalogue, and this broker has none; write the place as url";
            self.findings.error(Code::DescUnsupported, At::Element(child), say);
            return None;
        }
        let name = child.attribute("name")?;
        let named = self.word(name, "name", At::Attribute(child, "name"));
        if text.is_empty() && view::is(child, "collectionfile") {
            let say = "the collection is empty; write the logical name of the collection between the tags";
            self.findings.error(Code::DescBadUrl, At::Element(child), say);
            return None;
        }
        let known = self.references(text, At::Text(child)) & self.references(name, At::Attribute(child, "name"));
        named.filter(|_| known).map(|name| Location::Logical { collection: text.to_owned(), name })
    }

    /// Whether a location may be used so: content inside the description can be brought as one file, and nothing else.
    pub(in crate::description) fn inline_fits(
        &mut self,
        url: &Url,
        kind: FileKind,
        direction: Direction,
        at: At<'_, '_>,
    ) -> bool {
        let say = match (url.scheme(), direction, kind) {
            (Scheme::Data, Direction::In, FileKind::File) => return true,
            (Scheme::Data, Direction::In, FileKind::Directory) => {
                "data: is the content of one file and cannot be a directory; declare it as file"
            }
            (Scheme::Data, Direction::Out | Direction::InOut, _) => {
                "data: is content to be brought, nothing can be delivered there; name a place such as gsiftp://host//path"
            }
            _ => return true,
        };
        self.findings.error(Code::DescBadUrl, at, say);
        false
    }

    /// A URL that this broker can reach.
    pub(in crate::description) fn url(&mut self, at: At<'_, '_>, text: &str) -> Option<Url> {
        if !self.references(text, at) {
            return None;
        }
        let url = match Url::parse(text) {
            Ok(url) => url,
            Err(why) => {
                self.findings.error(Code::DescBadUrl, at, why.to_string());
                return None;
            }
        };
        if !self.rules.schemes.contains(&url.scheme()) {
            let offered: Vec<_> = self.rules.schemes.iter().map(|scheme| scheme.as_str()).collect();
            let say =
                format!("this broker moves no files by {}; offered: {}", url.scheme().as_str(), offered.join(" "));
            self.findings.error(Code::DescBadUrl, at, say);
            return None;
        }
        let path = url.path();
        if url.scheme() == Scheme::File && !path.starts_with('/') {
            let absolute = [Variable::Home, Variable::TaskDir];
            if let Some(Part::Variable(name)) = parts(path).next()
                && !absolute.iter().any(|variable| variable.as_str() == name)
            {
                let say =
                    format!("a file: path cannot begin with ${{{name}}}; begin with /, ${{HOME}} or ${{TASK_DIR}}");
                self.findings.error(Code::DescBadUrl, at, say);
                return None;
            }
        }
        if url.scheme() == Scheme::Gsiftp && !path.starts_with("//") && !path.starts_with("/~") {
            let say =
                format!("the path {} is taken as absolute; write two slashes behind the host to say so", short(path));
            self.findings.warning(Code::DescBadUrl, at, say);
        }
        Some(url)
    }

    /// Reports variables of a location that do not exist; answers whether all of them do.
    pub(in crate::description) fn references(&mut self, text: &str, at: At<'_, '_>) -> bool {
        let unknown: Vec<_> = strangers(text, &self.parameters).collect();
        for (_, say) in &unknown {
            self.findings.error(Code::DescUndefinedReference, at, say);
        }
        unknown.is_empty()
    }

    /// Warns of variables in an argument or environment value that do not exist.
    pub(in crate::description) fn data(&mut self, text: &str, at: At<'_, '_>) {
        for (is_parameter, say) in strangers(text, &self.parameters) {
            if is_parameter {
                self.findings.error(Code::DescUndefinedReference, at, say);
                continue;
            }
            let say = format!("{say}; it is left as written; write $${{ if that is meant");
            self.findings.warning(Code::DescUndefinedReference, at, say);
        }
    }
}

/// What is wrong with each variable of a text that has no value, and whether it is one of a sweep.
fn strangers<'s>(text: &'s str, parameters: &'s Parameters) -> impl Iterator<Item = (bool, String)> {
    let names = || Variable::ALL.iter().map(|variable| variable.as_str());
    parts(text).filter_map(move |part| match part {
        Part::Variable(name) if Variable::find(name).is_some() => None,
        Part::Variable(name) => match (name.strip_prefix("PS_"), parameters) {
            (Some(name), Parameters::Known(known)) => {
                let unknown = !known.iter().any(|known| known == name);
                unknown.then(|| (true, no_parameter(name, known)))
            }
            _ => {
                let hint = match nearest(name, names()) {
                    Some(meant) => format!("did you mean {meant}?"),
                    None => format!("known: {}", names().collect::<Vec<_>>().join(" ")),
                };
                Some((false, format!("unknown variable ${{{}}}; {hint}", short(name))))
            }
        },
        Part::Unclosed(rest) => Some((false, format!("`{}` has no closing brace", short(rest)))),
        Part::Text(_) | Part::Dollar => None,
    })
}

fn no_parameter(name: &str, known: &[String]) -> String {
    let known = || known.iter().map(String::as_str);
    let hint = match nearest(name, known()) {
        Some(meant) => format!("did you mean {meant}?"),
        None if known().next().is_none() => "the task has no parametersSweep".to_owned(),
        None => format!("known: {}", known().collect::<Vec<_>>().join(" ")),
    };
    format!("no sweep parameter {}; {hint}", short(name))
}

//! `executable`: one application, or binaries for several kinds of places.

use super::Job;
use super::resource::{MOST, Place, Places, join, parameters};
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Code, Program, RelativeName, ResourceRequest};
use crate::xml::lexical;
use roxmltree::Node;

/// One binary and the places it is for.
struct Variant<'a, 'i> {
    node: Node<'a, 'i>,
    program: Program,
    reference: Option<String>,
    request: Option<ResourceRequest>,
}

impl<'a, 'i> Job<'a, 'i, '_> {
    /// The program of the task, and its acceptable places with the programs that are started there instead.
    pub(super) fn programs(
        &mut self,
        executable: Node<'a, 'i>,
        places: Places,
    ) -> Option<(Program, Vec<ResourceRequest>)> {
        let whole = places.whole;
        let named = places.alternatives;
        if view::child(executable, "application").is_some() {
            let program = self.one_program(executable)?;
            return whole.then(|| (program, named.into_iter().flatten().map(own).collect()));
        }
        let nodes: Vec<_> = view::named(executable, "execFile").collect();
        let variants: Vec<_> = nodes.iter().filter_map(|node| self.variant(*node)).collect();
        if variants.len() != nodes.len() || variants.is_empty() || !whole {
            return None;
        }
        self.references_exist(&variants, named.as_deref().unwrap_or_default());
        let fallback = variants.iter().find(|one| one.reference.is_none() && one.request.is_none());
        let unreachable = |one: &&Variant<'_, '_>| {
            let free = one.reference.is_none() && one.request.is_none();
            free && fallback.is_some_and(|fallback| fallback.node != one.node)
        };
        for second in variants.iter().filter(unreachable) {
            let say = "a second execFile without execProperties is never used; give it execProperties or leave it out";
            self.reader.findings.warning(Code::DescInconsistent, At::Element(second.node), say);
        }
        let main = fallback.unwrap_or(&variants[0]).program.clone();
        if variants.len() == 1 && fallback.is_some() {
            return Some((main, named.into_iter().flatten().map(own).collect()));
        }
        let anywhere = [Place { id: None, request: ResourceRequest::default(), program: None }];
        let mut requests = Vec::new();
        for place in named.as_deref().unwrap_or(&anywhere) {
            fitting(place, &variants, fallback.is_some(), &mut requests);
            if requests.len() > MOST {
                self.too_many(executable);
                return None;
            }
        }
        if requests.is_empty() {
            let say = "no execFile fits any of the resources; write one without execProperties";
            self.reader.inconsistent(At::Element(executable), say);
        }
        Some((main, requests))
    }

    /// `executable` with one program.
    pub(super) fn one_program(&mut self, executable: Node<'a, 'i>) -> Option<Program> {
        let Some(application) = view::child(executable, "application") else {
            let mut files = view::named(executable, "execFile");
            let first = files.next()?;
            if let Some(second) = files.next() {
                let say = "one program is expected here; write variants in execution/executable";
                self.reader.inconsistent(At::Element(second), say);
            }
            return self.variant(first).map(|variant| variant.program);
        };
        if let Some(property) = view::child(application, "appProperty") {
            let say = "appProperty is not offered: properties reach no application; use arguments or environment";
            self.reader.findings.beyond(At::Element(property), say);
        }
        let name = self.reader.word(application.attribute("name")?, "name", At::Attribute(application, "name"))?;
        let version = match application.attribute("version") {
            Some(version) => Some(self.reader.word(version, "version", At::Attribute(application, "version"))?),
            None => None,
        };
        Some(Program::Application { name, version })
    }

    fn variant(&mut self, node: Node<'a, 'i>) -> Option<Variant<'a, 'i>> {
        let file = view::child(node, "file")?;
        self.plain_file(file, "the program");
        let location = self.place(file)?;
        let name = if file.has_attribute("name") {
            self.reader.local_name(file, true)?
        } else {
            let last = match &location {
                crate::job::Location::Url(url) => url.file_name().map(str::to_owned),
                crate::job::Location::Logical { name, .. } => Some(name.clone()),
            };
            let name =
                last.and_then(|name| RelativeName::parse(&name).ok()).filter(|name| !name.is_working_directory());
            if name.is_none() {
                self.reader.inconsistent(At::Element(file), "the program has no name; write <file name=\"solve\">");
            }
            name?
        };
        let program = Program::File { name, location };
        let (mut reference, mut request) = (None, None);
        if let Some(properties) = view::child(node, "execProperties") {
            reference = view::child(properties, "resourceIdReference").map(view::trimmed);
            let mut requests = vec![ResourceRequest::default()];
            if !parameters(&mut self.reader, properties, &mut requests) {
                return None;
            }
            if requests.len() > 1 {
                let say = "an application in execProperties must name one version; write an execFile for each";
                self.reader.inconsistent(At::Element(properties), say);
            }
            request = requests.into_iter().next().filter(|request| *request != ResourceRequest::default());
        }
        Some(Variant { node, program, reference, request })
    }

    fn references_exist(&mut self, variants: &[Variant<'_, '_>], places: &[Place]) {
        for variant in variants {
            let Some(wanted) = &variant.reference else { continue };
            if places.iter().any(|place| place.id.as_ref() == Some(wanted)) {
                continue;
            }
            let known = places.iter().filter_map(|place| place.id.as_deref());
            let hint = crate::xml::nearest(wanted, known)
                .map_or_else(|| "give it a resourceId".to_owned(), |meant| format!("did you mean {meant}?"));
            let at = view::child(variant.node, "execProperties")
                .and_then(|node| view::child(node, "resourceIdReference"))
                .map_or(At::Element(variant.node), At::Text);
            let say = format!("no computingResource {} in this task; {hint}", short(lexical::trim(wanted)));
            self.reader.findings.error(Code::DescUndefinedReference, at, say);
        }
    }
}

fn own(place: Place) -> ResourceRequest {
    ResourceRequest { program: place.program, ..place.request }
}

/// The alternatives that one place and the variants make: those with properties in order, then the one without.
fn fitting(place: &Place, variants: &[Variant<'_, '_>], fallback: bool, requests: &mut Vec<ResourceRequest>) {
    if place.program.is_some() {
        requests.push(own(place.clone()));
        return;
    }
    for variant in variants {
        let meant = variant.reference.is_none() || variant.reference == place.id;
        match (&variant.reference, &variant.request) {
            (None, None) => {}
            _ if !meant => {}
            (Some(_), None) => {
                // It fits the whole place, so nothing behind it can be reached.
                requests.push(ResourceRequest { program: Some(variant.program.clone()), ..place.request.clone() });
                return;
            }
            (_, Some(request)) => {
                let joined = join(&place.request, request);
                requests.push(ResourceRequest { program: Some(variant.program.clone()), ..joined });
            }
        }
    }
    if fallback {
        requests.push(place.request.clone());
    }
}

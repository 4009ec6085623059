//! Releases 1.9.0 and 1.9.6 of version 1 differ; a document may use the features of one of them. Mixing is accepted with
//! a warning.

use crate::description::findings::{At, Findings};
use crate::description::view;
use crate::job::Code;
use roxmltree::Node;

const ROOT: &[&str] = &["persistent", "extension", "project"];
const RESOURCE: &[&str] = &["applications", "freememory", "diskspace", "freediskspace", "freecpus", "queue"];

/// Warns at `reservation`, which only 1.9.0 has, when something is used that only 1.9.6 has.
pub(super) fn check(root: Node<'_, '_>, simplejob: Node<'_, '_>, findings: &mut Findings) {
    let Some(reservation) = view::child(simplejob, "reservation") else { return };
    if let Some(newer) = newer(root, simplejob) {
        let say = format!("reservation exists in release 1.9.0 only and {newer} in 1.9.6 only; both are honoured here");
        findings.warning(Code::DescInvalid, At::Element(reservation), say);
    }
}

fn newer(root: Node<'_, '_>, simplejob: Node<'_, '_>) -> Option<&'static str> {
    if let Some(name) = ROOT.iter().find(|name| root.has_attribute(**name)) {
        return Some(name);
    }
    if view::child(simplejob, "executionTime").is_some() {
        return Some("executionTime");
    }
    if view::named(simplejob, "resource").nth(1).is_some() {
        return Some("a second resource");
    }
    view::named(simplejob, "resource")
        .find_map(in_resource)
        .or_else(|| view::child(simplejob, "executable").and_then(in_executable))
}

fn in_resource(resource: Node<'_, '_>) -> Option<&'static str> {
    let manager = view::child(resource, "localrmname").map(view::trimmed);
    match manager.as_deref() {
        Some("sge") => Some("localrmname sge"),
        Some("ccs") => Some("localrmname ccs"),
        _ => RESOURCE.iter().copied().find(|name| view::child(resource, name).is_some()),
    }
}

fn in_executable(executable: Node<'_, '_>) -> Option<&'static str> {
    let mixed = |name, order: &[&str]| {
        let rank = |node: Node<'_, '_>| order.iter().position(|name| view::is(node, name));
        let ranks = view::child(executable, name).map(|node| view::elements(node).filter_map(rank).collect::<Vec<_>>());
        ranks.is_some_and(|ranks| !ranks.is_sorted())
    };
    if executable.has_attribute("checkpointable") {
        Some("checkpointable")
    } else if view::child(executable, "application").is_some() {
        Some("application")
    } else if mixed("arguments", &["value", "file", "directory"]) {
        Some("the mixed order in arguments")
    } else if view::child(executable, "checkpoint")
        .is_some_and(|node| view::named(node, "directory").count() > usize::from(view::child(node, "file").is_none()))
    {
        Some("the list in checkpoint")
    } else {
        None
    }
}

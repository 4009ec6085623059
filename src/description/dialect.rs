//! Which language a document is written in. The root's label alone decides nothing: attributes and children do.

use super::findings::{At, Findings, short};
use super::{directives, view};
use crate::job::Code;
use crate::xml::nearest;
use roxmltree::Node;

const JSDL: &str = "http://schemas.ggf.org/jsdl/2005/11/jsdl";
const LABELS: &[&str] = &["grmsjob", "grmsJob", "qcgJob"];
const ADVICE: &str = "write a version 1 document: grmsjob with appid, simplejob inside";

/// A dialect that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Version 1.
    Gjd1,
    /// Version 2.
    Gjd2,
    /// Version 3.
    Gjd3,
    /// JSDL.
    Jsdl,
}

/// Whether a text is a script rather than a document: it begins with `#!`, or one of its lines is a directive. XML begins with `<`.
pub(super) fn is_script(text: &str) -> bool {
    let spoken = text.trim_start();
    !spoken.starts_with('<') && (spoken.starts_with("#!") || text.lines().any(directives::is_directive))
}

/// Tells the dialect, or reports why there is none. A document that misses only its `appid` is still read on.
pub(super) fn detect(root: Node<'_, '_>, findings: &mut Findings) -> Option<Found> {
    let (name, namespace) = (root.tag_name().name(), root.tag_name().namespace());
    let at = At::Element(root);
    if super::jsdl::is_root(root) {
        return Some(Found::Jsdl);
    }
    if !LABELS.contains(&name) || namespace.is_some() {
        findings.error(Code::DescUnknownDialect, at, stranger(name, namespace));
        return None;
    }
    let first = ["task", "simplejob", "workflowjob"].into_iter().find(|name| view::child(root, name).is_some());
    match (root.has_attribute("appid"), root.has_attribute("appId"), first) {
        (true, true, _) => {
            let say =
                "appid (v1, v2) and appId (v3) cannot be combined; keep appid for version 1 or 2, appId for version 3";
            findings.error(Code::DescUnknownDialect, At::Attribute(root, "appId"), say);
            None
        }
        (false, true, Some("simplejob")) => {
            let say =
                "appId belongs to version 3, simplejob to version 1; write appid, or write the work as task elements";
            findings.error(Code::DescUnknownDialect, At::Attribute(root, "appId"), say);
            None
        }
        (false, true, _) => Some(Found::Gjd3),
        (true, false, Some("task")) => Some(Found::Gjd2),
        (true, false, Some(_)) => Some(Found::Gjd1),
        (true, false, None) => {
            findings.error(Code::DescUnknownDialect, at, childless(root));
            None
        }
        (false, false, child) => {
            let say = format!("attribute appid is missing; write <{name} appid=\"…\">, the label may be empty");
            findings.error(Code::DescUnknownDialect, at, say);
            (child.is_some() && child != Some("task")).then_some(Found::Gjd1)
        }
    }
}

fn stranger(name: &str, namespace: Option<&str>) -> String {
    if let Some(namespace) = namespace.filter(|_| LABELS.contains(&name)) {
        let namespace = short(namespace);
        return format!("root element {name} is in namespace {namespace}; a job description is in none, remove xmlns");
    }
    let meant = match nearest(name, LABELS.iter().copied().chain(["JobDefinition"])) {
        Some("JobDefinition") => format!("; JSDL's JobDefinition is in namespace {JSDL}"),
        Some(label) => format!("; did you mean {label}?"),
        None => String::new(),
    };
    let name = short(name);
    format!("unknown root element {name}; expected grmsjob, grmsJob, qcgJob or JSDL JobDefinition{meant}")
}

fn childless(root: Node<'_, '_>) -> String {
    let known = ["simplejob", "task"];
    let say = format!("{} with appid needs a child simplejob (version 1) or task (version 2)", root.tag_name().name());
    match view::elements(root).find_map(|child| nearest(child.tag_name().name(), known)) {
        Some(meant) => format!("{say}; did you mean {meant}?"),
        None => format!("{say}; {ADVICE}"),
    }
}

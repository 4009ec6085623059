//! Job Submission Description Language 1.0 with its POSIX, HPC profile and SPMD applications, file staging and parameter
//! sweeps: one task. Structure is checked by the grammar; what is read here is the meaning.
//!
//! Every element ends up in the [`Spec`], in a refusal or in a warning. JSDL knows no variables: arguments and environment
//! values reach the program as written. URIs may use those of the job description language.

mod application;
mod count;
mod file_system;
mod grammar;
mod match_path;
mod names;
mod program;
mod range;
mod resources;
mod staging;
mod sweep;
mod sweep_values;
mod system;
mod text;
mod walk;

use super::Rules;
use super::findings::{At, Findings};
use super::reader::Reader;
use super::view;
use crate::job::{Code, Dialect, Spec, TaskId};
use file_system::Mounts;
use names::Family;
use roxmltree::Node;
use sweep::Targets;

/// Whether a root is JSDL's, in any of the namespaces it has had.
pub(super) fn is_root(root: Node<'_, '_>) -> bool {
    names::is(root, Family::Jsdl, "JobDefinition")
}

/// Reads a document whose root is known to be of this dialect.
pub(super) fn decode(root: Node<'_, '_>, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    walk::check(root, &grammar::ROOT, rules, findings);
    let mut reader = Reader::new(rules, findings);
    let (sweep, targets) = sweep::read(root, &mut reader);
    let description = names::child(root, Family::Jsdl, "JobDescription")?;
    let resources = names::child(description, Family::Jsdl, "Resources");
    let mounts = resources.map(|node| Mounts::read(node, &mut reader)).unwrap_or_default();
    let mut jsdl = Jsdl { reader, mounts, targets };
    let mut spec = jsdl.identification(description);
    let task = jsdl.task(description, resources, task_id(&spec.app_id));
    jsdl.targets.report_unused(jsdl.reader.findings);
    let mut task = task?;
    task.sweep = sweep;
    spec.tasks.push(task);
    Some(spec)
}

/// What reading needs everywhere.
struct Jsdl<'r, 'a, 'i> {
    reader: Reader<'r>,
    mounts: Mounts,
    targets: Targets<'a, 'i>,
}

impl Jsdl<'_, '_, '_> {
    fn identification(&mut self, description: Node<'_, '_>) -> Spec {
        let Some(node) = names::child(description, Family::Jsdl, "JobIdentification") else {
            return Spec::new(Dialect::Jsdl, String::new());
        };
        let mut spec = Spec::new(Dialect::Jsdl, names::said(node, Family::Jsdl, "JobName").unwrap_or_default());
        spec.description = names::said(node, Family::Jsdl, "Description");
        let notes = names::named(node, Family::Jsdl, "JobAnnotation").map(|note| (None, view::trimmed(note)));
        spec.annotations = notes.filter(|(_, text)| !text.is_empty()).collect();
        let projects: Vec<_> =
            names::named(node, Family::Jsdl, "JobProject").filter(|one| !view::trimmed(*one).is_empty()).collect();
        if let [_, second, ..] = projects.as_slice() {
            self.inconsistent(At::Element(*second), "a job belongs to one project; keep one JobProject");
        }
        spec.project = projects.first().map(|project| view::trimmed(*project));
        spec
    }

    /// A fault of meaning: well built, but contradictory.
    fn inconsistent(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.reader.inconsistent(at, message);
    }

    /// Something that has no or another effect than the user may think.
    fn remark(&mut self, at: At<'_, '_>, message: impl Into<String>) {
        self.reader.findings.warning(Code::DescInconsistent, at, message);
    }
}

/// The job's name as the name of its task; `task` where there is none.
fn task_id(name: &str) -> TaskId {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '_' };
    let name: String = name.chars().take(64).map(harmless).collect();
    TaskId::parse(&name).or_else(|_| TaskId::parse("task")).unwrap_or_else(|_| TaskId::main())
}

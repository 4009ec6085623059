//! The canonical document says everything: what is written is read back as the same specification.

use super::*;
use grms::description::{Form, explain, write};
use grms::job::{Dialect, Direction, Spec, Staged};

/// A specification as the canonical document can say it: one dialect, `in` and `out` instead of both in one, and `$${PS_x}` where a
/// dialect without sweeps has `${PS_x}`, which stays what it is.
fn canonical(mut spec: Spec) -> Spec {
    spec.dialect = Dialect::Gjd3;
    let apart = |staging: Vec<Staged>| -> Vec<Staged> {
        let directions = |staged: &Staged| match staged.direction {
            Direction::InOut => vec![Direction::In, Direction::Out],
            one => vec![one],
        };
        let each = |staged: Staged| {
            directions(&staged).into_iter().map(move |direction| Staged { direction, ..staged.clone() })
        };
        staging.into_iter().flat_map(each).collect()
    };
    for task in &mut spec.tasks {
        if task.sweep.is_none() {
            let values = task.environment.iter_mut().map(|(_, value)| value);
            values.chain(&mut task.arguments).for_each(|text| *text = text.replace("${PS_", "$${PS_"));
        }
        task.staging = apart(std::mem::take(&mut task.staging));
        task.checkpoint = apart(std::mem::take(&mut task.checkpoint));
    }
    spec
}

pub(super) fn returns(spec: Spec, name: &str) {
    let text = write(&spec, Form::Gjd3);
    let again = read(&text, &rules()).unwrap_or_else(|faults| panic!("{name}: {}\n{text}", render(&faults)));
    let order = again.warnings.iter().any(|one| one.message.contains("usually"));
    assert!(!order, "{name}: {}", render(&again.warnings));
    assert_eq!(again.spec, canonical(spec), "{name}:\n{text}");
    assert_eq!(write(&again.spec, Form::Gjd3), text, "{name}: a canonical document is its own canonical form");
}

#[test]
fn every_kept_document_returns_from_its_canonical_form() {
    for file in kept("valid").into_iter().chain(examples()) {
        let spec = read(&std::fs::read_to_string(&file).unwrap(), &rules()).unwrap().spec;
        returns(spec, &file.display().to_string());
    }
}

#[test]
fn the_tree_names_units_numbers_defaults_and_what_is_not_carried_out() {
    let file = path("tests/fixtures/description/gjd3/valid/study.xml");
    let accepted = read(&std::fs::read_to_string(file).unwrap(), &rules()).unwrap();
    let tree = explain(&accepted);
    for line in [
        "job `study`, written in GRMS job description 3\n",
        "    memory at least 2048 MB\n",
        "      more freecpus, importance 2, desired at least 8\n",
        "    type single: started once, 1 processors (default)\n",
        "    in: file mesh.dat from gsiftp://store.example.org//study/mesh.dat\n",
        "    runs for PT30M at most\n",
        "      ${PS_temp} = 1 to 4 by 1 except 3\n",
        "    runs on any cluster (default)\n",
        "remarks\n",
    ] {
        assert!(tree.contains(line), "{line} is missing in:\n{tree}");
    }
}

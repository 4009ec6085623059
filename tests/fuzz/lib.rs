//! What every target asks of a reader: it ends, it never panics, and what it says holds together.

use grms::description::{Accepted, Diagnostic, Form, Rules, Severity, read, write};
use grms::job::{Dialect, Direction, Spec, Staged};
use grms::soap::{Settings, read_message};
use grms::xml::Limits;

fn rules() -> Rules {
    Rules::everything(jiff::Timestamp::UNIX_EPOCH)
}

/// Reads a description. Places are inside the text; a refusal has an error; what was accepted survives the store, and says the same when
/// it is written in the canonical dialect and read again.
pub fn description(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match read(text, &rules()) {
        Ok(Accepted { spec, warnings, beyond }) => {
            warnings.iter().chain(&beyond).for_each(|found| check_place(found, text));
            assert!(warnings.iter().all(|found| found.severity == Severity::Warning), "an error was accepted");
            check_spec(&spec);
        }
        Err(findings) => {
            findings.iter().for_each(|found| check_place(found, text));
            assert!(findings.iter().any(|found| found.severity == Severity::Error), "refused without an error");
        }
    }
}

fn check_place(found: &Diagnostic, text: &str) {
    let lines = text.split('\n').count();
    let line = text.split('\n').nth(found.line as usize - 1);
    let line = line.unwrap_or_else(|| panic!("line {} of {lines}: {}", found.line, found.message));
    let columns = line.chars().count() + 2;
    assert!((1..=columns).contains(&(found.column as usize)), "column {} of {columns}", found.column);
    assert!(!found.message.is_empty() && !found.path.is_empty(), "a finding says nothing");
}

fn check_spec(spec: &Spec) {
    let stored = serde_json::to_string(spec).expect("a specification can be stored");
    let loaded: Spec = serde_json::from_str(&stored).expect("a stored specification can be read");
    assert_eq!(loaded, *spec, "the store changed it");
    let written = write(spec, Form::Gjd3);
    // The canonical document is longer than what it was made from.
    let again = read(&written, &Rules { max_bytes: usize::MAX, ..rules() });
    let again = again.unwrap_or_else(|findings| panic!("what was written is refused: {findings:?}\n{written}"));
    assert_eq!(canonical(spec.clone()), again.spec, "translation changed it:\n{written}");
    assert!(!write(spec, Form::Tree).is_empty(), "nothing to tell");
}

/// A specification as the canonical document can say it: it has no word for both directions in one, so `inout` becomes `in` and `out`,
/// which [`Form::Gjd3`] promises, and `${PS_x}` that stays what it is without a sweep is written `$${PS_x}`.
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

/// Reads a message to one of the addresses. A refusal is a well-formed envelope with a fault.
pub fn message(path: &str, content_type: &str, data: &[u8]) {
    let Err(fault) = read_message(path, content_type, data, &Settings::default()) else { return };
    let tree = grms::xml::parse(&fault, &Limits { bytes: usize::MAX, ..Limits::default() });
    let tree = tree.unwrap_or_else(|error| panic!("a fault that cannot be read: {error:?}\n{fault}"));
    assert!(tree.name.local == "Envelope" && fault.contains("Fault>"), "no fault: {fault}");
}

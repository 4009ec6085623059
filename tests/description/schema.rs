//! `schemas/gjd-*.xsd` are what we publish; the decoder judges by itself. Here xmllint holds every kept document and some
//! hundreds of mutants against the schema, and the two verdicts on the structure must be the same.
//!
//! Intended differences, none of which occurs among the documents compared:
//! - what is only the decoder's to say is no matter of structure: 104, 113, 115, 117 and 114 below the root are not compared;
//! - `xsi:` attributes have no effect here, while a schema validator obeys `xsi:type` and `xsi:nil`;
//! - names a site adds to `localrmname` are not in the schema;
//! - the encoding of an XML declaration is ignored, the text has been decoded before; xmllint obeys it;
//! - a document type declaration is refused here even when it declares nothing (the kept documents 02_*);
//! - numbers of more than 24 digits, which xmllint does not take for integers, are integers here (and out of range: 113);
//! - blanks around values are collapsed here, as XML Schema says; libxml2 refuses them around an `xs:int` in an attribute
//!   and behind the zone of a date or time;
//! - an unknown root or version is 111 or 114 here and simply invalid there; both count as a fault of structure.

use super::mutants::{ATTRIBUTES, ATTRIBUTES_3, Chance, Child, ELEMENTS, ELEMENTS_3, Tree, VALUES};
use super::*;
use grms::job::Code;

/// The dialects that have a schema for the whole document: the folder of the kept documents, and the schema.
const SCHEMAS: &[(&str, &str)] =
    &[("gjd1", "schemas/gjd-1.xsd"), ("gjd2", "schemas/gjd-2.xsd"), ("gjd3", "schemas/gjd-3.xsd")];

/// Whether the decoder finds fault with the structure.
fn is_misbuilt(text: &str) -> bool {
    let answer = read(text, &rules());
    let structure = [Code::DescNotWellFormed, Code::DescUnknownDialect, Code::DescInvalid];
    findings(&answer)
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .any(|found| structure.contains(&found.code))
        || findings(&answer).iter().any(|found| found.message.contains("usually comes before"))
}

/// The files that xmllint calls valid, and what it said altogether.
fn xmllint(schema: &str, files: &[PathBuf]) -> (Vec<bool>, String) {
    #[expect(clippy::disallowed_methods, reason = "the second opinion is another program")]
    let mut command = std::process::Command::new("xmllint");
    let output = command.args(["--noout", "--nonet", "--schema"]).arg(path(schema)).args(files).output();
    let output = output.expect("xmllint runs (Debian package libxml2-utils)");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let valid = files.iter().map(|file| said.contains(&format!("{} validates\n", file.display()))).collect();
    (valid, said)
}

fn compare(schema: &str, files: &[PathBuf]) -> (usize, Vec<String>) {
    let (valid, said) = xmllint(schema, files);
    let mut wrong = Vec::new();
    for (file, valid) in files.iter().zip(&valid) {
        let text = std::fs::read_to_string(file).unwrap();
        if is_misbuilt(&text) == *valid {
            let name = file.display().to_string();
            let theirs: Vec<_> = said.lines().filter(|line| line.starts_with(&name)).collect();
            let ours = render(findings(&read(&text, &rules())));
            wrong.push(format!("{text}\nxmllint:\n{}\nours:\n{ours}", theirs.join("\n")));
        }
    }
    (valid.iter().filter(|valid| **valid).count(), wrong)
}

/// Whether a kept document is not for comparison, see above.
fn is_apart(file: &Path) -> bool {
    file.file_name().unwrap().to_string_lossy().starts_with("02_")
}

#[test]
fn the_schemas_and_the_decoder_agree_on_every_kept_document() {
    let examples = documents("examples");
    for (dialect, schema) in SCHEMAS {
        let folders = ["valid", "invalid"].map(|kind| format!("tests/fixtures/description/{dialect}/{kind}"));
        let mut files: Vec<_> = folders.iter().flat_map(|folder| documents(folder)).collect();
        files.retain(|file| !is_apart(file));
        let of_dialect = |file: &&PathBuf| {
            let accepted = read(&std::fs::read_to_string(file).unwrap(), &rules());
            accepted.is_ok_and(|accepted| accepted.spec.dialect.as_str().eq_ignore_ascii_case(dialect))
        };
        files.extend(examples.iter().filter(of_dialect).cloned());
        let (valid, wrong) = compare(schema, &files);
        assert!(valid > 10, "xmllint accepts only {valid} by {schema}");
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
    }
}

/// Compares the verdicts on documents that are the seeds with up to three changes.
fn mutants(schema: &str, folder: &str, elements: &[&str], attributes: &[&str]) {
    let seeds: Vec<_> =
        documents(folder).into_iter().map(|file| Tree::read(&std::fs::read_to_string(file).unwrap())).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let files: Vec<_> = (0..1200)
        .map(|number| {
            let mut tree = seeds[chance.below(seeds.len())].clone();
            for _ in 0..=chance.below(2) {
                tree.mutate(&mut chance, elements, attributes);
            }
            let file = folder.path().join(format!("{number}.xml"));
            std::fs::write(&file, tree.write()).unwrap();
            file
        })
        .collect();
    let (valid, wrong) = compare(schema, &files);
    assert!((100..1100).contains(&valid), "the mutants are one-sided: {valid} of 1200 are valid");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
}

#[test]
fn the_schema_and_the_decoder_agree_on_mutants_of_version_1() {
    mutants("schemas/gjd-1.xsd", "tests/fixtures/description/gjd1/valid", ELEMENTS, ATTRIBUTES);
}

#[test]
fn the_schema_and_the_decoder_agree_on_mutants_of_version_2() {
    mutants("schemas/gjd-2.xsd", "tests/fixtures/description/gjd2/valid", ELEMENTS, ATTRIBUTES);
}

#[test]
fn the_schema_and_the_decoder_agree_on_mutants_of_version_3() {
    mutants("schemas/gjd-3.xsd", "tests/fixtures/description/gjd3/valid", ELEMENTS_3, ATTRIBUTES_3);
}

#[test]
fn the_schema_and_the_decoder_agree_on_the_values_of_every_type() {
    const LEAVES: &[&str] = &[
        "deadline",
        "datasize",
        "memory",
        "slotStart",
        "execDuration",
        "dateDay",
        "weekDay",
        "localrmname",
        "min",
        "value",
    ];
    const SITES: &[(&str, &str)] = &[
        ("executable", "count"),
        ("executable", "checkpointable"),
        ("file", "type"),
        ("file", "append"),
        ("task", "crucial"),
        ("parent", "triggerState"),
        ("parameter", "name"),
    ];
    for (dialect, schema, seed) in [
        ("gjd1", "schemas/gjd-1.xsd", "release_1_9_0"),
        ("gjd1", "schemas/gjd-1.xsd", "release_1_9_6"),
        ("gjd2", "schemas/gjd-2.xsd", "everything"),
        ("gjd2", "schemas/gjd-2.xsd", "workflow"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        let seed = path(&format!("tests/fixtures/description/{dialect}/valid/{seed}.xml"));
        let tree = Tree::read(&std::fs::read_to_string(seed).unwrap());
        for (number, value) in (0..tree.elements()).flat_map(|number| VALUES.iter().map(move |value| (number, value))) {
            let mut mutant = tree.clone();
            let target = mutant.element(number);
            // The version 1 tables know no such attributes; there is nothing to learn from them.
            let site = SITES.iter().find(|(element, name)| {
                *element == target.name
                    && (*name != "append" || target.attributes.iter().any(|(known, _)| known == name))
            });
            if LEAVES.contains(&target.name.as_str()) {
                target.children = vec![Child::Text((*value).to_owned())];
            } else if let Some((_, name)) = site {
                target.attributes.retain(|(known, _)| known != name);
                target.attributes.push(((*name).to_owned(), value.trim().to_owned()));
            } else {
                continue;
            }
            files.push(folder.path().join(format!("{}.xml", files.len())));
            std::fs::write(&files[files.len() - 1], mutant.write()).unwrap();
        }
        let (valid, wrong) = compare(schema, &files);
        assert!(valid > 10 && valid < files.len(), "{valid} of {} are valid", files.len());
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
    }
}

//! Every document of `tests/fixtures/description` gets exactly the answer that is kept beside it. With
//! `UPDATE_EXPECTED=1` in the environment the answers are written anew, to be read before they are committed.

use super::*;

fn compare(file: &Path, said: &str) -> Option<String> {
    let beside = file.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        if said.is_empty() {
            let _ = std::fs::remove_file(&beside);
        } else {
            std::fs::write(&beside, said).unwrap();
        }
    }
    let expected = std::fs::read_to_string(&beside).unwrap_or_default();
    let name = file.file_name().unwrap().display();
    (expected != said).then(|| format!("{name}\nexpected:\n{expected}said:\n{said}"))
}

#[test]
fn every_invalid_document_is_refused_with_exactly_the_faults_kept_beside_it() {
    let mut wrong = Vec::new();
    for file in kept("invalid") {
        let answer = read(&std::fs::read_to_string(&file).unwrap(), &rules());
        assert!(answer.is_err(), "{} was accepted", file.display());
        wrong.extend(compare(&file, &told(&answer)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_valid_document_is_accepted_with_exactly_the_warnings_kept_beside_it() {
    let mut wrong = Vec::new();
    for file in kept("valid") {
        let answer = read(&std::fs::read_to_string(&file).unwrap(), &rules());
        assert!(answer.is_ok(), "{}: {}", file.display(), render(findings(&answer)));
        wrong.extend(compare(&file, &told(&answer)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_is_accepted_without_a_word() {
    for file in examples() {
        let answer = read(&std::fs::read_to_string(&file).unwrap(), &rules());
        assert_eq!(told(&answer), "", "{}", file.display());
        assert!(answer.is_ok());
    }
}

#[test]
fn a_specification_survives_being_stored() {
    for file in kept("valid").into_iter().chain(examples()) {
        let spec = read(&std::fs::read_to_string(&file).unwrap(), &rules()).unwrap().spec;
        let stored = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<grms::job::Spec>(&stored).unwrap(), spec, "{}", file.display());
    }
}

#[test]
fn places_do_not_depend_on_a_byte_order_mark_or_on_the_declared_encoding() {
    let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>\n<grmsjob appid=\"ż\" bad=\"1\"/>";
    let plain = render(findings(&read(text, &rules())));
    assert_eq!(plain, render(findings(&read(&format!("\u{feff}{text}"), &rules()))));
    assert!(plain.starts_with("2:1 111 /grmsjob "), "{plain}");
}

#[test]
fn a_site_may_add_local_managers() {
    let file = path("tests/fixtures/description/gjd1/invalid/13_local_manager.xml");
    let text = std::fs::read_to_string(file).unwrap().replace("PBS", "pbs");
    let site = Rules { local_managers: vec!["slurm".into()], ..rules() };
    let said = render(read(&text, &site).as_ref().unwrap_err());
    assert!(said.ends_with("known: fork lsf pbs condor sge ccs slurm; did you mean slurm?\n"), "{said}");
    assert!(read(&text.replace("Slurm", "slurm"), &site).is_ok());
}

#[test]
fn what_a_site_does_not_offer_is_refused_by_name() {
    let site = Rules { schemes: vec![grms::job::Scheme::File], logical_files: false, ..rules() };
    let text = "<grmsjob appid=\"x\"><simplejob><executable type=\"single\"><file name=\"a\" type=\"in\">\
                <url>s3://bucket/a</url></file><stdin><collectionfile name=\"b\">set</collectionfile></stdin>\
                </executable></simplejob></grmsjob>";
    let faults = read(text, &site).unwrap_err();
    let told: Vec<_> = faults.iter().map(|fault| (fault.code.number(), fault.message.as_str())).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], (115, "this broker moves no files by s3; offered: file"));
    assert_eq!(told[1].0, 114);
    assert!(told[1].1.contains("catalogue"), "{told:?}");
}

//! The packages of `clients/`: built, installed where nothing else is, tested there, and their examples run.

use crate::stage::{Stage, repository};
use std::fs;
use std::path::Path;

/// Copies a directory without what building leaves in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), target).unwrap();
        } else if !["__pycache__", "target", "dist"].iter().any(|left| entry.file_name() == *left) {
            copy(&entry.path(), &target);
        }
    }
}

#[test]
fn the_python_package_is_typed_builds_and_passes_its_tests_as_installed() {
    let stage = Stage::new("python package");
    let package = stage.dir().join("python");
    copy(&repository().join("clients/python"), &package);
    let at = |name: &str| stage.dir().join(name).display().to_string();
    let pinned = repository().join("tests/strangers/requirements.txt").display().to_string();
    let inside = |line: &str| stage.run("bash", &["-ec", &format!("cd python && {line}")]);

    let verdict = inside("mypy --no-incremental");
    assert!(verdict.contains("no issues found"), "{verdict}");
    inside("hatchling build -t wheel -d dist");
    stage.run("/usr/bin/python3", &["-m", "venv", "fresh"]);
    // Away from its sources, so that only what the wheel holds can be imported.
    fs::rename(package.join("src"), at("sources")).unwrap();
    let wheel = fs::read_dir(package.join("dist")).unwrap().next().unwrap().unwrap().path();
    let wheel = format!("{}[async]", wheel.display());
    stage.run(&at("fresh/bin/pip"), &["install", "--quiet", "--constraint", &pinned, &wheel, "pytest"]);
    stage.run(
        &at("fresh/bin/python"),
        &["-c", "import grms, pathlib; assert (pathlib.Path(grms.__file__).parent / 'py.typed').is_file()"],
    );
    let verdict = inside("../fresh/bin/pytest");
    println!("grms for Python, installed from its wheel: {}", verdict.trim().lines().last().unwrap_or(""));

    let job = at("job.xml");
    let said = stage.run(&at("fresh/bin/python"), &["python/examples/submit_and_wait.py", &job]);
    assert!(said.contains("FINISHED, exit code 0") && said.contains("attempt 1"), "{said}");
    stage.check_output();
    let date = repository().join("examples/date.xml").display().to_string();
    let said = stage.run(&at("fresh/bin/python"), &["python/examples/many_jobs.py", &date, "3"]);
    assert_eq!(said.matches("FINISHED").count(), 3, "{said}");
    let refused = stage.output(&at("fresh/bin/python"), &["python/examples/submit_and_wait.py", &at("bad-job.xml")]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&refused.stderr).matches("ERROR 112: line").count(), 2);
}

#[test]
fn the_example_in_java_runs() {
    let stage = Stage::new("java example");
    let java = stage.dir().join("java");
    copy(&repository().join("clients/java"), &java);
    let program = java.join("submit-and-wait").display().to_string();
    let said = stage.run(&program, &["job.xml"]);
    assert!(said.contains("was accepted") && said.contains("FINISHED, exit code 0"), "{said}");
    stage.check_output();
    let refused = stage.output(&program, &["bad-job.xml"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("DESC_INVALID") && said.contains("line 3, column 31") && said.contains("line 5"), "{said}");
    println!("the example of clients/java: submit, wait, history, fault with 2 diagnostics");
}

//! The pages of `docs/clients/`: the program on each is taken from the page and run as the page says.

use crate::stage::{Stage, repository};
use std::fs;

/// The fenced blocks of a page: the line before, the language, the content.
fn blocks(page: &str) -> Vec<(&str, &str, String)> {
    let lines: Vec<&str> = page.lines().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(language) = lines[at].strip_prefix("```") {
            let end = at + 1 + lines[at + 1..].iter().position(|line| *line == "```").expect("every block ends");
            let before = lines[..at].iter().rev().find(|line| !line.is_empty()).copied().unwrap_or("");
            found.push((before, language, lines[at + 1..end].iter().map(|line| format!("{line}\n")).collect()));
            at = end;
        }
        at += 1;
    }
    found
}

/// Writes the files that a page shows after a line that ends like "`submit.py`:", then runs the shell block that follows "Run it".
fn run_page(page: &'static str, name: &'static str) {
    let text = fs::read_to_string(repository().join("docs/clients").join(page)).unwrap();
    let stage = Stage::new(name);
    let mut script = "export PYTHONPATH=$GRMS_REPOSITORY/clients/python/src\n".to_owned();
    let mut programs = 0;
    for (before, language, content) in blocks(&text) {
        if language == "sh" && before.starts_with("Run it") {
            script.push_str(&content);
        } else if let Some(file) = before.strip_suffix("`:").and_then(|line| line.rsplit('`').next()) {
            stage.write(file, &content);
            programs += 1;
        }
    }
    assert!(programs > 0 && script.lines().count() > 1, "{page} shows a program and how to run it");
    let said = stage.run("bash", &["-euo", "pipefail", "-c", &script]);
    let ends = said.matches("FINISHED").count();
    assert_eq!(ends, programs, "{page} shows {programs} programs, and each tells the end of its job: {said}");
    stage.check_output();
    println!("docs/clients/{page}: its program ran as written");
}

#[test]
fn the_page_of_python_runs_as_written() {
    run_page("python.md", "page of Python");
}

#[test]
fn the_page_of_node_runs_as_written() {
    run_page("node.md", "page of Node");
}

#[test]
fn the_page_of_php_runs_as_written() {
    run_page("php.md", "page of PHP");
}

#[test]
fn the_page_of_perl_runs_as_written() {
    run_page("perl.md", "page of Perl");
}

#[test]
fn the_page_of_gsoap_runs_as_written() {
    run_page("cpp-gsoap.md", "page of gSOAP");
}

#[test]
fn the_page_of_java_runs_as_written() {
    run_page("java.md", "page of Java");
}

#[test]
fn the_page_of_dotnet_runs_as_written_on_mono() {
    run_page("dotnet.md", "page of .NET");
}

#[test]
fn no_page_is_left_out() {
    let source = fs::read_to_string(repository().join("tests/live/clients/pages.rs")).unwrap();
    for entry in fs::read_dir(repository().join("docs/clients")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let run = source.contains(&format!("run_page(\"{name}\""));
        assert!(name == "README.md" || run, "{name} is not run");
    }
}

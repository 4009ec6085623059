//! The README speaks the truth: what it links to is there, and the first job by hand runs as written.

#![expect(clippy::disallowed_methods, reason = "a test types what a reader types")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_the_documents_link_to_is_there() {
    let mut missing = Vec::new();
    let mut documents: Vec<String> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].iter().map(|name| (*name).to_owned()).collect();
    documents.extend(["grms-client", "java", "python"].iter().map(|client| format!("clients/{client}/README.md")));
    documents.extend(
        fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|page| page.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| format!("docs/{}", path.file_name().unwrap().to_str().unwrap())),
    );
    for page in fs::read_dir(root().join("docs/clients")).unwrap() {
        documents.push(format!("docs/clients/{}", page.unwrap().file_name().into_string().unwrap()));
    }
    for document in &documents {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let base = root().join(document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let there = link.contains("://") || base.parent().unwrap().join(link.split('#').next().unwrap()).exists();
            if !there {
                missing.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_first_job_by_hand_runs_as_written() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let section = text.split("## A first job by hand").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The programs are built already, and several tests run on one machine: the place and the port are other ones.
    let programs = Path::new(env!("CARGO_BIN_EXE_grmsd")).parent().unwrap();
    let block = block
        .replace("cargo build --workspace", "[ -x \"$PROGRAMS/grms-client\" ]")
        .replace("$PWD/target/debug", "$PROGRAMS")
        .replace("/tmp/my-site/log", "/tmp/my-site.log")
        .replace("/tmp/my-site", "$PLACE/my-site")
        .replace("grmsd init", &format!("grmsd init --port {port}"));
    let wait = "for i in $(seq 200); do grms-client description >/dev/null 2>&1 && break; sleep 0.1; done\n";
    let block = block.replacen("grms-client test", &format!("{wait}grms-client test"), 1);
    let script = format!("set -e\ntrap 'kill $!' EXIT\n{block}");
    let done = Command::new("timeout")
        .args(["120", "bash", "-c", &script])
        .current_dir(root())
        .env("PROGRAMS", programs)
        .env("PLACE", dir.path())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
    assert!(said.contains("FINISHED"), "{said}");
}

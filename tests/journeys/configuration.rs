//! What an administrator is told about a bad configuration, by `check-config` and by `serve` alike.

use crate::scene::Scene;
use std::net::TcpListener;
use std::process::{Command, Output};

fn grmsd(role: &str, scene: &Scene) -> (Option<i32>, String) {
    #[expect(clippy::disallowed_methods, reason = "a test starts the program under test")]
    let output: Output =
        Command::new(env!("CARGO_BIN_EXE_grmsd")).args([role, "--config"]).arg(scene.site.config()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

/// The line of a text in the configuration.
fn line_of(scene: &Scene, text: &str) -> usize {
    let config = std::fs::read_to_string(scene.site.config()).unwrap();
    config.lines().position(|line| line.starts_with(text)).unwrap() + 1
}

#[test]
fn a_good_configuration_is_told_line_by_line() {
    let scene = Scene::with("");
    let (code, said) = grmsd("check-config", &scene);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("cluster local answers") && !said.contains("FAIL"), "{said}");
}

#[test]
fn unknown_keys_are_told_with_line_and_suggestion_and_nothing_is_served() {
    let scene = Scene::with("solts = 3\n[transfers]\nstal = \"2s\"\n");
    for role in ["check-config", "serve"] {
        let (code, said) = grmsd(role, &scene);
        assert_eq!(code, Some(1), "{role}: {said}");
        let transfers = format!(
            "grms.toml:{}:1: unknown key `stal` in [transfers]: did you mean `stall`?",
            line_of(&scene, "stal")
        );
        assert!(said.contains(&transfers), "{role}: {said}");
    }
    scene.site.configure(|text| text.replace("[transfers]\nstal = \"2s\"\n", ""));
    for role in ["check-config", "serve"] {
        let (code, said) = grmsd(role, &scene);
        assert_eq!(code, Some(1), "{role}: {said}");
        assert!(said.contains(&format!("grms.toml:{}:1:", line_of(&scene, "solts"))), "{role}: {said}");
        assert!(said.contains("`solts`") && said.contains("slots"), "{role}: {said}");
    }
}

#[test]
fn what_cannot_be_reached_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let scene = Scene::with("");
    scene.site.configure(|text| {
        text.replace("sqlite:state/grms.db", &format!("postgres://grms:secret@127.0.0.1:{closed}/grms"))
            .replace("work_dir = \"work\"", "work_dir = \"grms.toml/work\"")
    });
    let (code, said) = grmsd("check-config", &scene);
    assert_eq!(code, Some(1), "{said}");
    let failures: Vec<&str> = said.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(failures.iter().any(|line| line.contains("database answers") && line.contains("refused")), "{said}");
    assert!(failures.iter().any(|line| line.contains("cluster local working area")), "{said}");
    assert!(!said.contains("secret"), "{said}");
    let (code, said) = grmsd("serve", &scene);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("database is not available") && !said.contains("secret"), "{said}");
}

#[test]
fn a_cluster_whose_commands_are_missing_is_told() {
    let scene = Scene::with(
        "[[cluster]]\nname = \"big\"\nkind = \"slurm\"\nwork_dir = \"work\"\ncommand_dir = \"/nonexistent\"\n",
    );
    let (code, said) = grmsd("check-config", &scene);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cluster big") && said.contains("/nonexistent"), "{said}");
}

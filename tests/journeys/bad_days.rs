//! Inputs that are missing, servers that are away, disks that are full, clusters that are gone: every job comes to an end or tells
//! what it waits for.

use crate::scene::{Job, Scene, WAIT, member, wait_for_reason, wait_until};
use crate::support::{Site, element};
use crate::web::Web;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const QUICK: &str = "[transfers]\ntries = 3\nretry_after = \"400ms\"\nstall = \"1s\"\n[broker]\nmax_attempts = 1\n";

fn quick() -> Scene {
    let mut scene = Scene::with(QUICK);
    scene.site.start();
    scene
}

fn error(end: &str) -> (String, String) {
    (member(end, "errorCode"), member(end, "errorDescription"))
}

#[test]
fn a_missing_input_is_named_and_the_program_does_not_run() {
    let (scene, web) = (quick(), Web::start());
    let mut portal = scene.portal();
    for url in [scene.url("not/there.dat"), web.url("/not/there.dat")] {
        let ran = scene.path("ran").display().to_string();
        let end =
            Job::of("/bin/sh", &["-c", "echo >\"$0\"", &ran]).file("my input", "in", &url).run(&mut portal, "FAILED");
        let (code, said) = error(&end);
        assert_eq!(code, "503", "{said}");
        assert!(said.contains("my input") && said.contains("not/there.dat"), "{said}");
        assert!(!scene.has("ran"));
    }
    scene.wait_swept();
}

#[test]
fn an_unreachable_server_is_tried_again_and_told_and_given_up() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let scene = quick();
    let mut portal = scene.portal();
    for (url, host) in [
        (format!("<url>http://127.0.0.1:{closed}/data</url>"), format!("127.0.0.1:{closed}")),
        ("<url>http://no-such-host.invalid/data</url>".to_owned(), "no-such-host.invalid".to_owned()),
    ] {
        let id = portal.submit(&Job::sh("true").file("data", "in", &url).text());
        let said = wait_for_reason(&mut portal, &id, &["501", &host, "try 1", "tried again at"]);
        assert_eq!(portal.status(&id), "PREPROCESSING", "{said}");
        let (code, said) = error(&portal.wait_end(&id).body);
        assert_eq!(code, "501", "{said}");
        assert!(said.contains(&host) && said.contains("try 3"), "{said}");
    }
    scene.wait_swept();
}

#[test]
fn a_server_that_says_nothing_is_given_up_as_stalled() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("<url>http://{}/data</url>", silent.local_addr().unwrap());
    let scene = quick();
    let end = Job::sh("true").file("data", "in", &url).run(&mut scene.portal(), "FAILED");
    let (code, said) = error(&end);
    assert_eq!(code, "505", "{said}");
}

#[test]
fn a_server_that_comes_back_is_used() {
    let web = Web::start();
    let mut scene = Scene::with("[transfers]\nretry_after = \"200ms\"\n");
    scene.site.start();
    let mut portal = scene.portal();
    let late = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = late.local_addr().unwrap().port();
    drop(late);
    let url = format!("<url>http://127.0.0.1:{port}/data</url>");
    let id = portal.submit(&Job::sh("cat data").file("data", "in", &url).stream("stdout", &scene.url("out")).text());
    wait_for_reason(&mut portal, &id, &["try 1"]);
    web.give("/data", b"at last\n");
    web.also_on(port);
    assert_eq!(member(&portal.wait_end(&id).body, "status"), "FINISHED");
    assert_eq!(scene.read("out"), "at last\n");
}

#[test]
fn outputs_that_are_missing_are_named_and_the_others_delivered() {
    let scene = quick();
    let end = Job::sh("echo good >good; echo said")
        .file("never written", "out", &scene.url("results/lost"))
        .file("good", "out", &scene.url("results/good"))
        .stream("stdout", &scene.url("results/out"))
        .run(&mut scene.portal(), "FAILED");
    let (code, said) = error(&end);
    assert_eq!(code, "502", "{said}");
    assert!(
        said.contains("never written") && said.contains("results/lost") && !said.contains("results/good"),
        "{said}"
    );
    assert_eq!(member(&end, "exitCode"), "0", "that the program ended well is still told");
    assert_eq!((scene.read("results/good").as_str(), scene.read("results/out").as_str()), ("good\n", "said\n"));
    scene.wait_swept();
}

#[test]
fn an_output_that_nobody_takes_is_tried_again_and_told() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let scene = quick();
    let mut portal = scene.portal();
    let url = format!("<url>http://127.0.0.1:{closed}/out</url>");
    let id = portal.submit(&Job::sh("echo x").stream("stdout", &url).text());
    let said = wait_for_reason(&mut portal, &id, &["502", "/stdout", "try 1"]);
    assert_eq!(portal.status(&id), "POSTPROCESSING", "{said}");
    assert_eq!(error(&portal.wait_end(&id).body).0, "502");
}

#[test]
fn a_working_area_that_cannot_be_used_is_told_and_comes_back() {
    let scene = quick();
    let mut portal = scene.portal();
    let (area, aside) = (scene.area(), scene.site.path().join("aside"));
    fs::rename(&area, &aside).unwrap();
    fs::write(&area, "in the way").unwrap();
    let id = portal.submit(&Job::sh("true").text());
    wait_for_reason(&mut portal, &id, &["working area of local", "tried again at"]);
    let (code, said) = error(&portal.wait_end(&id).body);
    assert_eq!(code, "501", "{said}");
    assert!(said.contains("administrator"), "{said}");
    fs::remove_file(&area).unwrap();
    fs::rename(&aside, &area).unwrap();
    Job::sh("true").run(&mut portal, "FINISHED");
    scene.wait_swept();
}

/// A scene whose broker lives in a mount namespace of its own, in which the working area is a file system of one megabyte.
fn crowded() -> Scene {
    let mut scene = Scene::with(QUICK);
    let wrapped = scene.site.dir.path().join("grmsd-crowded");
    let flags = if nix::unistd::geteuid().is_root() { "-m" } else { "-U -m --keep-caps --map-current-user" };
    let text = format!(
        "#!/bin/sh\nexec unshare {flags} sh -c 'mount -t tmpfs -o size=1m,mode=711 crowded {} && exec {} \"$@\"' sh \"$@\"\n",
        scene.area().display(),
        env!("CARGO_BIN_EXE_grmsd")
    );
    fs::write(&wrapped, text).unwrap();
    fs::set_permissions(&wrapped, fs::Permissions::from_mode(0o755)).unwrap();
    scene.site.run_by(&wrapped);
    scene.site.start();
    scene
}

/// The working area as that broker sees it.
fn inside(site: &Site, area: &std::path::Path) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}", site.pid(), area.display()))
}

#[test]
fn a_full_disk_in_the_working_area_is_told_and_does_not_stop_others() {
    let scene = crowded();
    let area = inside(&scene.site, &scene.area());
    let mut portal = scene.portal();
    scene.write("big", vec![b'x'; 3 << 20]);
    let id = portal.submit(&Job::sh("true").file("big", "in", &scene.url("big")).text());
    wait_for_reason(&mut portal, &id, &["507", "full", "tried again at"]);
    let (code, said) = error(&portal.wait_end(&id).body);
    assert_eq!(code, "507", "{said}");
    assert!(said.contains("big"), "{said}");
    // The program fills it: whatever the records can still tell, the job ends, and says so.
    let fills = Job::sh("head -c 3000000 /dev/zero >filler && echo not reached >&2");
    let end = fills.run(&mut portal, "FAILED");
    assert!(["602", "603", "605"].contains(&error(&end).0.as_str()), "{end}");
    Job::sh("echo fine >x").run(&mut portal, "FINISHED");
    wait_until("the working area is empty", || fs::read_dir(&area).unwrap().count() == 0);
}

#[test]
fn jobs_on_a_cluster_that_is_no_longer_configured_tell_so_and_go_on_when_it_is_back() {
    let second = "[[cluster]]\nname = \"second\"\nkind = \"fork\"\nwork_dir = \"work2\"\ncontact = \"second.example\"\nslots = 1\n";
    let mut scene = Scene::with(second);
    scene.site.start();
    let mut portal = scene.portal();
    let go = scene.path("go").display().to_string();
    let line = format!("echo >\"$0.runs\"; {WAIT}");
    let there = |line: &str| Job::of("/bin/sh", &["-c", line, &go]).resource("<hostname>second.example</hostname>");
    let running = portal.submit(&there(&line).text());
    scene.wait_for_file("go.runs");
    portal.wait_for(&running, &["RUNNING"]);
    let parked = portal.submit(&there("true").text());
    wait_for_reason(&mut portal, &parked, &["slots of second"]);
    assert_eq!(scene.site.stop(), Some(0));
    scene.site.configure(|text| text.replace(second, ""));
    scene.site.start();
    let mut portal = scene.portal();
    wait_for_reason(&mut portal, &running, &["second", "no longer configured"]);
    assert_eq!(portal.status(&running), "RUNNING");
    wait_for_reason(&mut portal, &parked, &["no cluster fits"]);
    scene.write("go", "");
    assert_eq!(scene.site.stop(), Some(0));
    scene.site.configure(|text| text + second);
    scene.site.start();
    let mut portal = scene.portal();
    let end = portal.wait_end(&running).body;
    assert_eq!(element(&end, "status").as_deref(), Some("FINISHED"), "{end}");
    assert_eq!(element(&end, "statusDescription"), None, "{end}");
    assert_eq!(member(&portal.wait_end(&parked).body, "status"), "FINISHED");
}

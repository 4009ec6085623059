//! What is registered while a program runs: the files it is to deliver, and where it can be asked for a checkpoint.

use crate::scene::{Job, Scene, WAIT, member};
use crate::support::elements;

fn item(scene: &Scene, name: &str, kind: &str, to: &str) -> String {
    let path = scene.path(to).display().to_string();
    format!(
        "<item><name>{name}</name><path>file:///{path}</path><urlType>PHYSICAL</urlType><pathType>{kind}</pathType></item>"
    )
}

#[test]
fn outputs_that_are_added_while_the_program_runs_arrive_and_deleted_ones_do_not() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let line = "for name in declared kept moved late; do echo $name >$name; done; mkdir -p tree/deep; echo leaf >tree/deep/leaf; \
        echo >\"$0.runs\"; "
        .to_owned()
        + WAIT;
    let job = Job::of("/bin/sh", &["-c", &line, &scene.path("go").display().to_string()])
        .file("declared", "out", &scene.url("declared"))
        .file("kept", "out", &scene.url("kept"))
        .file("moved", "out", &scene.url("moved"))
        .stream("stdout", &scene.url("out"));
    let id = portal.submit(&job.text());
    scene.wait_for_file("go.runs");
    let items = item(&scene, "late", "FILE", "results/late")
        + &item(&scene, "tree", "DIRECTORY", "results/tree")
        + &item(&scene, "moved", "FILE", "results/moved");
    for (operation, items) in
        [("addOutputFileDirs", items), ("deleteOutputFileDirs", item(&scene, "declared", "FILE", "x"))]
    {
        let answer = portal.call(operation, &format!("<jobId>{id}</jobId>{items}")).unwrap().body;
        assert_eq!(member(&answer, "errors"), "0", "{answer}");
    }
    let shown = portal.call("getOutputFileDirs", &format!("<jobId>{id}</jobId>")).unwrap().body;
    assert_eq!(elements(&shown, "name"), ["kept", "moved", "late", "tree"]);
    scene.write("go", "");
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FINISHED", "{end}");
    assert_eq!((scene.read("kept"), scene.read("results/late")), ("kept\n".to_owned(), "late\n".to_owned()));
    assert_eq!(
        (scene.read("results/moved"), scene.read("results/tree/deep/leaf")),
        ("moved\n".to_owned(), "leaf\n".to_owned())
    );
    assert!(scene.has("out") && !scene.has("declared") && !scene.has("moved"));
    let late = format!("<jobId>{id}</jobId>{}", item(&scene, "more", "FILE", "more"));
    assert_eq!(portal.call("addOutputFileDirs", &late).unwrap().fault_code(), Some(306));
    scene.wait_swept();
}

#[test]
fn the_access_of_a_program_holds_while_it_runs_and_stays_in_the_history() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let line = format!("echo $$$$ >\"$0.pid\"; {WAIT}");
    let job = Job::of("/bin/sh", &["-c", &line, &scene.path("go").display().to_string()]);
    let id = portal.submit(&job.text());
    scene.wait_for_file("go.pid");
    let pid = scene.read("go.pid").trim().to_owned();
    let of = format!("<jobId>{id}</jobId>");
    let members = format!("{of}<serviceLocation>signal:USR1</serviceLocation><pid>{pid}</pid>");
    // Whether the broker has seen it run or not.
    let answer = portal.call("registerApplicationAccess", &members).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let shown = portal.call("getApplicationAccess", &of).unwrap().body;
    assert_eq!((member(&shown, "serviceLocation").as_str(), member(&shown, "pid")), ("signal:USR1", pid));
    scene.write("go", "");
    assert_eq!(member(&portal.wait_end(&id).body, "status"), "FINISHED");
    assert_eq!(portal.call("getApplicationAccess", &of).unwrap().fault_code(), Some(306));
    let history = portal.call("getJobHistory", &of).unwrap().body;
    assert_eq!(elements(&history, "applicationAccess"), ["signal:USR1"]);
}

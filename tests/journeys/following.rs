//! Following a job from its first to its last moment, and adding to what it delivers, while the broker dies in between.

use crate::scene::{Job, Scene, WAIT, member, wait_until};
use crate::support::elements;
use crate::support::portal::Portal;

/// Reads on from a cursor until an event has this new value; gives the events as (sequence, type, old, new) and the new cursor.
fn follow(scene: &Scene, cursor: &mut String, seen: &mut Vec<Seen>, until: &str) {
    let mut portal = scene.portal();
    let end = std::time::Instant::now() + crate::support::BOUND;
    while seen.iter().all(|event| event.new != until) {
        assert!(std::time::Instant::now() < end, "no {until}: {seen:?}");
        let members = format!("<cursor>{cursor}</cursor><limit>2</limit><timeoutSeconds>20</timeoutSeconds>");
        let answer = portal.call("waitForEvents", &members).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        seen.extend(events(&answer.body));
        *cursor = member(&answer.body, "cursor");
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    number: i64,
    kind: String,
    old: Option<String>,
    new: String,
}

fn events(body: &str) -> Vec<Seen> {
    let one = |event: &str| Seen {
        number: member(event, "sequence").parse().unwrap(),
        kind: member(event, "eventType"),
        old: crate::support::element(event, "oldValue"),
        new: member(event, "newValue"),
    };
    elements(body, "event").iter().map(|event| one(event)).collect()
}

fn cursor_now(portal: &mut Portal) -> String {
    member(&portal.call("waitForEvents", "<timeoutSeconds>0</timeoutSeconds>").unwrap().body, "cursor")
}

#[test]
fn a_whole_life_is_followed_without_gaps_across_the_death_of_the_broker() {
    let mut scene = Scene::new();
    let mut portal = scene.portal();
    let mut cursor = cursor_now(&mut portal);
    let go = scene.path("go").display().to_string();
    let job = Job::of("/bin/sh", &["-c", &format!("echo >\"$0.runs\"; {WAIT}; echo >\"$0.over\""), &go]);
    let id = portal.submit(&job.text());
    let mut seen = Vec::new();
    follow(&scene, &mut cursor, &mut seen, "RUNNING");
    scene.site.kill();
    scene.write("go", "");
    scene.wait_for_file("go.over");
    scene.site.start();
    follow(&scene, &mut cursor, &mut seen, "TASK_DONE");
    let states: Vec<_> = seen.iter().filter(|event| event.kind == "STATUS").collect();
    assert!(states[0].old.is_none() && states[0].new == "QUEUED", "{states:?}");
    for pair in states.windows(2) {
        assert_eq!(pair[1].old.as_ref(), Some(&pair[0].new), "nothing is between them: {states:?}");
    }
    assert!(seen.windows(2).all(|pair| pair[0].number < pair[1].number), "in order, none twice: {seen:?}");
    // Whoever reads all at once sees the same.
    let members = format!("<jobId>{id}</jobId><timeoutSeconds>0</timeoutSeconds>");
    assert_eq!(events(&scene.portal().call("waitForEvents", &members).unwrap().body), seen);
    scene.wait_swept();
}

#[test]
fn an_output_that_was_added_to_a_running_program_arrives_although_the_broker_died_before_its_end() {
    let mut scene = Scene::new();
    let mut portal = scene.portal();
    let go = scene.path("go").display().to_string();
    let line = format!("echo late >late; echo more >more; echo >\"$0.runs\"; {WAIT}; echo >\"$0.over\"");
    let id = portal.submit(&Job::of("/bin/sh", &["-c", &line, &go]).file("more", "out", &scene.url("more")).text());
    scene.wait_for_file("go.runs");
    let item = |name: &str| {
        let path = scene.path(&format!("results/{name}")).display().to_string();
        format!(
            "<item><name>{name}</name><path>file:///{path}</path><urlType>PHYSICAL</urlType><pathType>FILE</pathType></item>"
        )
    };
    let added = portal.call("addOutputFileDirs", &format!("<jobId>{id}</jobId>{}", item("late"))).unwrap().body;
    assert_eq!(member(&added, "errors"), "0", "{added}");
    let removed = portal.call("deleteOutputFileDirs", &format!("<jobId>{id}</jobId>{}", item("more"))).unwrap().body;
    assert_eq!(member(&removed, "errors"), "0", "{removed}");
    scene.site.kill();
    scene.write("go", "");
    scene.wait_for_file("go.over");
    scene.site.start();
    let mut portal = scene.portal();
    assert_eq!(member(&portal.wait_end(&id).body, "status"), "FINISHED");
    assert_eq!(scene.read("results/late"), "late\n");
    assert!(!scene.has("more") && !scene.has("results/more"));
    wait_until("the working area is empty", || scene.left().is_empty());
}

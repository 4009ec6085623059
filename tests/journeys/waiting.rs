//! Callers who wait and go away.

use crate::scene::Scene;
use crate::support::portal::Portal;
use std::time::{Duration, Instant};

/// Waits until so many callers wait, as the metrics tell.
fn wait_for_waiting(portal: &mut Portal, count: usize) {
    let expected = format!("waiting_callers {count}");
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let metrics = portal.get("/metrics").unwrap().body;
        if metrics.lines().any(|line| line.ends_with(&expected)) {
            return;
        }
        assert!(Instant::now() < end, "expected {expected}: {metrics}");
    }
}

#[test]
fn who_goes_away_while_waiting_waits_for_nothing_any_more() {
    let scene = Scene::new();
    let mut watcher = Portal::connect(&scene.site).unwrap();
    let mut waiting = Portal::connect(&scene.site).unwrap();
    waiting.ask("waitForEvents", "<timeoutSeconds>60</timeoutSeconds>").unwrap();
    wait_for_waiting(&mut watcher, 1);
    drop(waiting);
    wait_for_waiting(&mut watcher, 0);
}

//! How long 200 jobs of `/bin/true` take from the first submission to the last FINISHED, and what a job costs; beside the same programs
//! started bare, as many at a time.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench ends at the first surprise and prints figures")]
#![expect(clippy::disallowed_methods, reason = "the reference starts programs by itself")]

#[path = "common.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use support::Site;
use support::portal::Portal;

const JOBS: u32 = 200;
const AT_ONCE: usize = 8;

fn document() -> String {
    support::gjd(
        "drain",
        "<executable type=\"single\"><file name=\"true\" type=\"in\"><url>file:////bin/true</url></file></executable>",
    )
}

/// The programs alone, each under a shell of its own.
fn bare() -> f64 {
    let (left, began) = (AtomicU32::new(JOBS), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                    assert!(Command::new("/bin/sh").args(["-c", "/bin/true; exit $?"]).status().unwrap().success());
                }
            });
        }
    });
    began.elapsed().as_secs_f64()
}

fn finished(portal: &mut Portal) -> u32 {
    let metrics = portal.get("/metrics").unwrap().body;
    let line = metrics.lines().find(|line| line.starts_with("grms_jobs{status=\"FINISHED\"}"));
    line.and_then(|line| line.rsplit(' ').next()).and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn main() -> std::process::ExitCode {
    let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
    site.set("GRMS_LOG", "warn");
    site.start();
    let mut portal = Portal::connect(&site).unwrap();
    let document = document();
    let warm = portal.submit(&document);
    portal.wait_end(&warm);
    let reference = bare();
    let before = common::cpu_seconds(site.pid());
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut portal = Portal::connect(&site).unwrap();
                for _ in 0..JOBS as usize / AT_ONCE {
                    portal.submit(&document);
                }
            });
        }
    });
    let submitted = began.elapsed().as_secs_f64();
    while finished(&mut portal) < JOBS + 1 {
        assert!(began.elapsed() < Duration::from_secs(120), "not drained: {}", portal.get("/metrics").unwrap().body);
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed().as_secs_f64();
    let after = common::cpu_seconds(site.pid());
    let own = (after.0 - before.0) * 1000.0 / f64::from(JOBS);
    let children = (after.1 - before.1) * 1000.0 / f64::from(JOBS);
    println!("submitted           {JOBS} jobs in {submitted:.2} s");
    println!("all FINISHED        {took:.2} s after the first submission");
    println!("broker CPU          {own:.1} ms per job; wrappers, programs and helpers {children:.1} ms per job");
    println!("programs alone      {reference:.2} s, {AT_ONCE} at a time");
    println!(
        "a rival             NorduGrid ARC 6.17: 80 s and 510 ms CPU per job on such a machine (quoted, not run here)"
    );
    let holds = took < 5.0 && own < 20.0;
    common::verdict("drain", took, reference, "under 5 s and under 20 ms of broker CPU per job", holds)
}

//! How many jobs a second the broker accepts, durably, from 64 clients at once; beside what the validator alone and the store alone manage.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench ends at the first surprise and prints figures")]

#[path = "common.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

use grms::description::{Rules, read};
use grms::job::JobId;
use grms::store::jobs::{self, NewJob};
use grms::store::{Location, Store};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use support::Site;
use support::portal::Portal;

const CLIENTS: usize = 64;
const MEASURE: Duration = Duration::from_secs(8);

/// A description of about 2 KB.
fn document() -> String {
    let variables: String = (0..28)
        .map(|number| format!("<variable name=\"SETTING_{number}\">value number {number} of this job</variable>"))
        .collect();
    let executable = format!(
        "<resource><osname>Linux</osname><memory>256</memory><cpucount>1</cpucount></resource>\
         <executable type=\"single\"><file name=\"true\" type=\"in\"><url>file:////bin/true</url></file>\
         <arguments><value>--fast</value></arguments><environment>{variables}</environment></executable>"
    );
    support::gjd("accept", &executable)
}

fn rules() -> Rules {
    Rules::everything("2026-01-01T00:00:00Z".parse().unwrap())
}

/// Documents a second of the validator alone, on every processor.
fn validator(document: &str) -> f64 {
    let (count, began) = (AtomicU32::new(0), Instant::now());
    let threads = std::thread::available_parallelism().unwrap().get();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let rules = rules();
                while began.elapsed() < Duration::from_secs(3) {
                    read(document, &rules).unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    f64::from(count.into_inner()) / began.elapsed().as_secs_f64()
}

/// Jobs a second of the store alone: each is a job, a task, a line of history and an announcement, durable before it counts.
fn store(document: &str, dir: &Path) -> f64 {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let spec = read(document, &rules()).unwrap().spec;
    let store = Store::open(&Location::Sqlite(dir.join("limit.db"))).unwrap();
    let began = Instant::now();
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (store, spec, description) = (store.clone(), spec.clone(), document.to_owned());
            runtime.spawn(async move {
                let mut done = 0_u32;
                while began.elapsed() < Duration::from_secs(4) {
                    let number = i64::try_from(client).unwrap() * 10_000_000 + i64::from(done);
                    let job = NewJob {
                        id: JobId::new(number, "limit", 0),
                        owner: "/O=Bench/CN=Limit".to_owned(),
                        description: description.clone(),
                        spec: spec.clone(),
                        request: None,
                        hold: false,
                        at: "2026-01-01T00:00:00Z".parse().unwrap(),
                    };
                    store.write(move |tx| jobs::accept(tx, &job)).await.unwrap();
                    done += 1;
                }
                done
            })
        })
        .collect();
    let total: u32 = runtime.block_on(async {
        let mut total = 0;
        for task in tasks {
            total += task.await.unwrap();
        }
        total
    });
    f64::from(total) / began.elapsed().as_secs_f64()
}

/// Accepted jobs a second of the whole broker, and every client's times.
fn broker(document: &str) -> (f64, Vec<Duration>) {
    let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
    // No cluster: what is measured is accepting. Matching still looks at every job.
    site.configure(|text| text.split("[[cluster]]").next().unwrap().to_owned());
    site.set("GRMS_LOG", "warn");
    site.start();
    let (warm, go, stop) = (AtomicU32::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let times = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut portal = Portal::connect(&site).unwrap();
                    portal.submit(document);
                    warm.fetch_add(1, Ordering::SeqCst);
                    let mut times = Vec::with_capacity(4096);
                    while !stop.load(Ordering::Relaxed) {
                        let began = Instant::now();
                        portal.submit(document);
                        if go.load(Ordering::Relaxed) {
                            times.push(began.elapsed());
                        }
                    }
                    times
                })
            })
            .collect();
        while (warm.load(Ordering::SeqCst) as usize) < CLIENTS {
            std::thread::sleep(Duration::from_millis(10));
        }
        std::thread::sleep(Duration::from_secs(1));
        go.store(true, Ordering::SeqCst);
        std::thread::sleep(MEASURE);
        go.store(false, Ordering::SeqCst);
        stop.store(true, Ordering::SeqCst);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    (times.len() as f64 / MEASURE.as_secs_f64(), times)
}

fn main() -> std::process::ExitCode {
    let document = document();
    let dir = tempfile::tempdir().unwrap();
    println!("document            {} bytes", document.len());
    let validated = validator(&document);
    println!("validator alone     {validated:.0} documents/s on all processors");
    let stored = store(&document, dir.path());
    println!(
        "store alone         {stored:.0} jobs/s, {:.0} rows/s, {CLIENTS} writers, SQLite WAL, synchronous FULL",
        stored * 4.0
    );
    let (accepted, mut times) = broker(&document);
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    let p99 = at(0.99);
    println!("broker              {accepted:.0} jobs/s, {CLIENTS} clients over TLS on the same machine");
    println!("                    p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", ms(at(0.5)), ms(p99), ms(at(1.0)));
    let limit = validated.min(stored);
    let holds = accepted >= limit / 2.0 && accepted >= 1500.0 && p99 < Duration::from_millis(100);
    common::verdict(
        "accept",
        accepted,
        limit,
        "at least half of the smaller limit, 1500 jobs/s, p99 under 100 ms",
        holds,
    )
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

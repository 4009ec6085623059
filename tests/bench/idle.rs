//! What a broker costs that has 100,000 live jobs waiting: memory, processor, and the time from the start to the first answer; beside
//! the same broker without jobs.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench ends at the first surprise and prints figures")]

#[path = "common.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

use grms::description::{Rules, read};
use grms::job::{ClusterName, Event, JobId, TaskId, Waiting, WaitingKind};
use grms::store::jobs::{self, ApplyError, NewJob};
use grms::store::{Location, Store, tasks};
use std::path::Path;
use std::time::{Duration, Instant};
use support::Site;
use support::portal::Portal;

const JOBS: u32 = 100_000;
const WATCH: Duration = Duration::from_secs(20);

struct Cost {
    first_answer: f64,
    memory_mib: f64,
    cpu_percent: f64,
}

/// Jobs that wait for a slot, as a burst on a full cluster leaves them.
fn fill(site: &Site) {
    let text = support::shell_job("idle", "sleep 1", "");
    let rules = Rules::everything("2026-01-01T00:00:00Z".parse().unwrap());
    let spec = read(&text, &rules).unwrap().spec;
    let store = Store::open(&Location::Sqlite(site.path().join("state/grms.db"))).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    runtime.block_on(async {
        for part in 0..JOBS / 1000 {
            let (text, spec) = (text.clone(), spec.clone());
            let filled = store.write(move |tx| {
                let local = ClusterName::parse("local").unwrap();
                for number in part * 1000..(part + 1) * 1000 {
                    let id = JobId::new(1_790_000_000_000 + i64::from(number), "idle", number);
                    let job = NewJob {
                        id: id.clone(),
                        owner: "/O=Bench/CN=Idle".to_owned(),
                        description: text.clone(),
                        spec: spec.clone(),
                        request: None,
                        hold: false,
                        at: now,
                    };
                    jobs::accept(tx, &job)?;
                    let reason = "all slots of local are taken".to_owned();
                    let waiting = Waiting { kind: WaitingKind::Full, reason, next: None, looks: 0 };
                    jobs::apply(tx, &id, &TaskId::main(), &Event::Waits(waiting), now)?;
                    tasks::park(tx, &id, &TaskId::main(), &local)?;
                }
                Ok::<_, ApplyError>(())
            });
            filled.await.unwrap();
        }
    });
}

fn measure(site: &mut Site, occupied: bool) -> Cost {
    if occupied {
        // The only slot is taken before the others could use it.
        site.start();
        let mut portal = Portal::connect(site).unwrap();
        let id = portal.submit(&support::shell_job("holder", "sleep 600", ""));
        portal.wait_for(&id, &["RUNNING"]);
        site.stop();
        fill(site);
    }
    let began = Instant::now();
    site.launch();
    let mut portal = loop {
        if let Ok(portal) = Portal::connect(site) {
            break portal;
        }
        assert!(began.elapsed() < support::BOUND, "{}", site.log_text());
        std::thread::sleep(Duration::from_millis(5));
    };
    let answer = portal.call("getJobsList", "<limit>10</limit>").unwrap();
    let first_answer = began.elapsed().as_secs_f64();
    assert_eq!(answer.status, 200, "{}", answer.body);
    // The promised announcements of the filling are made first.
    std::thread::sleep(Duration::from_secs(15));
    let before = common::cpu_seconds(site.pid());
    std::thread::sleep(WATCH);
    let after = common::cpu_seconds(site.pid());
    let cpu_percent = (after.0 - before.0 + after.1 - before.1) / WATCH.as_secs_f64() * 100.0;
    Cost { first_answer, memory_mib: common::resident_mib(site.pid()), cpu_percent }
}

fn main() -> std::process::ExitCode {
    let cost = |jobs: bool| {
        let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
        site.set("GRMS_LOG", "warn");
        site.configure(|text| text + "slots = 1\n");
        measure(&mut site, jobs)
    };
    let (empty, full) = (cost(false), cost(true));
    for (name, cost) in [("without jobs", &empty), ("100,000 live jobs", &full)] {
        println!(
            "{name:<20}{:.0} MiB, {:.2} % of a core, first answer {:.2} s after the start",
            cost.memory_mib, cost.cpu_percent, cost.first_answer
        );
    }
    let holds = full.memory_mib < 300.0 && full.cpu_percent < 5.0 && full.first_answer < 3.0;
    let aim = "under 300 MiB, under 5 % of a core, first answer under 3 s";
    common::verdict("idle", full.memory_mib, empty.memory_mib, aim, holds)
}

//! The kill campaign: jobs go in without a pause while the broker is killed at random moments and started again. At the end
//! every job that was accepted has ended as its program did, and no program ran more often than it was started.
//!
//! Arguments: `--kills N`, `--seed S` to repeat the moments of a run, `--bound SECONDS` for the end of the last job. With
//! `GRMS_TEST_SLURM_CONF` half of the jobs go to that cluster. The last line of standard output is one JSON object.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a campaign ends at the first surprise and prints figures"
)]

mod dice;
mod load;
#[path = "../support/mod.rs"]
mod support;
mod verdict;

use dice::Dice;
use load::Load;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use support::Site;

struct Arguments {
    kills: u32,
    seed: u64,
    bound: Duration,
}

fn arguments() -> Arguments {
    let mut found = Arguments { kills: 10, seed: Dice::by_chance(), bound: Duration::from_secs(120) };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|value| value.parse().ok());
        let known = match word.as_str() {
            "--kills" => number().map(|value: u64| found.kills = u32::try_from(value).unwrap()),
            "--seed" => number().map(|value| found.seed = value),
            "--bound" => number().map(|value| found.bound = Duration::from_secs(value)),
            _ => None,
        };
        assert!(known.is_some(), "`{word}`: expected --kills N, --seed S or --bound SECONDS, each with a number");
    }
    found
}

fn site() -> Site {
    let site = Site::of(env!("CARGO_BIN_EXE_grmsd").as_ref());
    let slurm = std::env::var("GRMS_TEST_SLURM_CONF").ok();
    site.configure(|text| {
        let text = text.replace("[[cluster]]", "[broker]\nsurvey_every = \"5s\"\n\n[[cluster]]");
        // Room for the jobs that only wait for their cancellation.
        let text = text + "slots = 16\n";
        let Some(conf) = &slurm else { return text };
        text + &format!(
            "\n[[cluster]]\nname = \"real\"\nkind = \"slurm\"\nwork_dir = \"work-slurm\"\nslurm_conf = \"{conf}\"\n"
        )
    });
    site
}

/// Kills the broker at a random moment of its life, a quarter of the times before it is ready.
fn kill_once(site: &mut Site, dice: &mut Dice) {
    site.launch();
    if dice.one_in(4) {
        std::thread::sleep(dice.milliseconds(0..250));
    } else {
        assert!(site.wait_ready(), "the broker did not start again:\n{}", site.log_text());
        // Short lives as often as long ones.
        let longest = [300, 2_000, 4_000, 8_000][dice.below(4)];
        std::thread::sleep(dice.milliseconds(0..longest));
    }
    assert!(!site.has_ended(), "the broker ended by itself:\n{}", site.log_text());
    site.kill();
}

fn main() -> ExitCode {
    let Arguments { kills, seed, bound } = arguments();
    println!("seed {seed}");
    let mut dice = Dice::new(seed);
    let mut site = site();
    let load = Load::start(&site, &mut dice, std::env::var("GRMS_TEST_SLURM_CONF").is_ok());
    let began = Instant::now();
    for kill in 1..=kills {
        kill_once(&mut site, &mut dice);
        if kill.is_multiple_of(10) {
            println!("{kill} kills, {} jobs, {} s", load.accepted(), began.elapsed().as_secs());
        }
    }
    site.start();
    let jobs = load.finish();
    let found = verdict::judge(&site, &jobs, bound);
    for line in &found.lines {
        println!("{line}");
    }
    let clean = found.lost + found.duplicated + found.stuck == 0;
    if !clean {
        site.dir.disable_cleanup(true);
        println!("everything is kept in {}", site.dir.path().display());
    }
    println!(
        "{{\"kills\":{kills},\"jobs\":{},\"lost\":{},\"duplicated\":{},\"stuck\":{}}}",
        jobs.len(),
        found.lost,
        found.duplicated,
        found.stuck
    );
    ExitCode::from(u8::from(!clean))
}

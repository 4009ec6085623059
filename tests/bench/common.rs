//! What the benches share: the line that ends each, and what a process has used.

#![allow(dead_code, reason = "each bench uses a part of this")]

use serde_json::json;
use std::process::ExitCode;

/// Prints the last line, and gives the exit code: ours beside the reference of the same run, the aim, and whether it holds.
pub(crate) fn verdict(bench: &str, ours: f64, reference: f64, aim: &str, holds: bool) -> ExitCode {
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let line = json!({
        "bench": bench, "ours": round(ours), "reference": round(reference), "ratio": round(ours / reference),
        "aim": aim, "holds": holds,
    });
    println!("{line}");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a process and its ended children have used so far, seconds of processor time: its own, and its children's.
pub(crate) fn cpu_seconds(pid: u32) -> (f64, f64) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = text.rsplit_once(") ").unwrap().1;
    let ticks: Vec<f64> = after_name.split(' ').skip(11).take(4).map(|field| field.parse().unwrap()).collect();
    ((ticks[0] + ticks[1]) / 100.0, (ticks[2] + ticks[3]) / 100.0)
}

/// The memory a process has resident, MiB.
pub(crate) fn resident_mib(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

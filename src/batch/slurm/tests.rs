//! The arguments of `sbatch`.

use super::*;
use crate::job::{ClusterName, JobId, Layout, Limits, TaskId};
use crate::shell::LocalShell;

fn job(launch: Launch, count: u32, layout: Layout) -> BatchJob {
    let place = Workplace::of(std::path::Path::new("/area"), &JobId::new(1, "x", 1), &TaskId::main(), 1);
    BatchJob {
        token: Token::from_random(1),
        job: JobId::new(1, "x", 1),
        task: TaskId::main(),
        attempt: 1,
        user: None,
        queue: None,
        launch,
        count,
        layout,
        program: "./run".into(),
        arguments: Vec::new(),
        environment: Vec::new(),
        stdin: None,
        stdout: place.streams.join("stdout"),
        stderr: place.streams.join("stderr"),
        limits: Limits::default(),
        memory: None,
        process_limits: Vec::new(),
        place,
    }
}

fn sizes(job: &BatchJob) -> Vec<String> {
    let site = Site {
        cluster: ClusterName::parse("here").unwrap(),
        shell: Arc::new(LocalShell::new()),
        area: "/area".into(),
        grace: Duration::from_secs(1),
    };
    let settings = toml::Table::new().try_into().unwrap();
    let cluster = Cluster { site, settings, accounting: OnceCell::new() };
    let words = ["--nodes", "--ntasks", "--cpus-per-task"];
    cluster.arguments(job).into_iter().filter(|word| words.iter().any(|start| word.starts_with(start))).collect()
}

#[test]
fn the_layout_of_processes_is_asked_for() {
    let layout = |per_host, threads| Layout { per_host, threads };
    assert_eq!(sizes(&job(Launch::Single, 3, layout(None, None))), ["--nodes=1", "--ntasks=1", "--cpus-per-task=3"]);
    assert_eq!(sizes(&job(Launch::Mpi, 8, layout(None, None))), ["--ntasks=8"]);
    assert_eq!(
        sizes(&job(Launch::OpenMpi, 8, layout(Some(4), Some(2)))),
        ["--ntasks=8", "--ntasks-per-node=4", "--cpus-per-task=2"]
    );
}

//! `check-config`: what was understood, and whether each directory, database and cluster can be reached.

use super::assemble::{Accounts, clusters, is_root};
use super::location;
use crate::config::{Config, Report};
use crate::store::Store;
use crate::telemetry::Metrics;
use std::sync::Arc;

/// Looks at everything. Nothing is changed but the tables of a database that is not up to date.
pub async fn check_config(config: &Config) -> Report {
    let mut report = Report::of(config, is_root());
    let database = match location(config) {
        Ok(location) => Store::migrate(&location).map_err(|error| error.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    report.add("database answers", database.map(|run| format!("{} migrations were run now", run.len())));
    let accounts = match Accounts::load(config) {
        Ok(accounts) => accounts,
        Err(error) => {
            report.add("clusters", Err(format!("not looked at: {error}")));
            return report;
        }
    };
    let clusters = match clusters(config, &accounts, &Arc::new(Metrics::default())) {
        Ok(clusters) => clusters,
        Err(error) => {
            report.add("clusters", Err(format!("{error:#}")));
            return report;
        }
    };
    for cluster in clusters {
        let area = std::fs::create_dir_all(&cluster.area)
            .and_then(|()| tempfile_in(&cluster.area))
            .map(|()| format!("{} can be written", cluster.area.display()))
            .map_err(|error| format!("{}: {error}", cluster.area.display()));
        report.add(&format!("cluster {} working area", cluster.name), area);
        let answer = cluster.system.ping().await.map_err(|error| error.to_string());
        report.add(&format!("cluster {} answers", cluster.name), answer);
    }
    report
}

/// Makes and removes a file.
fn tempfile_in(directory: &std::path::Path) -> std::io::Result<()> {
    let path = directory.join(format!(".grms-check-{}", std::process::id()));
    std::fs::write(&path, b"x")?;
    std::fs::remove_file(path)
}

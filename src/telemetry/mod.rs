//! What the broker tells about itself: a log on standard error, and metrics. No credential, environment value or description is in either.

mod metrics;

pub use metrics::Metrics;

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts the log. `filter` is in the form of `tracing_subscriber`: `info`, `grms=debug,warn`.
///
/// # Errors
/// A text that tells what is wrong with the filter, or that a log was started before.
pub fn start_log(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("log filter `{filter}`: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => log.json().try_init(),
    }
    .map_err(|error| error.to_string())
}

//! Counters and gauges, in the text form of OpenMetrics.

use crate::job::Status;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Word {
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Duty {
    duty: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cluster {
    cluster: String,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Operation, Counter>,
    request_seconds: Histogram,
    changes: Family<Word, Counter>,
    jobs: Family<Word, Gauge>,
    duties: Family<Duty, Gauge>,
    commands: Family<Cluster, Counter>,
    waiting: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("grms");
        let requests = Family::<Operation, Counter>::default();
        let request_seconds = Histogram::new(exponential_buckets(0.0005, 2.0, 16));
        let changes = Family::<Word, Counter>::default();
        let jobs = Family::<Word, Gauge>::default();
        let duties = Family::<Duty, Gauge>::default();
        let commands = Family::<Cluster, Counter>::default();
        let waiting = Gauge::default();
        registry.register("requests", "Requests to the web service", requests.clone());
        registry.register("request_seconds", "Time from the whole request to the answer", request_seconds.clone());
        registry.register("status_changes", "Announced changes of status", changes.clone());
        registry.register("jobs", "Jobs in the store by status", jobs.clone());
        registry.register("tasks_waiting", "Tasks by the worker that has their next step", duties.clone());
        registry.register("cluster_commands", "Commands run for a cluster", commands.clone());
        registry.register("waiting_callers", "Requests that wait for a change", waiting.clone());
        Self { registry, requests, request_seconds, changes, jobs, duties, commands, waiting }
    }
}

impl Metrics {
    /// Counts a request.
    pub fn request(&self, operation: &'static str, outcome: &'static str, took: Duration) {
        self.requests.get_or_create(&Operation { operation, outcome }).inc();
        self.request_seconds.observe(took.as_secs_f64());
    }

    /// Counts an announced change.
    pub fn change(&self, status: &str) {
        self.changes.get_or_create(&Word { status: status.to_owned() }).inc();
    }

    /// Counts a command run for a cluster.
    pub fn command(&self, cluster: &str) {
        self.commands.get_or_create(&Cluster { cluster: cluster.to_owned() }).inc();
    }

    /// Sets the counts that the store gave.
    pub fn set_counts(&self, jobs: &[(Status, i64)], duties: &[(String, i64)]) {
        for status in Status::ALL {
            let count = jobs.iter().find(|(word, _)| word == status).map_or(0, |(_, count)| *count);
            self.jobs.get_or_create(&Word { status: status.as_str().to_owned() }).set(count);
        }
        for (duty, count) in duties {
            self.duties.get_or_create(&Duty { duty: duty.clone() }).set(*count);
        }
    }

    /// Sets how many callers wait for a change.
    pub fn set_waiting(&self, count: usize) {
        self.waiting.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The text for a scraper.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text
    }
}

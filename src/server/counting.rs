//! A shell that counts: how often a cluster is asked for something is a metric.

use crate::shell::{Command, LocalUser, Output, Shell, ShellError};
use crate::telemetry::Metrics;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;

/// Another shell, counted.
pub(super) struct Counting<S> {
    inner: S,
    metrics: Arc<Metrics>,
    cluster: String,
}

impl<S> Counting<S> {
    pub(super) fn new(inner: S, metrics: Arc<Metrics>, cluster: String) -> Self {
        Self { inner, metrics, cluster }
    }
}

#[async_trait]
impl<S: Shell> Shell for Counting<S> {
    fn host(&self) -> &str {
        self.inner.host()
    }

    async fn run(&self, command: Command) -> Result<Output, ShellError> {
        self.metrics.command(&self.cluster);
        self.inner.run(command).await
    }

    async fn spawn(&self, command: Command) -> Result<u32, ShellError> {
        self.metrics.command(&self.cluster);
        self.inner.spawn(command).await
    }

    async fn make_directory(&self, path: &Path) -> Result<(), ShellError> {
        self.inner.make_directory(path).await
    }

    async fn write_file(&self, path: &Path, content: &[u8], mode: u32) -> Result<(), ShellError> {
        self.inner.write_file(path, content, mode).await
    }

    async fn read_file(&self, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, ShellError> {
        self.inner.read_file(path, limit).await
    }

    async fn copy_as(&self, user: Option<&LocalUser>, from: &Path, to: &Path) -> Result<(), ShellError> {
        self.inner.copy_as(user, from, to).await
    }

    async fn hand_over(&self, path: &Path, user: &LocalUser) -> Result<(), ShellError> {
        self.inner.hand_over(path, user).await
    }

    async fn remove_tree(&self, path: &Path) -> Result<(), ShellError> {
        self.inner.remove_tree(path).await
    }

    fn ended(&self) -> Option<watch::Receiver<u64>> {
        self.inner.ended()
    }

    fn local_path(&self, path: &Path) -> Option<PathBuf> {
        self.inner.local_path(path)
    }
}

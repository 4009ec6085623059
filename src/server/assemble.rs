//! The pieces, made from the configuration.

use super::counting::Counting;
use super::{broker_name, credentials, worker_settings};
use crate::batch;
use crate::clock::Clock;
use crate::config::{Cluster as ClusterConfig, Config, RunAs};
use crate::identity::{GridMap, MapError, Policy, Subject};
use crate::job::{Code, Failure};
use crate::matchmaking::{Facts, InstalledApplication};
use crate::operations;
use crate::shell::{LocalShell, LocalUser, Shell};
use crate::soap;
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::transfer::{self, Protocols};
use crate::workers::{AccountOf, Cluster, Context};
use anyhow::Context as _;
use arc_swap::ArcSwap;
use std::path::PathBuf;
use std::sync::Arc;

/// Whether this process is root.
pub(super) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The grid-mapfile, exchanged while running.
#[derive(Clone)]
pub(super) struct Accounts {
    file: Option<PathBuf>,
    map: Arc<ArcSwap<GridMap>>,
}

impl Accounts {
    pub(super) fn load(config: &Config) -> Result<Self, MapError> {
        let accounts = Self { file: config.users.clone(), map: Arc::new(ArcSwap::from_pointee(GridMap::default())) };
        accounts.reload()?;
        Ok(accounts)
    }

    pub(super) fn reload(&self) -> Result<(), MapError> {
        if let Some(file) = &self.file {
            self.map.store(Arc::new(GridMap::load(file)?));
        }
        Ok(())
    }

    /// Whom jobs of an owner run as on a cluster.
    fn on(&self, cluster: &ClusterConfig) -> AccountOf {
        if cluster.run_as(is_root()) == RunAs::Broker {
            return Arc::new(|_| Ok(None));
        }
        let (map, name) = (Arc::clone(&self.map), cluster.name.clone());
        Arc::new(move |owner| {
            let subject = Subject::parse(owner).ok();
            let account = subject.and_then(|subject| map.load().account(&subject).map(str::to_owned));
            account.map(|name| Some(LocalUser { name })).ok_or_else(|| {
                Failure::new(Code::NotAuthorized, format!("{owner} has no account on {name}"))
                    .advice("ask the administrator for a line in the grid-mapfile")
            })
        })
    }
}

/// The clusters, each with its shell and its batch system.
pub(super) fn clusters(
    config: &Config,
    accounts: &Accounts,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Vec<Arc<Cluster>>> {
    let kinds: Vec<&str> = batch::ALL.iter().map(|kind| kind.name()).collect();
    let faults = config.faults(&kinds, is_root());
    if !faults.is_empty() {
        return Err(crate::config::ConfigError::Faults { path: config.file.clone(), faults }.into());
    }
    config.clusters.iter().map(|one| cluster(config, one, accounts, metrics)).collect()
}

fn cluster(
    config: &Config,
    one: &ClusterConfig,
    accounts: &Accounts,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Arc<Cluster>> {
    let shell: Arc<dyn Shell> = Arc::new(Counting::new(LocalShell::new(), Arc::clone(metrics), one.name.to_string()));
    let site = batch::Site {
        cluster: one.name.clone(),
        shell: Arc::clone(&shell),
        area: one.work_dir.clone(),
        grace: one.grace,
    };
    let kind = batch::ALL.iter().find(|kind| kind.name() == one.kind).context("a kind that was checked is there")?;
    let system = kind.open(site, one.settings.clone()).map_err(|complaint| config.explain(one, &complaint))?;
    let facts = Facts {
        texts: texts(one),
        numbers: numbers(one),
        applications: one.applications.iter().map(installed).collect(),
        ..Facts::default()
    };
    Ok(Arc::new(Cluster {
        name: one.name.clone(),
        host: one.contact.clone().unwrap_or_else(|| shell.host().to_owned()),
        area: one.work_dir.clone(),
        shell,
        system,
        account: accounts.on(one),
        facts,
        poll: one.poll,
    }))
}

fn texts(one: &ClusterConfig) -> std::collections::BTreeMap<crate::job::Attribute, String> {
    one.facts
        .iter()
        .filter(|(_, value)| value.parse::<f64>().is_err())
        .map(|(key, value)| (*key, value.clone()))
        .collect()
}

fn numbers(one: &ClusterConfig) -> std::collections::BTreeMap<crate::job::Attribute, f64> {
    one.facts.iter().filter_map(|(key, value)| Some((*key, value.parse().ok()?))).collect()
}

fn installed(application: &crate::config::Application) -> InstalledApplication {
    InstalledApplication {
        name: application.name.clone(),
        version: application.version.clone(),
        instances: None,
        path: application.path.as_ref().map(|path| path.display().to_string()),
    }
}

/// What the workers share.
pub(super) fn workers(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    accounts: &Accounts,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Context> {
    let clusters = clusters(config, accounts, metrics)?;
    for cluster in &clusters {
        std::fs::create_dir_all(&cluster.area)
            .with_context(|| format!("cannot create the working area {}", cluster.area.display()))?;
    }
    let counted = Arc::clone(metrics);
    let host = LocalShell::new().host().to_owned();
    Ok(Context {
        store,
        clock,
        clusters,
        protocols: Protocols::new(&transfer::Settings::default()),
        authorities: Some(config.server.tls.authorities.clone()),
        credentials: credentials::finder(config),
        settings: worker_settings(config),
        name: broker_name(&host),
        service_url: format!("{}{}", config.server.url, soap::CLASSIC_PATH),
        announce: Arc::new(move |announcement| {
            tracing::info!(
                job = %announcement.job, task = %announcement.task, version = announcement.version,
                from = announcement.from.as_deref().unwrap_or("-"), to = announcement.to, "status"
            );
            counted.change(&announcement.to);
        }),
    })
}

/// What callers may ask.
pub(super) fn operations(config: &Config, store: Store, clock: Arc<dyn Clock>) -> operations::Context {
    let mut local_managers: Vec<String> = batch::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    local_managers.extend(config.clusters.iter().map(|cluster| cluster.kind.clone()));
    local_managers.sort_unstable();
    local_managers.dedup();
    let settings = operations::Settings {
        max_description: usize::try_from(config.server.max_description).unwrap_or(usize::MAX),
        local_managers,
        max_jobs_per_user: config.server.max_jobs_per_user,
        ignore_namespaces: config.ignore_namespaces.clone(),
        max_bulk: config.server.max_bulk,
        longest_wait: config.server.longest_wait,
        schemes: Protocols::new(&transfer::Settings::default()).schemes().collect(),
        ..operations::Settings::default()
    };
    let policy = Policy { administrators: config.server.administrators.clone() };
    operations::Context::new(store, clock, policy, settings)
}

/// The bounds of the web service.
pub(super) fn soap_settings(config: &Config) -> soap::Settings {
    let mut settings = soap::Settings { classic: config.classic, ..soap::Settings::default() };
    settings.limits.bytes = usize::try_from(config.server.max_body).unwrap_or(usize::MAX);
    // Every item of a bulk request is a handful of elements.
    settings.limits.elements = settings.limits.elements.max(8 * config.server.max_bulk as usize);
    settings
}

/// Counts every answered request.
pub(super) fn request_counter(metrics: &Arc<Metrics>) -> soap::Observer {
    let metrics = Arc::clone(metrics);
    Arc::new(move |operation, code, took| {
        let outcome = Code::try_from(code).map_or("OK", Code::name);
        metrics.request(operation, outcome, took);
    })
}

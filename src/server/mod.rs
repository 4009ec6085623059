//! Composition: the configuration becomes a store, clusters, doors and workers, which run until somebody asks for the end.
//!
//! Nothing here decides anything about jobs. The order of the stop is the reverse of the start: no new requests, steps under way may end,
//! leases are given back.

mod assemble;
mod check;
mod counting;
mod credentials;

pub use check::check_config;
pub use credentials::{CredentialError, add_credential};

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::identity::TlsIdentity;
use crate::soap;
use crate::store::tasks::{self, Reach};
use crate::store::{Location, Store, StoreError, jobs, leases};
use crate::telemetry::Metrics;
use crate::web;
use crate::workers::driver::Within;
use crate::workers::{
    self, Context, deliver, dispatch, driver, follow, matching, monitor, staging_in, staging_out, survey, sweep,
};
use actix_tls::accept::openssl::TlsStream;
use actix_web::dev::{Extensions, ServerHandle};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::{Context as _, anyhow};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Brings the database up to date. Gives the versions that were run.
///
/// # Errors
/// What is wrong with the address or the database.
pub fn migrate_db(config: &Config) -> anyhow::Result<Vec<String>> {
    Ok(Store::migrate(&location(config)?)?)
}

fn location(config: &Config) -> anyhow::Result<Location> {
    let location = Location::parse(config.database.reveal()).map_err(|why| anyhow!("[database] url: {why}"))?;
    if let Some(parent) = config.database.file().and_then(std::path::Path::parent) {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    Ok(location)
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// Whatever prevents the start.
pub async fn serve(config: Config) -> anyhow::Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let metrics = Arc::new(Metrics::default());
    let tls = TlsIdentity::open(config.server.tls.clone())?;
    let store = Store::open(&location(&config)?)?;
    let accounts = assemble::Accounts::load(&config)?;
    let context = Arc::new(assemble::workers(&config, store.clone(), Arc::clone(&clock), &accounts, &metrics)?);
    note_orphans(&context).await?;
    let (stop, stopping) = watch::channel(false);
    let operations = assemble::operations(&config, store.clone(), Arc::clone(&clock));
    let operations = Arc::new(operations.stopped_by(stopping.clone()));
    let service = soap::Service::new(operations, assemble::soap_settings(&config))
        .identified_by(tls.clone())
        .observed_by(assemble::request_counter(&metrics));
    let service = Data::new(service);
    let sources = sources(&store, &metrics);
    let server = HttpServer::new(move || {
        App::new().configure(soap::configure(service.clone())).configure(web::configure(sources.clone()))
    })
    .workers(2)
    .keep_alive(Duration::from_secs(75))
    // Who has gone waits for nothing any more: a request whose connection is closed is given up, with its place among those who wait.
    .h1_allow_half_closed(false)
    .shutdown_timeout(config.broker.drain.as_secs())
    .disable_signals()
    .on_connect(note_peer(tls.clone()))
    .bind_openssl(config.server.listen, tls.acceptor_builder()?)
    .with_context(|| format!("cannot listen on {}", config.server.listen))?
    .run();
    let mut running = start_workers(&context, &stopping);
    let handle = server.handle();
    let serving = tokio::spawn(server);
    tracing::info!(listen = %config.server.listen, url = %config.server.url, clusters = context.clusters.len(), "ready");
    let end = tokio::select! {
        asked = wait_for_the_end(&config, &tls, &accounts) => asked,
        // A broker without one of its workers looks alive and leaves jobs where they are: better it ends, and is started again.
        ended = running.join_next() => Err(anyhow!("a worker ended by itself: {}", told(ended))),
    };
    shut_down(&handle, &stop, &mut running, &store, &context.name).await;
    serving.await??;
    end
}

fn told(ended: Option<Result<(), tokio::task::JoinError>>) -> String {
    ended.and_then(Result::err).map_or_else(|| "without a word".to_owned(), |error| error.to_string())
}

/// Tells of jobs on clusters that are not configured any more.
async fn note_orphans(context: &Context) -> Result<(), StoreError> {
    let names: Vec<_> = context.clusters.iter().map(|cluster| cluster.name.clone()).collect();
    let now = context.clock.now();
    for (cluster, count) in context.store.write(move |tx| tasks::note_orphans(tx, &names, now)).await? {
        tracing::warn!(cluster, count, "jobs run on a cluster that is no longer configured; nobody looks at them");
    }
    Ok(())
}

/// Keeps with a connection who is at its other end.
fn note_peer(tls: TlsIdentity) -> impl Fn(&dyn Any, &mut Extensions) + Clone {
    move |connection, extensions| {
        if let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() {
            extensions.insert(tls.connection(stream.ssl()));
        }
    }
}

fn sources(store: &Store, metrics: &Arc<Metrics>) -> web::Sources {
    let (healthy, counted, metrics) = (store.clone(), store.clone(), Arc::clone(metrics));
    web::Sources {
        health: Arc::new(move || {
            let store = healthy.clone();
            Box::pin(async move {
                store.write(|_| Ok::<_, StoreError>(())).await.map_err(|error| error.to_string())?;
                store.read(|_| Ok::<_, StoreError>(())).await.map_err(|error| error.to_string())
            })
        }),
        metrics: Arc::new(move || {
            let (store, metrics) = (counted.clone(), Arc::clone(&metrics));
            Box::pin(async move {
                let counts =
                    store.read(|tx| Ok::<_, StoreError>((jobs::count_by_status(tx)?, tasks::count_by_duty(tx)?))).await;
                if let Ok((jobs, duties)) = counts {
                    metrics.set_counts(&jobs, &duties);
                }
                metrics.set_waiting(store.changes().watching());
                metrics.render()
            })
        }),
    }
}

fn start_workers(context: &Arc<Context>, stopping: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut running = JoinSet::new();
    // Bringing results back must not wait for the inputs of others.
    let half = context.settings.transfers_at_once.div_ceil(2);
    let mut steps: Vec<Arc<dyn driver::Step>> = vec![Arc::new(matching::Matching::default())];
    let names: Vec<_> = context.clusters.iter().map(|cluster| cluster.name.clone()).collect();
    for reach in names.iter().cloned().map(Reach::Only).chain([Reach::Except(names.clone())]) {
        steps.push(Arc::new(Within { step: staging_in::StagingIn::new(half), reach: reach.clone() }));
        steps.push(Arc::new(Within { step: dispatch::Dispatch::default(), reach: reach.clone() }));
        steps.push(Arc::new(Within { step: staging_out::StagingOut::new(half), reach: reach.clone() }));
        steps.push(Arc::new(Within { step: sweep::Sweep, reach }));
    }
    for step in steps {
        running.spawn(driver::run(step, Arc::clone(context), stopping.clone()));
    }
    running.spawn(deliver::run(Arc::clone(context), stopping.clone()));
    running.spawn(matching::wake_now_and_then(Arc::clone(context), stopping.clone()));
    running.spawn(sweep::forget_now_and_then(Arc::clone(context), stopping.clone()));
    if context.store.is_shared() {
        running.spawn(follow::run(Arc::clone(context), stopping.clone()));
    }
    for cluster in &context.clusters {
        running.spawn(monitor::Monitor::new(Arc::clone(context), Arc::clone(cluster)).run(stopping.clone()));
        running.spawn(survey::run(Arc::clone(context), Arc::clone(cluster), stopping.clone()));
    }
    running
}

/// Returns when the end was asked for. Meanwhile certificates, revocation lists and the grid-mapfile are read again, now and then and on SIGHUP.
async fn wait_for_the_end(config: &Config, tls: &TlsIdentity, accounts: &assemble::Accounts) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hang_up.recv() => {}
            () = tokio::time::sleep(config.server.reload_every) => {}
        }
        if let Err(error) = tls.reload() {
            tracing::error!(%error, "certificates could not be read again; those read before stay in force");
        }
        if let Err(error) = accounts.reload() {
            tracing::error!(%error, "the grid-mapfile could not be read again; the one read before stays in force");
        }
    }
}

async fn shut_down(
    handle: &ServerHandle,
    stop: &watch::Sender<bool>,
    running: &mut JoinSet<()>,
    store: &Store,
    name: &str,
) {
    tracing::info!("stopping: requests and steps under way may end");
    let _ = stop.send(true);
    handle.stop(true).await;
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a worker ended badly");
        }
    }
    let owner = name.to_owned();
    if let Err(error) = store.write(move |tx| leases::give_up(tx, &owner)).await {
        tracing::warn!(%error, "leases could not be given back; they end by themselves");
    }
    tracing::info!("stopped");
}

/// A short name for the broker in leases: host, process and a random part, so that a restarted broker is not taken for the one before.
fn broker_name(host: &str) -> String {
    format!("{host}:{}:{:08x}", std::process::id(), rand::random::<u32>())
}

/// The times and bounds of the workers.
fn worker_settings(config: &Config) -> workers::Settings {
    let (broker, transfers) = (&config.broker, &config.transfers);
    workers::Settings {
        lease: broker.lease,
        tick: broker.tick,
        max_attempts: broker.max_attempts,
        transfer_tries: transfers.tries,
        transfer_stall: transfers.stall,
        retry_after: transfers.retry_after,
        transfers_at_once: transfers.at_once as usize,
        settle: broker.settle,
        lost_after: broker.lost_after,
        survey_every: broker.survey_every,
        drain: broker.drain,
        zone: broker.time_zone.clone(),
    }
}

//! `grmsd`, the broker daemon.

use anyhow::Context;
use clap::{Parser, Subcommand};
use grms::clock::{Clock, SystemClock};
use grms::config::{Config, Overrides};
use grms::init::{self, InitArgs, UserArgs};
use grms::server;
use grms::telemetry::{LogFormat, start_log};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// The GRMS grid resource broker: one door to many clusters
#[derive(Parser)]
#[command(version, about, after_help = "First steps: grmsd init --dir site && grmsd serve --config site/grms.toml")]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Make a ready site in a new directory: configuration, certificates, a user, a local cluster
    Init(InitArgs),
    /// Serve: answer callers and drive jobs until SIGTERM
    Serve {
        #[command(flatten)]
        config: ConfigArgs,
        /// Log lines as JSON objects
        #[arg(long)]
        log_json: bool,
        /// What is logged, such as info or grms=debug
        #[arg(long, env = "GRMS_LOG", default_value = "info")]
        log: String,
    },
    /// Print what the configuration says and whether everything it names can be reached
    CheckConfig(ConfigArgs),
    /// Bring the tables of the database up to date
    MigrateDb(ConfigArgs),
    /// Give another person a certificate of the site's own authority
    AddUser(UserArgs),
    /// Take a person's certificate back
    RevokeUser(UserArgs),
    /// Keep a proxy for transfers of its owner's jobs
    AddCredential {
        #[command(flatten)]
        config: ConfigArgs,
        /// PEM file: proxy certificate, key, certificates above it
        #[arg(value_name = "PROXY")]
        proxy: PathBuf,
    },
}

#[derive(clap::Args)]
struct ConfigArgs {
    /// The configuration file
    #[arg(long, env = "GRMS_CONFIG", value_name = "FILE")]
    config: PathBuf,
}

impl ConfigArgs {
    fn load(&self) -> anyhow::Result<Config> {
        Ok(Config::load(&self.config, &Overrides::from_environment())?)
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().role) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "grmsd: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(role: Role) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    match role {
        Role::Init(args) => write!(out, "{}", init::site(&args.dir, args.port, SystemClock.now())?)?,
        Role::Serve { config, log_json, log } => {
            start_log(if log_json { LogFormat::Json } else { LogFormat::Text }, &log).map_err(anyhow::Error::msg)?;
            runtime()?.block_on(server::serve(config.load()?))?;
        }
        Role::CheckConfig(args) => {
            let report = runtime()?.block_on(server::check_config(&args.load()?));
            writeln!(out, "{report}")?;
            return Ok(if report.ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Role::MigrateDb(args) => {
            let run = server::migrate_db(&args.load()?)?;
            writeln!(out, "{} migrations were run{}", run.len(), if run.is_empty() { ": up to date" } else { "" })?;
        }
        Role::AddUser(args) => write!(out, "{}", init::add_user(&args.dir, &args.name, SystemClock.now())?)?,
        Role::RevokeUser(args) => {
            let subject = init::revoke_user(&args.dir, &args.name, SystemClock.now())?;
            writeln!(out, "The certificate of {subject} is revoked")?;
        }
        Role::AddCredential { config, proxy } => {
            let (owner, until) = server::add_credential(&config.load()?, &proxy, SystemClock.now())?;
            writeln!(out, "Kept for {owner} until {until}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

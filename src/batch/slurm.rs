//! Slurm by its commands: `sbatch`, one `squeue` for everything, `sacct` for what has left the queue, `scancel`.
//!
//! Ids are reused: an answer counts only when the token in the job's name matches. The wrapper's exit record beats
//! the exit code that Slurm shows; Slurm's word tells why a job was stopped. Without accounting the records are the
//! only truth.

mod ending;

use self::ending::decides;
use super::records::{self, Fence};
use super::script::{Flavour, wall_limit};
use super::slurm_words::{self as words, AccountLine};
use super::{
    BatchError, BatchJob, BatchSystem, Cancelled, Capabilities, Found, Kind, Listing, NativeRecord, Site, Survey,
    Vanished, Workplace,
};
use crate::job::{Launch, LocalJobId, Token};
use crate::shell::Command;
use async_trait::async_trait;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

const FLAVOUR: Flavour = Flavour {
    native: "${SLURM_JOB_ID-}",
    // The job's own environment is exported NONE to the script, and srun would repeat that.
    launcher: &["srun", "--export=ALL", "--ntasks={count}"],
    process_number: Some("SLURM_PROCID"),
    limits: false,
};
const TIMEOUT: Duration = Duration::from_secs(60);
/// How many ids one command is given: an argument has its longest length.
const AT_ONCE: usize = 1000;
/// How far back the accounting is searched for a token.
const SEARCH: &str = "now-30days";

/// The kind `slurm`.
#[derive(Debug)]
pub struct Slurm;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Accounting {
    Sacct,
    None,
    #[default]
    Auto,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// The configuration of the cluster, when it is not the machine's own.
    slurm_conf: Option<PathBuf>,
    /// Where the commands are, when not in the usual directories.
    command_dir: Option<PathBuf>,
    /// The partition for jobs that name none.
    queue: Option<String>,
    /// The account to charge.
    account: Option<String>,
    /// More arguments for `sbatch`.
    #[serde(default)]
    extra_arguments: Vec<String>,
    /// Whether `sacct` can be asked.
    #[serde(default)]
    accounting: Accounting,
}

impl Kind for Slurm {
    fn name(&self) -> &'static str {
        "slurm"
    }

    fn open(&self, site: Site, settings: toml::Table) -> Result<Arc<dyn BatchSystem>, String> {
        let settings: Settings = settings.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
        Ok(Arc::new(Cluster { site, settings, accounting: OnceCell::new() }))
    }
}

struct Cluster {
    site: Site,
    settings: Settings,
    accounting: OnceCell<bool>,
}

impl Cluster {
    fn command<A: Into<String>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Command {
        let program = match &self.settings.command_dir {
            Some(directory) => directory.join(program).display().to_string(),
            None => program.to_owned(),
        };
        let mut command = Command::new(program, arguments);
        command.timeout = TIMEOUT;
        if let Some(conf) = &self.settings.slurm_conf {
            command.environment.push(("SLURM_CONF".into(), conf.display().to_string()));
        }
        command
    }

    /// Runs a command and gives exit code, standard output and standard error.
    async fn answer(&self, command: Command) -> Result<(Option<i32>, String, String), BatchError> {
        let output =
            self.site.shell.run(command).await.map_err(|error| records::no_answer(&self.site.cluster, &error))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((output.code, text(&output.stdout), text(&output.stderr)))
    }

    /// Runs a command whose answer counts only when it is complete.
    async fn ask<A: Into<String>>(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<String, BatchError> {
        let (code, stdout, stderr) = self.answer(self.command(program, arguments)).await?;
        if code != Some(0) {
            return Err(self.unreachable(program, code, &stderr));
        }
        if !stdout.is_empty() && !stdout.ends_with('\n') {
            return Err(self.unintelligible(&stdout));
        }
        Ok(stdout)
    }

    fn unreachable(&self, program: &str, code: Option<i32>, stderr: &str) -> BatchError {
        let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("code {code}"));
        let said: String = stderr.trim().chars().take(500).collect();
        BatchError::Unreachable {
            cluster: self.site.cluster.clone(),
            why: format!("{program} ended with {code}: {said}"),
        }
    }

    fn unintelligible(&self, output: &str) -> BatchError {
        let tail: String = output.trim().chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
        BatchError::Unintelligible { cluster: self.site.cluster.clone(), output: tail }
    }

    /// Whether the accounting database can be asked; found out once.
    async fn has_accounting(&self) -> Result<bool, BatchError> {
        match self.settings.accounting {
            Accounting::Sacct => Ok(true),
            Accounting::None => Ok(false),
            Accounting::Auto => self
                .accounting
                .get_or_try_init(|| async {
                    let config = self.ask("scontrol", ["show", "config"]).await?;
                    let kind = config.lines().find(|line| line.starts_with("AccountingStorageType"));
                    Ok(kind.is_some_and(|line| line.contains("slurmdbd") || line.contains("mysql")))
                })
                .await
                .copied(),
        }
    }

    fn arguments(&self, job: &BatchJob) -> Vec<String> {
        let records = records::directory(&job.place);
        // A percent sign begins a pattern of sbatch's.
        let out = records.join("wrapper.out").display().to_string().replace('%', "%%");
        let mut arguments = vec![
            "--parsable".to_owned(),
            format!("--job-name={}", job.token),
            format!("--comment={}", job.token),
            "--no-requeue".into(),
            "--export=NONE".into(),
            "--input=/dev/null".into(),
            format!("--output={out}"),
            format!("--error={out}"),
            format!("--chdir={}", job.place.work.display()),
        ];
        arguments.extend(match job.launch {
            Launch::Single | Launch::OpenMp => {
                vec!["--nodes=1".into(), "--ntasks=1".into(), format!("--cpus-per-task={}", job.count.max(1))]
            }
            Launch::Multiple | Launch::Mpi | Launch::MpichG | Launch::OpenMpi => {
                vec![format!("--ntasks={}", job.count.max(1))]
            }
        });
        if !matches!(job.launch, Launch::Single | Launch::OpenMp) {
            arguments.extend(job.layout.per_host.map(|count| format!("--ntasks-per-node={count}")));
            arguments.extend(job.layout.threads.map(|count| format!("--cpus-per-task={count}")));
        }
        if let Some(queue) = job.queue.as_ref().or(self.settings.queue.as_ref()) {
            arguments.push(format!("--partition={queue}"));
        }
        if let Some(account) = &self.settings.account {
            arguments.push(format!("--account={account}"));
        }
        if let Some(wall) = wall_limit(job) {
            arguments.push(format!("--time={}", wall.as_millis().div_ceil(60_000).max(1)));
        }
        if let Some(memory) = job.memory {
            arguments.push(format!("--mem={}M", memory.div_ceil(1 << 20).max(1)));
        }
        arguments.extend(self.settings.extra_arguments.iter().cloned());
        arguments.push(records.join("job.sh").display().to_string());
        arguments
    }

    /// `squeue` for some ids, ended ones included as long as the controller remembers them. Ids it has forgotten are
    /// left out.
    async fn remembered(&self, ids: &[LocalJobId]) -> Result<Vec<words::QueueLine>, BatchError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut lines = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            let list = join(part);
            let command = self.command("squeue", ["-h", "-a", "-r", "-t", "all", "-j", &list, "-o", words::SQUEUE]);
            match self.answer(command).await? {
                (Some(0), stdout, _) => lines.extend(stdout.lines().filter_map(|l| words::parse_queue_line(l).ok()?)),
                // What it says when the only id is one it has forgotten.
                (_, _, stderr) if stderr.contains("Invalid job id specified") => {}
                (code, _, stderr) => return Err(self.unreachable("squeue", code, &stderr)),
            }
        }
        Ok(lines)
    }

    async fn accounted(&self, ids: &[LocalJobId]) -> Result<Vec<AccountLine>, BatchError> {
        let mut lines = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            let text = self.ask("sacct", ["-nXP", "-j", &join(part), "-o", words::SACCT]).await?;
            lines.extend(text.lines().filter_map(words::parse_account_line));
        }
        Ok(lines)
    }

    /// What Slurm says of jobs that left its queue, by token.
    async fn last_words(&self, ids: &[LocalJobId]) -> Result<HashMap<Token, AccountLine>, BatchError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut lines = if self.has_accounting().await? { self.accounted(ids).await? } else { Vec::new() };
        lines.retain(|line| ids.contains(&line.id));
        // No accounting, or its rows come late: the controller remembers for some minutes.
        let missing: Vec<_> = ids.iter().filter(|id| !lines.iter().any(|line| line.id == **id)).cloned().collect();
        lines.extend(self.remembered(&missing).await?.into_iter().filter_map(words::without_accounting));
        Ok(lines.into_iter().map(|line| (line.token.clone(), line)).collect())
    }

    /// Ids in queue and accounting that carry the token.
    async fn search(&self, token: &Token) -> Result<Vec<LocalJobId>, BatchError> {
        let name = token.as_str();
        let queue = self.ask("squeue", ["-h", "-a", "-r", "-t", "all", "-n", name, "-o", words::SQUEUE]).await?;
        let queue = queue.lines().filter_map(|line| words::parse_queue_line(line).ok()?).map(|line| line.record);
        let mut ids: Vec<_> = queue.filter(|job| job.token.as_ref() == Some(token)).map(|job| job.id).collect();
        if self.has_accounting().await? {
            let lines = self.ask("sacct", ["-nXP", "--name", name, "-S", SEARCH, "-o", words::SACCT]).await?;
            let lines = lines.lines().filter_map(words::parse_account_line).filter(|line| line.token == *token);
            ids.extend(lines.map(|line| line.id));
        }
        // A name can be seen and copied by anybody, but only after the job that had it first was there.
        ids.sort_by_key(|id| id.as_str().parse::<u64>().unwrap_or(u64::MAX));
        Ok(ids)
    }

    /// The token an attempt was submitted with, as the broker noted it.
    async fn noted_token(&self, place: &Workplace) -> Result<Option<Token>, BatchError> {
        let note = self.site.shell.read_file(&place.control.join("token"), 64).await;
        let note = note.map_err(|error| records::no_answer(&self.site.cluster, &error))?;
        Ok(note.and_then(|bytes| Token::parse(String::from_utf8(bytes).ok()?.trim()).ok()))
    }
}

fn join(ids: &[LocalJobId]) -> String {
    ids.iter().map(LocalJobId::as_str).collect::<Vec<_>>().join(",")
}

#[async_trait]
impl BatchSystem for Cluster {
    fn kind(&self) -> &'static str {
        Slurm.name()
    }

    fn capabilities(&self) -> Capabilities {
        let known_without = self.accounting.get() == Some(&false);
        Capabilities {
            queues_by_itself: true,
            accounting: self.settings.accounting != Accounting::None && !known_without,
        }
    }

    fn slots(&self) -> Option<u32> {
        None
    }

    async fn ping(&self) -> Result<String, BatchError> {
        let (code, stdout, stderr) = self.answer(self.command("scontrol", ["ping"])).await?;
        if code != Some(0) || !stdout.contains(" is UP") {
            return Err(self.unreachable("scontrol ping", code, &format!("{stdout} {stderr}")));
        }
        let version = self.ask("sinfo", ["--version"]).await?;
        Ok(format!("slurm {}", version.split_whitespace().last().unwrap_or("of unknown version")))
    }

    async fn submit(&self, job: &BatchJob) -> Result<LocalJobId, BatchError> {
        if let Some(start) = records::prepare(&self.site, job, &FLAVOUR).await? {
            return LocalJobId::parse(&start.native).map_err(|_| self.unintelligible("a damaged start record"));
        }
        let note = job.place.control.join("token");
        let noted = self.site.shell.write_file(&note, job.token.as_str().as_bytes(), 0o600).await;
        noted.map_err(|error| records::no_answer(&self.site.cluster, &error))?;
        let mut command = self.command("sbatch", self.arguments(job));
        command.user.clone_from(&job.user);
        let (code, stdout, stderr) = self.answer(command).await?;
        if code != Some(0) {
            let why = stderr.trim().chars().take(500).collect();
            return Err(if words::is_refusal(&stderr) {
                BatchError::Rejected { cluster: self.site.cluster.clone(), why }
            } else {
                self.unreachable("sbatch", code, &stderr)
            });
        }
        // The id, and the cluster's name in a federation.
        let id = stdout.trim().split(';').next().unwrap_or_default();
        let numeric = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        numeric.then(|| LocalJobId::parse(id).ok()).flatten().ok_or_else(|| self.unintelligible(&stdout))
    }

    async fn list(&self, _known: &[Vanished]) -> Result<Listing, BatchError> {
        let text = self.ask("squeue", ["-h", "-a", "-r", "-o", words::SQUEUE]).await?;
        let mut listing = Listing::default();
        for line in text.lines() {
            match words::parse_queue_line(line) {
                Ok(Some(line)) => listing.records.push(line.record),
                Ok(None) => {}
                Err(unreadable) => listing.unreadable.push(unreadable),
            }
        }
        Ok(listing)
    }

    async fn account(&self, gone: &[Vanished]) -> Result<Vec<NativeRecord>, BatchError> {
        let mut attempts = Vec::new();
        for attempt in gone {
            // One attempt whose files cannot be reached harms only itself: it stays without evidence.
            let Ok(found) = records::read(self.site.shell.as_ref(), &attempt.place, &attempt.token).await else {
                continue;
            };
            if found.start.as_ref().is_some_and(|start| start.fenced) {
                continue;
            }
            // A second job with the same token ends at once at the fence: the one that has it is meant.
            let started = found.start.as_ref().and_then(|start| LocalJobId::parse(&start.native).ok());
            let Some(id) = started.or_else(|| attempt.id.clone()) else { continue };
            attempts.push((attempt, id, found));
        }
        let open: Vec<_> =
            attempts.iter().filter(|(_, _, found)| !decides(found)).map(|(_, id, _)| id.clone()).collect();
        let mut words = self.last_words(&open).await?;
        let mut answers = Vec::new();
        for (attempt, id, found) in attempts {
            let line = words.remove(&attempt.token).filter(|line| line.id == id);
            answers.extend(self.end(attempt, id, &found, line).await);
        }
        Ok(answers)
    }

    async fn look_up(&self, attempt: &Vanished) -> Result<Found, BatchError> {
        let failed = |error| records::no_answer(&self.site.cluster, &error);
        let mut ids = self.search(&attempt.token).await?;
        let start =
            records::read_start(self.site.shell.as_ref(), &attempt.place, &attempt.token).await.map_err(failed)?;
        // The job that has the fence comes first: it is the one to keep.
        if let Some(id) = start.filter(|start| !start.fenced).and_then(|start| LocalJobId::parse(&start.native).ok()) {
            ids.insert(0, id);
        }
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        if !ids.is_empty() {
            return Ok(Found::Jobs(ids));
        }
        Ok(match records::fence(self.site.shell.as_ref(), attempt).await.map_err(failed)? {
            Fence::Taken => Found::Absent,
            Fence::Started(start) => LocalJobId::parse(&start.native).map_or(Found::NotYet, |id| Found::Jobs(vec![id])),
            Fence::Unclear => Found::NotYet,
        })
    }

    async fn cancel(&self, jobs: &[(LocalJobId, Workplace)]) -> Result<Vec<Cancelled>, BatchError> {
        let ids: Vec<_> = jobs.iter().map(|(id, _)| id.clone()).collect();
        let known = self.remembered(&ids).await?;
        let mut answers = Vec::with_capacity(jobs.len());
        let mut doomed = Vec::new();
        for (id, place) in jobs {
            let token = match self.noted_token(place).await {
                Ok(token) => token,
                Err(error) => {
                    answers.push(Cancelled::Refused(error.to_string()));
                    continue;
                }
            };
            let ours = known.iter().find(|line| line.record.id == *id && token.is_some() && line.record.token == token);
            let Some(_) = ours.filter(|line| !words::is_final(&line.word)) else {
                answers.push(Cancelled::Unknown);
                continue;
            };
            if let Err(error) = records::mark_canceled(self.site.shell.as_ref(), place).await {
                answers.push(Cancelled::Refused(error.to_string()));
                continue;
            }
            doomed.push(id.as_str());
            answers.push(Cancelled::Asked);
        }
        let mut refused = None;
        for part in doomed.chunks(AT_ONCE) {
            let (code, _, stderr) = self.answer(self.command("scancel", part.iter().copied())).await?;
            if code != Some(0) && !stderr.contains("denied") {
                return Err(self.unreachable("scancel", code, &stderr));
            }
            refused = refused.or_else(|| (code != Some(0)).then(|| stderr.trim().to_owned()));
        }
        if let Some(why) = refused {
            for answer in answers.iter_mut().filter(|answer| **answer == Cancelled::Asked) {
                *answer = Cancelled::Refused(why.clone());
            }
        }
        Ok(answers)
    }

    async fn survey(&self) -> Result<Survey, BatchError> {
        let sinfo = self.ask("sinfo", ["-h", "-o", words::SINFO]).await?;
        let counts = self.ask("squeue", ["-h", "-a", "-r", "-o", "%P|%T"]).await?;
        let nodes = self.ask("scontrol", ["-o", "show", "nodes"]).await?;
        let area = self.site.area.display().to_string();
        let disk = self.site.shell.run(Command::new("df", ["-P", "-k", "--", &area])).await.ok();
        let disk = disk.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let free_kib = disk.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
        let os = words::node_field(&nodes, "OS");
        let mut os_words = os.as_deref().unwrap_or_default().split(' ').map(str::to_owned);
        let (os_name, os_release) = (os_words.next().filter(|name| !name.is_empty()), os_words.next());
        let version = words::node_field(&nodes, "Version");
        Ok(Survey {
            product: format!("slurm {}", version.as_deref().unwrap_or("of unknown version")),
            os_name,
            architecture: words::node_field(&nodes, "Arch"),
            os_release,
            free_disk: free_kib.map(|kib| kib << 10),
            queues: words::parse_queues(&sinfo, &counts),
        })
    }
}

#[cfg(test)]
mod tests;

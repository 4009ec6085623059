//! A store, a clock turned by hand, a real directory, and a batch system that answers what a test tells it to.

use async_trait::async_trait;
use grms::batch::{
    BatchError, BatchJob, BatchSystem, Cancelled, Capabilities, Found, Listing, NativeRecord, NativeState, QueueFacts,
    Survey, Vanished, Workplace,
};
use grms::clock::{Clock, HandClock};
use grms::job::{ClusterName, Event, JobId, LocalJobId, Spec, State, TaskId, Usage};
use grms::shell::LocalShell;
use grms::store::jobs::{self, JobRecord, NewJob};
use grms::store::{Location, Store, StoreError};
use grms::transfer::{self, Protocols};
use grms::workers::driver::{self, Step};
use grms::workers::matching::Matching;
use grms::workers::staging_in::StagingIn;
use grms::workers::{Cluster, Context, Settings, survey};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What the batch system answers. An empty queue of answers means no answer at all.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) submit: VecDeque<Result<LocalJobId, BatchError>>,
    pub(crate) look_up: VecDeque<Result<Found, BatchError>>,
    pub(crate) cancel: VecDeque<Vec<Cancelled>>,
    pub(crate) listing: Option<Vec<NativeRecord>>,
    pub(crate) account: Vec<NativeRecord>,
    pub(crate) calls: Vec<String>,
}

/// The batch system.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) script: Mutex<Script>,
    /// While there is a gate, a submission waits at it.
    pub(crate) gate: Mutex<Option<Arc<Notify>>>,
    slots: Option<u32>,
}

pub(crate) fn alpha() -> ClusterName {
    ClusterName::parse("alpha").unwrap()
}

pub(crate) fn local(id: &str) -> LocalJobId {
    LocalJobId::parse(id).unwrap()
}

pub(crate) fn silent() -> BatchError {
    BatchError::Unreachable { cluster: alpha(), why: "nobody answers".to_owned() }
}

#[async_trait]
impl BatchSystem for Fake {
    fn kind(&self) -> &'static str {
        "slurm"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { queues_by_itself: self.slots.is_none(), accounting: true }
    }

    fn slots(&self) -> Option<u32> {
        self.slots
    }

    async fn ping(&self) -> Result<String, BatchError> {
        Ok("fake".to_owned())
    }

    async fn submit(&self, job: &BatchJob) -> Result<LocalJobId, BatchError> {
        self.script.lock().unwrap().calls.push(format!("submit {}", job.attempt));
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        self.script.lock().unwrap().submit.pop_front().unwrap_or_else(|| Err(silent()))
    }

    async fn list(&self, _: &[Vanished]) -> Result<Listing, BatchError> {
        let records = self.script.lock().unwrap().listing.clone().ok_or_else(silent)?;
        Ok(Listing { records, unreadable: Vec::new() })
    }

    async fn account(&self, gone: &[Vanished]) -> Result<Vec<NativeRecord>, BatchError> {
        let known = self.script.lock().unwrap().account.clone();
        let asked = |record: &NativeRecord| gone.iter().any(|gone| record.token.as_ref() == Some(&gone.token));
        Ok(known.into_iter().filter(asked).collect())
    }

    async fn look_up(&self, _: &Vanished) -> Result<Found, BatchError> {
        let mut script = self.script.lock().unwrap();
        script.calls.push("look up".to_owned());
        script.look_up.pop_front().unwrap_or_else(|| Err(silent()))
    }

    async fn cancel(&self, jobs: &[(LocalJobId, Workplace)]) -> Result<Vec<Cancelled>, BatchError> {
        let ids: Vec<_> = jobs.iter().map(|(id, _)| id.as_str()).collect();
        let mut script = self.script.lock().unwrap();
        script.calls.push(format!("cancel {}", ids.join(" ")));
        Ok(script.cancel.pop_front().unwrap_or_else(|| vec![Cancelled::Asked; jobs.len()]))
    }

    async fn survey(&self) -> Result<Survey, BatchError> {
        let queue = QueueFacts { name: "main".to_owned(), open: true, slots: Some(4), ..QueueFacts::default() };
        Ok(Survey { product: "fake".to_owned(), queues: vec![queue], ..Survey::default() })
    }
}

pub(crate) struct Rig {
    pub(crate) ctx: Arc<Context>,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) fake: Arc<Fake>,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) area: PathBuf,
    _dir: tempfile::TempDir,
}

impl Rig {
    /// A broker with one cluster that has a queue of its own.
    pub(crate) async fn new() -> Self {
        Self::with(None).await
    }

    /// A broker with one cluster; with a number of slots it has no queue of its own.
    pub(crate) async fn with(slots: Option<u32>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let area = dir.path().join("work");
        std::fs::create_dir(&area).unwrap();
        let clock = Arc::new(HandClock::new("2026-01-01T10:00:00Z".parse().unwrap()));
        let fake = Arc::new(Fake { slots, ..Fake::default() });
        let cluster = Arc::new(Cluster {
            name: alpha(),
            host: "ce1".to_owned(),
            area: area.clone(),
            shell: Arc::new(LocalShell::new()),
            system: Arc::clone(&fake) as Arc<dyn BatchSystem>,
            account: Arc::new(|_| Ok(None)),
            facts: grms::matchmaking::Facts::default(),
            poll: Duration::from_secs(10),
        });
        let ctx = Arc::new(Context {
            store: Store::open(&Location::Sqlite(dir.path().join("grms.db"))).unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            clusters: vec![Arc::clone(&cluster)],
            protocols: Protocols::new(&transfer::Settings::default()),
            authorities: None,
            credentials: Arc::new(|_| None),
            settings: Settings::default(),
            name: "rig".to_owned(),
            service_url: "https://localhost".to_owned(),
            announce: Arc::new(|_| {}),
        });
        survey::survey(&ctx, &cluster).await.unwrap();
        Self { ctx, clock, fake, cluster, area, _dir: dir }
    }

    /// Accepts a job that reads `stdin` from a file.
    pub(crate) async fn submit(&self, serial: u32) -> JobId {
        let input = self.area.join("../input");
        std::fs::write(&input, "content").unwrap();
        let text = format!(
            r#"{{"dialect":"GJD1","app_id":"clock","project":null,"tasks":[{{"id":"main","program":{{"file":{{"name":"date",
            "location":{{"url":"file:////bin/date"}}}}}},"launch":"single","count":1,"arguments":[],"environment":[],
            "stdin":{{"url":"file:///{}"}},"stdout":null,"stderr":null,"staging":[],"resources":[]}}]}}"#,
            input.display()
        );
        let spec: Spec = serde_json::from_str(&text).unwrap();
        let at = self.clock.now();
        let id = JobId::new(at.as_millisecond(), "clock", serial);
        let job = NewJob {
            id: id.clone(),
            owner: "/CN=Ada".to_owned(),
            description: "<grmsjob/>".to_owned(),
            spec,
            request: None,
            hold: false,
            at,
        };
        self.ctx.store.write(move |tx| jobs::accept(tx, &job)).await.unwrap();
        id
    }

    /// Runs what is due of a duty, once. Gives how many steps were run.
    pub(crate) async fn run(&self, step: &dyn Step) -> usize {
        driver::run_due(step, &self.ctx).await.unwrap()
    }

    /// A job up to the door of the batch system.
    pub(crate) async fn staged(&self, serial: u32) -> JobId {
        let id = self.submit(serial).await;
        assert_eq!(self.run(&Matching::default()).await, 1);
        assert_eq!(self.run(&StagingIn::new(1)).await, 1);
        id
    }

    pub(crate) async fn job(&self, id: &JobId) -> JobRecord {
        let id = id.clone();
        self.ctx.store.read(move |tx| jobs::find(tx, &id)).await.unwrap().unwrap()
    }

    pub(crate) async fn state(&self, id: &JobId) -> State {
        self.job(id).await.tasks.remove(0).state
    }

    pub(crate) async fn request(&self, id: &JobId, event: Event) {
        let (id, now) = (id.clone(), self.clock.now());
        self.ctx.store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &event, now)).await.unwrap();
    }

    /// The lines of its history.
    pub(crate) async fn events(&self, id: &JobId) -> Vec<String> {
        let id = id.clone();
        let lines = self.ctx.store.read(move |tx| grms::store::history::list(tx, &id)).await;
        lines.unwrap_or_else(|error: StoreError| panic!("{error}")).into_iter().map(|line| line.event).collect()
    }

    pub(crate) fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.fake.script.lock().unwrap());
    }

    /// What the batch system was asked so far, and no more.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.fake.script.lock().unwrap().calls)
    }

    pub(crate) fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A line about the newest attempt of a job.
    pub(crate) async fn line(&self, id: &JobId, local_id: &str, state: NativeState) -> NativeRecord {
        NativeRecord {
            id: local(local_id),
            token: self.job(id).await.last_attempt.map(|attempt| attempt.token),
            state,
            host: Some("node1".to_owned()),
            submitted: None,
            started: None,
            usage: Usage::default(),
        }
    }
}

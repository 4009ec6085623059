//! A service of one's own: an empty store, a clock turned by hand, two users and an administrator.

use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::web::Data;
use actix_web::{App, HttpMessage};
use grms::clock::{Clock, HandClock};
use grms::identity::{Peer, Policy, Subject};
use grms::job::{
    ClusterName, Event, EventType, Exit, JobId, LocalJobId, Model, Notification, NotificationId, Protocol, Spec,
    Status, TaskId, Token,
};
use grms::operations::{Context, Contract, FaultKind, Settings};
use grms::soap::{self, Service, Version};
use grms::store::attempts::{self, Placement};
use grms::store::jobs::{self, ApplyError, NewJob};
use grms::store::notifications::{self, NewRegistration, Outcome};
use grms::store::{Location, Store, StoreError};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

pub(crate) const ADA: &str = "/C=PL/O=Example/CN=Ada Nowak";
pub(crate) const EVE: &str = "/C=PL/O=Example/CN=Eve Kowalska";
pub(crate) const ROOT: &str = "/C=PL/O=Example/CN=Operator";
pub(crate) const DATE: &str = include_str!("../../examples/date.xml");

/// The id of the notification that [`Broker::register`] keeps.
pub(crate) const REGISTERED: &str = "n-0001";
pub(crate) const NOTIFICATION: &str = "<notification><eventType>STATUS</eventType><protocol>HTTP</protocol>\
    <destination>https://portal.example.org/hook</destination><state>FINISHED</state></notification>";
pub(crate) const FILE_DIR: &str = "<item><name>log/run.txt</name><path>gsiftp://store.example.org//run.txt</path>\
    <urlType>PHYSICAL</urlType><pathType>FILE</pathType></item>";

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The text of the first element with this local name; empty when there is none.
    pub(crate) fn text(&self, local: &str) -> String {
        let document = roxmltree::Document::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body));
        let node = document.descendants().find(|node| node.tag_name().name() == local);
        node.and_then(|node| node.text()).unwrap_or("").to_owned()
    }

    /// The element inside the Body, or inside the detail of a fault, as text.
    pub(crate) fn payload(&self) -> Option<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body));
        let child = |parent: &str| {
            let parent = document.descendants().find(|node| node.tag_name().name() == parent)?;
            parent.children().find(roxmltree::Node::is_element)
        };
        let body = child("Body")?;
        let node =
            if body.tag_name().name() == "Fault" { child("detail").or_else(|| child("Detail")) } else { Some(body) };
        node.map(|node| self.body[node.range()].to_owned())
    }
}

/// A service and what is behind it.
pub(crate) struct Broker {
    pub(crate) store: Store,
    pub(crate) clock: Arc<HandClock>,
    /// What the observer was told: operation and code.
    pub(crate) observed: Arc<Mutex<Vec<(&'static str, u16)>>>,
    service: Data<Service>,
    _dir: tempfile::TempDir,
}

impl Broker {
    pub(crate) fn new() -> Self {
        Self::with(soap::Settings::default())
    }

    pub(crate) fn with(settings: soap::Settings) -> Self {
        Self::made(settings, None)
    }

    /// One that stops when told.
    pub(crate) fn stopped_by(stopping: watch::Receiver<bool>) -> Self {
        Self::made(soap::Settings::default(), Some(stopping))
    }

    fn made(settings: soap::Settings, stopping: Option<watch::Receiver<bool>>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::Sqlite(dir.path().join("grms.db"))).unwrap();
        let clock = Arc::new(HandClock::new("2026-01-01T10:04:05.123Z".parse().unwrap()));
        let policy = Policy { administrators: vec![Subject::parse(ROOT).unwrap()] };
        let context = Context::new(store.clone(), Arc::clone(&clock) as Arc<dyn Clock>, policy, Settings::default());
        let context = match stopping {
            Some(stopping) => context.stopped_by(stopping),
            None => context,
        };
        let observed = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&observed);
        let observer: soap::Observer = Arc::new(move |operation, code, _| told.lock().unwrap().push((operation, code)));
        let service = Data::new(Service::new(Arc::new(context), settings).observed_by(observer));
        Self { store, clock, observed, service, _dir: dir }
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: TestRequest, caller: Option<&str>) -> Answer {
        self.send_raw(request.to_request(), caller).await
    }

    pub(crate) async fn send_raw(&self, request: actix_http::Request, caller: Option<&str>) -> Answer {
        let app = init_service(App::new().configure(soap::configure(self.service.clone()))).await;
        if let Some(caller) = caller {
            let peer = Peer {
                subject: Subject::parse(caller).unwrap(),
                proxies: 0,
                limited: false,
                not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
            };
            request.extensions_mut().insert(peer);
        }
        let response: ServiceResponse = app.call(request).await.unwrap();
        let operation = self.observed.lock().unwrap().last().map(|(operation, _)| *operation);
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let status = response.status();
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        if let Some(operation) = operation.and_then(grms::operations::find) {
            declares_its_faults(operation.contract(), &body);
        }
        Answer { status, headers, body }
    }

    /// Calls an operation with a limited proxy.
    pub(crate) async fn call_limited(&self, operation: &str, members: &str, caller: &str) -> Answer {
        let request = TestRequest::post().uri(soap::PATH).insert_header(("content-type", "text/xml"));
        let request = request.set_payload(envelope(Version::V11, operation, members)).to_request();
        let not_after = "2027-01-01T00:00:00Z".parse().unwrap();
        let peer = Peer { subject: Subject::parse(caller).unwrap(), proxies: 1, limited: true, not_after };
        request.extensions_mut().insert(peer);
        self.send_raw(request, None).await
    }

    /// Posts an envelope.
    pub(crate) async fn post(&self, version: Version, envelope: impl Into<Vec<u8>>, caller: Option<&str>) -> Answer {
        self.post_to(soap::PATH, version, envelope, caller).await
    }

    /// Posts an envelope to an address.
    pub(crate) async fn post_to(
        &self,
        path: &str,
        version: Version,
        envelope: impl Into<Vec<u8>>,
        caller: Option<&str>,
    ) -> Answer {
        let request = TestRequest::post().uri(path).insert_header(("content-type", version.content_type()));
        self.send(request.set_payload(envelope.into()), caller).await
    }

    /// Calls an operation with its members as XML.
    pub(crate) async fn call(&self, operation: &str, members: &str, caller: Option<&str>) -> Answer {
        self.post(Version::V11, envelope(Version::V11, operation, members), caller).await
    }

    /// A job of Ada's that is not in the store yet.
    pub(crate) fn new_job(&self, hold: bool) -> NewJob {
        NewJob {
            id: JobId::new(1_767_261_845_123, "clock", 417),
            owner: ADA.to_owned(),
            description: DATE.to_owned(),
            spec: self.spec(),
            request: None,
            hold,
            at: self.clock.now(),
        }
    }

    /// Puts a job of Ada's into the store; it is QUEUED.
    pub(crate) async fn queued_job(&self, hold: bool) -> JobId {
        let job = self.new_job(hold);
        let id = job.id.clone();
        self.store.write(move |tx| jobs::accept(tx, &job)).await.unwrap();
        id
    }

    /// Lets something happen to the only task of a job.
    pub(crate) async fn happens(&self, id: &JobId, event: Event) {
        let (id, at) = (id.clone(), self.clock.now());
        self.store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &event, at)).await.unwrap();
    }

    /// Marks a job as swept.
    pub(crate) async fn sweep(&self, id: &JobId) {
        let id = id.clone();
        self.store.write(move |tx| grms::store::tasks::rest(tx, &id, &TaskId::main())).await.unwrap();
    }

    /// Puts a job of Ada's into the store; its attempt is running on a cluster.
    pub(crate) async fn running_job(&self) -> JobId {
        self.running(self.new_job(false)).await
    }

    /// Puts a job into the store; its attempt is running on a cluster.
    pub(crate) async fn running(&self, job: NewJob) -> JobId {
        let id = job.id.clone();
        let place = place();
        let (task, start, job_id) = (TaskId::main(), self.clock.now(), id.clone());
        let second = move |seconds: i64| start + jiff::SignedDuration::from_secs(seconds);
        self.store
            .write(move |tx| {
                jobs::accept(tx, &job)?;
                jobs::apply(tx, &job_id, &task, &Event::Placed, second(1))?;
                attempts::begin(tx, &job_id, &task, &place, second(1))?;
                jobs::apply(tx, &job_id, &task, &Event::StagedIn, second(2))?;
                attempts::intend(tx, &place.token, second(3))?;
                attempts::submitted(tx, &place.token, &LocalJobId::parse("4242").unwrap(), second(3))?;
                jobs::apply(tx, &job_id, &task, &Event::LocallyActive, second(4))?;
                attempts::active(tx, &place.token, Some("node7.example.org"), second(4))?;
                Ok::<_, ApplyError>(())
            })
            .await
            .unwrap();
        id
    }

    fn spec(&self) -> Spec {
        let rules = grms::description::Rules::everything(self.clock.now());
        grms::description::read(DATE, &rules).unwrap().spec
    }

    /// Keeps a notification for a job under a known id.
    pub(crate) async fn register(&self, job: &JobId) {
        let notification = Notification {
            events: vec![EventType::Status, EventType::Request],
            protocol: Protocol::Gass,
            destination: Some("https://portal.example.org:20001/log".to_owned()),
            users: vec!["ada".to_owned()],
            append: Some(true),
            format: Some("%t %j %s".to_owned()),
            client: None,
            forward: None,
            states: vec![Status::Failed],
            expires: Some("2026-02-01T00:00:00Z".parse().unwrap()),
            model: Model::Modern,
        };
        let id = NotificationId::parse(REGISTERED).unwrap();
        let new = NewRegistration { id, owner: ADA.to_owned(), job: Some(job.clone()), notification };
        let now = self.clock.now();
        let kept = self.store.write(move |tx| notifications::register(tx, &new, 20, now)).await.unwrap();
        assert_eq!(kept, Outcome::Kept);
    }

    /// Lets the running job fail.
    pub(crate) async fn fail(&self, id: &JobId) {
        let (id, at) = (id.clone(), self.clock.now() + jiff::SignedDuration::from_secs(60));
        let failure = grms::job::Failure::new(grms::job::Code::ExecutionFailed, "the program ended with exit code 3");
        let ending = grms::job::Ending {
            at,
            outcome: grms::job::Outcome::Failed,
            exit: Some(Exit::Code(3)),
            failure: Some(failure),
            evidence: "exit record".to_owned(),
        };
        self.store
            .write(move |tx| {
                attempts::ended(tx, &Token::from_random(7), &ending, None, &grms::job::Usage::default())?;
                for event in [Event::LocallyEnded(ending), Event::CollectionBegan, Event::CollectionDone] {
                    jobs::apply(tx, &id, &TaskId::main(), &event, at)?;
                }
                Ok::<_, ApplyError>(())
            })
            .await
            .unwrap();
    }

    pub(crate) async fn count_jobs(&self) -> usize {
        let filter = jobs::Filter { limit: 1000, ..jobs::Filter::default() };
        self.store.read(move |tx| Ok::<_, StoreError>(jobs::list(tx, &filter)?.len())).await.unwrap()
    }
}

/// Holds a fault that an operation raised against those that it declares: whatever any test provokes.
fn declares_its_faults(contract: &Contract, body: &str) {
    let raised = FaultKind::ALL.iter().find(|kind| body.contains(&format!("<g:{}", kind.element())));
    if let Some(kind) = raised {
        assert!(contract.faults.contains(kind), "{} does not declare {}: {body}", contract.name, kind.element());
    }
}

/// A place on a cluster, for an attempt.
pub(crate) fn place() -> Placement {
    Placement {
        cluster: ClusterName::parse("alpha").unwrap(),
        queue: Some("short".to_owned()),
        host: "ce1.example.org".to_owned(),
        resource: None,
        token: Token::from_random(7),
    }
}

/// An envelope around a call.
pub(crate) fn envelope(version: Version, operation: &str, members: &str) -> String {
    let namespace = version.namespace();
    format!(
        "<s:Envelope xmlns:s=\"{namespace}\"><s:Body><g:{operation} xmlns:g=\"urn:grms:2\">{members}</g:{operation}></s:Body></s:Envelope>"
    )
}

/// Text inside an element.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    grms::xml::escape_text(&mut out, text);
    out
}

/// A request of an operation that is right as far as the contract goes.
pub(crate) fn sample(operation: &str, job: &str) -> String {
    let description = || format!("<jobDefinition>{}</jobDefinition>", escaped(DATE));
    match operation {
        "submitJob" | "testJobDescription" | "translateJobDescription" | "findResources" => description(),
        "submitJobs" => format!("<job>{}</job>", description()),
        "cancelJob"
        | "suspendJob"
        | "resumeJob"
        | "migrateJob"
        | "commitJob"
        | "cancelJobs"
        | "suspendJobs"
        | "resumeJobs"
        | "migrateJobs"
        | "deleteJobs"
        | "getJobInfo"
        | "getJobInfoList"
        | "getJobHistory"
        | "getApplicationAccess"
        | "unregisterApplicationAccess"
        | "getNotificationsList"
        | "getOutputFileDirs"
        | "getCheckpointFileDirs" => format!("<jobId>{job}</jobId>"),
        "registerApplicationAccess" => {
            format!("<jobId>{job}</jobId><serviceLocation>https://node7.example.org:8080/ckpt</serviceLocation>")
        }
        "registerNotification" => format!("<jobId>{job}</jobId>{NOTIFICATION}"),
        "getNotificationInformation" | "unregisterNotification" => {
            format!("<notificationId>{REGISTERED}</notificationId>")
        }
        "addOutputFileDirs" | "deleteOutputFileDirs" | "addCheckpointFileDirs" | "deleteCheckpointFileDirs" => {
            format!("<jobId>{job}</jobId>{FILE_DIR}")
        }
        "getJobsList" | "getAllJobsList" => String::new(),
        "getProjectJobsList" => "<project>clocks</project>".to_owned(),
        "waitForJobs" | "waitForEvents" => format!("<jobId>{job}</jobId><timeoutSeconds>0</timeoutSeconds>"),
        "getServiceDescription" => "<type>FULL</type>".to_owned(),
        other => panic!("write a sample request of {other}"),
    }
}

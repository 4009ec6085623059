//! What the store promises of registrations: the access of a running program, notifications, changes of the collected files.

use super::scenarios::{new_job, now};
use grms::job::entry::Role;
use grms::job::{
    ApplicationAccess, ClusterName, CreationFlag, Direction, EntryChange, Event, EventType, FileEntry, FileKind, JobId,
    Location as Place, Model, Notification, NotificationId, Outcome, Protocol, RelativeName, ServiceLocation, Staged,
    State, Status, TaskId, TaskSpec, Token, Url,
};
use grms::store::attempts::{self, Placement};
use grms::store::jobs::{self, NewJob};
use grms::store::notifications::{self, NewRegistration, Of, Outcome as Kept, Registration};
use grms::store::{Location, Store, StoreError, file_dirs, tasks};
use jiff::{SignedDuration, Timestamp};

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

async fn accept(store: &Store, job: NewJob) -> JobId {
    let id = job.id.clone();
    store.write(move |tx| jobs::accept(tx, &job)).await.unwrap();
    id
}

fn access(text: &str, pid: Option<i32>) -> ApplicationAccess {
    ApplicationAccess::new(ServiceLocation::parse(text).unwrap(), pid).unwrap()
}

pub(crate) async fn an_attempt_keeps_the_access_of_its_program_until_it_ends(location: Location) {
    let store = Store::open(&location).unwrap();
    let id = accept(&store, new_job(1)).await;
    let token = |random| Token::from_random(random);
    let begin = |random: u128| {
        let (store, id) = (store.clone(), id.clone());
        let cluster = ClusterName::parse("alpha").unwrap();
        let place = Placement { cluster, queue: None, host: "a".to_owned(), resource: None, token: token(random) };
        async move { store.write(move |tx| attempts::begin(tx, &id, &TaskId::main(), &place, now())).await.unwrap() }
    };
    let register = |random: u128, access: Option<ApplicationAccess>| {
        let (store, token) = (store.clone(), token(random));
        async move { store.write(move |tx| attempts::register_access(tx, &token, access.as_ref())).await.unwrap() }
    };
    let kept = |number: u32| {
        let (store, id) = (store.clone(), id.clone());
        async move {
            let found = store.read(move |tx| attempts::find(tx, &id, &TaskId::main(), number)).await.unwrap();
            found.unwrap().access
        }
    };
    assert_eq!(begin(1).await, 1);
    assert_eq!(kept(1).await, None);
    for said in [access("signal:USR1", Some(4_000_000)), access("https://node7:8080/ckpt", None)] {
        assert!(register(1, Some(said.clone())).await);
        assert_eq!(kept(1).await, Some(said), "the last one counts");
    }
    assert!(!register(9, None).await, "there is no such attempt");
    assert_eq!(begin(2).await, 2);
    assert_eq!(kept(2).await, None, "the next attempt begins without one");
    assert!(register(2, Some(access("exitcode:85", None))).await);
    assert!(register(2, None).await);
    assert_eq!(kept(2).await, None);
    store.write(move |tx| attempts::close(tx, &token(1), Outcome::Lost, None)).await.unwrap();
    assert!(!register(1, None).await, "an attempt that is over no longer changes");
    assert!(kept(1).await.is_some());
}

fn notification(expires: Option<Timestamp>) -> Notification {
    Notification {
        events: vec![EventType::Status, EventType::Request],
        protocol: Protocol::Gass,
        destination: Some("https://p.example.org/log".to_owned()),
        users: vec!["ada".to_owned(), "a, \"b\"".to_owned()],
        append: Some(true),
        format: Some("%t %s".to_owned()),
        client: Some("portal".to_owned()),
        forward: Some(Protocol::Sms),
        states: vec![Status::Failed, Status::Finished],
        expires,
        model: Model::V190,
    }
}

fn registration(id: &str, job: Option<&JobId>, expires: Option<Timestamp>) -> NewRegistration {
    let id = NotificationId::parse(id).unwrap();
    NewRegistration { id, owner: new_job(1).owner, job: job.cloned(), notification: notification(expires) }
}

async fn register(store: &Store, new: NewRegistration, at: Timestamp) -> Kept {
    store.write(move |tx| notifications::register(tx, &new, 2, at)).await.unwrap()
}

fn ids(found: &[Registration]) -> Vec<&str> {
    found.iter().map(|one| one.id.as_str()).collect()
}

async fn listed(store: &Store, job: Option<&JobId>, at: Timestamp) -> Vec<String> {
    let job = job.cloned();
    let owner = new_job(1).owner;
    let found = store
        .read(move |tx| notifications::list(tx, job.as_ref().map_or(Of::Owner(&owner), Of::Job), at))
        .await
        .unwrap();
    found.into_iter().map(String::from).collect()
}

pub(crate) async fn a_registration_is_kept_as_it_was_made_and_so_many_at_the_most(location: Location) {
    let store = Store::open(&location).unwrap();
    let (first, second) = (accept(&store, new_job(1)).await, accept(&store, new_job(2)).await);
    let expires = now() + hours(1);
    assert_eq!(register(&store, registration("a", Some(&first), Some(expires)), now()).await, Kept::Kept);
    let id = NotificationId::parse("a").unwrap();
    let kept = store.read(move |tx| notifications::find(tx, &id, now())).await.unwrap().unwrap();
    assert_eq!(kept.notification, notification(Some(expires)));
    assert_eq!((kept.job.as_ref(), kept.created, kept.tell_now), (Some(&first), now(), false));
    assert_eq!(register(&store, registration("b", Some(&first), None), now()).await, Kept::Kept);
    assert_eq!(register(&store, registration("c", Some(&first), None), now()).await, Kept::TooMany);
    for id in ["d", "e"] {
        assert_eq!(register(&store, registration(id, None, None), now()).await, Kept::Kept);
    }
    assert_eq!(register(&store, registration("f", None, None), now()).await, Kept::TooMany);
    assert_eq!(register(&store, registration("g", Some(&second), None), now()).await, Kept::Kept);
    let gone = JobId::parse("1_gone_0001").unwrap();
    assert_eq!(register(&store, registration("h", Some(&gone), None), now()).await, Kept::NoSuchJob);
    assert_eq!(listed(&store, Some(&first), now()).await, ["a", "b"]);
    assert_eq!(listed(&store, None, now()).await, ["a", "b", "d", "e", "g"]);
    // What has expired is not there any more, and makes room.
    assert_eq!(listed(&store, Some(&first), expires).await, ["b"]);
    assert_eq!(register(&store, registration("c", Some(&first), None), expires).await, Kept::Kept);
    let id = NotificationId::parse("b").unwrap();
    let removed =
        store.write(move |tx| Ok::<_, StoreError>((notifications::remove(tx, &id)?, notifications::remove(tx, &id)?)));
    assert_eq!(removed.await.unwrap(), (true, false));
    assert_eq!(listed(&store, Some(&first), expires).await, ["c"]);
}

pub(crate) async fn an_event_is_for_those_who_asked_before_it(location: Location) {
    let store = Store::open(&location).unwrap();
    let (first, second) = (accept(&store, new_job(1)).await, accept(&store, new_job(2)).await);
    let mut foreign = new_job(3);
    foreign.owner = "/O=Grid/CN=Bob".to_owned();
    let foreign = accept(&store, foreign).await;
    for (id, job, at, expires) in [
        ("a", Some(&first), 0, None),
        ("b", None, 1, None),
        ("c", Some(&second), 2, None),
        ("d", Some(&first), 5, None),
        ("e", None, 5, Some(now() + hours(7))),
    ] {
        let at = now() + hours(at);
        assert_eq!(register(&store, registration(id, job, expires), at).await, Kept::Kept);
    }
    let asked = |job: &JobId, at: i64| {
        let (store, job) = (store.clone(), job.clone());
        async move { store.read(move |tx| notifications::interested(tx, &job, now() + hours(at))).await.unwrap() }
    };
    assert_eq!(ids(&asked(&first, 0).await), ["a"]);
    assert_eq!(ids(&asked(&first, 4).await), ["a", "b"]);
    assert_eq!(ids(&asked(&first, 6).await), ["a", "b", "d", "e"]);
    assert_eq!(ids(&asked(&first, 7).await), ["a", "b", "d"], "one has expired");
    assert_eq!(ids(&asked(&second, 4).await), ["b", "c"]);
    assert!(asked(&foreign, 6).await.is_empty(), "jobs of other people are nobody's business");
}

pub(crate) async fn one_for_a_job_that_is_over_is_owed_the_state_once_and_goes_after_a_week(location: Location) {
    let store = Store::open(&location).unwrap();
    let id = accept(&store, new_job(1)).await;
    assert_eq!(register(&store, registration("early", Some(&id), None), now()).await, Kept::Kept);
    let job = id.clone();
    store.write(move |tx| jobs::apply(tx, &job, &TaskId::main(), &Event::CancelRequested, now())).await.unwrap();
    assert_eq!(register(&store, registration("late", Some(&id), None), now() + hours(1)).await, Kept::Kept);
    let owed = store.read(|tx| notifications::owed(tx, 9)).await.unwrap();
    assert_eq!(ids(&owed), ["late"]);
    let job = id.clone();
    let interested = store.read(move |tx| notifications::interested(tx, &job, now() + hours(2))).await.unwrap();
    assert_eq!(ids(&interested), ["early"], "one that is owed the present state gets no event beside it");
    for (hour, left) in [(7 * 24 - 1, vec!["early", "late"]), (7 * 24, vec![])] {
        assert_eq!(
            register(&store, registration(&format!("all{hour}"), None, None), now() + hours(hour)).await,
            Kept::Kept
        );
        assert_eq!(listed(&store, Some(&id), now()).await, left, "{hour}");
    }
}

fn url(path: &str) -> Place {
    Place::Url(Url::parse(&format!("file:///{path}")).unwrap())
}

fn name(text: &str) -> RelativeName {
    RelativeName::parse(text).unwrap()
}

fn entry(local: &str, kind: FileKind, path: &str) -> FileEntry {
    FileEntry { name: name(local), kind, location: url(path), creation: CreationFlag::Overwrite }
}

pub(crate) async fn changes_of_the_collected_files_are_kept_for_each_role(location: Location) {
    let store = Store::open(&location).unwrap();
    let mut job = new_job(1);
    job.spec.tasks[0].staging = vec![
        Staged::new(name("in.txt"), FileKind::File, Direction::In, url("/in")),
        Staged::new(name("a"), FileKind::File, Direction::Out, url("/a")),
        Staged::new(name("b"), FileKind::File, Direction::InOut, url("/b")),
    ];
    let task: TaskSpec = job.spec.tasks[0].clone();
    let id = accept(&store, job).await;
    let put = |role: Role, change: EntryChange| {
        let (store, id) = (store.clone(), id.clone());
        async move { store.write(move |tx| file_dirs::put(tx, &id, &TaskId::main(), role, &change)).await.unwrap() }
    };
    let merged = |role: Role| {
        let (store, id, task) = (store.clone(), id.clone(), task.clone());
        async move { store.read(move |tx| file_dirs::merged(tx, &id, &task, role)).await.unwrap() }
    };
    let file = FileKind::File;
    assert_eq!(merged(Role::Output).await, [entry("a", file, "/a"), entry("b", file, "/b")]);
    put(Role::Output, EntryChange::Added(entry("a", FileKind::Directory, "/first"))).await;
    put(Role::Output, EntryChange::Added(entry("a", FileKind::Directory, "/other"))).await;
    put(Role::Output, EntryChange::Hidden(name("b"))).await;
    put(Role::Output, EntryChange::Added(entry("sub/c", file, "/${JOB_ID}/c"))).await;
    put(Role::Checkpoint, EntryChange::Added(entry("state", file, "/state"))).await;
    let expected = [entry("a", FileKind::Directory, "/other"), entry("sub/c", file, "/${JOB_ID}/c")];
    assert_eq!(merged(Role::Output).await, expected);
    assert_eq!(merged(Role::Checkpoint).await, [entry("state", file, "/state")]);
    let job = id.clone();
    let taken_back = store
        .write(move |tx| {
            let remove =
                |tx: &mut _, local: &str| file_dirs::remove(tx, &job, &TaskId::main(), Role::Output, &name(local));
            Ok::<_, StoreError>([remove(tx, "b")?, remove(tx, "a")?, remove(tx, "state")?])
        })
        .await
        .unwrap();
    assert_eq!(taken_back, [true, true, false], "the other role's entry is not touched");
    let restored = [entry("a", file, "/a"), entry("b", file, "/b"), entry("sub/c", file, "/${JOB_ID}/c")];
    assert_eq!(merged(Role::Output).await, restored);
    let state = store.write(move |tx| tasks::hold(tx, &id, &TaskId::main())).await.unwrap();
    assert_eq!(state, Some(State::Queued { waiting: None }));
}

/// Runs every scenario of this file on the engine that `$location` makes.
#[macro_export]
macro_rules! registration_scenarios {
    ($location:expr) => {
        $crate::registration_scenarios! { $location;
            an_attempt_keeps_the_access_of_its_program_until_it_ends
            a_registration_is_kept_as_it_was_made_and_so_many_at_the_most
            an_event_is_for_those_who_asked_before_it
            one_for_a_job_that_is_over_is_owed_the_state_once_and_goes_after_a_week
            changes_of_the_collected_files_are_kept_for_each_role
        }
    };
    ($location:expr; $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let kept = $location(stringify!($name));
                registrations::$name(kept.location.clone()).await;
            }
        )*
    };
}

//! What the store promises, as scenarios that run on either engine.

use grms::job::{
    Ending, Event, Exit, Illegal, JobId, Outcome, Spec, Status, TaskId, Token, Usage, Waiting, WaitingKind,
};
use grms::store::attempts::{self, Placement};
use grms::store::jobs::{self, Acceptance, ApplyError, Filter, NewJob};
use grms::store::tasks::{self, Claimed, Reach};
use grms::store::{Duty, Location, Store, StoreError, history, leases, outbox};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

const OWNER: &str = "/O=Grid/CN=Ada";

pub(crate) fn now() -> Timestamp {
    "2026-01-01T10:00:00Z".parse().unwrap()
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(crate) fn new_job(serial: u32) -> NewJob {
    let text = r#"{"dialect":"GJD1","app_id":"clock","project":"p","tasks":[{"id":"main","program":{"file":{"name":"date",
        "location":{"url":"file:////bin/date"}}},"launch":"single","count":1,"arguments":[],"environment":[],"stdin":null,
        "stdout":null,"stderr":null,"staging":[],"resources":[]}]}"#;
    let spec: Spec = serde_json::from_str(text).unwrap();
    let at = now() + seconds(i64::from(serial));
    NewJob {
        id: JobId::new(at.as_millisecond(), "clock", serial),
        owner: OWNER.to_owned(),
        description: "<grmsjob/>".to_owned(),
        spec,
        request: None,
        hold: false,
        at,
    }
}

async fn accept(store: &Store, job: NewJob) -> Acceptance {
    store.write(move |tx| jobs::accept(tx, &job)).await.unwrap()
}

async fn apply(store: &Store, id: &JobId, event: Event) -> Result<Status, ApplyError> {
    let id = id.clone();
    store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &event, now()).map(|state| state.status())).await
}

pub(crate) fn done() -> Ending {
    Ending {
        at: now(),
        outcome: Outcome::Done,
        exit: Some(Exit::Code(0)),
        failure: None,
        evidence: "exit record".into(),
    }
}

pub(crate) async fn a_life_is_kept_line_by_line(location: Location) {
    let store = Store::open(&location).unwrap();
    let job = new_job(1);
    let id = job.id.clone();
    assert_eq!(accept(&store, job).await, Acceptance::Accepted);
    let place = Placement {
        cluster: grms::job::ClusterName::parse("alpha").unwrap(),
        queue: Some("main".to_owned()),
        host: "ce1".to_owned(),
        resource: Some(0),
        token: Token::from_random(7),
    };
    let (job_id, token) = (id.clone(), place.token.clone());
    store
        .write(move |tx| -> Result<(), ApplyError> {
            assert_eq!(attempts::begin(tx, &job_id, &TaskId::main(), &place, now())?, 1);
            jobs::apply(tx, &job_id, &TaskId::main(), &Event::Placed, now())?;
            Ok(())
        })
        .await
        .unwrap();
    for (event, status) in [
        (Event::StagedIn, Status::Preprocessing),
        (Event::LocallyQueued { reason: None }, Status::Pending),
        (Event::LocallyActive, Status::Running),
        (Event::LocallyEnded(done()), Status::Stopped),
        (Event::CollectionBegan, Status::Postprocessing),
        (Event::CollectionDone, Status::Finished),
    ] {
        assert_eq!(apply(&store, &id, event).await.unwrap(), status);
    }
    let again = apply(&store, &id, Event::LocallyActive).await;
    assert!(matches!(again, Err(ApplyError::Illegal(Illegal::Ignored))), "{again:?}");
    let (job_id, kept) = (id.clone(), token.clone());
    store.write(move |tx| attempts::ended(tx, &kept, &done(), Some(now()), &Usage::default())).await.unwrap();
    let (lines, announced, record) = store
        .read(move |tx| -> Result<_, StoreError> {
            Ok((history::list(tx, &job_id)?, outbox::pending(tx, 100)?, jobs::find(tx, &job_id)?.unwrap()))
        })
        .await
        .unwrap();
    let versions: Vec<i64> = lines.iter().map(|line| line.version).collect();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>(), "versions have no gap");
    assert_eq!(lines[0].event, "submitted");
    assert_eq!(lines[7].status, "FINISHED");
    let told: Vec<&str> = announced.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(told, ["QUEUED", "PREPROCESSING", "PENDING", "RUNNING", "STOPPED", "POSTPROCESSING", "FINISHED"]);
    assert_eq!((record.status, record.version), (Status::Finished, 8));
    assert_eq!(record.finished, Some(now()));
    let attempt = record.last_attempt.unwrap();
    assert_eq!((attempt.token, attempt.outcome, attempt.exit), (token, Some(Outcome::Done), Some(Exit::Code(0))));
}

pub(crate) async fn a_repeated_submission_gives_the_first_id(location: Location) {
    let store = Store::open(&location).unwrap();
    let with_key = |serial: u32, digest: &str| {
        let mut job = new_job(serial);
        job.request = Some(("key-1".to_owned(), digest.to_owned()));
        job
    };
    let first = with_key(1, "a");
    let id = first.id.clone();
    assert_eq!(accept(&store, first).await, Acceptance::Accepted);
    assert_eq!(accept(&store, with_key(2, "a")).await, Acceptance::Repeated(id.clone()));
    assert_eq!(accept(&store, with_key(3, "b")).await, Acceptance::Conflict(id));
    let mut other = with_key(4, "b");
    other.owner = "/O=Grid/CN=Bob".to_owned();
    assert_eq!(accept(&store, other).await, Acceptance::Accepted, "keys of other people do not count");
}

pub(crate) async fn lists_are_filtered_and_paged(location: Location) {
    let store = Store::open(&location).unwrap();
    for serial in 1..=5 {
        accept(&store, new_job(serial)).await;
    }
    let mut foreign = new_job(6);
    foreign.owner = "/O=Grid/CN=Bob".to_owned();
    accept(&store, foreign).await;
    apply(&store, &new_job(2).id, Event::CancelRequested).await.unwrap();
    let list = |filter: Filter| {
        let store = store.clone();
        async move { store.read(move |tx| jobs::list(tx, &filter)).await.unwrap() }
    };
    let mine = Filter { owner: Some(OWNER.to_owned()), limit: 2, ..Filter::default() };
    let first = list(mine.clone()).await;
    assert_eq!(first, [new_job(5).id, new_job(4).id], "newest first");
    let next = list(Filter { before: first.last().cloned(), ..mine.clone() }).await;
    assert_eq!(next, [new_job(3).id, new_job(2).id]);
    let canceled = Filter { statuses: vec![Status::Canceled], limit: 9, ..mine.clone() };
    assert_eq!(list(canceled).await, [new_job(2).id]);
    assert_eq!(list(Filter { project: Some("q".to_owned()), ..mine.clone() }).await, []);
    assert_eq!(list(Filter { since: Some(now() + seconds(5)), ..mine }).await, [new_job(5).id]);
    assert_eq!(list(Filter { limit: 9, ..Filter::default() }).await.len(), 6, "without an owner: everybody's");
}

pub(crate) async fn a_failing_change_is_undone_alone(location: Location) {
    let store = Store::open(&location).unwrap();
    let writes = (0..200_u32).map(|serial| {
        let store = store.clone();
        async move {
            let job = new_job(serial);
            store
                .write(move |tx| {
                    jobs::accept(tx, &job)?;
                    if serial % 3 == 0 { Err(StoreError::Unavailable("on purpose".to_owned())) } else { Ok(()) }
                })
                .await
                .is_ok()
        }
    });
    let kept = futures_util::future::join_all(writes).await.into_iter().filter(|kept| *kept).count();
    assert_eq!(kept, 133);
    let listed = store.read(|tx| jobs::list(tx, &Filter { limit: 1000, ..Filter::default() })).await.unwrap();
    assert_eq!(listed.len(), 133, "what was answered is there, what failed is not");
}

pub(crate) async fn nobody_shares_a_claim(location: Location) {
    let store = Store::open(&location).unwrap();
    for serial in 0..60 {
        accept(&store, new_job(serial)).await;
    }
    let (at, until) = (now() + seconds(100), now() + seconds(160));
    let claimers = (0..8).map(|number| {
        let store = store.clone();
        async move {
            let mut mine = Vec::new();
            loop {
                let owner = format!("broker-{number}");
                let some = store
                    .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, &owner, 3, (at, until)))
                    .await
                    .unwrap();
                if some.is_empty() {
                    return mine;
                }
                mine.extend(some);
            }
        }
    });
    let all: Vec<Claimed> = futures_util::future::join_all(claimers).await.into_iter().flatten().collect();
    assert_eq!((all.len(), all.iter().map(|one| &one.job).collect::<HashSet<_>>().len()), (60, 60));
    let later = until + seconds(1);
    let again = store
        .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "other", 100, (later, later + seconds(60))))
        .await
        .unwrap();
    assert_eq!(again.len(), 60, "a lease that has ended is free");
    let lost = all[0].clone();
    let renewed = store.write(move |tx| tasks::renew(tx, &lost, later)).await.unwrap();
    assert!(!renewed, "the first holder has lost it");
}

pub(crate) async fn tasks_put_off_come_back_in_time(location: Location) {
    let store = Store::open(&location).unwrap();
    accept(&store, new_job(1)).await;
    let claim = |at: Timestamp| {
        let store = store.clone();
        async move {
            store
                .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "me", 9, (at, at + seconds(60))))
                .await
                .unwrap()
        }
    };
    let at = now() + seconds(10);
    let claimed = claim(at).await.remove(0);
    store.write(move |tx| tasks::put_off(tx, &claimed, at + seconds(30), "why")).await.unwrap();
    assert!(claim(at + seconds(29)).await.is_empty());
    assert_eq!(claim(at + seconds(31)).await[0].tries, 1);
}

async fn note_of(store: &Store, serial: u32) -> Option<String> {
    let id = new_job(serial).id;
    let record = store.read(move |tx| jobs::find(tx, &id)).await.unwrap().unwrap();
    record.tasks[0].note.clone()
}

pub(crate) async fn why_a_task_was_put_off_is_kept_until_it_moves_on(location: Location) {
    let store = Store::open(&location).unwrap();
    accept(&store, new_job(1)).await;
    let at = now() + seconds(10);
    let times = (at, at + seconds(60));
    let mut claimed =
        store.write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "me", 9, times)).await.unwrap();
    let mine = claimed.remove(0);
    let foreign = Claimed { holder: "somebody else".to_owned(), ..mine.clone() };
    for (claimed, mine) in [(foreign, false), (mine, true)] {
        let kept = store.write(move |tx| tasks::put_off(tx, &claimed, at, "the server is away")).await;
        assert_eq!(kept.unwrap(), mine);
        assert_eq!(note_of(&store, 1).await.is_some(), mine);
    }
    let id = new_job(1).id;
    let waiting = Waiting { kind: WaitingKind::NoMatch, reason: "none".to_owned(), next: None, looks: 0 };
    store.write(move |tx| jobs::apply(tx, &id, &TaskId::main(), &Event::Waits(waiting), now())).await.unwrap();
    assert_eq!(note_of(&store, 1).await, None);
}

pub(crate) async fn tasks_of_a_cluster_that_is_gone_are_noted_or_look_elsewhere(location: Location) {
    let store = Store::open(&location).unwrap();
    let cluster = |name: &str| grms::job::ClusterName::parse(name).unwrap();
    let alpha = cluster("alpha");
    let (runs, parked) = (new_job(1).id, new_job(2).id);
    for serial in [1, 2] {
        accept(&store, new_job(serial)).await;
    }
    store
        .write(move |tx| -> Result<(), ApplyError> {
            let token = Token::from_random(1);
            let place = Placement { cluster: alpha.clone(), queue: None, host: "a".to_owned(), resource: None, token };
            attempts::begin(tx, &runs, &TaskId::main(), &place, now())?;
            for event in [Event::Placed, Event::StagedIn, Event::LocallyQueued { reason: None }, Event::LocallyActive] {
                jobs::apply(tx, &runs, &TaskId::main(), &event, now())?;
            }
            let waiting = Waiting { kind: WaitingKind::Full, reason: "full".to_owned(), next: None, looks: 0 };
            jobs::apply(tx, &parked, &TaskId::main(), &Event::Waits(waiting), now())?;
            tasks::park(tx, &parked, &TaskId::main(), &alpha)?;
            Ok(())
        })
        .await
        .unwrap();
    for (configured, orphans) in [("alpha", 0), ("beta", 1), ("alpha", 0)] {
        let names = [cluster(configured)];
        let found = store.write(move |tx| tasks::note_orphans(tx, &names, now())).await.unwrap();
        assert_eq!(found, [("alpha".to_owned(), 1)][..orphans]);
        assert_eq!(note_of(&store, 1).await.is_some(), orphans == 1);
    }
    let times = (now(), now() + seconds(60));
    let due = store.write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "me", 9, times)).await.unwrap();
    assert_eq!(due.into_iter().map(|claimed| claimed.job).collect::<Vec<_>>(), [new_job(2).id]);
}

pub(crate) async fn a_question_sees_one_moment(location: Location) {
    let store = Store::open(&location).unwrap();
    accept(&store, new_job(1)).await;
    let (id, writer, runtime) = (new_job(1).id, store.clone(), tokio::runtime::Handle::current());
    let (before, after) = store
        .read(move |tx| -> Result<_, StoreError> {
            let before = jobs::find(tx, &id)?.map(|job| job.status);
            // Somebody cancels the job between the two halves of the question.
            let change = apply(&writer, &id, Event::CancelRequested);
            assert_eq!(runtime.block_on(change).unwrap(), Status::Canceled);
            Ok((before, jobs::find(tx, &id)?.map(|job| job.status)))
        })
        .await
        .unwrap();
    assert_eq!((before, after), (Some(Status::Queued), Some(Status::Queued)));
    let id = new_job(1).id;
    let later = store.read(move |tx| jobs::find(tx, &id)).await.unwrap().map(|job| job.status);
    assert_eq!(later, Some(Status::Canceled));
}

pub(crate) async fn parked_tasks_wake_oldest_first(location: Location) {
    let store = Store::open(&location).unwrap();
    let alpha = grms::job::ClusterName::parse("alpha").unwrap();
    for serial in 0..4 {
        let (job, alpha) = (new_job(serial), alpha.clone());
        let id = job.id.clone();
        accept(&store, job).await;
        store
            .write(move |tx| -> Result<(), ApplyError> {
                let waiting = Waiting { kind: WaitingKind::Full, reason: "full".to_owned(), next: None, looks: 0 };
                jobs::apply(tx, &id, &TaskId::main(), &Event::Waits(waiting), now())?;
                tasks::park(tx, &id, &TaskId::main(), &alpha)?;
                Ok(())
            })
            .await
            .unwrap();
    }
    let at = now() + seconds(1000);
    let due = |store: &Store| {
        let store = store.clone();
        async move {
            store
                .write(move |tx| tasks::claim(tx, Duty::Match, &Reach::Everywhere, "me", 9, (at, at + seconds(60))))
                .await
                .unwrap()
        }
    };
    assert!(due(&store).await.is_empty(), "parked tasks cost nothing");
    assert_eq!(store.write(move |tx| tasks::unpark(tx, &alpha, 2, at)).await.unwrap(), 2);
    let woken: Vec<JobId> = due(&store).await.into_iter().map(|claimed| claimed.job).collect();
    assert_eq!(woken, [new_job(0).id, new_job(1).id]);
}

pub(crate) async fn a_named_lease_has_one_holder(location: Location) {
    let store = Store::open(&location).unwrap();
    let take = |owner: &'static str, at: Timestamp| {
        let store = store.clone();
        async move { store.write(move |tx| leases::take(tx, "monitor:alpha", owner, at, at + seconds(60))).await.unwrap() }
    };
    assert!(take("a", now()).await);
    assert!(!take("b", now() + seconds(1)).await);
    assert!(take("a", now() + seconds(30)).await, "the holder may prolong it");
    assert!(take("b", now() + seconds(91)).await, "it ends by itself");
    store.write(|tx| leases::give_up(tx, "b")).await.unwrap();
    assert!(take("a", now() + seconds(92)).await, "an orderly stop gives it up");
}

pub(crate) async fn a_change_that_the_database_refuses_harms_no_other(location: Location) {
    let store = Store::open(&location).unwrap();
    // Every id is asked for twice, so that half of a shared commit breaks a key.
    let writes = (0..100_u32).map(|number| {
        let (store, job) = (store.clone(), new_job(number / 2));
        async move { store.write(move |tx| jobs::accept(tx, &job)).await }
    });
    let answers = futures_util::future::join_all(writes).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Conflict(_)))).count();
    assert_eq!((answers.iter().filter(|answer| answer.is_ok()).count(), refused), (50, 50), "{answers:?}");
    let listed = store.read(|tx| jobs::list(tx, &Filter { limit: 1000, ..Filter::default() })).await.unwrap();
    assert_eq!(listed.len(), 50);
}

pub(crate) async fn a_panic_in_a_change_is_not_the_end_of_all_changes(location: Location) {
    let store = Store::open(&location).unwrap();
    let broken = store.write(|_| -> Result<(), StoreError> { panic!("on purpose") }).await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))), "{broken:?}");
    assert_eq!(accept(&store, new_job(1)).await, Acceptance::Accepted);
}

pub(crate) async fn a_request_waits_for_the_step_under_way(location: Location) {
    let store = Store::open(&location).unwrap();
    accept(&store, new_job(1)).await;
    let at = now() + seconds(10);
    let claim = |duty: Duty| {
        let store = store.clone();
        async move {
            let times = (at, at + seconds(60));
            store.write(move |tx| tasks::claim(tx, duty, &Reach::Everywhere, "me/1", 9, times)).await.unwrap()
        }
    };
    let claimed = claim(Duty::Match).await.remove(0);
    apply(&store, &claimed.job, Event::CancelRequested).await.unwrap();
    assert!(claim(Duty::Sweep).await.is_empty(), "the step under way might make files that nobody removes");
    let kept = claimed.clone();
    assert!(!store.write(move |tx| tasks::renew(tx, &kept, at)).await.unwrap(), "the step learns of it");
    assert!(store.write(move |tx| tasks::put_off(tx, &claimed, at + seconds(30), "later")).await.unwrap());
    assert_eq!(claim(Duty::Sweep).await.len(), 1, "the request is served at once, whatever the step wanted");
}

pub(crate) async fn news_of_an_attempt_that_is_over_changes_nothing(location: Location) {
    let store = Store::open(&location).unwrap();
    accept(&store, new_job(1)).await;
    let place = |random: u128| Placement {
        cluster: grms::job::ClusterName::parse("alpha").unwrap(),
        queue: None,
        host: "ce1".to_owned(),
        resource: None,
        token: Token::from_random(random),
    };
    let waiting = Waiting { kind: WaitingKind::Retry, reason: "again".to_owned(), next: Some(now()), looks: 0 };
    let failure = grms::job::Failure::new(grms::job::Code::LrmError, "lost");
    let failed = Event::AttemptFailed { failure, retry: waiting };
    let news = |attempt: u32, event: Event| {
        let (store, job) = (store.clone(), new_job(1).id);
        async move { store.write(move |tx| jobs::apply_to(tx, &job, &TaskId::main(), attempt, &event, now())).await }
    };
    for (number, random) in [(1, 7), (2, 8)] {
        let (job, place) = (new_job(1).id, place(random));
        news(number - 1, Event::Placed).await.unwrap();
        store.write(move |tx| attempts::begin(tx, &job, &TaskId::main(), &place, now())).await.unwrap();
        news(number, Event::StagedIn).await.unwrap();
        news(number, Event::LocallyQueued { reason: None }).await.unwrap();
        if number == 1 {
            news(1, failed.clone()).await.unwrap();
        }
    }
    for late in [failed, Event::LocallyEnded(done()), Event::LocallyActive] {
        let answer = news(1, late).await;
        assert!(matches!(answer, Err(ApplyError::Illegal(Illegal::Ignored))), "{answer:?}");
    }
    news(2, Event::LocallyActive).await.unwrap();
}

pub(crate) async fn a_worker_takes_the_tasks_of_its_clusters_only(location: Location) {
    let store = Store::open(&location).unwrap();
    for serial in 0..3 {
        let (job, name) = (new_job(serial), ["alpha", "beta", ""][serial as usize]);
        let id = job.id.clone();
        accept(&store, job).await;
        if let Ok(cluster) = grms::job::ClusterName::parse(name) {
            store.write(move |tx| tasks::park(tx, &id, &TaskId::main(), &cluster)).await.unwrap();
        }
    }
    let alpha = grms::job::ClusterName::parse("alpha").unwrap();
    let at = now() + seconds(10);
    let claim = |reach: Reach, holder: &'static str| {
        let store = store.clone();
        async move {
            let claimed =
                store.write(move |tx| tasks::claim(tx, Duty::Match, &reach, holder, 9, (at, at + seconds(9)))).await;
            claimed.unwrap().into_iter().map(|claimed| claimed.job).collect::<Vec<_>>()
        }
    };
    assert_eq!(claim(Reach::Only(alpha.clone()), "a").await, [new_job(0).id]);
    assert_eq!(claim(Reach::Except(vec![alpha]), "b").await, [new_job(1).id, new_job(2).id]);
}

/// Runs every scenario of this file on the engine that `$location` makes.
#[macro_export]
macro_rules! store_scenarios {
    ($location:expr) => {
        $crate::store_scenarios! { $location;
            a_life_is_kept_line_by_line
            a_repeated_submission_gives_the_first_id
            lists_are_filtered_and_paged
            a_failing_change_is_undone_alone
            nobody_shares_a_claim
            tasks_put_off_come_back_in_time
            why_a_task_was_put_off_is_kept_until_it_moves_on
            tasks_of_a_cluster_that_is_gone_are_noted_or_look_elsewhere
            a_question_sees_one_moment
            parked_tasks_wake_oldest_first
            a_named_lease_has_one_holder
            a_change_that_the_database_refuses_harms_no_other
            a_panic_in_a_change_is_not_the_end_of_all_changes
            a_request_waits_for_the_step_under_way
            news_of_an_attempt_that_is_over_changes_nothing
            a_worker_takes_the_tasks_of_its_clusters_only
        }
    };
    ($location:expr; $($name:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let kept = $location(stringify!($name));
                scenarios::$name(kept.location.clone()).await;
            }
        )*
    };
}

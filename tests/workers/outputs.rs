//! Staging out: what is delivered is decided when the collection begins.

use crate::rig::{Rig, local};
use grms::job::entry::Role;
use grms::job::{
    CreationFlag, Ending, EntryChange, Event, Exit, FileEntry, FileKind, JobId, Location, Outcome, RelativeName,
    Status, TaskId, Url,
};
use grms::store::file_dirs;
use grms::workers::dispatch::Dispatch;
use grms::workers::staging_out::StagingOut;

/// A job whose program has ended and left two files in its working directory.
async fn stopped(rig: &Rig) -> JobId {
    let id = rig.staged(1).await;
    rig.script(|script| script.submit.push_back(Ok(local("1"))));
    rig.run(&Dispatch::default()).await;
    rig.request(&id, Event::LocallyActive).await;
    for name in ["early", "late"] {
        std::fs::write(rig.area.join(format!("{id}.main.1/work/{name}")), name).unwrap();
    }
    let ending = Ending {
        at: jiff::Timestamp::UNIX_EPOCH,
        outcome: Outcome::Done,
        exit: Some(Exit::Code(0)),
        failure: None,
        evidence: "exit record".to_owned(),
    };
    rig.request(&id, Event::LocallyEnded(ending)).await;
    id
}

async fn add(rig: &Rig, id: &JobId, name: &str) {
    let url = Url::parse(&format!("file:///{}", rig.area.join(format!("../{name}")).display())).unwrap();
    let change = EntryChange::Added(FileEntry {
        name: RelativeName::parse(name).unwrap(),
        kind: FileKind::File,
        location: Location::Url(url),
        creation: CreationFlag::Overwrite,
    });
    let id = id.clone();
    let store = &rig.ctx.store;
    store.write(move |tx| file_dirs::put(tx, &id, &TaskId::main(), Role::Output, &change)).await.unwrap();
}

#[tokio::test]
async fn an_output_added_before_the_collection_is_delivered_and_one_after_it_is_not() {
    let rig = Rig::new().await;
    let id = stopped(&rig).await;
    add(&rig, &id, "early").await;
    assert_eq!(rig.run(&StagingOut::new(1)).await, 1);
    assert_eq!(rig.job(&id).await.status, Status::Postprocessing);
    add(&rig, &id, "late").await;
    assert_eq!(rig.run(&StagingOut::new(1)).await, 1);
    assert_eq!(rig.job(&id).await.status, Status::Finished);
    let delivered = |name: &str| rig.area.join(format!("../{name}")).exists();
    assert!(delivered("early") && !delivered("late"));
    assert_eq!(rig.run(&StagingOut::new(1)).await, 0);
}

#[tokio::test]
async fn a_task_with_nothing_to_deliver_is_over_in_one_step() {
    let rig = Rig::new().await;
    let id = stopped(&rig).await;
    assert_eq!(rig.run(&StagingOut::new(1)).await, 1);
    assert_eq!(rig.job(&id).await.status, Status::Finished);
}

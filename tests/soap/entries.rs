//! Output and checkpoint entries: what the description declares, changed item by item while the job lives.

use super::app::{ADA, Broker, escaped};
use super::schema::Judge;
use grms::job::{Event, JobId, TaskId};
use grms::store::jobs::{self, ApplyError};

const DECLARED: &str = r#"<grmsjob appid="files"><simplejob>
  <executable type="single" checkpointable="true">
    <file name="date" type="in"><url>file:////bin/date</url></file>
    <arguments>
      <file name="input" type="in"><url>file:////tmp/input</url></file>
      <file name="a.txt" type="out"><url>gsiftp://store.example.org//a.txt</url></file>
      <directory name="results" type="inout"><url>file:////tmp/results</url></directory>
    </arguments>
    <stdout><url>file:////tmp/out</url></stdout>
    <checkpoint><file name="state" type="out"><url>file:////tmp/saved</url></file>
      <file name="state" type="in"><url>file:////tmp/restored</url></file></checkpoint>
  </executable>
</simplejob></grmsjob>"#;

async fn declared(broker: &Broker) -> JobId {
    let members = format!("<jobDefinition>{}</jobDefinition>", escaped(DECLARED));
    let answer = broker.call("submitJob", &members, Some(ADA)).await;
    JobId::parse(&answer.text("jobId")).unwrap_or_else(|_| panic!("{}", answer.body))
}

fn item(name: &str, path: &str) -> String {
    format!("<item><name>{name}</name><path>{path}</path><urlType>PHYSICAL</urlType><pathType>FILE</pathType></item>")
}

/// Calls an operation that changes entries; gives the number of errors, and code and message of each item.
async fn change(broker: &Broker, operation: &str, job: &JobId, items: &str) -> (String, Vec<(String, String)>) {
    let answer = broker.call(operation, &format!("<jobId>{job}</jobId>{items}"), Some(ADA)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let results = document.descendants().filter(|node| node.tag_name().name() == "result");
    let text = |node: roxmltree::Node<'_, '_>, local: &str| {
        let found = node.children().find(|child| child.tag_name().name() == local);
        found.and_then(|child| child.text()).unwrap_or("").to_owned()
    };
    let results: Vec<_> = results
        .enumerate()
        .map(|(at, node)| {
            assert_eq!(text(node, "index"), (at + 1).to_string(), "results are in the order of the items");
            (text(node, "errorCode"), text(node, "errorMessage"))
        })
        .collect();
    let mut judge = Judge::new();
    judge.take(operation, &answer);
    judge.validate();
    (answer.text("errors"), results)
}

/// Adds or deletes what must not be refused.
async fn changed(broker: &Broker, operation: &str, job: &JobId, items: &str) {
    let (errors, results) = change(broker, operation, job, items).await;
    assert_eq!(errors, "0", "{results:?}");
}

/// The list: name and path of each entry.
async fn shown(broker: &Broker, operation: &str, job: &JobId) -> Vec<(String, String)> {
    let answer = broker.call(operation, &format!("<jobId>{job}</jobId>"), Some(ADA)).await;
    let document = roxmltree::Document::parse(&answer.body).unwrap();
    let texts = |local: &'static str| {
        let found = document.descendants().filter(move |node| node.tag_name().name() == local);
        found.map(|node| node.text().unwrap_or("").to_owned())
    };
    texts("name").zip(texts("path")).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect()
}

#[actix_web::test]
async fn the_list_is_what_the_description_declares_as_it_was_changed() {
    let broker = Broker::new();
    let job = declared(&broker).await;
    let (a, results) = (("a.txt", "gsiftp://store.example.org//a.txt"), ("results", "file:////tmp/results"));
    assert_eq!(shown(&broker, "getOutputFileDirs", &job).await, pairs(&[a, results]));
    assert_eq!(shown(&broker, "getCheckpointFileDirs", &job).await, pairs(&[("state", "file:////tmp/saved")]));
    let items = item("a.txt", "file:////tmp/elsewhere") + &item("./log//late", " https://h/${JOB_ID}/late ");
    changed(&broker, "addOutputFileDirs", &job, &items).await;
    let (elsewhere, late) = (("a.txt", "file:////tmp/elsewhere"), ("log/late", "https://h/${JOB_ID}/late"));
    assert_eq!(shown(&broker, "getOutputFileDirs", &job).await, pairs(&[elsewhere, results, late]));
    // Gone means gone, whether it was declared, added, or both; and it can come back.
    changed(&broker, "deleteOutputFileDirs", &job, &(item("a.txt", "x") + &item("results", "x"))).await;
    assert_eq!(shown(&broker, "getOutputFileDirs", &job).await, pairs(&[late]));
    changed(&broker, "addOutputFileDirs", &job, &item("results", "file:////tmp/again")).await;
    changed(&broker, "deleteOutputFileDirs", &job, &item("log/late", "x")).await;
    assert_eq!(shown(&broker, "getOutputFileDirs", &job).await, pairs(&[("results", "file:////tmp/again")]));
    assert_eq!(shown(&broker, "getCheckpointFileDirs", &job).await, pairs(&[("state", "file:////tmp/saved")]));
    changed(&broker, "addCheckpointFileDirs", &job, &item("more", "file:////tmp/more")).await;
    changed(&broker, "deleteCheckpointFileDirs", &job, &item("state", "x")).await;
    assert_eq!(shown(&broker, "getCheckpointFileDirs", &job).await, pairs(&[("more", "file:////tmp/more")]));
}

#[actix_web::test]
async fn each_item_is_carried_out_or_refused_by_itself_with_its_number() {
    let broker = Broker::new();
    let job = declared(&broker).await;
    let good = item("ok", "file:////tmp/ok");
    let rows = [
        (good.clone(), "0", ""),
        (good.clone(), "304", "item 2: `ok` was added before"),
        (item("", "file:////tmp/x"), "103", "item 3: name: the name is empty"),
        (item("../x", "file:////tmp/x"), "103", "item 4: name: local name `../x` leaves"),
        (item(".", "file:////tmp/x"), "103", "item 5: name: it is the working directory itself"),
        (item("x", "/tmp/x"), "115", "item 6: path: `/tmp/x` has no scheme"),
        (item("x", "ldap://h/x"), "115", "item 7: path: unknown scheme ldap"),
        (item("x", "file:////tmp/${NAME}"), "117", "item 8: path: unknown variable ${NAME}"),
        (good.replace("PHYSICAL", "LOGICAL"), "114", "item 9: urlType: logical files need a catalogue"),
        (good.replace("PHYSICAL", "VIRTUAL"), "103", "item 10: urlType: expected PHYSICAL or LOGICAL, got `VIRTUAL`"),
        (good.replace("FILE", "LINK"), "103", "item 11: pathType: expected FILE or DIRECTORY, got `LINK`"),
        (good.replace("</item>", "<creationFlag>APPEND</creationFlag></item>"), "114", "does not offer APPEND"),
        (good.replace("</item>", "<creationFlag>ADD</creationFlag></item>"), "103", "got `ADD`"),
        (item("two", "file:////tmp/2").replace("</item>", "<creationFlag>OVERWRITE</creationFlag></item>"), "0", ""),
        (item("three", "file:////tmp/3").replace("PHYSICAL", "PHISICAL"), "0", ""),
    ];
    let items: String = rows.iter().map(|(item, ..)| item.as_str()).collect();
    let (errors, results) = change(&broker, "addOutputFileDirs", &job, &items).await;
    assert_eq!(errors, "12");
    for ((row, code, part), (found, message)) in rows.iter().zip(&results) {
        assert!(found == code && message.contains(part), "{row}: {found} {message}");
    }
    let names: Vec<_> = shown(&broker, "getOutputFileDirs", &job).await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.txt", "results", "ok", "three", "two"]);
    let items = item("input", "x") + &item("a.txt", "x") + &item("a.txt", "x");
    let (errors, results) = change(&broker, "deleteOutputFileDirs", &job, &items).await;
    assert_eq!(errors, "2");
    assert_eq!(results[0].0, "303", "an input is no output");
    assert!(results[2].0 == "303" && results[2].1.starts_with("item 3: there is no entry `a.txt`"), "{results:?}");
}

#[actix_web::test]
async fn a_request_that_cannot_be_read_or_comes_too_late_changes_nothing() {
    let broker = Broker::new();
    let job = declared(&broker).await;
    let good = item("ok", "file:////tmp/ok");
    let many = good.repeat(1001);
    for (items, code, part) in [
        (String::new(), "101", "the part item is missing"),
        (
            format!("{good}{}", good.replace("<pathType>FILE</pathType>", "")),
            "101",
            "item 2: the part pathType is missing",
        ),
        (format!("{good}<item>x</item>"), "101", "item 2: expected the elements"),
        (many, "104", "1001 are more than 1000"),
    ] {
        for operation in ["addOutputFileDirs", "deleteCheckpointFileDirs"] {
            let answer = broker.call(operation, &format!("<jobId>{job}</jobId>{items}"), Some(ADA)).await;
            let found = (answer.text("code"), answer.text("message"));
            assert!(found.0 == code && found.1.contains(part), "{operation}: {found:?}");
        }
    }
    assert_eq!(shown(&broker, "getOutputFileDirs", &job).await.len(), 2);
    let (running, late) = (broker.running_job().await, item("late", "file:////tmp/late"));
    changed(&broker, "addOutputFileDirs", &running, &late).await;
    let id = running.clone();
    let ending = grms::job::Ending {
        at: jiff::Timestamp::UNIX_EPOCH,
        outcome: grms::job::Outcome::Done,
        exit: Some(grms::job::Exit::Code(0)),
        failure: None,
        evidence: "exit record".to_owned(),
    };
    let apply = |event: Event| {
        let (store, id) = (broker.store.clone(), id.clone());
        async move {
            let at = jiff::Timestamp::UNIX_EPOCH;
            let done =
                store.write(move |tx| -> Result<_, ApplyError> { jobs::apply(tx, &id, &TaskId::main(), &event, at) });
            done.await.unwrap()
        }
    };
    apply(Event::LocallyEnded(ending)).await;
    changed(&broker, "deleteOutputFileDirs", &running, &late).await;
    for (event, status) in [(Event::CollectionBegan, "POSTPROCESSING"), (Event::CollectionDone, "FINISHED")] {
        apply(event).await;
        for operation in ["addOutputFileDirs", "deleteOutputFileDirs", "addCheckpointFileDirs"] {
            let answer = broker.call(operation, &format!("<jobId>{running}</jobId>{late}"), Some(ADA)).await;
            assert_eq!(answer.text("code"), "306", "{operation}: {}", answer.body);
            assert!(answer.text("message").contains(status), "{}", answer.body);
        }
    }
}

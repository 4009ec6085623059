//! A portal of 2005, written against the old contract: all it does goes through the classic service, over TLS.

use crate::scene::{Job, Scene, WAIT, wait_until};
use crate::support::portal::{Portal, escaped};
use roxmltree::{Document, Node};

const ADDRESS: &str = "/axis/services/grms";
const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

/// The body of an answer.
struct Answer(String);

impl Answer {
    /// The texts of all elements with this name, in order; nothing for one that is nil.
    fn texts(&self, name: &str) -> Vec<Option<String>> {
        let document = Document::parse(&self.0).unwrap();
        let is_nil = |node: &Node<'_, '_>| node.attributes().any(|attribute| attribute.name() == "nil");
        let named = document.descendants().filter(|node| node.tag_name().name() == name);
        named.map(|node| (!is_nil(&node)).then(|| node.text().unwrap_or("").to_owned())).collect()
    }

    /// The text of the only element with this name.
    fn text(&self, name: &str) -> String {
        match &self.texts(name)[..] {
            [Some(text)] => text.clone(),
            other => panic!("{name} is {other:?}: {}", self.0),
        }
    }

    fn items(&self) -> Vec<String> {
        self.texts("item").into_iter().flatten().collect()
    }
}

/// The portal: messages as Axis 1.x makes them.
struct Old(Portal);

impl Old {
    /// Calls an operation; `beside` is what its values refer to.
    fn ask(&mut self, path: &str, operation: &str, parts: &str, beside: &str) -> Answer {
        let envelope = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>\
             <ns1:{operation} soapenv:encodingStyle=\"{ENCODING}\" xmlns:ns1=\"urn:grms\">{parts}</ns1:{operation}>{beside}\
             </soapenv:Body></soapenv:Envelope>"
        );
        let answer = self.0.post(path, "text/xml; charset=utf-8", &envelope).unwrap();
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        Answer(answer.body)
    }

    /// Calls an operation that must succeed.
    fn call(&mut self, operation: &str, parts: &str) -> Answer {
        let answer = self.ask(ADDRESS, operation, parts, "");
        assert_eq!(answer.texts("errorCode").first(), Some(&Some("0".to_owned())), "{operation}: {}", answer.0);
        answer
    }

    /// Calls an operation that must be refused, and gives the code.
    fn refused(&mut self, operation: &str, parts: &str) -> String {
        let answer = self.ask(ADDRESS, operation, parts, "");
        assert!(!answer.text("errorMessage").is_empty(), "{}", answer.0);
        answer.text("errorCode")
    }

    fn submit(&mut self, description: &str) -> String {
        let definition = format!("<jobDefinition xsi:type=\"xsd:string\">{}</jobDefinition>", escaped(description));
        self.call("submitJob", &definition).text("jobId")
    }

    fn in_status(&mut self, status: &str) -> Vec<String> {
        self.call("getJobsList", &format!("<status xsi:type=\"ns1:JobStatusType\">{status}</status>")).items()
    }

    fn wait_for(&mut self, id: &str, status: &str) -> Answer {
        let mut told = None;
        wait_until(&format!("{id} is {status}"), || {
            let info = self.call("getJobInfo", &of(id));
            let reached = info.text("jobStatus") == status;
            told = Some(info);
            reached
        });
        told.unwrap()
    }
}

fn of(id: &str) -> String {
    format!("<jobId xsi:type=\"xsd:string\">{id}</jobId>")
}

/// A job that runs until somebody writes a file of the user, which is named `NAME.runs` in between.
fn waiting(scene: &Scene, name: &str) -> Job {
    let line =
        format!("for file in kept late; do echo $file >$file; done; echo \"$GRMS_SERVICE_URL\" >\"$0.runs\"; {WAIT}");
    Job::of("/bin/sh", &["-c", &line, &scene.path(name).display().to_string()]).file("kept", "out", &scene.url("kept"))
}

#[test]
fn a_portal_of_2005_follows_its_jobs_adds_an_output_and_cancels_one() {
    let scene = Scene::new();
    let mut old = Old(scene.portal());
    let contract = old.0.get(&format!("{ADDRESS}?wsdl")).unwrap();
    assert!(contract.status == 200 && contract.body.contains("targetNamespace=\"urn:grms\""), "{}", contract.body);
    let description = waiting(&scene, "go").text();
    old.call("testJobDescription", &format!("<JobDescription>{}</JobDescription>", escaped(&description)));
    let id = old.submit(&description);
    let other = old.submit(&waiting(&scene, "never").text());
    for name in ["go.runs", "never.runs"] {
        scene.wait_for_file(name);
        wait_until("the address is written", || scene.read(name).ends_with('\n'));
    }
    // The program is told where to register itself, and clients of its time know one contract.
    assert!(scene.read("go.runs").trim().ends_with(ADDRESS), "{}", scene.read("go.runs"));
    wait_until("both run", || old.in_status("RUNNING") == [other.as_str(), id.as_str()]);
    assert_eq!(old.call("getJobsList", "").items(), [other.as_str(), id.as_str()]);
    assert!(old.in_status("FINISHED").is_empty());

    let info = old.wait_for(&id, "RUNNING");
    let told = ["requestStatus", "reqNumStatus", "historyLength"].map(|name| info.text(name));
    assert_eq!(told, ["TASK_EXEC_ACTIVE", "512", "1"]);
    assert_eq!((&info.texts("finishTime")[..], &info.texts("localFinishTime")[..]), (&[None][..], &[None][..]));
    assert_eq!(info.text("jobDescription"), description);

    add_an_output(&scene, &mut old, &id);
    old.call("cancelJob", &of(&other));
    old.wait_for(&other, "CANCELED");
    assert_eq!(old.in_status("RUNNING"), [id.as_str()]);

    scene.write("go", "");
    let end = old.wait_for(&id, "FINISHED");
    assert!(end.text("finishTime").ends_with('Z') && end.texts("errorDescription") == [None], "{}", end.0);
    assert_eq!((scene.read("kept"), scene.read("results/late")), ("kept\n".to_owned(), "late\n".to_owned()));
    for (path, access) in [("/axis/services/grms-1.9.0", 0), ("/axis/services/grms-1.9.6", 1)] {
        let history = old.ask(path, "getJobHistory", &of(&id), "");
        assert_eq!((history.items().len(), history.text("jobDescription")), (1, description.clone()), "{}", history.0);
        assert_eq!(history.texts("applicationAccess").len(), access);
        let time = |name: &str| history.text(name).parse::<jiff::Timestamp>().unwrap();
        // A program may begin before the answer to its submission is read.
        for between in ["localSubmissionTime", "localStartTime"] {
            let in_order = time("startTime") <= time(between) && time(between) <= time("localFinishTime");
            assert!(in_order, "{between}: {}", history.0);
        }
    }
    assert_eq!(old.refused("cancelJob", &of(&id)), "306");
    assert_eq!(old.refused("getJobInfo", &of("1_none_0001")), "301");
    scene.wait_swept();
}

/// One output that can be had and one that cannot, in the way of Axis: values beside the call.
fn add_an_output(scene: &Scene, old: &mut Old, id: &str) {
    let file = |at: &str, name: &str| {
        let path = scene.path("results/late").display().to_string();
        format!(
            "<multiRef id=\"{at}\" soapenc:root=\"0\" soapenv:encodingStyle=\"{ENCODING}\" xsi:type=\"ns2:FileDir\" \
             xmlns:soapenc=\"{ENCODING}\" xmlns:ns2=\"urn:grms\"><name xsi:type=\"xsd:string\">{name}</name>\
             <path xsi:type=\"xsd:string\">file:///{path}</path><urltype xsi:type=\"ns2:UrlType\">PHISICAL</urltype>\
             <pathtype xsi:type=\"ns2:PathType\">FILE</pathtype></multiRef>"
        )
    };
    let items = format!(
        "{}<items soapenc:arrayType=\"ns1:FileDir[2]\" xsi:type=\"soapenc:Array\" xmlns:soapenc=\"{ENCODING}\">\
         <items href=\"#id0\"/><items href=\"#id1\"/></items>",
        of(id)
    );
    let beside = file("id0", "late") + &file("id1", "../secret");
    let answer = old.ask(ADDRESS, "addOutFileDirs", &items, &beside);
    let codes: Vec<_> = answer.texts("errorCode").into_iter().flatten().collect();
    assert_eq!(
        (codes, answer.text("errors")),
        (vec!["0".to_owned(), "0".to_owned(), "103".to_owned()], "1".to_owned())
    );
    let listed = old.call("getOutFileDirs", &of(id));
    let names: Vec<_> = listed.texts("name").into_iter().flatten().collect();
    let spelled: Vec<_> = listed.texts("urltype").into_iter().flatten().collect();
    assert_eq!((names, spelled), (vec!["kept".to_owned(), "late".to_owned()], vec!["PHISICAL".to_owned(); 2]));
}

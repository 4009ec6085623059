//! Documents of JSDL in the real daemon: what they bring, what they take back, and what is refused before anything is stored.

use crate::scene::{Scene, member};
use crate::support::element;

const NAMESPACES: &str = "xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\" \
    xmlns:p=\"http://schemas.ggf.org/jsdl/2005/11/jsdl-posix\" xmlns:q=\"urn:example:queues\" \
    xmlns:fs=\"http://schemas.ogf.org/hpcp/2007/01/fs\"";

/// A document that runs a line of shell; `posix` stands after its arguments.
fn document(line: &str, posix: &str, resources: &str, staging: &str) -> String {
    format!(
        "<JobDefinition {NAMESPACES}><JobDescription><JobIdentification><JobName>ice</JobName></JobIdentification>\
         <Application><p:POSIXApplication><p:Executable>/bin/sh</p:Executable><p:Argument>-c</p:Argument>\
         <p:Argument>{line}</p:Argument><p:Argument>zero</p:Argument><p:Argument> two  words </p:Argument>{posix}\
         </p:POSIXApplication></Application><Resources>{resources}</Resources>{staging}</JobDescription></JobDefinition>"
    )
}

fn staging(scene: &Scene, name: &str, source: Option<&str>, target: Option<&str>, more: &str) -> String {
    let end = |word: &str, file: Option<&str>| {
        let uri = file.map(|file| format!("file:///{}", scene.path(file).display()));
        uri.map(|uri| format!("<{word}><URI>{uri}</URI></{word}>")).unwrap_or_default()
    };
    format!(
        "<DataStaging><FileName>{name}</FileName><CreationFlag>overwrite</CreationFlag>{more}{}{}</DataStaging>",
        end("Source", source),
        end("Target", target)
    )
}

#[test]
fn a_document_stages_runs_with_its_limits_and_delivers() {
    let scene = Scene::new();
    scene.write("words", "one\ntwo\n");
    scene.write("counter", "1");
    let line =
        "cat; printf '%s|' \"$1\" \"$PRICE\" '${JOB_ID}'; ulimit -n; printf 2 &gt;&gt;sub/counter; echo bad &gt;&amp;2";
    let posix = "<p:Input>in/words.txt</p:Input><p:Output>out.txt</p:Output><p:Error>err.txt</p:Error>\
                 <p:Environment name=\"PRICE\">$5 ${HOME}</p:Environment><p:WallTimeLimit>60</p:WallTimeLimit>\
                 <p:FileSizeLimit>65536</p:FileSizeLimit><p:OpenDescriptorsLimit>50</p:OpenDescriptorsLimit>";
    let resources = "<OperatingSystem><OperatingSystemType><OperatingSystemName>LINUX</OperatingSystemName>\
                     </OperatingSystemType></OperatingSystem><TotalCPUCount><Exact>1</Exact></TotalCPUCount>";
    let gone = "<DeleteOnTermination>True</DeleteOnTermination>";
    let blocks = [
        staging(&scene, "in/words.txt", Some("words"), None, gone),
        staging(&scene, "sub/counter", Some("counter"), Some("counter"), gone),
        staging(&scene, "out.txt", None, Some("results/out"), ""),
        staging(&scene, "err.txt", None, Some("results/err"), ""),
    ];
    let mut portal = scene.portal();
    let id = portal.submit(&document(line, posix, resources, &blocks.concat()));
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FINISHED", "{end}");
    assert!(id.contains("ice"), "the job's name is in its id: {id}");
    assert_eq!(scene.read("results/out"), "one\ntwo\n two  words |$5 ${HOME}|${JOB_ID}|50\n");
    assert_eq!(scene.read("results/err"), "bad\n");
    assert_eq!(scene.read("counter"), "12", "brought, changed, taken back");
    scene.wait_swept();
}

#[test]
fn a_program_that_exceeds_its_file_size_limit_fails_with_that_reason() {
    let scene = Scene::new();
    let line = "exec head -c 1000000 /dev/zero";
    let posix = "<p:Output>out.txt</p:Output><p:FileSizeLimit>65536</p:FileSizeLimit>";
    let mut portal = scene.portal();
    let id = portal.submit(&document(line, posix, "", &staging(&scene, "out.txt", None, Some("out"), "")));
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FAILED", "{end}");
    assert!(end.contains("a file larger than its limit"), "{end}");
    assert_eq!(scene.read("out").len(), 65_536, "what there is comes back");
    scene.wait_swept();
}

#[test]
fn what_is_kept_outlives_the_job() {
    let scene = Scene::new();
    let kept = "<DeleteOnTermination>False</DeleteOnTermination>";
    let mut portal = scene.portal();
    let id = portal.submit(&document("echo kept &gt;kept.txt", "", "", &staging(&scene, "kept.txt", None, None, kept)));
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FINISHED", "{end}");
    let left = scene.left();
    let [place] = left.as_slice() else { panic!("{left:?}") };
    let text = std::fs::read_to_string(scene.area().join(place).join("work/kept.txt")).unwrap();
    assert_eq!(text, "kept\n");
}

#[test]
fn an_extension_that_carries_resources_and_a_credential_are_refused_and_nothing_is_stored() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let credential = "<fs:Credential><w:UsernameToken xmlns:w=\"urn:example:w\"><w:Password>open-sesame</w:Password>\
                      </w:UsernameToken></fs:Credential>";
    let block =
        staging(&scene, "a", Some("a"), None, "").replace("</DataStaging>", &format!("{credential}</DataStaging>"));
    let queue = "<q:Queue>express</q:Queue>";
    for (resources, staging, words) in
        [(queue, "", "element Queue of namespace urn:example:queues"), ("", block.as_str(), "takes no credential")]
    {
        let answer = portal.try_submit(&document("exit 0", "", resources, staging), None).unwrap();
        assert_eq!(answer.fault_code(), Some(114), "{}", answer.body);
        assert!(answer.body.contains(words), "{}", answer.body);
        assert!(!answer.body.contains("open-sesame"), "{}", answer.body);
    }
    let jobs = portal.call("getJobsList", "").unwrap().body;
    assert_eq!(element(&jobs, "jobId"), None, "{jobs}");
    assert_eq!(scene.left(), Vec::<String>::new());
    let mut folders = vec![scene.site.path()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let secret = b"open-sesame";
                assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
            }
        }
    }
}

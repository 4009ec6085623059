//! Jobs described in versions 2 and 3 and as scripts with directives: through every door that takes a description, and to their end.

use crate::scene::{Scene, member};
use crate::support::element;
use crate::support::portal::{Portal, escaped};
use std::fs;

/// Asks an operation about a description.
fn ask(portal: &mut Portal, operation: &str, description: &str, more: &str) -> String {
    let members = format!("<jobDefinition>{}</jobDefinition>{more}", escaped(description));
    portal.call(operation, &members).unwrap().body
}

/// What `testJobDescription` and `findResources` say of a description that fits.
fn assert_welcome(portal: &mut Portal, description: &str, dialect: &str) {
    let said = ask(portal, "testJobDescription", description, "");
    let answer = [member(&said, "valid"), member(&said, "dialect")];
    assert_eq!(answer, ["true".to_owned(), dialect.to_owned()], "{said}");
    assert!(element(&said, "diagnostic").is_none(), "{said}");
    let named = format!("<dialect>{dialect}</dialect>");
    assert_eq!(member(&ask(portal, "testJobDescription", description, &named), "valid"), "true");
    let found = ask(portal, "findResources", description, "");
    assert_eq!(member(&found, "localResourceManager"), "fork", "{found}");
}

fn finish(portal: &mut Portal, description: &str) -> String {
    let id = portal.submit(description);
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FINISHED", "{end}");
    end
}

fn version_2(scene: &Scene) -> String {
    let (input, output, log) = (scene.url("in.txt"), scene.url("out.txt"), scene.url("log.txt"));
    format!(
        "<qcgJob appid=\"two\" project=\"demo\"><task taskid=\"join\" crucial=\"false\">\
         <executionTime><execDuration>PT5M</execDuration></executionTime>\
         <executable count=\"1\" type=\"single\"><stdout>{log}</stdout>\
         <stdin><url>data:,from%20the%20description%0A</url></stdin>\
         <environment><variable name=\"END\">the end</variable></environment>\
         <arguments><value>-c</value><value>cat - \"$1\" tail >out; echo \"$END\"; ./tool</value>\
         <value>sh</value><value>in put</value><file name=\"in put\" type=\"in\">{input}</file>\
         <file name=\"tail\" type=\"in\"><url>data:;base64,dGFpbAo=</url></file>\
         <file name=\"tool\" type=\"in\"><url>file:////bin/true</url></file>\
         <file name=\"out\" type=\"out\">{output}</file></arguments>\
         <execfile name=\"sh\"><url>file:////bin/sh</url></execfile></executable>\
         <resource><osname>Linux</osname></resource>\
         <hardConstraints><parameter name=\"cpucount\"><range><min>1</min></range></parameter></hardConstraints>\
         </task></qcgJob>"
    )
}

#[test]
fn a_version_2_task_lives_like_any_other() {
    let scene = Scene::new();
    scene.write("in.txt", "from a file\n");
    let mut portal = scene.portal();
    let text = version_2(&scene);
    assert_welcome(&mut portal, &text, "GJD2");
    let end = finish(&mut portal, &text);
    assert_eq!(member(&end, "exitCode"), "0");
    assert_eq!(scene.read("out.txt"), "from the description\nfrom a file\ntail\n");
    assert!(scene.read("log.txt").starts_with("the end\n"), "{}", scene.read("log.txt"));
    scene.wait_swept();
}

#[test]
fn a_script_with_directives_is_carried_to_the_cluster_and_run() {
    let scene = Scene::new();
    scene.write("in.txt", "from a file\n");
    scene.write("lib/inner.txt", "inner\n");
    let mut portal = scene.portal();
    let here = scene.path("");
    let here = here.display().to_string();
    let here = here.trim_end_matches('/');
    let text = format!(
        "#!/bin/sh\n#QCG name=counted\n#QCG variable=HERE={here}\n#QCG argument=two  words\n#QCG argument=<&>\n\
         #QCG environment=COLOUR=red and \"blue\"\n#QCG stage-in-file=${{HERE}}/in.txt -> in put\n\
         #QCG stage-in-dir=${{HERE}}/lib -> lib\n#QCG stage-out-file=result -> ${{HERE}}/result.txt\n\
         #QCG input=data:,from%20the%20description%0A\n#QCG output=${{HERE}}/log.txt\n#QCG error=${{HERE}}/err.txt\n\
         #QCG walltime=PT5M\n#QCG memory=512\n\
         printf '%s|' \"$0\" \"$@\" \"$COLOUR\"; cat - 'in put' lib/inner.txt >result\necho ünï >&2\nexit 0\n"
    );
    assert_welcome(&mut portal, &text, "QCG_SIMPLE");
    let end = finish(&mut portal, &text);
    assert_eq!(member(&end, "exitCode"), "0");
    assert_eq!(scene.read("result.txt"), "from the description\nfrom a file\ninner\n");
    assert_eq!(scene.read("log.txt").split_once("script|").unwrap().1, "two  words|<&>|red and \"blue\"|");
    assert_eq!(scene.read("err.txt"), "ünï\n");
    scene.wait_swept();
}

#[test]
fn a_script_that_fails_tells_its_exit_code_and_its_text_is_in_no_message_and_no_log() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let id = portal.submit("#!/bin/sh\n# a secret: c3VycHJpc2U\nexit 7\n");
    let end = portal.wait_end(&id).body;
    assert_eq!((member(&end, "status"), member(&end, "exitCode")), ("FAILED".to_owned(), "7".to_owned()));
    let encoded = "IyEvYmluL3NoCiMgYSBzZWNyZXQ";
    let history = portal.call("getJobHistory", &format!("<jobId>{id}</jobId>")).unwrap().body;
    // The owner is shown what was submitted, and nowhere else.
    let (before, shown) = history.split_once("<jobDescription>").unwrap();
    let history = before.to_owned() + shown.split_once("</jobDescription>").unwrap().1;
    for said in [end, history, scene.site.log_text()] {
        assert!(!said.contains(encoded) && !said.contains("c3VycHJpc2U"), "{said}");
    }
    // No interpreter: the program cannot be started, and the failure shows the script by type and size at most.
    let id = portal.submit("#!/no/such/interpreter\n# a secret: c3VycHJpc2U\n");
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FAILED", "{end}");
    assert!(!end.contains("c3VycHJpc2U") && !scene.site.log_text().contains("c3VycHJpc2U"), "{end}");
}

#[test]
fn what_cannot_be_carried_out_is_refused_by_name_at_submission_and_told_in_advance() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let two = "<task taskid=\"a\"><executable type=\"single\"><execfile name=\"d\"><url>file:////bin/date</url></execfile>\
               </executable></task>";
    let second = two.replace("\"a\"", "\"b\"").replace("</task>", "<workflow><parent>a</parent></workflow></task>");
    let graph = format!("<grmsjob appid=\"g\">{two}{second}</grmsjob>");
    let module = "#!/bin/sh\n#QCG module=gcc\ntrue\n";
    for (text, words) in [(graph.as_str(), "task b waits for task a"), (module, "module is not offered")] {
        let said = ask(&mut portal, "testJobDescription", text, "");
        assert_eq!(member(&said, "valid"), "true", "{said}");
        assert!(said.contains(words) && said.contains("WARNING"), "{said}");
        let refused = portal.try_submit(text, None).unwrap();
        assert_eq!(refused.fault_code(), Some(114), "{}", refused.body);
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let listed = portal.call("getJobsList", "").unwrap().body;
    assert!(element(&listed, "jobId").is_none(), "nothing was accepted: {listed}");
}

#[test]
fn a_description_in_another_dialect_than_was_said_is_refused_by_both_names() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let date = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/date.xml")).unwrap();
    let said = ask(&mut portal, "testJobDescription", &date, "<dialect>QCG_SIMPLE</dialect>");
    assert_eq!(member(&said, "valid"), "false", "{said}");
    assert_eq!(member(&said, "code"), "111", "{said}");
    assert!(said.contains("written in GJD1, not in QCG_SIMPLE"), "{said}");
    let bad = ask(&mut portal, "testJobDescription", "#!/bin/sh\n#QCG walltime=soon\ntrue\n", "");
    assert_eq!([member(&bad, "dialect"), member(&bad, "path")], ["QCG_SIMPLE", "line 2: walltime"], "{bad}");
    assert_eq!([member(&bad, "line"), member(&bad, "column")], ["2", "15"], "{bad}");
}

/// A version 3 document with an input that may be missing, permissions, variables and a program for each kind of machine.
fn version_3(scene: &Scene) -> String {
    let (input, output, log) = (scene.place("in.txt"), scene.place("out.txt"), scene.place("log.txt"));
    let variant = |arch: &str, program: &str| {
        let properties = format!("<hostParameter name=\"cpuarch\"><stringValue value=\"{arch}\"/></hostParameter>");
        format!(
            "<execFile><execProperties>{properties}</execProperties><file name=\"run\"><location type=\"URL\">\
             file:////bin/{program}</location></file></execFile>"
        )
    };
    let variants = [variant("vax", "false"), variant(std::env::consts::ARCH, "sh")].concat();
    format!(
        "<qcgJob appId=\"three\" commitWait=\"true\"><description>Joins two files.</description>\
         <descriptionVariables><variable name=\"WHO\">all &lt;of&gt; us</variable></descriptionVariables>\
         <tasksDefaults><executionTime><executionDuration>PT5M</executionDuration></executionTime></tasksDefaults>\
         <task taskId=\"join\" crucial=\"false\"><requirements><resourceRequirements><computingResource>\
         <hostParameter name=\"osname\"><stringValue value=\"linux\"/></hostParameter>\
         <hostParameter name=\"cpucount\"><min>1</min></hostParameter></computingResource></resourceRequirements>\
         </requirements><execution type=\"single\"><executable>{variants}</executable><arguments><value>-c</value>\
         <value>cat in.txt tail &gt;out; ls missing 2&gt;/dev/null; stat -c %a in.txt; ulimit -n; echo \"$GREETING\"</value>\
         </arguments><stdout><file>{log}</file></stdout><stageInOut><file name=\"in.txt\" type=\"in\" permissions=\"0640\">\
         {input}</file><file name=\"tail\" type=\"in\"><location type=\"URL\">data:,tail%0A</location></file>\
         <file name=\"missing\" type=\"in\" required=\"false\">{missing}</file>\
         <file name=\"never\" type=\"out\" required=\"false\">{never}</file><file name=\"out\" type=\"out\">{output}</file>\
         </stageInOut><environment><variable name=\"GREETING\">hello ${{WHO}}</variable></environment>\
         <processLimits><limit name=\"opendescriptors\">60</limit></processLimits></execution></task></qcgJob>",
        missing = scene.place("missing.txt"),
        never = scene.place("never.txt"),
    )
}

impl Scene {
    /// The `location` of a file of the scene.
    fn place(&self, name: &str) -> String {
        format!("<location type=\"URL\">file:///{}</location>", self.path(name).display())
    }
}

#[test]
fn a_version_3_task_waits_for_its_commit_and_lives_like_any_other() {
    let scene = Scene::new();
    scene.write("in.txt", "from a file\n");
    let mut portal = scene.portal();
    let text = version_3(&scene);
    assert_welcome(&mut portal, &text, "GJD3");
    let id = portal.submit(&text);
    // One that was submitted later is served; the one that waits is not.
    finish(&mut portal, "#!/bin/sh\ntrue\n");
    let held = portal.info(&id).unwrap().body;
    assert_eq!([member(&held, "status"), member(&held, "phase")], ["QUEUED", "TASK_UNCOMMITTED"], "{held}");
    assert_eq!(portal.call("commitJob", &format!("<jobId>{id}</jobId>")).unwrap().status, 200);
    let end = portal.wait_end(&id).body;
    assert_eq!([member(&end, "status"), member(&end, "exitCode")], ["FINISHED", "0"], "{end}");
    assert_eq!(scene.read("out.txt"), "from a file\ntail\n");
    assert_eq!(scene.read("log.txt"), "640\n60\nhello all <of> us\n");
    assert!(!scene.has("never.txt"));
    scene.wait_swept();
}

#[test]
fn a_required_file_of_version_3_that_is_missing_fails_the_job_and_is_named() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    scene.write("in.txt", "from a file\n");
    let text = version_3(&scene).replace(" commitWait=\"true\"", "").replacen(" required=\"false\"", "", 1);
    let id = portal.submit(&text);
    let end = portal.wait_end(&id).body;
    assert_eq!(member(&end, "status"), "FAILED", "{end}");
    assert!(end.contains("missing"), "{end}");
    assert!(!scene.has("out.txt"), "it was never started");
}

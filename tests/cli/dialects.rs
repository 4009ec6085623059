//! Every language that the broker reads, in every command that takes a description.

use crate::support::shell_job;
use crate::terminal::Terminal;

const GJD2: &str = "<grmsjob appid=\"two\"><task taskid=\"main\"><executable type=\"single\">\
    <execfile name=\"true\"><url>file:////bin/true</url></execfile></executable></task></grmsjob>\n";
const GJD3: &str = "<qcgJob appId=\"three\"><task taskId=\"main\"><execution type=\"single\"><executable><execFile>\
    <file name=\"true\"><location type=\"URL\">file:////bin/true</location></file></execFile></executable></execution>\
    </task></qcgJob>\n";
const JSDL: &str = "<JobDefinition xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\"><JobDescription>\
    <JobIdentification><JobName>four</JobName></JobIdentification><Application>\
    <POSIXApplication xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl-posix\"><Executable>/bin/true</Executable>\
    </POSIXApplication></Application></JobDescription></JobDefinition>\n";
const SCRIPT: &str = "#!/bin/sh\n#QCG name=five\ntrue\n";

#[test]
fn every_dialect_is_tested_explained_translated_and_run() {
    let terminal = Terminal::new();
    terminal.write("one", &shell_job("one", "true", ""));
    for (name, text) in [("two", GJD2), ("three", GJD3), ("four", JSDL), ("five", SCRIPT)] {
        terminal.write(name, text);
    }
    let dialects = [("one", "GJD1"), ("two", "GJD2"), ("three", "GJD3"), ("four", "JSDL"), ("five", "QCG_SIMPLE")];
    let told = terminal.output(&["description", "FULL"]);
    assert!(told.contains(&format!("dialects: {}\n", dialects.map(|(_, dialect)| dialect).join(", "))), "{told}");
    for (name, dialect) in dialects {
        let valid = format!("valid ({dialect})");
        assert_eq!(terminal.output(&["test", name]), valid);
        assert_eq!(terminal.output(&["test", name, "--dialect", dialect]), valid);
        let translated = terminal.output(&["translate", name, "--from", dialect, "--to", "GJD3"]);
        assert!(translated.starts_with("<qcgJob"), "{translated}");
        terminal.write("translated.xml", &translated);
        let again = terminal.output(&["translate", "translated.xml"]);
        assert_eq!(again, translated, "{dialect}: the broker's own language says all of it");
        let ids = terminal.output(&["submit", name, "translated.xml", "-q"]);
        for id in ids.lines() {
            assert!(id.contains(&format!("_{name}_")), "{id}");
            assert_eq!(terminal.output(&["wait", id, "--timeout", "60", "-q"]), "FINISHED", "{dialect}");
        }
        // A job has run, so the cluster is known.
        let explained = terminal.output(&["explain", name]);
        assert!(explained.starts_with(&format!("job `{name}`")), "{explained}");
        assert!(explained.contains("localhost/jobmanager-fork"), "{explained}");
        let other = if dialect == "GJD1" { "JSDL" } else { "GJD1" };
        let refused = terminal.run(&["submit", name, "--dialect", other]);
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(
            refused.status.code() == Some(1) && said.contains(&format!("written in {dialect}, not in {other}")),
            "{said}"
        );
    }
}

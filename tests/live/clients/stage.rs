//! A broker's site with the files a client program needs, and a way to run such a program under a bound of time.

use crate::scene::Scene;
use crate::support::portal::{Credential, Portal};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The longest a client may take, in seconds: some of them are compiled first.
const PATIENCE: &str = "240";

/// What of the environment a client sees, beside the settings of pip.
const KEPT: &[&str] = &["HOME", "LANG", "TMPDIR", "USER"];

/// The Java that Debian means, before any other one.
const DEFAULT_JAVA: &str = "/usr/lib/jvm/default-java/bin";

/// Two faults, on lines 3 and 5.
const BAD_JOB: &str = "<grmsjob appid=\"bad\">
  <simplejob>
    <executable type=\"single\" count=\"many\">
      <file name=\"date\" type=\"in\"><url>file:////bin/date</url></file>
      <frobnicate/>
    </executable>
  </simplejob>
</grmsjob>
";

/// A document of JSDL that brings back what its program wrote.
fn jsdl(output: &Path) -> String {
    format!(
        "<JobDefinition xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl\"><JobDescription><Application>\
         <POSIXApplication xmlns=\"http://schemas.ggf.org/jsdl/2005/11/jsdl-posix\"><Executable>/bin/echo</Executable>\
         <Argument>from JSDL</Argument><Output>out.txt</Output></POSIXApplication></Application>\
         <DataStaging><FileName>out.txt</FileName><CreationFlag>overwrite</CreationFlag>\
         <Target><URI>file:///{}</URI></Target></DataStaging></JobDescription></JobDefinition>",
        output.display()
    )
}

/// A job of version 3 that delivers a file.
fn version_3(output: &Path) -> String {
    format!(
        "<qcgJob appId=\"three\"><task taskId=\"main\"><execution type=\"single\"><executable><execFile><file name=\"sh\">\
         <location type=\"URL\">file:////bin/sh</location></file></execFile></executable>\
         <arguments><value>-c</value><value>echo from version 3 >out.txt</value></arguments>\
         <stageInOut><file name=\"out.txt\" type=\"out\"><location type=\"URL\">file:///{}</location></file></stageInOut>\
         </execution></task></qcgJob>",
        output.display()
    )
}

/// A started broker, and an empty directory in which a client works.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    name: &'static str,
    dir: PathBuf,
}

impl Stage {
    /// A new one. The name marks the job's label and its output.
    pub(crate) fn new(name: &'static str) -> Self {
        let scene = Scene::new();
        let dir = scene.site.dir.path().join("client");
        fs::create_dir(&dir).unwrap();
        let stage = Self { scene, name, dir };
        let job = format!(
            "<grmsjob appid=\"{name}\"><simplejob><executable type=\"single\">\
             <file name=\"sh\" type=\"in\"><url>file:////bin/sh</url></file>\
             <arguments><value>-c</value><value>echo it ran for {name}</value></arguments>\
             <stdout>{}</stdout></executable></simplejob></grmsjob>",
            stage.scene.url("output")
        );
        stage.write("job.xml", &job);
        stage.write("bad-job.xml", BAD_JOB);
        stage.write("job.jsdl", &jsdl(&stage.scene.path("jsdl-output")));
        stage.write("job-3.xml", &version_3(&stage.scene.path("version-3-output")));
        let answer = Portal::connect(&stage.scene.site).unwrap().get("/services/grms?wsdl").unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        stage.write("service.wsdl", &answer.body);
        stage
    }

    /// The label of the job.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The client's directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a file into the client's directory.
    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.dir.join(file), text).unwrap();
    }

    /// Holds that the job's program ran once and its output came back.
    pub(crate) fn check_output(&self) {
        assert_eq!(self.scene.read("output"), format!("it ran for {}\n", self.name), "what the job wrote");
    }

    /// Runs a program in the client's directory, with the variables of the site's user and the installed stacks in reach.
    #[expect(clippy::disallowed_methods, reason = "the clients are other programs")]
    pub(crate) fn output(&self, program: &str, arguments: &[&str]) -> Output {
        let installed = installed();
        let path =
            format!("{0}/venv/bin:{0}/bin:{DEFAULT_JAVA}:{1}", installed.display(), std::env::var("PATH").unwrap());
        let endpoint = self.scene.site.client_env()["GRMS_ENDPOINT"].clone();
        Command::new("timeout")
            .args(["--kill-after=10", PATIENCE, program])
            .args(arguments)
            .current_dir(&self.dir)
            // What the machine says about certificates must not come between a client and the site's own authority.
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| KEPT.contains(&name.as_str()) || name.starts_with("PIP_")))
            .env("PIP_CACHE_DIR", installed.join("cache/pip"))
            .env("PATH", path)
            .env("NODE_PATH", installed.join("node_modules"))
            .envs(self.scene.site.client_env())
            .env("GRMS_CA", Credential::of(&self.scene.site).authority)
            .env("GRMS_CLASSIC", endpoint.replace("/services/grms", "/axis/services/grms"))
            .env("GRMS_WSDL", self.dir.join("service.wsdl"))
            .env("GRMS_JOB", self.dir.join("job.xml"))
            .env("GRMS_BAD_JOB", self.dir.join("bad-job.xml"))
            .env("GRMS_JSDL", self.dir.join("job.jsdl"))
            .env("GRMS_VERSION_3", self.dir.join("job-3.xml"))
            .env("GRMS_REPOSITORY", repository())
            .output()
            .unwrap()
    }

    /// Runs a program that must succeed and gives what it printed.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        let done = self.output(program, arguments);
        let printed = String::from_utf8_lossy(&done.stdout).into_owned();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            done.status.success(),
            "{program} {arguments:?}: {}\n{printed}\n{said}\nthe broker:\n{}",
            done.status,
            self.scene.site.log_text()
        );
        printed
    }
}

/// Where `scripts/components/soap_clients.sh` put the stacks.
pub(crate) fn installed() -> PathBuf {
    let dir = std::env::var("GRMS_TEST_CLIENTS");
    dir.expect("GRMS_TEST_CLIENTS is not set; these tests need the client stacks: run `scripts/test live clients`")
        .into()
}

/// The top of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of `tests/strangers/`.
pub(crate) fn stranger(path: &str) -> String {
    repository().join("tests/strangers").join(path).display().to_string()
}

//! Runs the real program and compares what it prints, on which stream, and its exit code with a transcript.
//!
//! A transcript is a file under `tests/transcripts`: the command line after `$ `, the exit code after `? `, standard
//! output as it is, standard error with `! ` before each line. `BLESS=1` writes what was seen.

use super::pki::{Authority, Holder};
use super::responder::{Answer, Asked, Responder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// A user with a credential, an authority, and a broker that plays recorded answers.
pub(crate) struct Site {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) authority: Authority,
    pub(crate) user: Holder,
    pub(crate) broker: Responder,
    variables: BTreeMap<&'static str, String>,
    input: Option<String>,
}

impl Site {
    pub(crate) fn new(answers: Vec<Answer>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let authority = Authority::new("Test Authority");
        authority.write_to(&directory.path().join("certificates"));
        let user = authority.user("Jan Kowalski", (-3600, 3600), None);
        let broker = Responder::start(&authority, &authority.host("127.0.0.1"), answers);
        let mut site = Self { directory, authority, user, broker, variables: BTreeMap::new(), input: None };
        let (certificate, key) = (site.user.pem(), site.user.key_pem());
        let (certificate, key) = (site.write("usercert.pem", &certificate), site.write("userkey.pem", &key));
        site.set("X509_USER_CERT", &certificate.display().to_string());
        site.set("X509_USER_KEY", &key.display().to_string());
        site.set("X509_CERT_DIR", &site.directory.path().join("certificates").display().to_string());
        site.set("GRMS_ENDPOINT", &site.broker.url());
        site
    }

    /// With one answer, a fixture.
    pub(crate) fn answering(name: &str) -> Self {
        Self::new(vec![fixture(name)])
    }

    pub(crate) fn set(&mut self, variable: &'static str, value: &str) -> &mut Self {
        self.variables.insert(variable, value.to_owned());
        self
    }

    pub(crate) fn unset(&mut self, variable: &'static str) -> &mut Self {
        self.variables.remove(variable);
        self
    }

    /// What standard input will hold.
    pub(crate) fn input(&mut self, text: &str) -> &mut Self {
        self.input = Some(text.to_owned());
        self
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.directory.path().join(name);
        std::fs::write(&file, text).expect("written");
        file
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.broker.asked()
    }

    /// Runs the program with these arguments, in the directory of the site.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        self.command(Path::new(env!("CARGO_BIN_EXE_grms-client"))).args(words(arguments)).output().expect("it starts")
    }

    /// Starts the program with these arguments and leaves it running.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_grms-client")));
        command.args(words(arguments)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    }

    /// Runs a line of shell that calls the program; gives its standard output.
    pub(crate) fn shell(&self, line: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_grms-client"));
        let path = format!("{}:/usr/bin:/bin", program.parent().expect("a directory").display());
        let seen = self.command(Path::new("/bin/sh")).args(["-c", line]).env("PATH", path).output().expect("a shell");
        assert!(seen.status.success(), "{line}: {}", String::from_utf8_lossy(&seen.stderr));
        String::from_utf8(seen.stdout).expect("UTF-8")
    }

    /// Waits until the broker was asked so often.
    pub(crate) fn until_asked(&self, times: usize) {
        self.broker.until_asked(times);
    }

    #[expect(clippy::disallowed_methods, reason = "the program under test is a child process")]
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.directory.path());
        command.env_clear().envs(&self.variables).env("TZ", "UTC").env("HOME", self.directory.path());
        command.stdin(match &self.input {
            Some(text) => Stdio::from(std::fs::File::open(self.write("stdin", text)).expect("readable")),
            None => Stdio::null(),
        });
        command
    }

    /// Runs the program and compares with the transcript of this name.
    pub(crate) fn transcript(&self, name: &str, arguments: &str) {
        let seen = self.run(arguments);
        let mut text = format!("$ grms-client {arguments}\n? {}\n", seen.status.code().expect("an exit code"));
        text.push_str(&String::from_utf8(seen.stdout).expect("UTF-8"));
        for line in String::from_utf8(seen.stderr).expect("UTF-8").lines() {
            text.push_str(&format!("! {line}\n").replace("! \n", "!\n"));
        }
        let text = self.without_accidents(&text);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/transcripts/{name}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, &text).expect("written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(text, expected, "{} differs; BLESS=1 writes what was seen:\n{text}", file.display());
    }

    /// Replaces what differs from run to run: port, directory, clock times.
    fn without_accidents(&self, text: &str) -> String {
        let text = text.replace(&self.broker.address.to_string(), "127.0.0.1:8443");
        let text = text.replace(&self.directory.path().display().to_string(), "/home/jan");
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(index) = rest.find("20") {
            out.push_str(&rest[..index]);
            rest = &rest[index..];
            let shape: String = rest.chars().take(19).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            if matches!(shape.as_str(), "0000-00-00 00:00:00" | "0000-00-00T00:00:00") {
                out.push_str("<date and time>");
                rest = &rest[19..];
            } else {
                out.push_str("20");
                rest = &rest[2..];
            }
        }
        out + rest
    }
}

/// The arguments in a line; "" is an empty one, and quotes are not understood otherwise.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace().map(|word| if word == "\"\"" { "" } else { word })
}

/// A recorded answer of `tests/fixtures`. A fault comes with HTTP 500.
pub(crate) fn fixture(name: &str) -> Answer {
    let text = envelope(&body_of(name));
    if text.contains("soap:Fault") { Answer::Status(500, text) } else { Answer::Success(text) }
}

/// The content of a SOAP body as it was recorded. `{ago N}` in it is the moment N seconds ago.
pub(crate) fn body_of(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.xml"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut text = text.trim().to_owned();
    while let Some((before, after)) = text.split_once("{ago ") {
        let (seconds, after) = after.split_once('}').expect("a closing brace");
        text = format!("{before}{}{after}", moment(seconds.parse().expect("a number")));
    }
    text
}

/// A SOAP message around this.
pub(crate) fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

fn moment(seconds_ago: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let at = jiff::Timestamp::from_second(i64::try_from(now).expect("small") - seconds_ago).expect("in range");
    at.to_string()
}

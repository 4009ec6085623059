//! What a script asks to start: an executable, an application, or itself.

use super::{Given, Script};
use crate::description::findings::{At, short};
use crate::job::{Code, Location, Program, RelativeName, Scheme, Staged, Url};

/// The name of a script in its working directory.
pub(super) const SCRIPT: &str = "script";
/// What runs a script that names no interpreter.
const SHELL: &str = "#!/bin/sh\n";

/// What is started.
pub(super) struct Chosen {
    pub(super) what: Program,
    /// The staged file that is the program, and so is brought once only.
    pub(super) replaces: Option<RelativeName>,
}

impl Script<'_, '_> {
    /// Whether the script itself is what runs.
    pub(super) fn runs_itself(&self) -> bool {
        self.one("executable").is_none() && self.one("application").is_none()
    }

    /// What is started; `brought` are the files that are staged in.
    pub(super) fn program(&mut self, brought: &[Staged]) -> Option<Chosen> {
        let (executable, application) = (self.one("executable"), self.one("application"));
        if self.runs_itself() {
            return self.itself();
        }
        if let Some((offset, number)) = self.first_command() {
            let say =
                "the commands of this script are not run, because executable or application names another program";
            let path = format!("line {number}");
            self.reader.findings.warning(Code::DescInconsistent, At::Place(offset, &path), say);
        }
        if let (Some(_), Some(application)) = (&executable, &application) {
            let say = "executable names a program already; give exactly one of executable and application";
            self.reader.findings.error(Code::DescInvalid, application.at(), say);
            return None;
        }
        match (executable, application) {
            (Some(given), _) => self.executable(&given, brought),
            (None, Some(given)) => {
                let text = self.text(given.value);
                let (name, version) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
                let version = Some(version.trim().to_owned()).filter(|version| !version.is_empty());
                let what = Program::Application { name: name.to_owned(), version };
                Some(Chosen { what, replaces: None })
            }
            (None, None) => None,
        }
    }

    fn itself(&mut self) -> Option<Chosen> {
        let first = self.text.split_inclusive('\n').next().unwrap_or_default();
        if first.starts_with("#!") && first.ends_with("\r\n") {
            let say = "the lines of the script end with CR LF, which interpreters here do not understand; convert it";
            self.reader.inconsistent(At::Place(0, "line 1"), say);
            return None;
        }
        if self.first_command().is_none() {
            let say = "the script holds no command, and no executable or application is named; the job does nothing";
            self.reader.findings.warning(Code::DescInconsistent, At::Place(0, "line 1"), say);
        }
        let content = if self.text.starts_with("#!") {
            self.text.to_owned()
        } else {
            let say = "the script names no interpreter; it is run by /bin/sh, begin it with #!/bin/sh to say so";
            self.reader.findings.warning(Code::DescInconsistent, At::Place(0, "line 1"), say);
            format!("{SHELL}{}", self.text)
        };
        if !self.reader.rules.schemes.contains(&Scheme::Data) {
            let say = "this broker takes no programs inside a description (data); name an executable or application";
            self.reader.findings.error(Code::DescUnsupported, At::Place(0, "line 1"), say);
            return None;
        }
        let location = Location::Url(Url::inline("text/x-shellscript", content.as_bytes()));
        let what = Program::File { name: RelativeName::parse(SCRIPT).ok()?, location };
        Some(Chosen { what, replaces: None })
    }

    /// The first line that an interpreter would run: its offset and its number.
    fn first_command(&self) -> Option<(usize, usize)> {
        let mut offset = 0;
        self.text.split_inclusive('\n').zip(1..).find_map(|(line, number)| {
            let begin = offset;
            offset += line.len();
            let idle = line.trim().is_empty() || line.trim_start().starts_with('#');
            (!idle).then_some((begin, number))
        })
    }

    /// A program by its place, or by its name among the files that are brought.
    fn executable(&mut self, given: &Given<'_>, brought: &[Staged]) -> Option<Chosen> {
        let text = self.text(given.value);
        if !super::files::is_place(&text) {
            let name = RelativeName::parse(&text).ok();
            let Some(staged) = brought.iter().find(|staged| Some(&staged.name) == name.as_ref()) else {
                let say = format!(
                    "nothing brings the executable {}; write a URL or an absolute path, or add #QCG stage-in-file=URL -> {}",
                    short(&text),
                    short(&text)
                );
                self.reader.findings.error(Code::DescUndefinedReference, given.at(), say);
                return None;
            };
            let what = Program::File { name: staged.name.clone(), location: staged.location.clone() };
            // A program that lies on the executing machine runs there; its copy in the working directory stays a file.
            let lies_there = matches!(&staged.location, Location::Url(url) if url.scheme() == Scheme::File);
            return Some(Chosen { what, replaces: (!lies_there).then(|| staged.name.clone()) });
        }
        let url = self.place(given, given.value)?;
        let name = url.file_name().and_then(|name| RelativeName::parse(name).ok());
        let name = name.filter(|name| !name.is_working_directory() && !name.as_str().contains('$'));
        let name = name.or_else(|| RelativeName::parse("program").ok())?;
        Some(Chosen { what: Program::File { name, location: Location::Url(url) }, replaces: None })
    }
}

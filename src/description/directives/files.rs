//! The files of a script: what is brought, what is delivered, and the three streams.

use super::lines::Word;
use super::program::SCRIPT;
use super::{Given, Script};
use crate::description::findings::short;
use crate::description::reader::Names;
use crate::job::{Code, Direction, FileKind, Location, RelativeName, Staged, Url};

const STAGING: &[(&str, FileKind, Direction)] = &[
    ("stage-in-file", FileKind::File, Direction::In),
    ("stage-in-dir", FileKind::Directory, Direction::In),
    ("stage-out-file", FileKind::File, Direction::Out),
    ("stage-out-dir", FileKind::Directory, Direction::Out),
];

/// Whether a text names a place outside the working directory: a URL, or an absolute path on the executing machine.
pub(super) fn is_place(text: &str) -> bool {
    text.starts_with('/') || text.starts_with("${") || text.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')
}

impl Script<'_, '_> {
    /// Everything that moves, and of it what is brought.
    pub(super) fn staging(&mut self) -> (Vec<Staged>, Vec<Staged>) {
        let mut names = Names::default();
        names.program = self.runs_itself().then(|| SCRIPT.to_owned());
        let mut staging = Vec::new();
        for given in self.given.clone() {
            let Some((_, kind, direction)) = STAGING.iter().find(|(name, ..)| *name == given.known.name) else {
                continue;
            };
            let Some((name, staged)) = self.staged(&given, *kind, *direction) else { continue };
            if let Some(clash) = names.insert(staged.name.as_str(), *kind, *direction) {
                self.reader.inconsistent(given.part(name), clash);
            }
            staging.push(staged);
        }
        let brought = staging.iter().filter(|staged| staged.direction.is_in()).cloned().collect();
        (staging, brought)
    }

    /// `source -> target`; also the word that is the local name.
    fn staged<'w>(&mut self, given: &Given<'w>, kind: FileKind, direction: Direction) -> Option<(Word<'w>, Staged)> {
        let halves = given.value.split("->");
        let (local, outside) = match (halves, direction) {
            (Some((source, target)), Direction::In) => (target, source),
            (Some((source, target)), _) => (source, target),
            // The file keeps the last part of its name.
            (None, Direction::In) => (Word { text: "", ..given.value }, given.value),
            (None, _) => {
                let say = format!("{} is written {}; the arrow is missing", given.known.name, given.known.shape);
                self.reader.findings.error(Code::DescInvalid, given.at(), say);
                return None;
            }
        };
        let url = self.place(given, outside);
        let text = self.text(local);
        let text = match &url {
            Some(url) if text.is_empty() && halves.is_none() => url.file_name().unwrap_or_default().to_owned(),
            None if halves.is_none() => return None,
            _ => text,
        };
        let name = self.local(given, local, &text, kind);
        let (name, url) = (name?, url?);
        self.fits(given, outside, &url, kind, direction)?;
        Some((local, Staged::new(name, kind, direction, Location::Url(url))))
    }

    fn local(&mut self, given: &Given<'_>, word: Word<'_>, text: &str, kind: FileKind) -> Option<RelativeName> {
        self.reader.relative_name(text, given.part(word), kind == FileKind::File)
    }

    /// Content inside the script can be brought as a file and nothing else.
    fn fits(
        &mut self,
        given: &Given<'_>,
        word: Word<'_>,
        url: &Url,
        kind: FileKind,
        direction: Direction,
    ) -> Option<()> {
        self.reader.inline_fits(url, kind, direction, given.part(word)).then_some(())
    }

    /// A place outside the working directory. A path is one on the executing machine.
    pub(super) fn place(&mut self, given: &Given<'_>, word: Word<'_>) -> Option<Url> {
        let text = self.text(word);
        let at = given.part(word);
        if !is_place(&text) {
            let say = format!("`{}` is neither a URL nor an absolute path on the executing machine", short(&text));
            self.reader.findings.error(Code::DescBadUrl, at, format!("{say}; write one, such as gsiftp://host//path"));
            return None;
        }
        let text = if text.starts_with(['/', '$']) {
            format!("file:///{}", text.replace('%', "%25").replace(' ', "%20"))
        } else {
            text
        };
        self.reader.url(at, &text)
    }

    /// `input`, `output` and `error`.
    pub(super) fn streams(&mut self, staging: &[Staged]) -> [Option<Location>; 3] {
        let mut taken: Vec<Location> =
            staging.iter().filter(|staged| staged.direction.is_out()).map(|staged| staged.location.clone()).collect();
        ["input", "output", "error"].map(|name| {
            let given = self.one(name)?;
            let url = self.place(&given, given.value)?;
            let direction = if name == "input" { Direction::In } else { Direction::Out };
            self.fits(&given, given.value, &url, FileKind::File, direction)?;
            let location = Location::Url(url);
            if direction == Direction::Out {
                if taken.contains(&location) {
                    let say =
                        format!("{name} goes to a place something else goes to as well; one will replace the other");
                    self.reader.findings.warning(Code::DescInconsistent, given.at(), say);
                }
                taken.push(location.clone());
            }
            Some(location)
        })
    }
}

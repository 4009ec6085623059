//! GridFTP, by the program `globus-url-copy` (Debian package `globus-gass-copy-progs`) and the user's proxy.
//!
//! Files fetched appear under their final name only when whole. Files delivered are written in place on the server, because the
//! program cannot rename there: a broken delivery leaves part of the file until it is repeated. A file name inside a
//! directory that holds a double quote cannot be moved by the program.

mod words;

use self::words::explain;
use super::failure::shown;

use super::landing::{aside, digest_of, size_of_tree, temporary, text};
use super::outgoing::Outgoing;
use super::tools::Tools;
use super::{Access, Landing, Moved, TransferError, TransferProtocol};
use crate::job::{Code, FileKind, Scheme, Url};
use crate::shell::{Command, Shell};
use async_trait::async_trait;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The protocol of `gsiftp:`.
pub(super) struct GridFtp {
    program: String,
    spool: PathBuf,
}

/// No transfer takes longer; one that stands still is ended much earlier by the program itself.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

impl GridFtp {
    /// With the path of `globus-url-copy`.
    pub(super) fn new(program: String, spool: PathBuf) -> Self {
        Self { program, spool }
    }

    /// The command for one copy. Whatever certificates the broker's machine has are hidden: the program, run as root, would
    /// take the host's certificate before the user's proxy.
    fn command(
        &self,
        options: &[&str],
        from: &str,
        to: &str,
        url: &Url,
        access: &Access,
    ) -> Result<Command, TransferError> {
        let Some(credential) = &access.credential else {
            let message = format!("{} needs a delegated credential, and none was given; delegate a proxy", shown(url));
            return Err(TransferError::permanent(Code::DelegationRequired, message));
        };
        let stall = access.stall.as_secs().max(1).to_string();
        let arguments = ["-q", "-st", &stall].into_iter().chain(options.iter().copied()).chain([from, to]);
        let mut command = Command::new(&self.program, arguments);
        let credential = text(credential)?;
        command.environment.push(("LC_ALL".into(), "C".into()));
        for variable in ["X509_USER_PROXY", "X509_USER_CERT", "X509_USER_KEY"] {
            command.environment.push((variable.into(), credential.clone()));
        }
        if let Some(authorities) = &access.authorities {
            command.environment.push(("X509_CERT_DIR".into(), text(authorities)?));
        }
        command.timeout = LONGEST;
        Ok(command)
    }

    async fn copy(
        &self,
        shell: &dyn Shell,
        command: Command,
        doing: &str,
        otherwise: Code,
    ) -> Result<(), TransferError> {
        let output = shell.run(command).await.map_err(|error| TransferError::shell(doing, otherwise, &error))?;
        let words = String::from_utf8_lossy(&output.stderr);
        // That is how the program calls an empty directory.
        if output.code == Some(0) || words.trim() == "error: No files matched the source url." {
            return Ok(());
        }
        Err(explain(doing, otherwise, words.trim()))
    }
}

#[async_trait]
impl TransferProtocol for GridFtp {
    fn schemes(&self) -> &'static [Scheme] {
        &[Scheme::Gsiftp]
    }

    fn moves_directories(&self) -> bool {
        true
    }

    async fn fetch(&self, from: &Url, to: &Landing, access: &Access) -> Result<Moved, TransferError> {
        let path = to.reachable(Code::StageInFailed)?;
        let doing = format!("fetching {}", shown(from));
        let half = temporary(&path);
        let directory = to.kind == FileKind::Directory;
        let options: &[&str] = if directory { &["-r"] } else { &[] };
        let (source, target) = (remote(from, to.kind), local(&half, to.kind)?);
        let command = self.command(options, &source, &target, from, access)?;
        let at_shell = |error| TransferError::shell(&doing, Code::StageInFailed, &error);

        to.make_room(&doing).await?;
        to.shell.remove_tree(&half).await.map_err(at_shell)?;
        if directory {
            to.shell.make_directory(&half).await.map_err(at_shell)?;
        }
        let moved = async {
            self.copy(&*to.shell, command, &doing, Code::StageInFailed).await?;
            let moved = measure(&half, to.kind)
                .await
                .map_err(|error| TransferError::io(&doing, Code::StageInFailed, &error))?;
            let tools = Tools { shell: &*to.shell, user: None, doing: &doing, otherwise: Code::StageInFailed };
            tools.place(to.kind, &text(&half)?, &text(&path)?, LONGEST).await?;
            Ok(moved)
        }
        .await;
        if moved.is_err() {
            // What cannot be removed now is removed by the next try.
            let _ = to.shell.remove_tree(&half).await;
        }
        moved
    }

    async fn push(&self, from: &Landing, to: &Url, access: &Access) -> Result<Moved, TransferError> {
        let doing = format!("delivering {} to {}", from.path.display(), shown(to));
        let options: &[&str] = if from.kind == FileKind::Directory { &["-cd", "-r"] } else { &["-cd"] };
        // A missing credential is told before anything is copied.
        self.command(options, "", "", to, access)?;
        let outgoing = Outgoing::open(from, &self.spool).await?;
        let moved = measure(&outgoing.path, from.kind)
            .await
            .map_err(|error| TransferError::io(&doing, Code::StageOutFailed, &error))?;
        let source = local(&outgoing.path, from.kind)?;
        let command = self.command(options, &source, &remote(to, from.kind), to, access)?;
        self.copy(&*from.shell, command, &doing, Code::StageOutFailed).await?;
        outgoing.complete(&shown(to))?;
        Ok(moved)
    }
}

async fn measure(path: &Path, kind: FileKind) -> std::io::Result<Moved> {
    let path = path.to_path_buf();
    aside(move || match kind {
        FileKind::File => digest_of(&path).map(|(bytes, sha256)| Moved { bytes, sha256: Some(sha256) }),
        FileKind::Directory => size_of_tree(&path).map(|bytes| Moved { bytes, sha256: None }),
    })
    .await
}

/// The URL as the program wants it: `//abs`, `/~/rel` and `/abs` are understood as they are; a directory ends in `/`.
fn remote(url: &Url, kind: FileKind) -> String {
    let mut text = format!("gsiftp://{}{}", url.authority(), encoded(url.path(), true));
    if kind == FileKind::Directory && !text.ends_with('/') {
        text.push('/');
    }
    text
}

/// The program's URL of a local path.
fn local(path: &Path, kind: FileKind) -> Result<String, TransferError> {
    let slash = if kind == FileKind::Directory { "/" } else { "" };
    Ok(format!("file://{}{slash}", encoded(&text(path)?, false)))
}

/// Encodes what the program would take for a pattern or refuse. `escaped`: the text already is a URL's, so `%` stays.
fn encoded(path: &str, escaped: bool) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) || (escaped && byte == b'%') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(credential: Option<&str>) -> Access {
        Access {
            credential: credential.map(PathBuf::from),
            authorities: Some("/grid/certificates".into()),
            stall: Duration::from_secs(90),
        }
    }

    #[test]
    fn urls_are_written_as_the_program_wants_them() {
        for (given, kind, expected) in [
            ("gsiftp://h:2811//abs/x", FileKind::File, "gsiftp://h:2811//abs/x"),
            ("gsiftp://h/~/rel", FileKind::File, "gsiftp://h/~/rel"),
            ("gsiftp://h/abs", FileKind::Directory, "gsiftp://h/abs/"),
            ("gsiftp://h//d/", FileKind::Directory, "gsiftp://h//d/"),
            ("gsiftp://h//a%20b*[1]ü", FileKind::File, "gsiftp://h//a%20b%2A%5B1%5D%C3%BC"),
        ] {
            assert_eq!(remote(&Url::parse(given).unwrap(), kind), expected, "{given}");
        }
        assert_eq!(local(Path::new("/w/-a b%?"), FileKind::File).unwrap(), "file:///w/-a%20b%25%3F");
        assert_eq!(local(Path::new("/w/d"), FileKind::Directory).unwrap(), "file:///w/d/");
    }

    #[test]
    fn only_the_users_proxy_can_be_found_by_the_program() {
        let url = Url::parse("gsiftp://h//x").unwrap();
        let protocol = GridFtp::new("globus-url-copy".into(), PathBuf::new());
        let command = protocol.command(&["-cd"], "a", "b", &url, &access(Some("/p"))).unwrap();
        assert_eq!(command.arguments, ["-q", "-st", "90", "-cd", "a", "b"]);
        for variable in ["X509_USER_PROXY", "X509_USER_CERT", "X509_USER_KEY"] {
            assert!(command.environment.contains(&(variable.into(), "/p".into())), "{variable}");
        }
        assert!(command.environment.contains(&("X509_CERT_DIR".into(), "/grid/certificates".into())));
    }

    #[test]
    fn without_a_credential_the_user_is_told_to_delegate_one() {
        let url = Url::parse("gsiftp://h//x").unwrap();
        let protocol = GridFtp::new("globus-url-copy".into(), PathBuf::new());
        let failure = protocol.command(&[], "a", "b", &url, &access(None)).unwrap_err();
        assert_eq!((failure.code, failure.transient), (Code::DelegationRequired, false));
        assert!(failure.message.contains("gsiftp://h//x") && failure.message.contains("delegate"), "{failure}");
    }
}

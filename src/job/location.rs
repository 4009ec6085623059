//! Where files are: URLs of the schemes we know, logical names, and names inside a working directory.
//!
//! A [`RelativeName`] cannot leave the working directory; a [`Url`] never carries a user name or a password.

use super::inline;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a location is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// Already on the executing machine.
    File,
    /// Plain HTTP.
    Http,
    /// HTTP over TLS, Globus GASS servers included.
    Https,
    /// GridFTP.
    Gsiftp,
    /// Plain FTP.
    Ftp,
    /// SSH file transfer.
    Sftp,
    /// Object storage.
    S3,
    /// WebDAV over TLS.
    Davs,
    /// The content itself, inside the description; input only.
    Data,
}

impl Scheme {
    /// Every scheme the job description language knows.
    pub const ALL: &'static [Self] =
        &[Self::File, Self::Http, Self::Https, Self::Gsiftp, Self::Ftp, Self::Sftp, Self::S3, Self::Davs, Self::Data];

    /// The word before the colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Http => "http",
            Self::Https => "https",
            Self::Gsiftp => "gsiftp",
            Self::Ftp => "ftp",
            Self::Sftp => "sftp",
            Self::S3 => "s3",
            Self::Davs => "davs",
            Self::Data => "data",
        }
    }
}

/// A text that is not a usable location or file name. The text says what is wrong and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadLocation(pub String);

/// A URL split into the parts that transfers need. May contain `${…}` variables in its path until they are resolved.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Url {
    scheme: Scheme,
    authority: String,
    path: String,
}

impl Url {
    /// Reads a URL. Blanks around it are dropped. For `file:` one to four slashes are accepted and the path is the
    /// absolute path on the executing machine; for other schemes the path is kept as written (`gsiftp://h//abs`, `gsiftp://h/~/rel`).
    ///
    /// # Errors
    /// Unknown scheme, missing host, user information, or a character no URL has.
    pub fn parse(text: &str) -> Result<Self, BadLocation> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadLocation("the location is empty; write a URL such as gsiftp://host//path".into()));
        }
        if let Some((word, rest)) = text.split_once(':')
            && word.eq_ignore_ascii_case(Scheme::Data.as_str())
        {
            return inline::normalise(rest).map(Self::data);
        }
        if let Some(bad) = text.chars().find(|c| c.is_whitespace() || c.is_control()) {
            return Err(BadLocation(format!("the URL contains {bad:?}; write a blank as %20")));
        }
        let Some((word, rest)) = text.split_once(':') else {
            return Err(BadLocation(format!(
                "`{}` has no scheme; write file:////path for a file on the executing machine",
                short(text)
            )));
        };
        let Some(scheme) = Scheme::ALL.iter().copied().find(|s| s.as_str().eq_ignore_ascii_case(word)) else {
            let known: Vec<_> = Scheme::ALL.iter().map(|s| s.as_str()).collect();
            return Err(BadLocation(format!("unknown scheme {}; known: {}", short(word), known.join(" "))));
        };
        if scheme == Scheme::File {
            return Self::parse_file(rest);
        }
        let Some(rest) = rest.strip_prefix("//") else {
            return Err(BadLocation(format!("{word}: is not followed by //host/path")));
        };
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        if authority.contains('@') {
            return Err(BadLocation(
                "user names and passwords are not allowed in a URL; delegate a credential instead".into(),
            ));
        }
        let host = authority.rsplit_once(':').map_or(
            authority,
            |(host, port)| {
                if port.parse::<u16>().is_ok() { host } else { "" }
            },
        );
        let host_is_good = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(c));
        if !host_is_good {
            return Err(BadLocation(format!("`{}` is not host or host:port", short(authority))));
        }
        Ok(Self { scheme, authority: authority.to_owned(), path: path.to_owned() })
    }

    const fn data(path: String) -> Self {
        Self { scheme: Scheme::Data, authority: String::new(), path }
    }

    /// A URL that is this content. The media type is one that needs no quoting, such as `text/plain`.
    #[must_use]
    pub fn inline(media_type: &str, content: &[u8]) -> Self {
        Self::data(inline::render(media_type, content))
    }

    /// The content of a `data:` URL.
    #[must_use]
    pub fn content(&self) -> Option<Vec<u8>> {
        inline::split(&self.path).filter(|_| self.scheme == Scheme::Data).map(|(_, content)| content)
    }

    fn parse_file(rest: &str) -> Result<Self, BadLocation> {
        let trimmed = rest.trim_start_matches('/');
        let slashes = rest.len() - trimmed.len();
        match slashes {
            2 if !trimmed.starts_with("localhost/") => Err(BadLocation(
                "file: URLs name files on the executing machine and carry no host; write file:////absolute/path".into(),
            )),
            0 => Err(BadLocation("file: needs an absolute path; write file:////absolute/path".into())),
            _ => {
                let path = trimmed.strip_prefix("localhost/").filter(|_| slashes == 2).unwrap_or(trimmed);
                let path = if path.starts_with("${") { path.to_owned() } else { format!("/{path}") };
                Ok(Self { scheme: Scheme::File, authority: String::new(), path })
            }
        }
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `host` or `host:port`; empty for `file:` and `data:`.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The path, percent-encoding kept. For `file:` it is the absolute path on the executing machine, for `data:` whatever
    /// follows the colon.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path with percent-encoding undone; a `%` without two hexadecimal digits stays as it is. Nothing when that is not text
    /// without NUL.
    #[must_use]
    pub fn plain_path(&self) -> Option<String> {
        let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        let raw = self.path.as_bytes();
        let mut bytes = Vec::with_capacity(raw.len());
        let mut at = 0;
        while let Some(byte) = raw.get(at) {
            match (byte, digit(raw.get(at + 1)), digit(raw.get(at + 2))) {
                (b'%', Some(high), Some(low)) => {
                    bytes.push(u8::try_from(high * 16 + low).ok()?);
                    at += 3;
                }
                _ => {
                    bytes.push(*byte);
                    at += 1;
                }
            }
        }
        String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
    }

    /// The last segment of the path, if it has one.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.path.rsplit('/').find(|s| !s.is_empty() && self.scheme != Scheme::Data)
    }

    /// The same URL with another path, for resolved variables.
    #[must_use]
    pub fn with_path(&self, path: String) -> Self {
        Self { path, ..self.clone() }
    }
}

/// For people. `file:` is written with four slashes, as version 1 and 2 documents do; of `data:` only type and size are told.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            Scheme::File if self.path.starts_with('/') => write!(f, "file:///{}", self.path),
            Scheme::File => write!(f, "file:///{}", self.path),
            Scheme::Data => f.write_str(&inline::shown(&self.path)),
            _ => write!(f, "{}://{}{}", self.scheme.as_str(), self.authority, self.path),
        }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme == Scheme::Data {
            return write!(f, "Url({self})");
        }
        let Self { scheme, authority, path } = self;
        f.debug_struct("Url").field("scheme", scheme).field("authority", authority).field("path", path).finish()
    }
}

impl TryFrom<String> for Url {
    type Error = BadLocation;
    fn try_from(text: String) -> Result<Self, BadLocation> {
        Self::parse(&text)
    }
}

/// The whole URL, to be kept and read again.
impl From<Url> for String {
    fn from(url: Url) -> Self {
        if url.scheme == Scheme::Data { format!("data:{}", url.path) } else { url.to_string() }
    }
}

/// Where a file or directory is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// At a URL.
    Url(Url),
    /// In a data management system: a name inside a collection.
    Logical {
        /// The collection.
        collection: String,
        /// The name of the file or directory in it.
        name: String,
    },
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => url.fmt(f),
            Self::Logical { collection, name } => write!(f, "logical:{collection}/{name}"),
        }
    }
}

/// A name relative to the working directory, made of ordinary components only. `.` alone is the directory itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelativeName(String);

impl RelativeName {
    /// Checks a name.
    ///
    /// # Errors
    /// Empty, absolute, with a `..` component, with a NUL, or longer than 1,000 bytes.
    pub fn parse(text: &str) -> Result<Self, BadLocation> {
        if text.is_empty() {
            return Err(BadLocation("the name is empty; write a name relative to the working directory".into()));
        }
        if text.len() > 1000 {
            return Err(BadLocation("the name is longer than 1000 bytes".into()));
        }
        if text.contains('\0') {
            return Err(BadLocation("the name contains a NUL character".into()));
        }
        if text.starts_with('/') || text.split('/').any(|part| part == "..") {
            return Err(BadLocation(format!(
                "local name `{}` leaves the working directory; write a relative name without ..",
                short(text)
            )));
        }
        let parts: Vec<_> = text.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        Ok(Self(if parts.is_empty() { ".".to_owned() } else { parts.join("/") }))
    }

    /// The name as text, normalised: no empty or `.` components.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means the working directory itself.
    #[must_use]
    pub fn is_working_directory(&self) -> bool {
        self.0 == "."
    }
}

impl fmt::Display for RelativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RelativeName {
    type Error = BadLocation;
    fn try_from(text: String) -> Result<Self, BadLocation> {
        Self::parse(&text)
    }
}

impl From<RelativeName> for String {
    fn from(name: RelativeName) -> Self {
        name.0
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_urls_are_paths_on_the_executing_machine() {
        for text in [
            "file:////bin/date",
            "file:///bin/date",
            "file:/bin/date",
            "file://localhost/bin/date",
            " file:///bin/date ",
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.path(), url.to_string().as_str()), ("/bin/date", "file:////bin/date"), "{text}");
        }
        assert_eq!(Url::parse("file:///${HOME}/x").unwrap().path(), "${HOME}/x");
        assert_eq!(Url::parse("file:///${HOME}/x").unwrap().to_string(), "file:///${HOME}/x");
        assert!(Url::parse("file://host/bin/date").is_err());
        assert!(Url::parse("file:relative").is_err());
    }

    #[test]
    fn grid_urls_keep_their_double_slash_and_tilde() {
        let url = Url::parse("gsiftp://store.example.org:2811//abs/path").unwrap();
        assert_eq!(
            (url.authority(), url.path(), url.file_name()),
            ("store.example.org:2811", "//abs/path", Some("path"))
        );
        assert_eq!(Url::parse("gsiftp://h/~/rel").unwrap().path(), "/~/rel");
        assert_eq!(Url::parse("https://h").unwrap().path(), "/");
    }

    #[test]
    fn bad_urls_say_what_is_wrong() {
        for (text, part) in [
            ("htp://x/y", "unknown scheme htp"),
            ("", "empty"),
            ("/bin/date", "no scheme"),
            ("http://u:p@h/x", "user names"),
            ("http:///x", "not host"),
            ("http://h:port/x", "not host"),
            ("http:x", "//host"),
            ("http://h/a b", "%20"),
        ] {
            let said = Url::parse(text).unwrap_err().to_string();
            assert!(said.contains(part), "{text}: {said}");
        }
    }

    #[test]
    fn names_cannot_leave_the_working_directory() {
        for bad in ["", "/x", "..", "a/../b", "../x", "a\0b"] {
            assert!(RelativeName::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(RelativeName::parse("./a//b/.").unwrap().as_str(), "a/b");
        assert!(RelativeName::parse("./").unwrap().is_working_directory());
        assert_eq!(RelativeName::parse("-rf name..x").unwrap().as_str(), "-rf name..x");
    }
}

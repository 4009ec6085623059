//! How a running program is asked for a checkpoint: what it registered itself, kept with its attempt.

use super::{BadLocation, RelativeName, Url};
use std::fmt;

/// Signals that a program can handle, without `SIG`.
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ALRM", "TERM", "USR1", "USR2", "CONT", "TSTP", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
    "WINCH",
];
const LONGEST: usize = 1000;
/// Greater codes are those of a shell that could not start a program, or of a signal.
const GREATEST_EXIT_CODE: u8 = 125;

/// Where the checkpoint service of a program is, or what stands for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceLocation {
    /// A web service at an `http` or `https` URL.
    Service(Url),
    /// `signal:NAME`: this signal, sent to the registered process. The name is without `SIG`.
    Signal(&'static str),
    /// `file:PATH`: this file, touched in the working directory.
    File(RelativeName),
    /// `exitcode:N`: nothing is asked; an end with this code means that a checkpoint is complete.
    ExitCode(u8),
}

impl ServiceLocation {
    /// Reads `http(s)://…`, `signal:NAME`, `file:PATH` or `exitcode:N`. Blanks around it are dropped.
    ///
    /// # Errors
    /// A text that says what was expected.
    pub fn parse(text: &str) -> Result<Self, BadLocation> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(BadLocation(format!("it is longer than {LONGEST} bytes")));
        }
        let (word, rest) = text.split_once(':').unwrap_or(("", text));
        match word {
            "signal" => signal(rest),
            "file" => file(rest),
            "exitcode" => exit_code(rest),
            _ if word.eq_ignore_ascii_case("http") || word.eq_ignore_ascii_case("https") => {
                Url::parse(text).map(Self::Service)
            }
            _ => {
                let given: String = text.chars().take(60).collect();
                Err(BadLocation(format!(
                    "expected an http or https URL, signal:NAME, file:PATH or exitcode:N, got `{given}`"
                )))
            }
        }
    }

    /// The word for the kind of it.
    #[must_use]
    pub const fn protocol(&self) -> &'static str {
        match self {
            Self::Service(_) => "SOAP",
            Self::Signal(_) => "SIGNAL",
            Self::File(_) => "FILE",
            Self::ExitCode(_) => "EXITCODE",
        }
    }

    /// Every word that [`Self::protocol`] gives.
    pub const PROTOCOLS: &'static [&'static str] = &["SOAP", "SIGNAL", "FILE", "EXITCODE"];
}

fn signal(name: &str) -> Result<ServiceLocation, BadLocation> {
    let plain = name.strip_prefix("SIG").unwrap_or(name);
    SIGNALS.iter().find(|known| **known == plain).map(|known| ServiceLocation::Signal(known)).ok_or_else(|| {
        let given: String = name.chars().take(20).collect();
        BadLocation(format!("`{given}` is no signal that a program can handle; known: {}", SIGNALS.join(" ")))
    })
}

fn file(path: &str) -> Result<ServiceLocation, BadLocation> {
    let name = RelativeName::parse(path)?;
    if name.is_working_directory() {
        return Err(BadLocation("file: names the working directory itself; name a file in it".to_owned()));
    }
    Ok(ServiceLocation::File(name))
}

fn exit_code(text: &str) -> Result<ServiceLocation, BadLocation> {
    let code = text.parse().ok().filter(|code| (1..=GREATEST_EXIT_CODE).contains(code));
    code.map(ServiceLocation::ExitCode).ok_or_else(|| {
        let given: String = text.chars().take(20).collect();
        BadLocation(format!("exitcode: expected a number from 1 to {GREATEST_EXIT_CODE}, got `{given}`"))
    })
}

impl fmt::Display for ServiceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(url) => url.fmt(f),
            Self::Signal(name) => write!(f, "signal:{name}"),
            Self::File(name) => write!(f, "file:{name}"),
            Self::ExitCode(code) => write!(f, "exitcode:{code}"),
        }
    }
}

impl TryFrom<String> for ServiceLocation {
    type Error = BadLocation;
    fn try_from(text: String) -> Result<Self, BadLocation> {
        Self::parse(&text)
    }
}

/// What a program registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationAccess {
    /// Where to ask.
    pub location: ServiceLocation,
    /// The process on the executing machine.
    pub pid: Option<u32>,
}

impl ApplicationAccess {
    /// Puts both together.
    ///
    /// # Errors
    /// A signal without a process to send it to; a number that no process has, or every system's first one.
    pub fn new(location: ServiceLocation, pid: Option<i32>) -> Result<Self, BadLocation> {
        let checked = match pid {
            None => None,
            Some(pid) => match u32::try_from(pid) {
                Ok(number) if number > 1 => Some(number),
                _ => return Err(BadLocation(format!("pid: expected a process id greater than 1, got {pid}"))),
            },
        };
        if checked.is_none() && matches!(location, ServiceLocation::Signal(_)) {
            return Err(BadLocation(format!("pid is missing: {location} has to be sent to a process")));
        }
        Ok(Self { location, pid: checked })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        for (text, written, protocol) in [
            (" https://node7:8080/ckpt ", "https://node7:8080/ckpt", "SOAP"),
            ("HTTP://h", "http://h/", "SOAP"),
            ("signal:USR1", "signal:USR1", "SIGNAL"),
            ("signal:SIGTERM", "signal:TERM", "SIGNAL"),
            ("file:./ckpt/now", "file:ckpt/now", "FILE"),
            ("exitcode:85", "exitcode:85", "EXITCODE"),
        ] {
            let location = ServiceLocation::parse(text).unwrap();
            assert_eq!((location.to_string().as_str(), location.protocol()), (written, protocol));
            assert_eq!(ServiceLocation::parse(written), Ok(location));
        }
    }

    #[test]
    fn what_is_none_of_them_is_refused_with_what_was_expected() {
        for (text, part) in [
            ("", "expected an http or https URL"),
            ("node7:8080", "expected an http or https URL"),
            ("gsiftp://h/x", "expected an http or https URL"),
            ("http://u:p@h/", "user names"),
            ("signal:KILL", "no signal that a program can handle"),
            ("signal:", "known: HUP"),
            ("signal:usr1", "known: HUP"),
            ("file:/etc/passwd", "leaves the working directory"),
            ("file:../x", "leaves the working directory"),
            ("file:.", "the working directory itself"),
            ("exitcode:0", "from 1 to 125"),
            ("exitcode:126", "from 1 to 125"),
            ("exitcode:x", "got `x`"),
        ] {
            let said = ServiceLocation::parse(text).unwrap_err().to_string();
            assert!(said.contains(part), "{text}: {said}");
        }
        assert!(ServiceLocation::parse(&format!("http://h/{}", "x".repeat(1000))).is_err());
    }

    #[test]
    fn a_signal_needs_a_process_and_no_other_number_is_one() {
        let signal = || ServiceLocation::Signal("USR1");
        assert!(ApplicationAccess::new(signal(), None).unwrap_err().0.contains("pid is missing"));
        assert_eq!(ApplicationAccess::new(signal(), Some(7)).unwrap().pid, Some(7));
        for pid in [1, 0, -1] {
            assert!(ApplicationAccess::new(signal(), Some(pid)).is_err(), "{pid}");
        }
        assert_eq!(ApplicationAccess::new(ServiceLocation::ExitCode(85), None).unwrap().pid, None);
    }
}

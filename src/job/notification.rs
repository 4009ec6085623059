//! Who wants to be told what of a job, and how: one record for the three forms in which clients register it.

use super::{Code, Scheme, Status, Url};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const MOST_USERS: usize = 50;
const LONGEST_USER: usize = 320;
const LONGEST_DESTINATION: usize = 2000;
const LONGEST_FORMAT: usize = 1000;
const PLACEHOLDERS: &str = "tjesrnhda%";

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EventType {
    /// The job changed its state.
    Status,
    /// The phase changed, or a control request ended.
    Request,
}

impl EventType {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Status, Self::Request];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Request => "REQUEST",
        }
    }
}

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// A call of the web service at the destination.
    Soap,
    /// A line in the file at the destination.
    Gass,
    /// A mail to each user.
    Mail,
    /// A short message to each user.
    Sms,
    /// Whatever each user, or the owner, chose.
    Profile,
    /// A POST to the destination.
    Http,
}

impl Protocol {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Soap, Self::Gass, Self::Mail, Self::Sms, Self::Profile, Self::Http];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soap => "SOAP",
            Self::Gass => "GASS",
            Self::Mail => "MAIL",
            Self::Sms => "SMS",
            Self::Profile => "PROFILE",
            Self::Http => "HTTP",
        }
    }

    /// The schemes a destination may have; none: there is no destination.
    #[must_use]
    pub const fn schemes(self) -> &'static [Scheme] {
        match self {
            Self::Soap | Self::Http => &[Scheme::Http, Scheme::Https],
            Self::Gass => &[Scheme::Http, Scheme::Https, Scheme::Gsiftp],
            Self::Mail | Self::Sms | Self::Profile => &[],
        }
    }
}

/// The form in which a client registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// `urn:grms:2`.
    #[serde(rename = "2")]
    Modern,
    /// GRMS 1.9.0: a listener, which forwards to users.
    #[serde(rename = "1.9.0")]
    V190,
    /// GRMS 1.9.6: protocol and destination.
    #[serde(rename = "1.9.6")]
    V196,
}

impl Model {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Modern, Self::V190, Self::V196];

    /// The word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Modern => "2",
            Self::V190 => "1.9.0",
            Self::V196 => "1.9.6",
        }
    }
}

/// What to tell whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// What; at least one, each once.
    pub events: Vec<EventType>,
    /// How.
    pub protocol: Protocol,
    /// Where, for protocols that go to one place.
    pub destination: Option<String>,
    /// To whom, for protocols that go to people: an address, a number, or a name this broker knows.
    pub users: Vec<String>,
    /// Whether lines are added to what is at the destination; absent: no.
    pub append: Option<bool>,
    /// The form of a line; absent: the broker's own.
    pub format: Option<String>,
    /// Which program registered it (1.9.0).
    pub client: Option<String>,
    /// How a listener is to forward it to the users (1.9.0).
    pub forward: Option<Protocol>,
    /// Only these states are told; empty: all.
    pub states: Vec<Status>,
    /// Nothing is told from then on.
    pub expires: Option<Timestamp>,
    /// The form in which it was registered.
    pub model: Model,
}

impl Notification {
    /// Holds the parts against each other: what the protocol needs is there, what it has no use for is not.
    ///
    /// # Errors
    /// The code, and a sentence that begins with the part.
    pub fn check(&self, now: Timestamp) -> Result<(), (Code, String)> {
        let bad = |message: String| Err((Code::BadArgument, message));
        if self.events.is_empty() {
            return bad("eventType: expected STATUS, REQUEST or both".to_owned());
        }
        self.check_destination()?;
        self.check_users()?;
        if !self.states.is_empty() && !self.events.contains(&EventType::Status) {
            return bad("state: it filters events of type STATUS, and eventType does not ask for them".to_owned());
        }
        if self.expires.is_some_and(|expires| expires <= now) {
            return bad(format!("expires: it is over already; expected a time after {now:.0}"));
        }
        self.format.as_deref().map_or(Ok(()), check_format)
    }

    fn check_destination(&self) -> Result<(), (Code, String)> {
        let (protocol, schemes) = (self.protocol.as_str(), self.protocol.schemes());
        let words: Vec<_> = schemes.iter().map(|scheme| scheme.as_str()).collect();
        let bad = |message: String| Err((Code::BadArgument, format!("destination: {message}")));
        match self.destination.as_deref() {
            None if schemes.is_empty() => Ok(()),
            None => bad(format!("{protocol} needs one: a URL that begins with {}", words.join(" or "))),
            Some(_) if schemes.is_empty() => bad(format!("{protocol} goes to people; name each of them as user")),
            Some(text) if text.len() > LONGEST_DESTINATION => {
                bad(format!("it is longer than {LONGEST_DESTINATION} bytes"))
            }
            Some(text) => match Url::parse(text) {
                Err(why) => bad(why.to_string()),
                Ok(url) if !schemes.contains(&url.scheme()) => bad(format!(
                    "{protocol} cannot go to {}; expected a URL that begins with {}",
                    url.scheme().as_str(),
                    words.join(" or ")
                )),
                Ok(_) => Ok(()),
            },
        }
    }

    fn check_users(&self) -> Result<(), (Code, String)> {
        let bad = |message: String| Err((Code::BadArgument, format!("user: {message}")));
        match (self.protocol, self.users.len()) {
            (Protocol::Mail, 0) => return bad("MAIL needs at least one: an address or a name".to_owned()),
            (Protocol::Sms, 0) => return bad("SMS needs at least one: a number or a name".to_owned()),
            (_, count) if count > MOST_USERS => {
                return Err((Code::LimitExceeded, format!("user: {count} are more than {MOST_USERS}")));
            }
            _ => {}
        }
        for (at, user) in (1..).zip(&self.users) {
            let length = user.chars().count();
            if user.trim().is_empty() || length > LONGEST_USER || user.chars().any(char::is_control) {
                return bad(format!("number {at} is not usable: expected one line of 1 to {LONGEST_USER} characters"));
            }
        }
        Ok(())
    }
}

fn check_format(format: &str) -> Result<(), (Code, String)> {
    let bad = |message: String| Err((Code::BadArgument, format!("format: {message}")));
    if format.is_empty() || format.chars().count() > LONGEST_FORMAT {
        return bad(format!("expected 1 to {LONGEST_FORMAT} characters"));
    }
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        if letter == '%' {
            match rest.next() {
                Some(placeholder) if PLACEHOLDERS.contains(placeholder) => {}
                other => {
                    let known: Vec<_> = PLACEHOLDERS.chars().map(|letter| format!("%{letter}")).collect();
                    let given = other.map_or_else(|| "%".to_owned(), |letter| format!("%{letter}"));
                    return bad(format!("`{given}` is no placeholder; known: {}", known.join(" ")));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-01T10:00:00Z".parse().unwrap()
    }

    fn plain(protocol: Protocol, destination: Option<&str>, users: &[&str]) -> Notification {
        Notification {
            events: vec![EventType::Status],
            protocol,
            destination: destination.map(str::to_owned),
            users: users.iter().map(|user| (*user).to_owned()).collect(),
            append: None,
            format: None,
            client: None,
            forward: None,
            states: Vec::new(),
            expires: None,
            model: Model::Modern,
        }
    }

    #[test]
    fn each_protocol_is_held_to_what_it_needs() {
        use Protocol::{Gass, Http, Mail, Profile, Sms, Soap};
        for (protocol, destination, users, wrong) in [
            (Soap, Some("https://p.example.org/listen"), &[][..], None),
            (Http, Some("http://p.example.org:81/hook"), &[], None),
            (Gass, Some("https://p.example.org:20001/log"), &[], None),
            (Gass, Some("gsiftp://p.example.org//home/ada/log"), &[], None),
            (Mail, None, &["ada@example.org"], None),
            (Sms, None, &["+48 600 100 200"], None),
            (Profile, None, &[], None),
            (Profile, None, &["ada"], None),
            (Soap, None, &[], Some("destination: SOAP needs one")),
            (Http, Some("mailto:a@b"), &[], Some("destination: unknown scheme mailto")),
            (Soap, Some("gsiftp://h/x"), &[], Some("SOAP cannot go to gsiftp; expected a URL that begins with http")),
            (Gass, Some("file:////tmp/x"), &[], Some("GASS cannot go to file")),
            (Mail, Some("ada@example.org"), &["ada"], Some("destination: MAIL goes to people")),
            (Mail, None, &[], Some("user: MAIL needs")),
            (Sms, None, &[], Some("user: SMS needs")),
            (Mail, None, &["ada", " "], Some("user: number 2")),
            (Mail, None, &["a@b\nBcc: everybody"], Some("user: number 1")),
        ] {
            let said = plain(protocol, destination, users).check(now()).map_err(|(_, message)| message);
            match wrong {
                None => assert_eq!(said, Ok(()), "{destination:?}"),
                Some(part) => assert!(said.as_ref().is_err_and(|said| said.contains(part)), "{part}: {said:?}"),
            }
        }
    }

    #[test]
    fn parts_that_contradict_each_other_or_the_time_are_refused() {
        let good = plain(Protocol::Profile, None, &[]);
        let said = |wrong: Notification| wrong.check(now()).unwrap_err();
        assert!(said(Notification { events: vec![], ..good.clone() }).1.contains("eventType"));
        let filtered = Notification { states: vec![Status::Failed], ..good.clone() };
        assert_eq!(filtered.check(now()), Ok(()));
        assert!(said(Notification { events: vec![EventType::Request], ..filtered }).1.starts_with("state: "));
        assert!(said(Notification { expires: Some(now()), ..good.clone() }).1.contains("after 2026-01-01T10:00:00Z"));
        let many = Notification { users: vec!["ada".to_owned(); 51], ..good.clone() };
        assert_eq!(said(many).0, Code::LimitExceeded);
        for (format, wrong) in [("%t %j: 100%%\\n", ""), ("%x", "`%x`"), ("50%", "`%`"), ("", "1 to 1000")] {
            let checked = Notification { format: Some(format.to_owned()), ..good.clone() }.check(now());
            match checked {
                Ok(()) => assert_eq!(wrong, "", "{format}"),
                Err((_, said)) => assert!(!wrong.is_empty() && said.contains(wrong), "{format}: {said}"),
            }
        }
    }
}

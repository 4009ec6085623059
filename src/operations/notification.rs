//! `Notification`, as requests carry it and answers show it; and what is asked before a registration is kept or shown.

use super::{Fields, Kind, Legacy, Member, OperationError, Parts, Structure};
use crate::identity::{Action, Allowed, Caller, Denied, Policy, Subject};
use crate::job::{Code, EventType, JobId, Model, Notification, NotificationId, Protocol, Status};
use crate::store::Tx;
use crate::store::notifications::{self, NewRegistration, Outcome, Registration};
use crate::xml::nearest;
use jiff::Timestamp;

/// The longest name of a program that registers, characters.
const LONGEST_CLIENT: usize = 320;

/// The type in requests.
pub(super) const NOTIFICATION: Structure = Structure {
    name: "Notification",
    members: &[
        Member::several("eventType", Kind::Named("EventType")),
        Member::once("protocol", Kind::Named("NotificationProtocol")),
        Member::maybe("destination", Kind::Text),
        Member::many("user", Kind::Text),
        Member::maybe("append", Kind::Bool),
        Member::maybe("format", Kind::Text),
        Member::many("state", Kind::Named("JobStatus")),
        Member::maybe("expires", Kind::Time),
    ],
};

/// Reads one, and holds its parts against each other.
pub(super) fn decode(mut fields: Fields, now: Timestamp) -> Result<Notification, OperationError> {
    let mut events = Vec::new();
    for word in fields.texts("eventType")? {
        let event = known(&fields, "eventType", &word, EventType::ALL, EventType::as_str)?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    let protocol = protocol(&mut fields)?;
    let mut states = Vec::new();
    for word in fields.texts("state")? {
        let state = known(&fields, "state", &word, Status::ALL, Status::as_str)?;
        if !states.contains(&state) {
            states.push(state);
        }
    }
    let users = fields.texts("user")?.iter().map(|user| user.trim().to_owned()).collect();
    let destination = fields.maybe_text("destination")?.map(|text| text.trim().to_owned());
    let notification = Notification {
        events,
        protocol,
        // An empty element says as little as none.
        destination: destination.filter(|text| !text.is_empty()),
        users,
        append: fields.maybe_bool("append")?,
        format: fields.maybe_text("format")?,
        client: None,
        forward: None,
        states,
        expires: fields.maybe_time("expires")?,
        model: Model::Modern,
    };
    match notification.check(now) {
        Ok(()) => Ok(notification),
        Err((code, message)) => Err(OperationError { code, ..fields.bad(&message) }),
    }
}

impl Legacy {
    /// Adds to a registration what the modern contract has no words for.
    pub(super) fn complete(self, notification: &mut Notification) -> Result<(), OperationError> {
        let Self { model, client, forward } = self;
        let usable = |text: &String| text.chars().count() <= LONGEST_CLIENT && !text.chars().any(char::is_control);
        if !client.as_ref().is_none_or(usable) {
            let message = format!("client: expected one line of at most {LONGEST_CLIENT} characters");
            return Err(OperationError::new(Code::BadArgument, message));
        }
        (notification.model, notification.client, notification.forward) = (model, client, forward);
        Ok(())
    }
}

fn protocol(fields: &mut Fields) -> Result<Protocol, OperationError> {
    let word = fields.text("protocol")?;
    if word.trim() == "SOCKET" {
        let message = "protocol: SOCKET was never offered; expected SOAP, GASS, MAIL, SMS, PROFILE or HTTP";
        return Err(OperationError { code: Code::NotificationUnsupported, ..fields.bad(message) });
    }
    known(fields, "protocol", &word, Protocol::ALL, Protocol::as_str)
}

/// The value with this word among those there are.
fn known<T: Copy>(
    fields: &Fields,
    part: &str,
    word: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, OperationError> {
    let word = word.trim();
    all.iter().copied().find(|one| as_str(*one) == word).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|one| as_str(*one)).collect();
        let meant = nearest(word, words.iter().copied());
        let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
        let given: String = word.chars().take(40).collect();
        fields.bad(&format!("{part}: expected one of {}, got `{given}`{meant}", words.join(", ")))
    })
}

/// The members of one, in the order of the schema.
pub(super) fn to_parts(notification: &Notification) -> Parts {
    Parts::new()
        .with_list("eventType", notification.events.iter().map(|event| event.as_str()))
        .with("protocol", notification.protocol.as_str())
        .with_some("destination", notification.destination.clone())
        .with_list("user", notification.users.iter().cloned())
        .with_some("append", notification.append)
        .with_some("format", notification.format.clone())
        .with_list("state", notification.states.iter().map(|state| state.as_str()))
        .with_some("expires", notification.expires)
}

/// An id for a new registration.
pub(super) fn new_id() -> Result<NotificationId, OperationError> {
    let text = uuid::Uuid::new_v4().to_string();
    NotificationId::parse(&text).map_err(|why| OperationError::new(Code::InternalError, why.to_string()))
}

/// Keeps a registration, if the bound on them allows it.
pub(super) fn keep(tx: &mut Tx<'_>, new: &NewRegistration, most: u32, now: Timestamp) -> Result<(), OperationError> {
    match (notifications::register(tx, new, most, now)?, &new.job) {
        (Outcome::Kept, _) => Ok(()),
        (Outcome::NoSuchJob, job) => {
            Err(super::access::no_such_job(job.as_ref().map(JobId::as_str).unwrap_or_default()))
        }
        (Outcome::TooMany, Some(job)) => {
            let message = format!(
                "job {job} has {most} notifications, which is the limit here; unregisterNotification takes one back"
            );
            Err(OperationError::new(Code::QuotaExceeded, message).about(job))
        }
        (Outcome::TooMany, None) => {
            let message = format!(
                "you have {most} notifications for all your jobs, which is the limit here; unregisterNotification takes one back"
            );
            Err(OperationError::new(Code::QuotaExceeded, message))
        }
    }
}

/// Finds a registration that the caller may do this with. One of somebody else looks like none.
pub(super) fn find(
    tx: &mut Tx<'_>,
    (policy, caller, action): (&Policy, &Caller, Action),
    text: &str,
    now: Timestamp,
) -> Result<(Allowed, Registration), OperationError> {
    let none = || {
        let shown: String = text.trim().chars().take(64).collect();
        let message =
            format!("there is no notification `{shown}` among those you may see; getNotificationsList names them");
        OperationError::new(Code::NotificationNotFound, message)
    };
    let id = NotificationId::parse(text.trim()).map_err(|_| none())?;
    let found = notifications::find(tx, &id, now)?.ok_or_else(none)?;
    let owner = Subject::parse(&found.owner).ok();
    match policy.may(caller, action, owner.as_ref()) {
        Ok(allowed) => Ok((allowed, found)),
        Err(Denied::NoSuchJob) => Err(none()),
        Err(denied) => Err(OperationError::new(denied.code(), denied.to_string())),
    }
}

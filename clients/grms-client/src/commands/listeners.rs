//! `add_listener`, `del_listener` and `listeners`: who is told about a job.

use super::{jobs, word};
use crate::broker::Broker;
use crate::failure::{Exit, Failure};
use crate::messages::{
    GetNotificationInformation, GetNotificationInformationResponse, GetNotificationsList, JobStatus, Notification,
    RegisterNotification, RegisterNotificationResponse, UnregisterNotification,
};
use crate::output::table::{cell, grid};
use crate::output::{Output, Report};
use crate::time::{self, parse_expiry};
use clap::{Args, ValueEnum};
use serde::Serialize;

/// The word for all jobs of the caller.
const ALL: &str = "all";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum EventType {
    /// The job changed its state.
    Status,
    /// A step within a state, or a control request ended.
    Request,
}

/// The ways of GRMS 1: whom the listener, or the broker itself, tells in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Way {
    /// Whatever the user chose.
    Profile,
    /// A short message.
    Sms,
    /// A mail.
    Mail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Protocol {
    Soap,
    Gass,
    Mail,
    Sms,
    Profile,
    Http,
}

/// Have somebody told about a job.
///
/// LISTENER is a URL of a listener service, a file URL to write to, mailto:ADDRESS or sms:NUMBER. An empty one ("")
/// means that the broker itself tells the user, in the way named.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client add_listener last mailto:jan@example.org
  grms-client add_listener last https://portal.example.org/listener STATUS SMS jan
  grms-client add_listener all sms:+48123456789 --state FAILED
  grms-client add_listener last gsiftp://host//home/jan/log --append --format '%t %s'")]
pub(crate) struct AddListener {
    /// The job: an id, `last`, or `all` for all your jobs.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: String,
    /// Who is told: a URL, mailto:ADDRESS, sms:NUMBER, or "".
    #[arg(value_name = "LISTENER")]
    listener: String,
    /// What is told: changes of the state, or every step.
    #[arg(value_name = "EVENT", default_value = "STATUS", ignore_case = true)]
    event: EventType,
    /// How the user is told in the end; without it PROFILE.
    #[arg(value_name = "WAY", ignore_case = true)]
    way: Option<Way>,
    /// The user; without one the caller.
    #[arg(value_name = "USER")]
    user: Vec<String>,
    /// How the listener is spoken to, when its URL does not say so.
    #[arg(long, ignore_case = true)]
    protocol: Option<Protocol>,
    /// Add to the file instead of writing it anew.
    #[arg(long)]
    append: bool,
    /// How a line looks: %t time, %j job, %e event, %s state, %r step, %h host, %d description.
    #[arg(long)]
    format: Option<String>,
    /// Only when it comes into this state; may be repeated.
    #[arg(long, value_name = "STATE", ignore_case = true)]
    state: Vec<JobStatus>,
    /// Until when: 7d, 2026-12-31, 2026-12-31T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = parse_expiry)]
    expires: Option<String>,
}

impl AddListener {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = if self.job_id == ALL { None } else { Some(jobs::one(broker, Some(&self.job_id))?) };
        let request = RegisterNotification { job_id, notification: self.notification()? };
        output.report(&broker.call(&request)?)?;
        if request.notification.destination.is_some() && self.way.is_some_and(|way| way != Way::Profile) {
            output.note("the listener gets the names of the users; how it tells them is its own choice");
        }
        Ok(Exit::Success)
    }

    fn notification(&self) -> Result<Notification, Failure> {
        let mut notification = match (self.listener.is_empty(), self.protocol) {
            (true, _) => Notification { protocol: word(self.way.unwrap_or(Way::Profile)), ..Notification::default() },
            (false, Some(protocol)) => {
                let destination = Some(self.listener.clone());
                Notification { protocol: word(protocol), destination, ..Notification::default() }
            }
            (false, None) => whom(&self.listener).map_err(Failure::Usage)?,
        };
        notification.event_type = vec![word(self.event)];
        notification.user.extend(self.user.iter().cloned());
        notification.append = self.append.then_some(true);
        notification.format.clone_from(&self.format);
        notification.state = self.state.iter().map(|state| state.as_str().to_owned()).collect();
        notification.expires.clone_from(&self.expires);
        Ok(notification)
    }
}

/// Every change of the state to the place that this names.
pub(crate) fn whom(text: &str) -> Result<Notification, String> {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", text));
    let (protocol, destination) = match scheme.to_ascii_lowercase().as_str() {
        "mailto" => (Protocol::Mail, None),
        "sms" | "tel" => (Protocol::Sms, None),
        "http" | "https" => (Protocol::Soap, Some(text.to_owned())),
        "file" | "gsiftp" => (Protocol::Gass, Some(text.to_owned())),
        _ => {
            return Err(format!(
                "`{text}` is nobody who can be told: write mailto:ADDRESS, sms:NUMBER, the http(s) URL of a listener, or the \
                 URL of a file"
            ));
        }
    };
    let user = if destination.is_none() { vec![rest.to_owned()] } else { Vec::new() };
    let event_type = vec![word(EventType::Status)];
    Ok(Notification { event_type, protocol: word(protocol), destination, user, ..Notification::default() })
}

/// Tell somebody no longer.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client listeners last --quiet | xargs -r grms-client del_listener")]
pub(crate) struct DelListener {
    /// The notifications, as `listeners` shows them.
    #[arg(value_name = "NOTIFICATION_ID", required = true)]
    notification_ids: Vec<String>,
}

impl DelListener {
    /// Runs the command. One that is refused does not stand in the way of the others.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let mut exit = Exit::Success;
        for id in &self.notification_ids {
            match broker.call(&UnregisterNotification { notification_id: id.clone() }) {
                Ok(_) => output.report(&Removed { notification_id: id.clone() })?,
                Err(failure @ Failure::Refused(_)) => {
                    output.failure(&failure);
                    exit = exit.max(failure.exit());
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(exit)
    }
}

/// Show who is told about a job.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  grms-client listeners                 # of the job submitted last
  grms-client listeners all --json")]
pub(crate) struct Listeners {
    /// The job: an id, `last`, or `all` for all your jobs; without one the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = jobs::job_id)]
    job_id: Option<String>,
}

impl Listeners {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let job_id = match self.job_id.as_deref() {
            Some(ALL) => None,
            named => Some(jobs::one(broker, named)?),
        };
        let ids = broker.call(&GetNotificationsList { job_id })?.notification_id;
        let mut notification = Vec::new();
        for id in ids {
            let about = broker.call(&GetNotificationInformation { notification_id: id.clone() })?;
            notification.push(Listener { notification_id: id, about });
        }
        output.report(&All { notification })?;
        Ok(Exit::Success)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    notification_id: String,
}

/// Every notification with its id.
#[derive(Serialize)]
struct All {
    notification: Vec<Listener>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listener {
    notification_id: String,
    #[serde(flatten)]
    about: GetNotificationInformationResponse,
}

impl Report for RegisterNotificationResponse {
    fn table(&self) -> String {
        format!("NotificationId = {}", self.notification_id)
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.notification_id.clone()]
    }
}

impl Report for Removed {
    fn table(&self) -> String {
        format!("{} is told no longer", self.notification_id)
    }

    fn quiet(&self) -> Vec<String> {
        vec![self.notification_id.clone()]
    }
}

impl Report for All {
    fn table(&self) -> String {
        if self.notification.is_empty() {
            return "nobody is told".to_owned();
        }
        let rows = self.notification.iter().map(|one| {
            let said = &one.about.notification;
            let mut events = said.event_type.join(" ");
            if !said.state.is_empty() {
                events = format!("{events}: {}", said.state.join(" "));
            }
            vec![
                one.notification_id.clone(),
                cell(one.about.job_id.as_deref().or(Some("all jobs"))),
                said.protocol.clone(),
                cell(said.destination.as_deref()),
                cell(Some(&said.user.join(" "))),
                events,
                cell(said.expires.as_deref().map(time::clock_time).as_deref()),
            ]
        });
        grid(&["Id", "Job id", "By", "Where", "Users", "Told", "Until"], rows.collect())
    }

    fn quiet(&self) -> Vec<String> {
        self.notification.iter().map(|one| one.notification_id.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_how_it_is_told() {
        let told = |text| whom(text).map(|one| (one.protocol, one.destination, one.user));
        let url = "https://portal.example.org/listener";
        assert_eq!(told(url), Ok(("SOAP".to_owned(), Some(url.to_owned()), vec![])));
        assert_eq!(told("mailto:jan@example.org"), Ok(("MAIL".to_owned(), None, vec!["jan@example.org".to_owned()])));
        assert_eq!(told("SMS:+48123"), Ok(("SMS".to_owned(), None, vec!["+48123".to_owned()])));
        assert_eq!(told("gsiftp://h//log").map(|one| one.0), Ok("GASS".to_owned()));
        for nobody in ["jan", "", "ftp://h/x"] {
            assert!(told(nobody).expect_err(nobody).contains("mailto:"));
        }
    }
}

//! The one table: every operation of both versions, overloads in rows of their own, with its parts and where they come from and go to.
//!
//! The order of the parts is the order of the messages. Modern operations and their members are named; that they are there is tested.

use super::Profile;
use super::types::{
    DESCRIPTION_TYPE, FILE_DIRS, GRMS_RESPONSE, HISTORIES, JOB_INFORMATION, JOB_STATUS_TYPE, NOTIFICATION_REQUEST,
    RESPONSES, STRINGS, Type,
};
use std::borrow::Cow;

/// One port-type operation: a row of the table.
#[derive(Debug)]
pub struct Entry {
    /// The wrapper element of the request; that of the answer has `Response` behind it.
    pub name: &'static str,
    /// Whether it is the second of an overloaded pair, whose messages are named with a 1 behind.
    pub second: bool,
    /// The versions that have it.
    pub profiles: &'static [Profile],
    /// The parts of the request, in order.
    pub request: &'static [In],
    /// The parts of the answer, in order.
    pub response: &'static [Out],
    /// The modern operation that does the work.
    pub modern: &'static str,
    /// How it is asked.
    pub plan: Plan,
}

impl Entry {
    /// The name of a part of the answer.
    #[must_use]
    pub fn out_name(&self, out: &Out) -> Cow<'static, str> {
        match out {
            Out::Return | Out::Text(_) => Cow::Owned(format!("{}Return", self.name)),
            Out::Part { name, .. } => Cow::Borrowed(name),
        }
    }

    /// `parameterOrder` of the port type: what is asked, then what is answered beside the return value. Where the return value is not the
    /// first part all are named; where it is, the number of errors is forgotten.
    #[must_use]
    pub fn parameter_order(&self) -> String {
        let asked = self.request.iter().map(|part| Cow::Borrowed(part.name));
        let first = matches!(self.response.first(), Some(Out::Return | Out::Text(_)));
        let answered: Vec<&Out> = match self.response {
            [Out::Return, Out::Part { name: "errors", .. }, last] => vec![last],
            all if first => all.iter().skip(1).collect(),
            all => all.iter().collect(),
        };
        let answered = answered.into_iter().map(|out| self.out_name(out));
        asked.chain(answered).collect::<Vec<_>>().join(" ")
    }
}

/// A part of a request.
#[derive(Debug)]
pub struct In {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// What becomes of it.
    pub to: To,
    /// Whether the operation makes sense without a value of it.
    pub optional: bool,
}

/// What becomes of a part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// It is this member of the modern request.
    Member(&'static str),
    /// It names the job that a registration must belong to.
    Job,
    /// It names the program that registers.
    Client,
    /// It is a registration in the model of this version.
    Registration(Profile),
}

/// A part of an answer.
#[derive(Debug)]
pub enum Out {
    /// `<operation>Return`, a `GrmsResponse`.
    Return,
    /// `<operation>Return`, a plain string: this member of the modern answer, or what went wrong.
    Text(&'static str),
    /// Another part.
    Part {
        /// Its name.
        name: &'static str,
        /// Its type.
        kind: Type,
        /// Where it comes from.
        from: From,
    },
}

/// Where a part of an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// This member of the modern answer.
    Member(&'static str),
    /// A member, named second, of each item of the first.
    Each(&'static str, &'static str),
}

/// How the modern operation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Once.
    Once,
    /// Once; with no items not at all, but for the operation that lists them, which tells whether there is such a job.
    Change(&'static str),
    /// Page by page, until there are no more.
    Pages,
    /// Once, and the answer is a verdict on a description with its findings.
    Verdict,
    /// Once, and the job's history for the description of its last attempt.
    WithHistory,
    /// After the registration was found to belong to the job that is named.
    OfJob,
}

const BOTH: &[Profile] = &Profile::ALL;
const OLD: &[Profile] = &[Profile::V190];
const NEW: &[Profile] = &[Profile::V196];

const fn given(name: &'static str, kind: Type, to: To) -> In {
    In { name, kind, to, optional: false }
}

const fn out(name: &'static str, kind: Type, from: &'static str) -> Out {
    Out::Part { name, kind, from: From::Member(from) }
}

const JOB_ID: In = given("jobId", Type::String, To::Member("jobId"));
const DEFINITION: In = given("jobDefinition", Type::String, To::Member("jobDefinition"));
const STATUS: In = given("status", Type::Enum(&JOB_STATUS_TYPE), To::Member("status"));
const PROJECT: In = given("project", Type::String, To::Member("project"));
const ITEMS: In = given("items", Type::Array(&FILE_DIRS), To::Member("item"));
const NOTIFICATION_ID: In = given("notificationId", Type::String, To::Member("notificationId"));
const OWN_JOB: In = given("jobId", Type::String, To::Job);
const REQUEST: Type = Type::Struct(&NOTIFICATION_REQUEST);

const JOBS_LIST: Out = out("jobsList", Type::Array(&STRINGS), "jobId");
const FILES: Out = out("items", Type::Array(&FILE_DIRS), "item");
const ERRORS: Out = out("errors", Type::Int, "errors");
const RESULT: Out = out("result", Type::Array(&RESPONSES), "result");

const DONE: &[Out] = &[Out::Return];
const LISTED: &[Out] = &[Out::Return, JOBS_LIST];
const GOT: &[Out] = &[Out::Return, FILES];
const CHANGED_OLD: &[Out] = &[Out::Return, ERRORS, RESULT];
const CHANGED_NEW: &[Out] = &[RESULT, Out::Return, ERRORS];

const OUTPUT: Plan = Plan::Change("getOutputFileDirs");
const CHECKPOINT: Plan = Plan::Change("getCheckpointFileDirs");

/// An operation without a second form.
const fn row(
    profiles: &'static [Profile],
    name: &'static str,
    request: &'static [In],
    response: &'static [Out],
    modern: &'static str,
) -> Entry {
    Entry { name, second: false, profiles, request, response, modern, plan: Plan::Once }
}

/// One whose modern namesake is asked once.
const fn plain(
    profiles: &'static [Profile],
    name: &'static str,
    request: &'static [In],
    response: &'static [Out],
) -> Entry {
    row(profiles, name, request, response, name)
}

const fn second(entry: Entry) -> Entry {
    Entry { second: true, ..entry }
}

const fn planned(plan: Plan, entry: Entry) -> Entry {
    Entry { plan, ..entry }
}

/// Every operation, in the order of the published contracts.
pub static OPERATIONS: &[Entry] = &[
    plain(BOTH, "submitJob", &[DEFINITION], &[Out::Return, out("jobId", Type::String, "jobId")]),
    plain(BOTH, "migrateJob", &[JOB_ID, DEFINITION], DONE),
    second(plain(BOTH, "migrateJob", &[JOB_ID], DONE)),
    plain(BOTH, "suspendJob", &[JOB_ID, DEFINITION], DONE),
    second(plain(BOTH, "suspendJob", &[JOB_ID], DONE)),
    plain(BOTH, "resumeJob", &[JOB_ID, DEFINITION], DONE),
    second(plain(BOTH, "resumeJob", &[JOB_ID], DONE)),
    planned(Plan::Pages, plain(BOTH, "getJobsList", &[], LISTED)),
    second(planned(Plan::Pages, plain(BOTH, "getJobsList", &[STATUS], LISTED))),
    planned(Plan::Pages, plain(NEW, "getProjectJobsList", &[PROJECT], LISTED)),
    second(planned(Plan::Pages, plain(NEW, "getProjectJobsList", &[PROJECT, STATUS], LISTED))),
    plain(
        BOTH,
        "registerApplicationAccess",
        &[
            JOB_ID,
            given("service_location", Type::String, To::Member("serviceLocation")),
            In { optional: true, ..given("pid", Type::Int, To::Member("pid")) },
        ],
        DONE,
    ),
    plain(NEW, "unregisterApplicationAccess", &[JOB_ID], DONE),
    plain(
        NEW,
        "getApplicationAccess",
        &[JOB_ID],
        &[Out::Return, out("service_location", Type::String, "serviceLocation"), out("pid", Type::Int, "pid")],
    ),
    planned(
        Plan::Verdict,
        plain(BOTH, "testJobDescription", &[given("JobDescription", Type::String, To::Member("jobDefinition"))], DONE),
    ),
    planned(
        Plan::WithHistory,
        plain(BOTH, "getJobInfo", &[JOB_ID], &[Out::Return, out("jobInfo", Type::Struct(&JOB_INFORMATION), "jobInfo")]),
    ),
    plain(BOTH, "getJobHistory", &[JOB_ID], &[Out::Return, out("history", Type::Array(&HISTORIES), "attempt")]),
    plain(
        BOTH,
        "findResources",
        &[given("resourceDefinition", Type::String, To::Member("jobDefinition"))],
        &[
            Out::Return,
            Out::Part { name: "resources", kind: Type::Array(&STRINGS), from: From::Each("resource", "contact") },
        ],
    ),
    plain(BOTH, "cancelJob", &[JOB_ID], DONE),
    plain(
        BOTH,
        "getServiceDescription",
        &[given("type", Type::Enum(&DESCRIPTION_TYPE), To::Member("type"))],
        &[Out::Text("description")],
    ),
    planned(Plan::Pages, plain(BOTH, "getAllJobsList", &[STATUS], LISTED)),
    plain(
        OLD,
        "registerNotification",
        &[
            In { optional: true, ..given("client", Type::String, To::Client) },
            given("request", REQUEST, To::Registration(Profile::V190)),
        ],
        &[Out::Return, out("notificationId", Type::String, "notificationId")],
    ),
    plain(
        NEW,
        "registerNotification",
        &[JOB_ID, given("request", REQUEST, To::Registration(Profile::V196))],
        &[Out::Return, out("notificationId", Type::String, "notificationId")],
    ),
    plain(
        NEW,
        "getNotificationsList",
        &[JOB_ID],
        &[Out::Return, out("notificationIds", Type::Array(&STRINGS), "notificationId")],
    ),
    plain(OLD, "unregisterNotification", &[NOTIFICATION_ID], DONE),
    planned(Plan::OfJob, plain(NEW, "unregisterNotification", &[OWN_JOB, NOTIFICATION_ID], DONE)),
    planned(
        Plan::OfJob,
        plain(
            NEW,
            "getNotificationInformation",
            &[OWN_JOB, NOTIFICATION_ID],
            &[Out::Return, out("notificationRequest", REQUEST, "notification")],
        ),
    ),
    planned(OUTPUT, row(OLD, "addOutFileDirs", &[JOB_ID, ITEMS], CHANGED_OLD, "addOutputFileDirs")),
    row(OLD, "getOutFileDirs", &[JOB_ID], GOT, "getOutputFileDirs"),
    planned(OUTPUT, row(OLD, "deleteOutFileDirs", &[JOB_ID, ITEMS], CHANGED_OLD, "deleteOutputFileDirs")),
    planned(OUTPUT, plain(NEW, "addOutputFileDirs", &[JOB_ID, ITEMS], CHANGED_NEW)),
    plain(NEW, "getOutputFileDirs", &[JOB_ID], GOT),
    planned(OUTPUT, plain(NEW, "deleteOutputFileDirs", &[JOB_ID, ITEMS], CHANGED_NEW)),
    planned(CHECKPOINT, plain(OLD, "addCheckpointFileDirs", &[JOB_ID, ITEMS], CHANGED_OLD)),
    planned(CHECKPOINT, plain(NEW, "addCheckpointFileDirs", &[JOB_ID, ITEMS], CHANGED_NEW)),
    plain(BOTH, "getCheckpointFileDirs", &[JOB_ID], GOT),
    planned(CHECKPOINT, plain(OLD, "deleteCheckpointFileDirs", &[JOB_ID, ITEMS], CHANGED_OLD)),
    planned(CHECKPOINT, plain(NEW, "deleteCheckpointFileDirs", &[JOB_ID, ITEMS], CHANGED_NEW)),
];

/// The rows of a version, in order.
pub fn of(profile: Profile) -> impl Iterator<Item = &'static Entry> {
    OPERATIONS.iter().filter(move |entry| entry.profiles.contains(&profile))
}

/// The type of the plain return value.
#[must_use]
pub fn return_type(out: &Out) -> Type {
    match out {
        Out::Return => Type::Struct(&GRMS_RESPONSE),
        Out::Text(_) => Type::String,
        Out::Part { kind, .. } => *kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::{Kind, Member, find};
    use std::collections::BTreeSet;

    #[test]
    fn the_versions_have_25_and_31_operations() {
        assert_eq!(Profile::ALL.map(|profile| of(profile).count()), [25, 31]);
    }

    #[test]
    fn no_two_rows_of_a_version_take_the_same_parts() {
        for profile in Profile::ALL {
            let mut seen = BTreeSet::new();
            for entry in of(profile) {
                let parts: BTreeSet<_> = entry.request.iter().map(|part| part.name).collect();
                assert!(seen.insert((entry.name, parts)), "{} in {profile}", entry.name);
            }
        }
    }

    #[test]
    fn every_name_of_the_modern_contract_is_one_of_it() {
        let names = |members: &[Member]| members.iter().map(|member| member.name).collect::<Vec<_>>();
        for entry in OPERATIONS {
            let contract = find(entry.modern).unwrap_or_else(|| panic!("{} is no operation", entry.modern)).contract();
            let (asked, answered) = (names(contract.request), names(contract.response));
            for part in entry.request {
                match part.to {
                    To::Member(name) => assert!(asked.contains(&name), "{}: {name}", entry.name),
                    To::Registration(_) => assert!(asked.contains(&"notification") && asked.contains(&"jobId")),
                    To::Job | To::Client => {}
                }
            }
            for out in entry.response {
                let (Out::Text(name) | Out::Part { from: From::Member(name) | From::Each(name, _), .. }) = out else {
                    continue;
                };
                assert!(answered.contains(name), "{}: {name}", entry.name);
            }
            if let Plan::Change(list) = entry.plan {
                assert!(find(list).is_some_and(|list| list.contract().request == [Member::once("jobId", Kind::Text)]));
            }
        }
    }

    #[test]
    fn the_order_of_parameters_has_the_two_historical_forms() {
        let order = |name: &str, profile: Profile| of(profile).find(|row| row.name == name).unwrap().parameter_order();
        assert_eq!(order("addOutFileDirs", Profile::V190), "jobId items result");
        assert_eq!(order("addOutputFileDirs", Profile::V196), "jobId items result addOutputFileDirsReturn errors");
        assert_eq!(order("getApplicationAccess", Profile::V196), "jobId service_location pid");
        assert_eq!(order("getServiceDescription", Profile::V190), "type");
        assert_eq!(order("getJobsList", Profile::V190), "jobsList");
    }
}

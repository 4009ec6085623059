//! Asking modern operations for what a classic one promises: all pages of a list, a verdict as an error, the description beside the last
//! attempt, a registration only with its job.

use super::operations::{Entry, In, Plan, To};
use super::types::Type;
use crate::description::{Diagnostic, Severity};
use crate::identity::Caller;
use crate::job::Code;
use crate::operations::{self, Context, Legacy, Operation, OperationError, Parts, Value};

/// A request in modern terms.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// The parts of the modern request.
    pub(super) parts: Parts,
    /// The job that a registration must belong to.
    pub(super) job: Option<String>,
    /// Which program registers.
    pub(super) client: Option<String>,
    legacy: Option<Legacy>,
}

impl Request {
    /// Makes it one of a registration.
    pub(super) fn register(&mut self, notification: Parts, legacy: Legacy) {
        self.parts.push("notification".to_owned(), Value::Struct(notification));
        self.legacy = Some(legacy);
    }

    /// The parts of the modern request, with what goes beside them.
    fn into_parts(self) -> Parts {
        let Self { parts, client, legacy, .. } = self;
        match legacy {
            Some(legacy) => parts.with_legacy(Legacy { client, ..legacy }),
            None => parts,
        }
    }
}

/// Asks, and gives the modern answer.
pub(super) async fn carry_out(
    entry: &Entry,
    request: Request,
    max_list: usize,
    context: &Context,
    caller: &Caller,
) -> Result<Parts, OperationError> {
    let operation = modern(entry.modern)?;
    let job = request.job.clone();
    let parts = request.into_parts();
    let outcome = match entry.plan {
        Plan::Once => operation.run(context, caller, parts).await,
        Plan::Change(list) => change(operation, list, parts, context, caller).await,
        Plan::Pages => all_pages(operation, parts, max_list, context, caller).await,
        Plan::Verdict => verdict(&operation.run(context, caller, parts).await?),
        Plan::WithHistory => with_history(operation, parts, context, caller).await,
        Plan::OfJob => of_job(operation, parts, job.as_deref().unwrap_or(""), context, caller).await,
    };
    outcome.map_err(|error| in_own_words(entry, error))
}

/// An error whose sentence begins with a part, and perhaps a member of it, by the names that the caller knows.
fn in_own_words(entry: &Entry, error: OperationError) -> OperationError {
    let Some((head, rest)) = error.message.split_once(": ") else { return error };
    let is_meant = |part: &&In| match part.to {
        To::Member(name) => name == head,
        To::Registration(_) => head == "notification",
        To::Job | To::Client => false,
    };
    let Some(part) = entry.request.iter().find(is_meant) else { return error };
    let member = match (part.kind, part.to, rest.split_once(": ")) {
        (Type::Struct(of), To::Registration(profile), Some((head, tail))) => {
            of.members(profile).find(|member| member.modern == head).map(|member| (member.name, tail))
        }
        _ => None,
    };
    let message = match member {
        Some((member, tail)) => format!("{}: {member}: {tail}", part.name),
        None => format!("{}: {rest}", part.name),
    };
    OperationError { message, ..error }
}

fn modern(name: &'static str) -> Result<&'static dyn Operation, OperationError> {
    operations::find(name).ok_or_else(|| {
        OperationError::new(
            Code::NotImplemented,
            format!("this broker does not offer {name}; getServiceDescription tells what it does"),
        )
    })
}

fn text<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    match parts.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Every id of a list. A list that is longer than the bound is refused: half a list looks like a whole one.
async fn all_pages(
    operation: &dyn Operation,
    asked: Parts,
    max_list: usize,
    context: &Context,
    caller: &Caller,
) -> Result<Parts, OperationError> {
    let mut ids: Vec<Value> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = operation.run(context, caller, asked.clone().with_some("cursor", cursor)).await?;
        if let Some(Value::List(found)) = page.get("jobId") {
            ids.extend_from_slice(found);
        }
        cursor = text(&page, "cursor").map(str::to_owned);
        if ids.len() + usize::from(cursor.is_some()) > max_list {
            let message = format!(
                "there are more than {max_list} jobs, the most one answer holds here; ask for the jobs in one status, or \
                 ask the service urn:grms:2, which lists in pages"
            );
            return Err(OperationError::new(Code::LimitExceeded, message));
        }
        if cursor.is_none() {
            return Ok(Parts::new().with_list("jobId", ids));
        }
    }
}

/// Changes entries. To change none is allowed here, and asks only whether there is such a job.
async fn change(
    operation: &dyn Operation,
    list: &'static str,
    asked: Parts,
    context: &Context,
    caller: &Caller,
) -> Result<Parts, OperationError> {
    if !matches!(asked.get("item"), Some(Value::List(items)) if items.is_empty()) {
        return operation.run(context, caller, asked).await;
    }
    let job = text(&asked, "jobId").map(str::to_owned);
    modern(list)?.run(context, caller, Parts::new().with_some("jobId", job)).await?;
    Ok(Parts::new())
}

/// A description that is refused is an error here, the same as at its submission.
fn verdict(answer: &Parts) -> Result<Parts, OperationError> {
    if answer.get("valid") == Some(&Value::Bool(true)) {
        return Ok(Parts::new());
    }
    let found = match answer.get("diagnostic") {
        Some(Value::List(list)) => list.as_slice(),
        _ => &[],
    };
    Err(OperationError::refused(found.iter().filter_map(fault).collect()))
}

/// A finding that refuses a description, as the modern answer shows it.
fn fault(finding: &Value) -> Option<Diagnostic> {
    let Value::Struct(parts) = finding else { return None };
    let number = |name: &str| match parts.get(name) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    let place = |name: &str| u32::try_from(number(name)).unwrap_or(0);
    let own = |name: &str| text(parts, name).unwrap_or("").to_owned();
    (text(parts, "severity") == Some("ERROR")).then(|| Diagnostic {
        severity: Severity::Error,
        code: u16::try_from(number("code"))
            .ok()
            .and_then(|code| Code::try_from(code).ok())
            .unwrap_or(Code::DescInvalid),
        line: place("line"),
        column: place("column"),
        path: own("path"),
        message: own("message"),
    })
}

/// The classic `lastHistory` shows the description in force, which the modern `lastAttempt` leaves to the history.
async fn with_history(
    operation: &dyn Operation,
    asked: Parts,
    context: &Context,
    caller: &Caller,
) -> Result<Parts, OperationError> {
    let answer = operation.run(context, caller, asked.clone()).await?;
    let Some(Value::Struct(info)) = answer.get("jobInfo") else { return Ok(answer) };
    let Some(Value::Struct(last)) = info.get("lastAttempt") else { return Ok(answer) };
    let history = modern("getJobHistory")?.run(context, caller, asked).await?;
    let Some(Value::List(attempts)) = history.get("attempt") else { return Ok(answer) };
    let same = |attempt: &&Value| match attempt {
        Value::Struct(parts) => {
            ["number", "hostName", "startTime"].iter().all(|name| parts.get(name) == last.get(name))
        }
        _ => false,
    };
    let Some(Value::Struct(found)) = attempts.iter().rev().find(same) else { return Ok(answer) };
    let description = text(found, "jobDescription").map(str::to_owned);
    let last = last.clone().with_some("jobDescription", description);
    let mut shown = Parts::new();
    for (name, value) in info.iter() {
        let value = if name == "lastAttempt" { Value::Struct(last.clone()) } else { value.clone() };
        shown.push(name.to_owned(), value);
    }
    Ok(Parts::new().with("jobInfo", shown))
}

/// A registration is named together with its job; one of another job is not there.
async fn of_job(
    operation: &dyn Operation,
    asked: Parts,
    job: &str,
    context: &Context,
    caller: &Caller,
) -> Result<Parts, OperationError> {
    const ASK: &str = "getNotificationInformation";
    let known = modern(ASK)?.run(context, caller, asked.clone()).await?;
    if text(&known, "jobId") != Some(job.trim()) {
        let id: String = text(&asked, "notificationId").unwrap_or("").chars().take(100).collect();
        let job: String = job.chars().take(100).collect();
        let message = format!("job `{job}` has no registration `{id}`; getNotificationsList names them");
        return Err(OperationError::new(Code::NotificationNotFound, message));
    }
    if operation.contract().name == ASK { Ok(known) } else { operation.run(context, caller, asked).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_this_broker_does_not_have_is_told_as_such() {
        let error = modern("flyJob").err().unwrap();
        assert_eq!((error.code, error.code.number()), (Code::NotImplemented, 905));
        assert!(error.message.contains("does not offer flyJob"), "{}", error.message);
        assert_eq!(modern("getJobInfo").unwrap().contract().name, "getJobInfo");
    }
}

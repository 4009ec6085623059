//! Asking modern operations for what a classic one promises: all pages of a list, a verdict as an error, the description beside the last
//! attempt, a registration only with its job.

use super::operations::{Entry, Plan};
use crate::identity::Caller;
use crate::job::Code;
use crate::operations::{self, Context, Operation, OperationError, Parts, Value};

/// A request in modern terms.
#[derive(Debug)]
pub(super) struct Request {
    /// The parts of the modern request.
    pub(super) parts: Parts,
    /// The job that a registration must belong to.
    pub(super) job: Option<String>,
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
    let Request { parts, job } = request;
    match entry.plan {
        Plan::Once => operation.run(context, caller, parts).await,
        Plan::Pages => all_pages(operation, parts, max_list, context, caller).await,
        Plan::Verdict => verdict(&operation.run(context, caller, parts).await?),
        Plan::WithHistory => with_history(operation, parts, context, caller).await,
        Plan::OfJob => of_job(operation, parts, job.as_deref().unwrap_or(""), context, caller).await,
    }
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

/// A description that is refused is an error here: the code of its first fault, and all of them in the sentence.
fn verdict(answer: &Parts) -> Result<Parts, OperationError> {
    if answer.get("valid") == Some(&Value::Bool(true)) {
        return Ok(Parts::new());
    }
    let found = match answer.get("diagnostic") {
        Some(Value::List(list)) => list.as_slice(),
        _ => &[],
    };
    let faults: Vec<&Parts> = found
        .iter()
        .filter_map(|one| match one {
            Value::Struct(parts) if text(parts, "severity") == Some("ERROR") => Some(parts),
            _ => None,
        })
        .collect();
    let number = |parts: &Parts, name: &str| match parts.get(name) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    let line = |parts: &&Parts| {
        let (line, column) = (number(parts, "line"), number(parts, "column"));
        format!("line {line}, column {column}: {}", text(parts, "message").unwrap_or(""))
    };
    let code = faults.first().and_then(|first| Code::try_from(u16::try_from(number(first, "code")).ok()?).ok());
    let lines: Vec<_> = faults.iter().take(100).map(line).collect();
    let message = match lines.len() {
        0 => "the job description is refused".to_owned(),
        1 => lines.concat(),
        _ => format!("the job description has {} faults\n{}", faults.len(), lines.join("\n")),
    };
    Err(OperationError::new(code.unwrap_or(Code::DescInvalid), message))
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

//! `waitForEvents`: what happened to jobs, in order and without gaps, and the next of it as soon as it happens.
//!
//! Every line of the history is up to two events, numbered one after the other: a change of the status, and a change of the phase or
//! a request that was served. A cursor names the last number that its holder has seen, and the database it comes from.

use super::{
    Context, Contract, Fields, Kind, Member, Operation, OperationError, Parts, access, bulk, faults, page, waiting,
};
use crate::identity::{Action, Caller};
use crate::job::{Code, Event, JobId};
use crate::store::changes::Topic;
use crate::store::events::{self, Line, Whose};
use crate::store::{Store, StoreError, Tx};
use async_trait::async_trait;
use std::time::Duration;

/// Lines read in one statement.
const AT_ONCE: u32 = 500;

/// Requests that are events even where they change no phase.
const SERVED: [&str; 3] = [Event::Committed.name(), Event::MigrateRequested.name(), Event::ControlFailed.name()];

/// What is asked.
struct Request {
    /// The last number seen.
    cursor: Option<Cursor>,
    /// Only of these jobs.
    ids: Vec<JobId>,
    kinds: Kinds,
    limit: usize,
    timeout: Duration,
}

/// Which of the two kinds of events.
#[derive(Debug, Clone, Copy)]
struct Kinds {
    status: bool,
    request: bool,
}

/// A place in the stream of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cursor {
    mark: String,
    number: i64,
}

impl Cursor {
    fn render(mark: &str, number: i64) -> String {
        format!("{mark}-{number:x}")
    }

    fn parse(text: &str) -> Option<Self> {
        let (mark, number) = text.split_once('-')?;
        let hex = |text: &str, most| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !hex(mark, 12) || mark.len() != 12 || !hex(number, 15) {
            return None;
        }
        Some(Self { mark: mark.to_owned(), number: i64::from_str_radix(number, 16).ok()? })
    }
}

impl Request {
    fn decode(parts: Parts, context: &Context) -> Result<Self, OperationError> {
        let mut fields = Fields::new(parts, CONTRACT.request)?;
        let cursor = match fields.maybe_text("cursor")? {
            None => None,
            Some(text) => Some(Cursor::parse(text.trim()).ok_or_else(|| {
                fields.bad("cursor: this is not a cursor of a former answer; leave it out to begin with what happens from now on")
            })?),
        };
        let ids = bulk::take_ids(context, &mut fields)?;
        let words = fields.texts("eventType")?;
        let mut kinds = Kinds { status: words.is_empty(), request: words.is_empty() };
        for word in words {
            match word.trim() {
                "STATUS" => kinds.status = true,
                "REQUEST" => kinds.request = true,
                other => {
                    let given: String = other.chars().take(60).collect();
                    return Err(fields.bad(&format!("eventType: expected STATUS or REQUEST, got `{given}`")));
                }
            }
        }
        let limit = page::take_limit(&mut fields, context)? as usize;
        let timeout = waiting::take_timeout(context, &mut fields)?;
        let ids = ids.iter().map(|text| access::parse_job_id(text)).collect::<Result<_, _>>()?;
        Ok(Self { cursor, ids, kinds, limit, timeout })
    }
}

static CONTRACT: Contract = Contract {
    name: "waitForEvents",
    request: &[
        Member::maybe("cursor", Kind::Text),
        Member::many("jobId", Kind::Text),
        Member::many("eventType", Kind::Named("EventType")),
        Member::maybe("limit", Kind::Int),
        Member::once("timeoutSeconds", Kind::Int),
    ],
    response: &[Member::many("event", Kind::Named("JobEvent")), Member::once("cursor", Kind::Text)],
    faults: faults!(State),
};

/// The operation.
pub(super) struct WaitForEvents;

#[async_trait]
impl Operation for WaitForEvents {
    fn contract(&self) -> &'static Contract {
        &CONTRACT
    }

    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError> {
        let request = Request::decode(parts, context)?;
        let whose = whose(context, caller, &request.ids).await?;
        let mut reader = Reader::begin(context, whose, &request).await?;
        let topics = match &reader.whose {
            Whose::Owner(owner) => vec![Topic::Owner(owner.clone())],
            Whose::Jobs(ids) => ids.iter().map(|id| Topic::Job(id.to_string())).collect(),
        };
        let seen = tokio::sync::Mutex::new(&mut reader);
        let found =
            waiting::until(context, caller, topics, request.timeout, async || seen.lock().await.look().await).await?;
        let cursor = Cursor::render(context.store.mark(), reader.number);
        Ok(Parts::new().with_list("event", found.unwrap_or_default()).with("cursor", cursor))
    }
}

/// Whose events the caller may see: those of the jobs named, or of the caller's own.
async fn whose(context: &Context, caller: &Caller, ids: &[JobId]) -> Result<Whose, OperationError> {
    if ids.is_empty() {
        let allowed = context.may(caller, Action::List)?;
        return Ok(Whose::Owner(allowed.caller().subject.as_str().to_owned()));
    }
    let (policy, caller, ids) = (context.policy.clone(), caller.clone(), ids.to_vec());
    context
        .store
        .read(move |tx| {
            let verdicts = access::about_jobs(tx, &policy, &caller, Action::Read, &ids)?;
            verdicts.into_iter().try_for_each(|verdict| verdict.map(drop))?;
            Ok(Whose::Jobs(ids))
        })
        .await
}

/// Reads on and on.
struct Reader {
    store: Store,
    whose: Whose,
    kinds: Kinds,
    limit: usize,
    /// The last number seen.
    number: i64,
}

/// The last number of a line.
const fn last_of(seq: i64) -> i64 {
    2 * seq + 1
}

impl Reader {
    async fn begin(context: &Context, whose: Whose, request: &Request) -> Result<Self, OperationError> {
        let store = context.store.clone();
        // A writer that has only just announced itself may take the bound back a little: what was given out is no measure then.
        let (settled, newest) =
            store.read(|tx| Ok::<_, StoreError>((events::settled(tx)?, events::newest(tx)?))).await?;
        let number = match (&request.cursor, &whose) {
            (None, Whose::Owner(_)) => last_of(settled),
            (None, Whose::Jobs(_)) => 0,
            (Some(cursor), _) if cursor.mark == store.mark() && cursor.number <= last_of(newest) => cursor.number,
            (Some(_), whose) => {
                let asked = whose.clone();
                let oldest = store.read(move |tx| oldest(tx, &asked)).await?;
                return Err(expired("is of another broker, or of another database", store.mark(), oldest));
            }
        };
        Ok(Self { store, whose, kinds: request.kinds, limit: request.limit, number })
    }

    /// The next events, if there are any.
    async fn look(&mut self) -> Result<Option<Vec<Parts>>, OperationError> {
        let settled = self.store.read(events::settled).await?;
        let mut found = Vec::new();
        while found.len() < self.limit {
            let (whose, from, mark) = (self.whose.clone(), self.number / 2, self.store.mark().to_owned());
            let seen = self.number;
            let lines = self
                .store
                .read(move |tx| {
                    let oldest = oldest(tx, &whose)?;
                    if seen < oldest {
                        return Err(expired("is too old: jobs were deleted whose events come after it", &mark, oldest));
                    }
                    Ok(events::list(tx, &whose, from, settled, AT_ONCE)?)
                })
                .await?;
            let over = lines.len() < AT_ONCE as usize;
            for line in &lines {
                self.take(line, &mut found);
            }
            if over && found.len() < self.limit {
                self.number = self.number.max(last_of(settled));
                break;
            }
        }
        Ok(Some(found).filter(|found| !found.is_empty()))
    }

    fn take(&mut self, line: &Line, found: &mut Vec<Parts>) {
        for (number, event) in [(2 * line.seq, self.status_of(line)), (last_of(line.seq), self.request_of(line))] {
            if number <= self.number || found.len() >= self.limit {
                continue;
            }
            self.number = number;
            found.extend(event.map(|(kind, before, after)| {
                Parts::new()
                    .with("sequence", number)
                    .with("time", line.at)
                    .with("jobId", line.job.to_string())
                    .with("taskId", line.task.to_string())
                    .with("eventType", kind)
                    .with_some("oldValue", before)
                    .with("newValue", after)
                    .with_some("description", line.detail.clone())
            }));
        }
    }

    fn status_of(&self, line: &Line) -> Option<(&'static str, Option<String>, String)> {
        let (before, after) = &line.status;
        let changed = self.kinds.status && before.as_ref() != Some(after);
        changed.then(|| ("STATUS", before.clone(), after.clone()))
    }

    fn request_of(&self, line: &Line) -> Option<(&'static str, Option<String>, String)> {
        let (before, after) = &line.phase;
        let changed = self.kinds.request && (before != after || SERVED.contains(&line.event.as_str()));
        let after = after.clone().filter(|_| changed)?;
        Some(("REQUEST", before.clone(), after))
    }
}

/// The oldest number from which an owner's events are complete. Those of jobs that are there always are.
fn oldest(tx: &mut Tx<'_>, whose: &Whose) -> Result<i64, OperationError> {
    match whose {
        Whose::Owner(owner) => Ok(match events::floor(tx, owner)? {
            0 => 0,
            floor => last_of(floor),
        }),
        Whose::Jobs(_) => Ok(0),
    }
}

fn expired(why: &str, mark: &str, oldest: i64) -> OperationError {
    let usable = Cursor::render(mark, oldest);
    let message =
        format!("cursor: it {why}; look at your jobs anew and go on with the oldest usable cursor, `{usable}`");
    OperationError::new(Code::CursorExpired, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let text = Cursor::render("0123456789ab", 255);
        assert_eq!(text, "0123456789ab-ff");
        assert_eq!(Cursor::parse(&text), Some(Cursor { mark: "0123456789ab".to_owned(), number: 255 }));
        let long = format!("0123456789ab-{}", "f".repeat(16));
        for wrong in
            ["", "-", "0123456789ab", "0123456789ab-", "0123456789ab--1", "0123456789AB-1", "x-1", "01-1", &long]
        {
            assert_eq!(Cursor::parse(wrong), None, "{wrong}");
        }
    }
}

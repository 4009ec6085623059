//! Requests under a key of the caller's own: the same request under the same key gets the first answer again and does nothing; another
//! one under the same key is refused.
//!
//! Keys belong to their caller. They are one space, whatever was asked: a key that a job was submitted under is taken for suspending
//! it, too. Answers to submissions last as long as their jobs, all others a week; a request that was refused leaves nothing behind.

use super::error::Refused;
use super::{Context, Fields, OperationError, Parts};
use crate::identity::Caller;
use crate::job::{Code, JobId, Status};
use crate::store::requests::{self, Kept};
use crate::store::{StoreError, Tx, jobs};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The longest key, characters.
const LONGEST: usize = 200;
/// How often it is tried again when another broker used the same key in the same moment.
const TRIES: usize = 3;

/// Takes the key of a request.
pub(super) fn take_key(fields: &mut Fields) -> Result<Option<String>, OperationError> {
    let key = fields.maybe_text("requestId")?;
    if key.as_ref().is_some_and(|key| key.is_empty() || key.chars().count() > LONGEST) {
        return Err(fields.bad(&format!("requestId: expected 1 to {LONGEST} characters")));
    }
    Ok(key)
}

/// A mark of a request's content.
pub(super) fn digest<'a>(content: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for (at, part) in content.into_iter().enumerate() {
        if at > 0 {
            digest.update([0]);
        }
        digest.update(part);
    }
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
        text
    })
}

/// What a control request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Where the job stands; absent when the answer is empty.
    pub(super) status: Option<Status>,
}

impl Answer {
    pub(super) fn into_parts(self) -> Parts {
        Parts::new().with_some("status", self.status.map(Status::as_str))
    }
}

/// Whose key, for which operation and with which content.
#[derive(Debug, Clone)]
pub(super) struct Key {
    owner: String,
    text: String,
    operation: &'static str,
    digest: String,
}

impl Key {
    pub(super) fn new<'a>(
        caller: &Caller,
        operation: &'static str,
        text: String,
        content: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self { owner: caller.subject.as_str().to_owned(), text, operation, digest: digest(content) }
    }

    /// The first answer under this key.
    ///
    /// # Errors
    /// Something else was asked under it.
    fn answered(&self, tx: &mut Tx<'_>) -> Result<Option<Answer>, OperationError> {
        let Some(kept) = requests::find(tx, &self.owner, &self.text)? else {
            return match jobs::submitted_under(tx, &self.owner, &self.text)? {
                Some((id, _)) => Err(taken_by_submission(&id)),
                None => Ok(None),
            };
        };
        if kept.operation != self.operation || kept.digest != self.digest {
            return Err(taken_by(&kept.operation));
        }
        let unreadable = |error: serde_json::Error| StoreError::Unreadable { what: "answer", why: error.to_string() };
        Ok(Some(serde_json::from_str(&kept.answer_json).map_err(unreadable)?))
    }

    fn keep(&self, tx: &mut Tx<'_>, answer: Answer, now: Timestamp) -> Result<(), StoreError> {
        let unwritable = |error: serde_json::Error| StoreError::Unreadable { what: "answer", why: error.to_string() };
        let answer_json = serde_json::to_string(&answer).map_err(unwritable)?;
        let kept = Kept { operation: self.operation.to_owned(), digest: self.digest.clone(), answer_json };
        requests::keep(tx, &self.owner, &self.text, &kept, now)
    }
}

/// The refusal of a key that a control request was made under.
pub(super) fn taken_by(operation: &str) -> OperationError {
    let message = format!("requestId: you made another request, of {operation}, under this key; choose a new key");
    OperationError::new(Code::RequestIdConflict, message)
}

/// The refusal of a key that a job was submitted under.
pub(super) fn taken_by_submission(id: &JobId) -> OperationError {
    let message = format!("requestId: job {id} was submitted under this key with other content; choose a new key");
    OperationError::new(Code::RequestIdConflict, message).about(id)
}

/// The first answer to a request, if there was one.
pub(super) async fn first_answer(context: &Context, key: Option<&Key>) -> Result<Option<Answer>, OperationError> {
    let Some(key) = key.cloned() else { return Ok(None) };
    context.store.read(move |tx| key.answered(tx)).await
}

/// Carries a request out, once for each key, and keeps the answer in the same transaction.
pub(super) async fn once(
    context: &Context,
    key: Option<Key>,
    act: impl Fn(&mut Tx<'_>) -> Result<Answer, OperationError> + Clone + Send + 'static,
) -> Result<Answer, OperationError> {
    let now = context.clock.now();
    let mut tries = 0;
    loop {
        let (key, act) = (key.clone(), act.clone());
        let done = context.store.write(move |tx| -> Result<Answer, Refused> {
            let Some(key) = key else { return Ok(act(tx)?) };
            if let Some(first) = key.answered(tx)? {
                return Ok(first);
            }
            let answer = act(tx)?;
            key.keep(tx, answer, now)?;
            Ok(answer)
        });
        tries += 1;
        match done.await {
            Err(Refused::Store(StoreError::Conflict(_))) if tries < TRIES => {}
            result => return result.map_err(OperationError::from),
        }
    }
}

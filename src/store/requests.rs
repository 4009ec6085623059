//! Control requests that their callers gave a key, with what was answered: a repeated one gets the first answer. Written in the
//! transaction that carries the request out, so there is never one without the other.
//!
//! A caller's keys are one space: a key that a submission was made under (a column of the job) is taken for control requests, too.

use super::rows::ms;
use super::schema::requests;
use super::{StoreError, Tx};
use diesel::prelude::*;
use jiff::Timestamp;

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = requests)]
pub struct Kept {
    /// Which operation.
    pub operation: String,
    /// A mark of its content.
    pub digest: String,
    /// What was answered, as JSON.
    pub answer_json: String,
}

/// The request that a caller made under this key.
///
/// # Errors
/// The store's own failure.
pub fn find(tx: &mut Tx<'_>, owner: &str, key: &str) -> Result<Option<Kept>, StoreError> {
    Ok(requests::table.find((owner, key)).select(Kept::as_select()).first(tx.conn).optional()?)
}

/// Keeps a request with its answer.
///
/// # Errors
/// [`StoreError::Conflict`] when another broker keeps one under this key at the same moment.
pub fn keep(tx: &mut Tx<'_>, owner: &str, key: &str, kept: &Kept, now: Timestamp) -> Result<(), StoreError> {
    diesel::insert_into(requests::table)
        .values((
            requests::owner.eq(owner),
            requests::request_id.eq(key),
            requests::operation.eq(&kept.operation),
            requests::digest.eq(&kept.digest),
            requests::answer_json.eq(&kept.answer_json),
            requests::at.eq(ms(now)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets what is older than `before`. Gives how many there were.
///
/// # Errors
/// The store's own failure.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<usize, StoreError> {
    Ok(diesel::delete(requests::table.filter(requests::at.lt(ms(before)))).execute(tx.conn)?)
}

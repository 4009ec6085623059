//! What is known of the clusters, and since when one does not answer. Shared by all brokers on the database.

use super::rows::{at, ms};
use super::schema::surveys;
use super::{StoreError, Tx};
use crate::job::ClusterName;
use diesel::prelude::*;
use jiff::Timestamp;

/// The last survey of a cluster. Its content is the batch room's matter and rests here as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRecord {
    /// The cluster.
    pub cluster: String,
    /// The last good survey and its time.
    pub survey: Option<(String, Timestamp)>,
    /// Since when it does not answer, and its words.
    pub failure: Option<(String, Timestamp)>,
}

/// Keeps a good survey.
///
/// # Errors
/// The store's own failure.
pub fn keep(tx: &mut Tx<'_>, cluster: &ClusterName, survey: &str, now: Timestamp) -> Result<(), StoreError> {
    ensure(tx, cluster)?;
    diesel::update(surveys::table.find(cluster.as_str()))
        .set((
            surveys::observed_at.eq(ms(now)),
            surveys::survey_json.eq(survey),
            surveys::failed_since.eq(None::<i64>),
            surveys::failure.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Notes that a cluster does not answer. The first time is kept; so is the last good survey.
///
/// # Errors
/// The store's own failure.
pub fn failed(tx: &mut Tx<'_>, cluster: &ClusterName, why: &str, now: Timestamp) -> Result<(), StoreError> {
    ensure(tx, cluster)?;
    diesel::update(surveys::table.find(cluster.as_str()).filter(surveys::failed_since.is_null()))
        .set(surveys::failed_since.eq(ms(now)))
        .execute(tx.conn)?;
    diesel::update(surveys::table.find(cluster.as_str())).set(surveys::failure.eq(why)).execute(tx.conn)?;
    Ok(())
}

/// Notes that a cluster answers again.
///
/// # Errors
/// The store's own failure.
pub fn answered(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<(), StoreError> {
    diesel::update(surveys::table.find(cluster.as_str()))
        .set((surveys::failed_since.eq(None::<i64>), surveys::failure.eq(None::<String>)))
        .execute(tx.conn)?;
    Ok(())
}

/// Since when a cluster does not answer, and its words.
///
/// # Errors
/// The store's own failure.
pub fn silence(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<Option<(String, Timestamp)>, StoreError> {
    let row: Option<(Option<String>, Option<i64>)> = surveys::table
        .find(cluster.as_str())
        .select((surveys::failure, surveys::failed_since))
        .first(tx.conn)
        .optional()?;
    Ok(row.and_then(|(failure, since)| failure.zip(since.map(at))))
}

/// Makes other brokers wait, until this change is committed, with placing anything on the cluster: slots are counted by one at a time.
/// SQLite has one writer anyway.
///
/// # Errors
/// The store's own failure.
pub fn hold(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<(), StoreError> {
    if let super::backend::Conn::Pg(conn) = tx.conn {
        surveys::table.find(cluster.as_str()).select(surveys::cluster).for_update().first::<String>(conn).optional()?;
    }
    Ok(())
}

fn ensure(tx: &mut Tx<'_>, cluster: &ClusterName) -> Result<(), StoreError> {
    let there: i64 = surveys::table.find(cluster.as_str()).count().get_result(tx.conn)?;
    if there > 0 {
        return Ok(());
    }
    let inserted = tx.conn.transaction(|conn| {
        diesel::insert_into(surveys::table).values(surveys::cluster.eq(cluster.as_str())).execute(conn)
    });
    match inserted {
        Ok(_) | Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)) => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// What is known of every cluster that was ever looked at.
///
/// # Errors
/// The store's own failure.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<SurveyRecord>, StoreError> {
    type Row = (String, Option<i64>, Option<String>, Option<i64>, Option<String>);
    let rows: Vec<Row> = surveys::table.order(surveys::cluster).load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(cluster, observed, survey, since, failure)| SurveyRecord {
            cluster,
            survey: survey.zip(observed.map(at)),
            failure: failure.zip(since.map(at)),
        })
        .collect())
}

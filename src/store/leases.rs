//! Claims on things that are not tasks. Several brokers on one database never do the same thing at once.

use super::rows::ms;
use super::schema::leases;
use super::{StoreError, Tx};
use diesel::prelude::*;
use jiff::Timestamp;

/// Takes or keeps a lease until `until`. Gives `false` when another broker has it.
///
/// # Errors
/// The store's own failure.
pub fn take(tx: &mut Tx<'_>, name: &str, owner: &str, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let taken = diesel::update(leases::table.find(name))
        .filter(leases::owner.eq(owner).or(leases::until.lt(ms(now))))
        .set((leases::owner.eq(owner), leases::until.eq(ms(until))))
        .execute(tx.conn)?;
    if taken == 1 {
        return Ok(true);
    }
    let exists: i64 = leases::table.find(name).count().get_result(tx.conn)?;
    if exists > 0 {
        return Ok(false);
    }
    // Two brokers may both see no row: the second insert fails inside its own savepoint.
    let inserted = tx.conn.transaction(|conn| {
        diesel::insert_into(leases::table)
            .values((leases::name.eq(name), leases::owner.eq(owner), leases::until.eq(ms(until))))
            .execute(conn)
    });
    match inserted {
        Ok(_) => Ok(true),
        Err(diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Ends every lease, of tasks too. Only for who knows that no other broker lives.
///
/// # Errors
/// The store's own failure.
pub(super) fn end_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    diesel::delete(leases::table).execute(tx.conn)?;
    diesel::update(super::schema::tasks::table.filter(super::schema::tasks::lease_until.ne(0_i64)))
        .set((super::schema::tasks::lease_owner.eq(None::<String>), super::schema::tasks::lease_until.eq(0_i64)))
        .execute(tx.conn)?;
    Ok(())
}

/// Gives up every lease of a broker, on an orderly stop.
///
/// # Errors
/// The store's own failure.
pub fn give_up(tx: &mut Tx<'_>, owner: &str) -> Result<(), StoreError> {
    diesel::delete(leases::table.filter(leases::owner.eq(owner))).execute(tx.conn)?;
    // Every claim on a task has a name of its own, which begins with its broker's.
    let of_tasks = super::schema::tasks::lease_owner.like(format!("{owner}/%"));
    diesel::update(super::schema::tasks::table.filter(of_tasks))
        .set((super::schema::tasks::lease_owner.eq(None::<String>), super::schema::tasks::lease_until.eq(0_i64)))
        .execute(tx.conn)?;
    Ok(())
}

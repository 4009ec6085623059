//! A debug build dies on request at one of its commits: `GRMS_TEST_CRASH=before:7` aborts the process right before its seventh commit
//! that changed something, `after:7` right after it. Release builds do not contain this file.

use super::backend::Conn;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::cell::RefCell;

#[derive(QueryableByName)]
struct Mark {
    #[diesel(sql_type = BigInt)]
    mark: i64,
}

struct Plan {
    before: bool,
    at: u64,
    seen: u64,
    mark: i64,
}

thread_local! {
    static PLAN: RefCell<Option<Plan>> = RefCell::new(std::env::var("GRMS_TEST_CRASH").ok().and_then(|text| plan(&text)));
}

fn plan(text: &str) -> Option<Plan> {
    let (when, at) = text.split_once(':')?;
    Some(Plan { before: when == "before", at: at.parse().ok()?, seen: 0, mark: 0 })
}

/// Counts the commit that follows, if it changes anything.
pub(super) fn before_commit(conn: &mut Conn) {
    PLAN.with_borrow_mut(|plan| {
        let Some(plan) = plan else { return };
        // PostgreSQL gives a transaction its number with its first change.
        let question = match conn {
            Conn::Sqlite(_) => "SELECT total_changes() AS mark",
            Conn::Pg(_) => "SELECT coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) AS mark",
        };
        let mark = diesel::sql_query(question).get_result::<Mark>(conn).map_or(plan.mark, |row| row.mark);
        if mark != 0 && mark != plan.mark {
            plan.seen += 1;
            if plan.before && plan.seen == plan.at {
                std::process::abort();
            }
        }
        plan.mark = mark;
    });
}

/// The commit was made.
pub(super) fn after_commit() {
    PLAN.with_borrow(|plan| {
        if plan.as_ref().is_some_and(|plan| !plan.before && plan.seen == plan.at) {
            std::process::abort();
        }
    });
}

//! Tidying up once an hour: ended sessions and links, old failed sign-ins, mail and finished work long gone, the log
//! of days that are closed, the license figures (their base day, lists, and rows of the same day), deleted people who can no
//! longer be restored, and the files of imports. Nothing here changes what anybody sees but imports that nobody
//! answered; a server that never does it is only slower, and keeps what it should forget.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Integer};
use serde_json::json;

use super::imports;
use crate::app::AppState;
use crate::db;
use crate::db::audit::{Actor, Audited, Entry};
use crate::db::prepared::prepared;
use crate::domain::throttle::FORGOTTEN_AFTER;
use crate::error::AppError;
use crate::ids::UserId;
use crate::schema::{audit_changes, deleted_users, import_plan, jobs, outbox, password_links, sign_in_failures};
use crate::web::session;

const EVERY: Duration = Duration::from_secs(60 * 60);

/// How long a link is kept that no longer works, at least; they are counted for an hour.
const LINKS_KEPT: TimeDelta = TimeDelta::days(1);

/// How long the page of some work in the background is there after it is over.
const JOBS_KEPT: TimeDelta = TimeDelta::days(30);

/// How long it can be seen that a mail was sent, or given up.
const MAILS_KEPT: TimeDelta = TimeDelta::days(30);

/// Tidies up now and then every hour, as long as the program runs.
pub async fn run(state: AppState) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        let now = state.clock.now();
        if let Err(error) = state.database.maintain(move |conn| tidy(conn, now)).await {
            tracing::warn!(error = ?error.to_string(), "housekeeping failed, and is tried again in an hour");
        }
    }
}

diesel::define_sql_function!(
    /// Makes one row of the rows of a day; how many rows went into it.
    fn license_add_up() -> BigInt
);

diesel::define_sql_function!(
    /// Makes rows of so many lists; how many lists went.
    fn license_take_apart(most: Integer) -> BigInt
);

/// A part of a round.
type Step = fn(&mut PgConnection, DateTime<Utc>) -> Result<(), AppError>;

/// What is done, in this order.
const STEPS: [(&str, Step); 11] = [
    ("ended sessions", |conn, now| Ok(session::delete_ended(conn, now).map(drop)?)),
    ("failed sign-ins", |conn, now| {
        let old = sign_in_failures::table.filter(sign_in_failures::last_failed_at.lt(now - FORGOTTEN_AFTER));
        Ok(diesel::delete(old).execute(conn).map(drop)?)
    }),
    ("links", |conn, now| {
        let old = password_links::table.filter(password_links::expires_at.lt(now - LINKS_KEPT));
        Ok(diesel::delete(old).execute(conn).map(drop)?)
    }),
    ("mail", |conn, now| {
        let gone = outbox::sent_at.is_not_null().or(outbox::failed_at.is_not_null());
        let old = outbox::table.filter(gone).filter(outbox::created_at.lt(now - MAILS_KEPT));
        Ok(diesel::delete(old).execute(conn).map(drop)?)
    }),
    // today in UTC, which it is in most time zones most of the day
    ("the base day of the license figures", |conn, now| move_base_day(conn, now.date_naive()).map(drop)),
    ("the sums of the license figures", |conn, _| add_up_figures(conn).map(drop)),
    ("deleted people", |conn, now| {
        while forget_deleted(conn, now)? == FORGOTTEN_AT_ONCE {}
        Ok(())
    }),
    ("the log of closed days", |conn, _| forget_closed_days(conn)),
    // of work that is over, the audit log has the facts
    ("finished work", |conn, now| {
        Ok(diesel::delete(jobs::table.filter(jobs::finished_at.lt(now - JOBS_KEPT))).execute(conn).map(drop)?)
    }),
    ("imports", |conn, now| {
        imports::forget_uploads(conn, now)?;
        while imports::forget_import(conn, now)? {}
        Ok(())
    }),
    ("what imports depended on", |conn, _| imports::forget_disturbances(conn)),
];

/// One round. Several servers may do it at the same time. Where a step fails, the others are done nevertheless, and the
/// first failure is the outcome.
pub fn tidy(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    let mut outcome = Ok(());
    for (what, step) in STEPS {
        let done = step(conn, now);
        if let Err(error) = &done {
            tracing::warn!(what, error = ?error.to_string(), "a step of housekeeping failed");
        }
        outcome = outcome.and(done);
    }
    outcome
}

/// What the check has seen of days that are closed is in their figures; the last one's is there for the closing of the
/// next day, which looks for transactions that ended late.
fn forget_closed_days(conn: &mut PgConnection) -> Result<(), AppError> {
    prepared(
        "delete from license_log l using license_days_closed d
         where d.root_id = l.root_id and l.checked and l.day < d.closed_until",
    )
    .execute(conn)?;
    Ok(())
}

/// How many people one transaction forgets, so that it ends in time.
const FORGOTTEN_AT_ONCE: usize = 5_000;

/// Deletes people who can no longer be restored from the archive, and what the audit log knows
/// about them; its entries stay. Returns how many it were.
pub fn forget_deleted(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, AppError> {
    db::write(conn, &Actor::Program { address: None }, |conn| {
        let due: Vec<UserId> = deleted_users::table
            .filter(deleted_users::restorable_until.le(now))
            .order(deleted_users::user_id)
            .limit(FORGOTTEN_AT_ONCE as i64)
            .select(deleted_users::user_id)
            .for_update()
            .skip_locked()
            .load(conn)?;
        if due.is_empty() {
            return Ok(Audited::unchanged(0));
        }
        // in this order: the audit log gives up only people who are nowhere else
        diesel::delete(deleted_users::table.filter(deleted_users::user_id.eq_any(&due))).execute(conn)?;
        diesel::delete(audit_changes::table.filter(audit_changes::person_id.eq_any(&due))).execute(conn)?;
        diesel::delete(import_plan::table.filter(import_plan::person_id.eq_any(&due))).execute(conn)?;
        Ok(Audited::new(due.len(), Entry::new("user.forgotten").detail(json!({ "users": due.len() }))))
    })
}

/// Moves the base day of the license figures; false when a bulk change was busy with them.
pub fn move_base_day(conn: &mut PgConnection, to: NaiveDate) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Moved {
        #[diesel(sql_type = Bool)]
        moved: bool,
    }
    let moved: Moved = diesel::sql_query("select license_fold($1) as moved").bind::<Date, _>(to).get_result(conn)?;
    Ok(moved.moved)
}

/// Adds up what writers have noted for the same day of the license figures, in rows or lists. Returns how many rows went
/// into it.
pub fn add_up_figures(conn: &mut PgConnection) -> Result<i64, AppError> {
    take_figures_apart(conn)?;
    Ok(diesel::select(license_add_up()).get_result(conn)?)
}

/// How many lists one transaction makes rows of, so that it ends in time.
const LISTS_AT_ONCE: i32 = 500;

/// Makes rows of the lists that bulk changes have left in the license figures, which are read faster. Outside of a
/// transaction.
pub fn take_figures_apart(conn: &mut PgConnection) -> Result<(), AppError> {
    loop {
        let gone: i64 = diesel::select(license_take_apart(LISTS_AT_ONCE)).get_result(conn)?;
        if gone < i64::from(LISTS_AT_ONCE) {
            return Ok(());
        }
    }
}

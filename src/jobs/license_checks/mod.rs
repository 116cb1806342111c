//! Keeps the license terms: once a day closes the days that have ended, puts renewals into force, and every few seconds
//! looks at the roots where something has changed or the time has come. What it finds is dated as if it had
//! looked all the time, so that it does not matter how often it runs, or whether it ran at all.
//!
//! Several servers may do it: one at a time holds the lock, and what it finds is stored together with how far it has
//! come, in one transaction.

mod judge;
mod load;
mod mails;
mod store;
mod when;

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Timestamptz};

use crate::app::AppState;
use crate::db::audit::{Actor, Audited};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::agreements::commands::{begin_due, due};

/// How soon people are told. Looking costs two looks into an index when there is nothing to do.
const EVERY: Duration = Duration::from_secs(10);

/// Roots that are checked in one transaction.
const AT_ONCE: usize = 2_000;

/// Checks as long as the program runs.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = check_all(&state).await {
            tracing::warn!(error = ?error.to_string(), "the license terms could not be checked, and are checked again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Checks everything that is due. Nothing when another server is at it.
pub async fn check_all(state: &AppState) -> Result<(), AppError> {
    let now = state.clock.now();
    let origin = state.origins().first().cloned().unwrap_or_default();
    state.database.maintain(move |conn| close_days(conn, now)).await?;
    loop {
        let link = origin.clone();
        let by_itself = Actor::Program { address: None };
        let checked = state.database.write(by_itself, move |conn| check(conn, &link, now)).await?;
        if checked < AT_ONCE {
            return Ok(());
        }
    }
}

/// Closes the days that have ended, so that the first writer of the day need not.
fn close_days(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), AppError> {
    prepared("select license_close_days($1)").bind::<Timestamptz, _>(now).execute(conn)?;
    Ok(())
}

/// Checks the next roots; returns how many. `origin`: where people reach this program.
pub fn check(conn: &mut PgConnection, origin: &str, now: DateTime<Utc>) -> Result<Audited<usize>, AppError> {
    if !is_mine(conn)? {
        return Ok(Audited::unchanged(0));
    }
    let mut audited = Audited::unchanged(());
    loop {
        let beginning = due(conn, now)?;
        if beginning.is_empty() {
            break;
        }
        // the terms that end are kept until their last moment, before the next ones are in force
        let ending = load::load_until_terms_end(conn, &beginning)?;
        let kept = keep(conn, origin, &ending, now)?;
        audited = audited.join(kept).join(begin_due(conn, now)?).map(|_| ());
    }
    let known = load::load(conn, AT_ONCE, now)?;
    Ok(audited.join(keep(conn, origin, &known, now)?).map(|((), checked)| checked))
}

/// Judges what is known of some roots and stores what comes of it; returns how many roots.
fn keep(
    conn: &mut PgConnection,
    origin: &str,
    known: &load::Known,
    now: DateTime<Utc>,
) -> Result<Audited<usize>, AppError> {
    let found: Vec<_> = known.roots.iter().map(|root| judge::judge(root, &known.terms)).collect();
    Ok(store::store(conn, origin, &found, now)?.map(|()| found.len()))
}

/// Takes the lock for the rest of the transaction; false when another server has it.
fn is_mine(conn: &mut PgConnection) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Taken {
        #[diesel(sql_type = Bool)]
        taken: bool,
    }
    let taken: Taken =
        prepared("select pg_try_advisory_xact_lock(hashtext('license_checks')) as taken").get_result(conn)?;
    Ok(taken.taken)
}

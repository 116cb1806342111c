//! The queue of work in the background. A server claims a job for a short time and renews that while
//! it works; the job of a server that died is claimed by another one. A job is marked as done in the
//! transaction that does its work, so that it takes effect once, however often it is tried.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{JobId, UserId};
use crate::schema::jobs;

/// For how long a job is claimed; it is renewed several times in that.
pub const LEASE: TimeDelta = TimeDelta::seconds(15);

/// How often a job is tried before it has failed.
const MOST_ATTEMPTS: i32 = 5;

/// The longest pause between two attempts.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// A job that is claimed.
#[derive(Debug, QueryableByName)]
pub struct Claimed {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: JobId,
    /// What is to be done.
    #[diesel(sql_type = Jsonb)]
    pub payload: Value,
    /// For whom; none when the account is gone.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by: Option<UserId>,
    /// Which attempt this is; the first is 1. It tells whether the job is still ours.
    #[diesel(sql_type = Integer)]
    pub attempts: i32,
}

/// Puts work into the queue.
pub fn enqueue(
    conn: &mut PgConnection,
    kind: &str,
    payload: &Value,
    by: UserId,
    total: u64,
    now: DateTime<Utc>,
) -> Result<JobId, AppError> {
    Ok(diesel::insert_into(jobs::table)
        .values((
            jobs::kind.eq(kind),
            jobs::payload.eq(payload),
            jobs::created_by.eq(by),
            jobs::created_at.eq(now),
            jobs::run_at.eq(now),
            jobs::progress_total.eq(i64::try_from(total).unwrap_or(i64::MAX)),
        ))
        .returning(jobs::id)
        .get_result(conn)?)
}

/// Claims the job that waits longest, if one is due.
pub fn claim(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<Claimed>, AppError> {
    Ok(prepared(include_str!("claim.sql"))
        .bind::<Timestamptz, _>(now)
        .bind::<Timestamptz, _>(now + LEASE)
        .bind::<Integer, _>(MOST_ATTEMPTS)
        .get_result(conn)
        .optional()?)
}

/// Renews the claim, and tells how far the work is. False when the job is not ours any more.
pub fn renew(
    conn: &mut PgConnection,
    job: JobId,
    attempt: i32,
    done: u64,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    let ours = jobs::table.find(job).filter(jobs::state.eq("running")).filter(jobs::attempts.eq(attempt));
    let renewed = diesel::update(ours)
        .set((jobs::leased_until.eq(now + LEASE), jobs::progress_done.eq(i64::try_from(done).unwrap_or(i64::MAX))))
        .execute(conn)?;
    Ok(renewed > 0)
}

/// Marks the job as done, in the transaction of its work. When another server has claimed it meanwhile,
/// that fails, and with it the work.
pub fn complete(
    conn: &mut PgConnection,
    job: JobId,
    attempt: i32,
    result: &Value,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let ours = jobs::table.find(job).filter(jobs::state.eq("running")).filter(jobs::attempts.eq(attempt));
    let completed = diesel::update(ours)
        .set((
            jobs::state.eq("done"),
            jobs::leased_until.eq(None::<DateTime<Utc>>),
            jobs::finished_at.eq(now),
            jobs::result.eq(result),
            jobs::progress_done.eq(diesel::dsl::sql::<BigInt>("coalesce(progress_total, progress_done)")),
        ))
        .execute(conn)?;
    if completed == 0 {
        return Err(AppError::Busy("the job was taken over by another server".into()));
    }
    Ok(())
}

/// The attempt failed: the next one is later, or there is none.
pub fn fail(
    conn: &mut PgConnection,
    job: JobId,
    attempt: i32,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    let pause = TimeDelta::seconds(1 << attempt.clamp(0, 10)).min(LONGEST_PAUSE);
    let last = attempt >= MOST_ATTEMPTS;
    prepared(include_str!("fail.sql"))
        .bind::<SqlUuid, _>(job)
        .bind::<Integer, _>(attempt)
        .bind::<Text, _>(error.chars().take(500).collect::<String>())
        .bind::<Nullable<Timestamptz>, _>(last.then_some(now))
        .bind::<Timestamptz, _>(now + pause)
        .execute(conn)?;
    Ok(())
}

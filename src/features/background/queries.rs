//! A person's own jobs.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::error::AppError;
use crate::ids::JobId;
use crate::jobs::work::{Outcome, Payload};
use crate::schema::jobs;
use crate::web::guards::SignedIn;

/// How many jobs are listed.
const MOST: i64 = 50;

/// A job.
#[derive(Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is done.
    pub payload: Payload,
    /// How far it is.
    pub state: State,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has not begun, or is tried again later.
    Waiting,
    /// So many things are done, of how many.
    Running(u64, u64),
    /// It is over.
    Done(Outcome),
    /// It was tried several times; nothing was done.
    Failed,
}

type Row = (JobId, serde_json::Value, String, DateTime<Utc>, i64, Option<i64>, Option<serde_json::Value>);

fn job(row: Row) -> Option<Job> {
    let (id, payload, state, created_at, done, total, result) = row;
    let state = match state.as_str() {
        "running" => State::Running(done.unsigned_abs(), total.unwrap_or(0).unsigned_abs()),
        "done" => State::Done(serde_json::from_value(result?).ok()?),
        "failed" => State::Failed,
        _ => State::Waiting,
    };
    Some(Job { id, payload: serde_json::from_value(payload).ok()?, state, created_at })
}

/// One of the person's own jobs.
pub fn own_job(conn: &mut PgConnection, by: &SignedIn, id: JobId) -> Result<Option<Job>, AppError> {
    let row: Option<Row> = jobs::table
        .find(id)
        .filter(jobs::created_by.eq(by.viewer().id))
        .select((
            jobs::id,
            jobs::payload,
            jobs::state,
            jobs::created_at,
            jobs::progress_done,
            jobs::progress_total,
            jobs::result,
        ))
        .first(conn)
        .optional()?;
    Ok(row.and_then(job))
}

/// The person's own jobs, the latest first.
pub fn own_jobs(conn: &mut PgConnection, by: &SignedIn) -> Result<Vec<Job>, AppError> {
    let rows: Vec<Row> = jobs::table
        .filter(jobs::created_by.eq(by.viewer().id))
        .order(jobs::created_at.desc())
        .select((
            jobs::id,
            jobs::payload,
            jobs::state,
            jobs::created_at,
            jobs::progress_done,
            jobs::progress_total,
            jobs::result,
        ))
        .limit(MOST)
        .load(conn)?;
    Ok(rows.into_iter().filter_map(job).collect())
}

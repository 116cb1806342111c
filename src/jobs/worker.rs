//! Does the work in the queue, one job at a time on each server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;

use super::housekeeping;
use super::queue::{self, Claimed};
use super::work::{Outcome, Payload};
use crate::app::AppState;
use crate::error::AppError;

/// How often an idle server looks for work that it was not told of: another server's, or what is due later.
const IDLE: Duration = Duration::from_millis(250);

/// How often progress is told and the claim renewed.
const BEAT: Duration = Duration::from_millis(500);

/// Works as long as the program runs.
pub async fn run(state: AppState) {
    loop {
        match run_next(&state).await {
            Ok(true) => {}
            // told or not, it looks
            Ok(false) => drop(tokio::time::timeout(IDLE, state.work_comes()).await),
            Err(error) => {
                tracing::warn!(error = ?error.to_string(), "the queue of jobs cannot be read");
                tokio::time::sleep(20 * IDLE).await;
            }
        }
    }
}

/// Does the next job, if one is due; false when there is none.
pub async fn run_next(state: &AppState) -> Result<bool, AppError> {
    let now = state.clock.now();
    let Some(job) = state.database.maintain(move |conn| queue::claim(conn, now)).await? else {
        return Ok(false);
    };
    let (id, attempt) = (job.id, job.attempts);
    let worked = work(state, job).await;
    if worked.is_ok() {
        // what a bulk change has left in the license figures; housekeeping does it otherwise
        let taken_apart = state.database.maintain(housekeeping::take_figures_apart).await;
        if let Err(error) = taken_apart {
            tracing::warn!(error = ?error.to_string(), "the license figures are left as lists");
        }
    }
    // what a person would be refused is no failure, and no better the next time
    let refused = match &worked {
        Err(AppError::Unusable(reason)) => Some(Outcome::Refused { reason: reason.clone() }),
        Err(AppError::NotFound | AppError::Forbidden) => Some(Outcome::Moved),
        _ => None,
    };
    if let Some(outcome) = refused {
        let result = serde_json::to_value(outcome).map_err(AppError::internal)?;
        let now = state.clock.now();
        state.database.maintain(move |conn| queue::complete(conn, id, attempt, &result, now)).await?;
    } else if let Err(error) = worked {
        let text = error.to_string();
        tracing::warn!(job = %id, attempt, error = ?text, "a job failed");
        let now = state.clock.now();
        state.database.maintain(move |conn| queue::fail(conn, id, attempt, &text, now)).await?;
    }
    Ok(true)
}

async fn work(state: &AppState, job: Claimed) -> Result<(), AppError> {
    let payload: Payload = serde_json::from_value(job.payload.clone()).map_err(AppError::internal)?;
    let (id, attempt, now) = (job.id, job.attempts, state.clock.now());
    let (done, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let beating = tokio::task::spawn_local(beat(state.clone(), id, attempt, Arc::clone(&done), Arc::clone(&over)));
    let actor = payload.actor(job.created_by);
    let worked = state
        .database
        .write(actor, move |conn| {
            // longer than a page may take, and not forever
            conn.batch_execute("set local statement_timeout to '10min'; set local lock_timeout to '5min'")?;
            let progress = |count: usize| done.store(count as u64, Ordering::Relaxed);
            payload.run(conn, &job, now, &progress)
        })
        .await;
    over.store(true, Ordering::Relaxed);
    beating.abort();
    worked
}

/// Tells the progress and renews the claim until the work is over.
async fn beat(state: AppState, id: crate::ids::JobId, attempt: i32, done: Arc<AtomicU64>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        tokio::time::sleep(BEAT).await;
        let (count, now) = (done.load(Ordering::Relaxed), state.clock.now());
        let renewed = state.database.maintain(move |conn| queue::renew(conn, id, attempt, count, now)).await;
        if let Ok(false) = renewed {
            return;
        }
    }
}

//! Jobs: one with its progress, and all of one's own.

use actix_web::{HttpResponse, web};

use super::pages::{ListPage, Row, ShowPage};
use super::queries::{self, State};
use crate::app::AppState;
use crate::error::AppError;
use crate::jobs::work::Outcome;
use crate::web::guards::SignedIn;
use crate::web::page::{self, Chrome, Section};

/// GET `/jobs/{job_id}`. When it is done: where it leads.
pub async fn show(by: SignedIn, path: web::Path<String>, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let asking = by.clone();
    let job = state.database.read(move |conn| queries::own_job(conn, &asking, id)).await?;
    let job = job.ok_or(AppError::NotFound)?;
    if let State::Done(Outcome::Done { .. } | Outcome::Nothing) = job.state {
        return Ok(page::see_other(&Row::address(&job)));
    }
    page::ok(&ShowPage::new(Chrome::new("In the background", by.viewer(), Section::Elsewhere), job))
}

/// GET `/jobs`.
pub async fn list(by: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    let jobs = state.database.read(move |conn| queries::own_jobs(conn, &asking)).await?;
    let zone = by.viewer().time_zone;
    page::ok(&ListPage {
        chrome: Chrome::new("In the background", by.viewer(), Section::Elsewhere),
        rows: jobs.into_iter().map(|job| Row::new(&job, now, zone)).collect(),
    })
}

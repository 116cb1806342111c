//! The learner's own page, and one learning experience.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::pages::{ClosedPage, ListPage, Row, ShowPage};
use super::queries::Access;
use super::{commands, queries};
use crate::app::AppState;
use crate::error::AppError;
use crate::web::form::Asked;
use crate::web::guards::SignedIn;
use crate::web::page::{self, Chrome, Section};

/// GET `/learn`.
pub async fn list(by: SignedIn, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let enrolments = state.database.read(move |conn| queries::own_enrolments(conn, &asking, now)).await?;
    page::ok(&ListPage {
        chrome: Chrome::new("My learning", by.viewer(), Section::Learning),
        rows: enrolments.into_iter().map(Row::from).collect(),
    })
}

/// The query of one: what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    completed: String,
}

/// GET `/learn/{experience_id}`: whoever is enrolled opens it while the enrolment is live, and is told
/// why not otherwise.
pub async fn show(
    by: SignedIn,
    path: web::Path<String>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let own = state.database.read(move |conn| queries::own_enrolment(conn, &asking, id, now)).await?;
    let access = own.enrolment.access();
    if access != Access::Open {
        let title = format!("Error: {}", own.enrolment.title);
        let chrome = Chrome::new(&title, by.viewer(), Section::Learning);
        return page::html(StatusCode::FORBIDDEN, &ClosedPage::new(chrome, own.enrolment, access));
    }
    if commands::is_due(own.enrolment.last_accessed_at, now) {
        let (asking, actor) = (by.clone(), by.actor());
        state.database.write(actor, move |conn| commands::record_access(conn, &asking, id, now)).await?;
    }
    let chrome = Chrome::new(&own.enrolment.title, by.viewer(), Section::Learning);
    page::ok(&ShowPage::new(chrome, own, !query.completed.is_empty()))
}

/// POST `/learn/{experience_id}/complete`: "Mark as complete". Twice is as good as once.
pub async fn complete(
    by: SignedIn,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, actor) = (page::id(&path)?, state.clock.now(), by.actor());
    state.database.write(actor, move |conn| commands::complete(conn, &by, id, now)).await?;
    Ok(page::see_other(&format!("/learn/{id}?completed=1")))
}

//! The screen of the limits of an organisation's children.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::commands;
use super::forms::{LimitsForm, Typed, at_most};
use super::pages::{LimitsPage, State};
use super::queries::{self, Child, Parent};
use crate::app::AppState;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::form::{Asked, LongForm};
use crate::web::guards::{Allowed, SetLimits};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::page_number;

/// The query of the screen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LimitsQuery {
    page: Option<String>,
    saved: Option<String>,
}

/// GET `/organisations/{organisation_id}/limits`.
pub async fn show(
    by: Allowed<SetLimits>,
    path: web::Path<String>,
    Asked(query): Asked<LimitsQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let number = page_number(query.page.as_deref());
    let read = read(&by, page::id(&path)?, number, &state).await?;
    let shown = if query.saved.is_some() { State::Saved } else { State::Fresh };
    page::ok(&page_of(&by, &read, number, &Typed::default(), &shown))
}

/// POST `/organisations/{organisation_id}/limits`.
pub async fn set(
    by: Allowed<SetLimits>,
    path: web::Path<String>,
    Asked(query): Asked<LimitsQuery>,
    LongForm(form): LongForm<LimitsForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, number, now) = (page::id(&path)?, page_number(query.page.as_deref()), state.clock.now());
    let shown = read(&by, id, number, &state).await?;
    let typed = form.typed();
    if !form.tells_what_was_shown() {
        return page::html(StatusCode::CONFLICT, &page_of(&by, &shown, number, &typed, &State::Outdated));
    }
    let changes = match form.changes(&shown.1, at_most(&shown.0, by.scope_parameter().is_none())) {
        Ok(changes) => changes,
        Err(wrong) => {
            let page = page_of(&by, &shown, number, &typed, &State::Wrong(wrong));
            return page::html(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let (asking, actor) = (by.clone(), by.by().actor());
    let done = state.database.write(actor, move |conn| commands::set(conn, &asking, id, &changes, now)).await?;
    if done {
        return Ok(page::see_other(&format!("/organisations/{id}/limits?page={number}&saved=1")));
    }
    let fresh = read(&by, id, number, &state).await?;
    page::html(StatusCode::CONFLICT, &page_of(&by, &fresh, number, &typed, &State::Outdated))
}

async fn read(
    by: &Allowed<SetLimits>,
    id: OrganisationId,
    number: u32,
    state: &AppState,
) -> Result<(Parent, Vec<Child>), AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    let read = state
        .database
        .read(move |conn| Ok((queries::parent(conn, &asking, id, now)?, queries::children(conn, id, number, now)?)))
        .await?;
    if read.1.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    Ok(read)
}

fn page_of(
    by: &Allowed<SetLimits>,
    (parent, children): &(Parent, Vec<Child>),
    number: u32,
    typed: &Typed,
    state: &State,
) -> LimitsPage {
    let title = format!("Limits: {}", parent.name);
    let title = if matches!(state, State::Wrong(_) | State::Outdated) { format!("Error: {title}") } else { title };
    let chrome = Chrome::new(&title, by.by().viewer(), Section::Organisations);
    let is_everything = by.scope_parameter().is_none();
    LimitsPage::new(chrome, parent, children, number, typed, state, is_everything)
}

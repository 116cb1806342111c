//! Undo: the former expiry dates come back.

use actix_web::http::Uri;
use actix_web::http::header::REFERER;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::{commands, queries};
use crate::jobs::work::{self, Payload, Work};
use crate::web::form::Sent;
use crate::web::guards::{Allowed, Enrol};
use crate::web::page;
use crate::web::pager::with_query;

/// The audit entry whose changes are taken back.
#[derive(Deserialize)]
pub struct UndoForm {
    #[serde(default)]
    entry: String,
}

/// POST `/enrolments/undo`.
pub async fn undo(
    by: Allowed<Enrol>,
    Sent(form): Sent<UndoForm>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let entry = form.entry.parse().map_err(|_| AppError::Unusable("Nothing says what is to be undone.".into()))?;
    let (now, asking) = (state.clock.now(), by.clone());
    let (count, experience) = state
        .database
        .read(move |conn| Ok((queries::changed_by(conn, &asking, entry)?.len(), queries::experience_of(conn, entry)?)))
        .await?;
    let lists = match experience {
        Some(id) => vec![format!("/experiences/{id}/enrolments")],
        None => vec!["/users".to_owned(), "/free-up".to_owned()],
    };
    let back = as_it_was(&request, &lists).unwrap_or_else(|| lists.into_iter().next().unwrap_or_default());
    let actor = by.by().actor();
    if count >= work::FROM {
        let (payload, person) = (Payload::new(Work::UndoExpiry { entry }, by.by(), back), by.by().viewer().id);
        let job = state.database.write(actor, move |conn| payload.enqueue(conn, person, count, now)).await?;
        state.work_waits();
        return Ok(page::see_other(&format!("/jobs/{job}")));
    }
    let undone = state.database.write(actor, move |conn| commands::undo(conn, &by, entry, now, &|_| {})).await?;
    let done = match (undone.entry, undone.kept) {
        (Some(entry), _) => entry.to_string(),
        (None, 0) => "nothing".to_owned(),
        (None, _) => "kept".to_owned(),
    };
    let separator = if back.contains('?') { '&' } else { '?' };
    Ok(page::see_other(&format!("{back}{separator}done={done}")))
}

/// One of these lists with the filters that it had when undoing was asked for there, or the page of a person.
fn as_it_was(request: &HttpRequest, lists: &[String]) -> Option<String> {
    let from = Uri::try_from(request.headers().get(REFERER)?.as_bytes()).ok()?;
    let pairs: Vec<_> =
        form_urlencoded::parse(from.query()?.as_bytes()).filter(|(name, _)| name != "done" && name != "page").collect();
    let is_person = |path: &str| path.strip_prefix("/users/").is_some_and(|id| id.parse::<Uuid>().is_ok());
    let path = Some(from.path()).filter(|path| lists.iter().any(|list| list == path) || is_person(path))?;
    Some(with_query(path, pairs))
}

//! Undo: the former expiry dates come back.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::{commands, queries};
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
    form: web::Form<UndoForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let entry = form.entry.parse().map_err(|_| AppError::Unusable("Nothing says what is to be undone.".into()))?;
    let (now, actor, acting) = (state.clock.now(), by.by().actor(), by.clone());
    let undone = state.database.write(actor, move |conn| commands::undo(conn, &acting, entry, now)).await?;
    let experience = state.database.read(move |conn| queries::experience_of(conn, entry)).await?;
    let path = experience.map_or("/users".to_owned(), |id| format!("/experiences/{id}/enrolments"));
    let done = undone.entry.map_or("nothing".to_owned(), |id| id.to_string());
    Ok(page::see_other(&with_query(&path, [("done", done)])))
}

//! Undo: the former expiry dates come back.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::{commands, queries};
use crate::jobs::work::{self, Payload, Work};
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
    let (now, asking) = (state.clock.now(), by.clone());
    let (count, experience) = state
        .database
        .read(move |conn| Ok((queries::changed_by(conn, &asking, entry)?.len(), queries::experience_of(conn, entry)?)))
        .await?;
    let back = experience.map_or("/users".to_owned(), |id| format!("/experiences/{id}/enrolments"));
    let actor = by.by().actor();
    if count >= work::FROM {
        let (payload, person) = (Payload::new(Work::UndoExpiry { entry }, by.by(), back), by.by().viewer().id);
        let job = state.database.write(actor, move |conn| payload.enqueue(conn, person, count, now)).await?;
        state.work_waits();
        return Ok(page::see_other(&format!("/jobs/{job}")));
    }
    let undone = state.database.write(actor, move |conn| commands::undo(conn, &by, entry, now, &|_, _| {})).await?;
    let done = match (undone.entry, undone.kept) {
        (Some(entry), _) => entry.to_string(),
        (None, 0) => "nothing".to_owned(),
        (None, _) => "kept".to_owned(),
    };
    Ok(page::see_other(&with_query(&back, [("done", done)])))
}

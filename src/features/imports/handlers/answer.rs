//! The answer to a plan: do it, or call it off.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::show::{ShowQuery, answer};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::imports::commands::{self, Applied, Confirm, Missing};
use crate::features::imports::pages::told::Told;
use crate::features::imports::queries::{self, State};
use crate::web::form::{Sent, number};
use crate::web::guards::{Allowed, Import as MayImport};
use crate::web::page;

/// The form below a plan.
#[derive(Deserialize)]
pub struct ConfirmForm {
    /// The fingerprint of the plan that was seen. Scripts may leave the field out (`domain.md` §10): they mean the plan that
    /// the page shows at that moment. With an empty one nothing is applied.
    seen: Option<String>,
    #[serde(default)]
    missing: String,
    #[serde(default)]
    typed: String,
}

impl ConfirmForm {
    fn missing(&self) -> Result<Missing, AppError> {
        match self.missing.as_str() {
            "" | "delete" => Ok(Missing::Delete),
            "expire" => Ok(Missing::Expire),
            "keep" => Ok(Missing::Keep),
            _ => Err(AppError::Unusable("“missing” is one of delete, expire and keep.".into())),
        }
    }
}

/// POST `/imports/{import_id}/confirm`.
pub async fn confirm(
    by: Allowed<MayImport>,
    path: web::Path<String>,
    Sent(form): Sent<ConfirmForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let missing = form.missing()?;
    let import = state.database.read(move |conn| queries::import(conn, &asking, id)).await?;
    match import.state() {
        State::Planned | State::Applied => {}
        // somebody has pressed the button already: the page tells how far it is
        State::Applying => return Ok(page::see_other(&format!("/imports/{id}"))),
        State::Reading | State::Refused | State::Cancelled => {
            return answer(StatusCode::CONFLICT, &by, id, ShowQuery::default(), Told::NothingToConfirm, &state).await;
        }
    }
    let seen = form.seen.clone().or(import.fingerprint.clone()).unwrap_or_default();
    let before = import.counts().filter(|_| import.fingerprint.as_deref() == Some(&seen));
    let confirm = Confirm { import: id, seen, missing, typed: number(&form.typed) };
    let (actor, asking) = (by.by().actor(), by.clone());
    let applied = state.database.write(actor, move |conn| commands::begin(conn, &asking, &confirm, now)).await?;
    let (status, told) = match applied {
        Applied::Done | Applied::Queued => {
            state.work_waits();
            return Ok(page::see_other(&format!("/imports/{id}")));
        }
        Applied::Moved if form.seen.as_deref() == Some("") => (StatusCode::CONFLICT, Told::NotSeen),
        Applied::Moved => (StatusCode::CONFLICT, Told::Moved(before.map(Box::new))),
        Applied::NotPlanned => (StatusCode::CONFLICT, Told::NothingToConfirm),
        Applied::TypeFirst(count) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Told::TypeFirst { count, typed: form.typed.trim().to_owned() })
        }
    };
    answer(status, &by, id, ShowQuery::default(), told, &state).await
}

/// POST `/imports/{import_id}/cancel`.
pub async fn cancel(
    by: Allowed<MayImport>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let (actor, asking) = (by.by().actor(), by.clone());
    let cancelled = state.database.write(actor, move |conn| commands::cancel(conn, &asking, id)).await?;
    if cancelled {
        return Ok(page::see_other(&format!("/imports/{id}")));
    }
    answer(StatusCode::CONFLICT, &by, id, ShowQuery::default(), Told::TooLateToCancel, &state).await
}

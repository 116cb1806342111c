//! Bringing back whom an import has deleted.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;

use super::show::{ShowQuery, answer};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::imports::commands::{self, Begun, Whom};
use crate::features::imports::pages::conflicts::ConflictsPage;
use crate::features::imports::pages::told::Told;
use crate::features::imports::queries;
use crate::ids::UserId;
use crate::people::restoring::NotRestored;
use crate::web::form::Sent;
use crate::web::guards::{Allowed, Import as MayImport};
use crate::web::page;
use crate::web::pager::with_query;

/// Who is to come back: with neither, everybody.
#[derive(Deserialize)]
pub struct RestoreForm {
    /// These people.
    #[serde(default)]
    ids: Vec<String>,
    /// Everybody but these people.
    #[serde(default)]
    without: Vec<String>,
    /// Sent by the button for ticked people, so that no tick does not mean everybody.
    #[serde(default)]
    ticked: String,
}

impl RestoreForm {
    /// None when nobody is ticked.
    fn whom(&self) -> Result<Option<Whom>, AppError> {
        let ids = |texts: &[String]| -> Result<Vec<UserId>, AppError> {
            let ids: Result<Vec<UserId>, _> = texts.iter().map(|id| id.parse()).collect();
            let mut ids = ids.map_err(|_| AppError::NotFound)?;
            ids.sort_unstable();
            ids.dedup();
            Ok(ids)
        };
        Ok(match (self.ids.is_empty(), self.without.is_empty()) {
            (false, _) => Some(Whom::These(ids(&self.ids)?)),
            (true, false) => Some(Whom::AllBut(ids(&self.without)?)),
            (true, true) => self.ticked.is_empty().then_some(Whom::Everybody),
        })
    }
}

/// POST `/imports/{import_id}/restore`.
pub async fn restore(
    by: Allowed<MayImport>,
    path: web::Path<String>,
    Sent(form): Sent<RestoreForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let Some(whom) = form.whom()? else {
        let told = Told::NobodyTicked;
        return answer(StatusCode::UNPROCESSABLE_ENTITY, &by, id, ShowQuery::default(), told, &state).await;
    };
    let (actor, asking, wanted) = (by.by().actor(), by.clone(), whom.clone());
    let begun = move |conn: &mut PgConnection| commands::begin_restoring(conn, &asking, id, &wanted, now);
    let told = match state.database.write(actor, begun).await? {
        Ok(Begun::Done(entry)) => {
            let done = entry.map_or_else(|| "nothing".to_owned(), |entry| entry.to_string());
            return Ok(page::see_other(&with_query(&format!("/imports/{id}"), [("done", done)])));
        }
        Ok(Begun::Queued(job)) => {
            state.work_waits();
            return Ok(page::see_other(&format!("/jobs/{job}")));
        }
        Err(NotRestored::Conflicts(conflicts)) => {
            let asking = by.clone();
            let (import, left) = state
                .database
                .read(move |conn| {
                    let import = queries::import(conn, &asking, id)?;
                    let left = queries::left_to_restore(conn, &import, now)?;
                    Ok((import, left))
                })
                .await?;
            let page = ConflictsPage::new(by.by().viewer(), &import, &whom, &conflicts, left);
            return page::html(StatusCode::CONFLICT, &page);
        }
        Err(NotRestored::Elsewhere(count)) => Told::NotRestorable(count),
        Err(NotRestored::Beyond(count)) => Told::BeyondReach(count),
    };
    answer(StatusCode::CONFLICT, &by, id, ShowQuery::default(), told, &state).await
}

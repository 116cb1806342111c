//! Deleting one person, and restoring.

use actix_web::http::header::REFERER;
use actix_web::http::{StatusCode, Uri};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::delete_pages::{ConflictPage, DeletePage, DeletedPage};
use super::{commands, queries, queries_deleted};
use crate::app::AppState;
use crate::error::AppError;
use crate::ids::{EntryId, UserId};
use crate::people::deletion::{NotDeleted, restore_window_days};
use crate::people::instance_admins;
use crate::people::restoring::NotRestored;
use crate::web::form::{Asked, Problems, Sent};
use crate::web::guards::{Allowed, DeleteUsers};
use crate::web::page;
use crate::web::pager::{page_number, with_query};

/// GET `/users/{user_id}/delete`: what goes.
pub async fn confirm_delete(
    by: Allowed<DeleteUsers>,
    path: web::Path<String>,
    request: HttpRequest,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let mut shown = delete_page(&by, page::id(&path)?, Problems::default(), &state).await?;
    shown.list = list_left(&request);
    page::ok(&shown)
}

/// The query of the list of users, if that is where somebody comes from, so that it leads back there.
fn list_left(request: &HttpRequest) -> Option<String> {
    let from = Uri::try_from(request.headers().get(REFERER)?.as_bytes()).ok()?;
    (from.path() == LIST).then(|| from.query().unwrap_or_default().to_owned())
}

const LIST: &str = "/users";

/// The field of the form that deletes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeleteForm {
    /// The query of the list that leads back.
    list: Option<String>,
}

impl DeleteForm {
    /// Where to go afterwards: to the list with what was done, or to those who can be restored.
    fn back(&self, entry: Option<EntryId>) -> String {
        let (Some(list), Some(entry)) = (&self.list, entry) else { return "/users/deleted?done=1".to_owned() };
        let pairs = form_urlencoded::parse(list.as_bytes()).into_owned().filter(|(name, _)| name != "done");
        with_query(LIST, pairs.chain([("done".to_owned(), entry.to_string())]))
    }
}

async fn delete_page(
    by: &Allowed<DeleteUsers>,
    id: UserId,
    problems: Problems,
    state: &AppState,
) -> Result<DeletePage, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let read = state.database.read(move |conn| {
        let account = queries::manageable(conn, &asking, id, now)?;
        let enrolments = queries::enrolments(conn, &asking, &account)?;
        let roles = queries::roles(conn, &asking, &account)?;
        let days = restore_window_days(conn)?;
        Ok(DeletePage::new(asking.by().viewer(), &account, &enrolments, &roles, days, now, problems))
    });
    read.await
}

/// POST `/users/{user_id}/delete`.
pub async fn delete(
    by: Allowed<DeleteUsers>,
    path: web::Path<String>,
    Sent(form): Sent<DeleteForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let (actor, deleting) = (by.by().actor(), by.clone());
    let outcome = state.database.write(actor, move |conn| commands::delete(conn, &deleting, id, now)).await?;
    let problem = match outcome {
        Ok(entry) => return Ok(page::see_other(&form.back(entry))),
        Err(NotDeleted::LastInstanceAdmin) => instance_admins::NEEDED,
        Err(NotDeleted::Yourself | NotDeleted::Elsewhere(_) | NotDeleted::Beyond(_)) => {
            "Nobody deletes their own account. Ask another administrator to do it."
        }
    };
    let mut page = delete_page(&by, id, Problems::one("delete", problem), &state).await?;
    page.list = form.list;
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The query of the list of deleted people.
#[derive(Deserialize)]
pub struct DeletedQuery {
    page: Option<String>,
    done: Option<String>,
}

/// GET `/users/deleted`.
pub async fn deleted(
    by: Allowed<DeleteUsers>,
    Asked(query): Asked<DeletedQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (number, now, asking) = (page_number(query.page.as_deref()), state.clock.now(), by.clone());
    let (days, people) = state
        .database
        .read(move |conn| {
            let days = restore_window_days(conn)?;
            Ok((days, queries_deleted::deleted(conn, &asking, number, now)?))
        })
        .await?;
    if people.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    page::ok(&DeletedPage::new(by.by().viewer(), query.done.is_some(), days, people, number))
}

/// POST `/users/{user_id}/restore`.
pub async fn restore(
    by: Allowed<DeleteUsers>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now) = (page::id(&path)?, state.clock.now());
    let (actor, restoring) = (by.by().actor(), by.clone());
    let outcome = state.database.write(actor, move |conn| commands::restore(conn, &restoring, id, now)).await?;
    match outcome {
        Ok(Some(entry)) => Ok(page::see_other(&format!("/users/{id}?done=restored&entry={entry}"))),
        Ok(None) => Ok(page::see_other(&format!("/users/{id}"))),
        Err(NotRestored::Conflicts(conflicts)) => match conflicts.first() {
            Some(conflict) => page::html(StatusCode::CONFLICT, &ConflictPage::new(by.by().viewer(), conflict)),
            None => Err(AppError::NotFound),
        },
        Err(NotRestored::Elsewhere(_) | NotRestored::Beyond(_)) => Err(AppError::NotFound),
    }
}

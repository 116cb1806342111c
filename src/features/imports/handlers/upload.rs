//! Choose file, organisation, "Synchronize Users", Submit.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use diesel::PgConnection;
use serde::Deserialize;

use super::receive::{NotReceived, Received, Store, receive};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::accounts::queries_organisations::{organisation, tops};
use crate::features::imports::commands::{self, MOST_BYTES, Upload};
use crate::features::imports::pages::form::{FormPage, Typed};
use crate::features::organisations::queries as organisations;
use crate::ids::OrganisationId;
use crate::web::form::{Asked, Problems};
use crate::web::guards::{Allowed, Import as MayImport};
use crate::web::page;

/// Bytes of a form besides its file.
const AROUND: u64 = 64 * 1024;

/// The query of the form.
#[derive(Deserialize)]
pub struct FormQuery {
    #[serde(default)]
    organisation: String,
}

/// GET `/users/import`.
pub async fn form(
    by: Allowed<MayImport>,
    Asked(query): Asked<FormQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed { organisation: query.organisation.parse().ok(), ..Typed::default() };
    page::ok(&form_page(&by, typed, Problems::default(), &state).await?)
}

async fn form_page(
    by: &Allowed<MayImport>,
    typed: Typed,
    problems: Problems,
    state: &AppState,
) -> Result<FormPage, AppError> {
    let asking = by.clone();
    let read = state.database.read(move |conn| {
        let known = match typed.organisation {
            Some(id) => organisation(conn, &asking, id)?.map(|known| known.id),
            None if typed.chose_none => None,
            None => only_top(conn, &asking)?,
        };
        let offered = organisations::choices(conn, &asking, known)?;
        Ok((known, offered))
    });
    let (known, offered) = read.await?;
    let typed = Typed { organisation: known, ..typed };
    Ok(FormPage::new(by.by().viewer(), &offered, &typed, problems))
}

/// The organisation at the top of the scope, where there is one only.
fn only_top(conn: &mut PgConnection, by: &Allowed<MayImport>) -> Result<Option<OrganisationId>, AppError> {
    Ok(match tops(conn, by)?.as_slice() {
        [only] => Some(only.id),
        _ => None,
    })
}

/// POST `/users/import`.
pub async fn upload(
    by: Allowed<MayImport>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let store = Store::new(by.clone(), state.get_ref().clone());
    let received = match take(request.headers(), payload, &store).await {
        Ok(received) => received,
        Err(refused) => {
            store.forget().await?;
            let (status, text) = match refused {
                NotReceived::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, too_large()),
                NotReceived::SeveralFiles => (StatusCode::UNPROCESSABLE_ENTITY, "Choose one file only.".to_owned()),
                NotReceived::Failed(error) => return Err(error),
            };
            return page::html(status, &form_page(&by, Typed::default(), Problems::one("file", text), &state).await?);
        }
    };
    let begun = begin(&received, &store).await;
    // Where it is not known whether the import is there, it needs its file; else housekeeping drops it.
    if !matches!(begun, Ok(Ok(())) | Err(AppError::Unconfirmed(_)))
        && let Err(error) = store.forget().await
    {
        tracing::warn!(error = ?error.to_string(), "the pieces of an upload were not dropped");
    }
    match begun? {
        Ok(()) => Ok(page::see_other(&format!("/imports/{}", store.id))),
        Err(problems) => {
            let chose_none = received.organisation.as_deref() == Some("");
            let organisation = received.organisation.and_then(|id| id.parse().ok());
            let typed = Typed { organisation, chose_none, synchronize: received.synchronize };
            page::html(StatusCode::UNPROCESSABLE_ENTITY, &form_page(&by, typed, problems, &state).await?)
        }
    }
}

/// What was sent; a form of another kind has no file.
async fn take(headers: &HeaderMap, payload: web::Payload, store: &Store) -> Result<Received, NotReceived> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text(CONTENT_LENGTH).parse().is_ok_and(|length: u64| length > MOST_BYTES + AROUND) {
        return Err(NotReceived::TooLarge);
    }
    if !text(CONTENT_TYPE).trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok(Received::default());
    }
    receive(&mut Multipart::new(headers, payload), store).await
}

/// Begins the import, or says what is missing.
async fn begin(received: &Received, store: &Store) -> Result<Result<(), Problems>, AppError> {
    let mut problems = Problems::default();
    if received.file.is_none() {
        problems.add("file", "Choose a file with at least a header row.");
    }
    let (asking, chosen) = (store.by.clone(), received.organisation.clone());
    let place = store.state.database.read(move |conn| place(conn, &asking, chosen.as_deref())).await?;
    if place.is_none() {
        problems.add("organisation", "Choose the organisation that the import is for.");
    }
    let (Some((file_name, bytes)), Some(organisation)) = (received.file.clone(), place) else {
        return Ok(Err(problems));
    };
    let synchronize = received.synchronize;
    let (id, began_at, survey) = (store.id, store.began_at, received.survey.clone());
    let upload = Upload { id, organisation, synchronize, file_name, bytes, began_at, survey };
    let (by, now) = (store.by.clone(), store.state.clock.now());
    store.state.database.write(by.by().actor(), move |conn| commands::create(conn, &by, &upload, now)).await?;
    store.state.work_waits();
    Ok(Ok(()))
}

/// Whose subtree the import is for. Whoever sends no such field means the only organisation that it can be; whoever looks
/// after everything has to say it, since another tree may come any day. An empty choice is none.
fn place(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    chosen: Option<&str>,
) -> Result<Option<OrganisationId>, AppError> {
    let Some(chosen) = chosen else {
        return if by.scope_parameter().is_none() { Ok(None) } else { only_top(conn, by) };
    };
    if chosen.is_empty() {
        return Ok(None);
    }
    let id: OrganisationId = page::id(chosen)?;
    match organisation(conn, by, id)? {
        Some(found) => Ok(Some(found.id)),
        None => Err(by.refusal(conn, id)),
    }
}

fn too_large() -> String {
    format!("The file is larger than {} MB. Split it, or leave out columns that mean nothing here.", MOST_BYTES >> 20)
}

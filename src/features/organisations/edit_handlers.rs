//! Creating and renaming organisations.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::commands;
use super::edit_pages::{NewPage, RenamePage};
use super::forms::OrganisationForm;
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::accounts::queries_organisations as found;
use crate::ids::OrganisationId;
use crate::web::form::{Asked, Problems, Sent};
use crate::web::guards::{Allowed, CreateOrganisations};
use crate::web::page::{self, Chrome, Section};

/// How many organisations are suggested as parents.
const SUGGESTIONS: i64 = 200;

/// The query of the form for a new one: below which.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    parent: String,
}

/// GET `/organisations/new`.
pub async fn new_form(
    by: Allowed<CreateOrganisations>,
    Asked(query): Asked<NewQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, parent) = (by.clone(), query.parent.parse::<OrganisationId>().ok());
    let path = state
        .database
        .read(move |conn| parent.map_or(Ok(None), |parent| found::organisation(conn, &asking, parent)))
        .await?;
    let form = OrganisationForm { parent: path.map(|found| found.path).unwrap_or_default(), ..Default::default() };
    answer(&by, StatusCode::OK, &form, &Problems::default(), &state).await
}

/// POST `/organisations/new`.
pub async fn create(
    by: Allowed<CreateOrganisations>,
    Sent(form): Sent<OrganisationForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return answer(&by, StatusCode::UNPROCESSABLE_ENTITY, &form, &problems, &state).await,
    };
    let (asking, actor, path) = (by.clone(), by.by().actor(), form.parent.trim().to_owned());
    let saved = state
        .database
        .write(actor, move |conn| {
            let mut parents =
                if path.is_empty() { Vec::new() } else { found::organisations_named(conn, &asking, &path)? };
            if !path.is_empty() && parents.len() != 1 {
                let text = if parents.is_empty() {
                    "No organisation has this name or path."
                } else {
                    "Several organisations have this name. Enter the whole path."
                };
                return Ok(crate::db::audit::Audited::unchanged(Err(Problems::one("parent", text))));
            }
            commands::create(conn, &asking, parents.pop().map(|parent| parent.id), &wanted)
        })
        .await?;
    match saved {
        Ok(id) => Ok(page::see_other(&format!("/organisations/{id}/edit?saved=created"))),
        Err(problems) => answer(&by, StatusCode::UNPROCESSABLE_ENTITY, &form, &problems, &state).await,
    }
}

async fn answer(
    by: &Allowed<CreateOrganisations>,
    status: StatusCode,
    form: &OrganisationForm,
    problems: &Problems,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let (asking, typed) = (by.clone(), form.parent.trim().to_owned());
    let suggestions = state
        .database
        .read(move |conn| {
            let part = typed.rsplit(" > ").next().filter(|part| !part.is_empty());
            let part = part.filter(|_| !typed.is_empty());
            found::organisations(conn, &asking, part, SUGGESTIONS)
        })
        .await?;
    let chrome = Chrome::new(&problems.title("Create an organisation"), by.by().viewer(), Section::Organisations);
    let suggestions = suggestions.into_iter().map(|found| found.path).collect();
    page::html(status, &NewPage::new(chrome, form, problems, suggestions))
}

/// The query of the form for another name: what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EditQuery {
    saved: String,
}

/// GET `/organisations/{organisation_id}/edit`.
pub async fn edit_form(
    by: Allowed<CreateOrganisations>,
    path: web::Path<String>,
    Asked(query): Asked<EditQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let name = name(&by, id, &state).await?;
    page::ok(&rename_page(&by, id, &name, &name, &Problems::default(), &query.saved))
}

/// POST `/organisations/{organisation_id}/edit`.
pub async fn rename(
    by: Allowed<CreateOrganisations>,
    path: web::Path<String>,
    Sent(form): Sent<OrganisationForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id = page::id(&path)?;
    let now = name(&by, id, &state).await?;
    let mut problems = Problems::default();
    if let Some(wanted) = form.name(&mut problems) {
        let (asking, actor) = (by.clone(), by.by().actor());
        match state.database.write(actor, move |conn| commands::rename(conn, &asking, id, &wanted)).await? {
            Ok(()) => return Ok(page::see_other(&format!("/organisations/{id}/edit?saved=renamed"))),
            Err(refused) => problems = refused,
        }
    }
    let page = rename_page(&by, id, &now, &form.name, &problems, "");
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn name(by: &Allowed<CreateOrganisations>, id: OrganisationId, state: &AppState) -> Result<String, AppError> {
    let asking = by.clone();
    state.database.read(move |conn| queries::named(conn, &asking, id)).await
}

fn rename_page(
    by: &Allowed<CreateOrganisations>,
    id: OrganisationId,
    name: &str,
    typed: &str,
    problems: &Problems,
    saved: &str,
) -> RenamePage {
    let title = problems.title(&format!("Edit {name}"));
    RenamePage::new(Chrome::new(&title, by.by().viewer(), Section::Organisations), id, name, typed, problems, saved)
}

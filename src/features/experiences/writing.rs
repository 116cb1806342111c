//! Adding and editing learning experiences.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::commands::{self, Saved, Shelf};
use super::forms::ExperienceForm;
use super::pages::{FormPage, Target};
use super::queries::{self, Header};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::features::organisations::queries::{Offered, choices};
use crate::ids::ExperienceId;
use crate::web::form::{LongForm, Problems};
use crate::web::guards::{Allowed, EditExperiences};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};

/// What changes a learning experience itself, by the names of the audit log.
const CHANGES: &[&str] = &["experience.edited", "experience.archived", "experience.unarchived"];

/// GET `/experiences/new`.
pub async fn new_form(by: Allowed<EditExperiences>, state: web::Data<AppState>) -> Result<HttpResponse, AppError> {
    let mut form = ExperienceForm::default();
    let offered = offered(&by, &form, &state).await?;
    if let Some(first) = offered.first() {
        form.organisation = first.id.to_string();
    }
    page::ok(&page_of(&by, Target::New, &form, &Problems::default(), None, &offered))
}

/// POST `/experiences`.
pub async fn create(
    by: Allowed<EditExperiences>,
    LongForm(form): LongForm<ExperienceForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let again = |status, problems| answer(&by, Target::New, &form, status, problems, &state);
    if !form.look.is_empty() {
        return again(StatusCode::OK, Problems::default()).await;
    }
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return again(StatusCode::UNPROCESSABLE_ENTITY, problems).await,
    };
    let (asking, actor) = (by.clone(), by.by().actor());
    match state.database.write(actor, move |conn| commands::create(conn, &asking, &wanted)).await? {
        Saved::Done(id) => Ok(page::see_other(&format!("/experiences/{id}?saved=created"))),
        Saved::Refused(problems) => again(StatusCode::UNPROCESSABLE_ENTITY, problems).await,
        Saved::Outdated(_) => Err(AppError::NotFound), // nothing new is outdated
    }
}

/// GET `/experiences/{experience_id}/edit`.
pub async fn edit_form(
    by: Allowed<EditExperiences>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let header = editable(&by, page::id(&path)?, &state).await?;
    let form = ExperienceForm::of(&header);
    answer(&by, Target::Existing(header.id), &form, StatusCode::OK, Problems::default(), &state).await
}

/// POST `/experiences/{experience_id}`.
pub async fn update(
    by: Allowed<EditExperiences>,
    path: web::Path<String>,
    LongForm(form): LongForm<ExperienceForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    // whether it exists comes before whether the form is right
    let id = editable(&by, page::id(&path)?, &state).await?.id;
    let target = Target::Existing(id);
    if !form.look.is_empty() {
        return answer(&by, target, &form, StatusCode::OK, Problems::default(), &state).await;
    }
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => {
            return answer(&by, target, &form, StatusCode::UNPROCESSABLE_ENTITY, problems, &state).await;
        }
    };
    let (asking, actor, version, now) = (by.clone(), by.by().actor(), form.version.clone(), state.clock.now());
    let saved =
        state.database.write(actor, move |conn| commands::update(conn, &asking, id, &wanted, &version, now)).await?;
    match saved {
        Saved::Done(id) => Ok(page::see_other(&format!("/experiences/{id}?saved=edited"))),
        Saved::Refused(problems) => {
            answer(&by, target, &form, StatusCode::UNPROCESSABLE_ENTITY, problems, &state).await
        }
        Saved::Outdated(fresh) => overtaken(&by, &form, *fresh, &state).await,
    }
}

/// POST `/experiences/{experience_id}/archive`.
pub async fn archive(
    by: Allowed<EditExperiences>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    put(by, page::id(&path)?, Shelf::Archive, "archived", &state).await
}

/// POST `/experiences/{experience_id}/unarchive`.
pub async fn unarchive(
    by: Allowed<EditExperiences>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    put(by, page::id(&path)?, Shelf::Use, "unarchived", &state).await
}

async fn put(
    by: Allowed<EditExperiences>,
    id: ExperienceId,
    to: Shelf,
    saved: &str,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let (actor, now) = (by.by().actor(), state.clock.now());
    state.database.write(actor, move |conn| commands::put(conn, &by, id, to, now)).await?;
    Ok(page::see_other(&format!("/experiences/{id}?saved={saved}")))
}

async fn editable(by: &Allowed<EditExperiences>, id: ExperienceId, state: &AppState) -> Result<Header, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    state.database.read(move |conn| queries::editable(conn, &asking, id, now)).await
}

/// The organisations to choose from: those around the one that is chosen.
async fn offered(
    by: &Allowed<EditExperiences>,
    form: &ExperienceForm,
    state: &AppState,
) -> Result<Vec<Offered>, AppError> {
    let (asking, chosen) = (by.clone(), form.organisation.parse().ok());
    state.database.read(move |conn| choices(conn, &asking, chosen)).await
}

/// Somebody else has saved it, or put it into the archive, since the form was made.
async fn overtaken(
    by: &Allowed<EditExperiences>,
    form: &ExperienceForm,
    fresh: Header,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let merged = meanwhile::merged(form, &ExperienceForm::of(&fresh));
    let (asking, id) = (by.clone(), fresh.id);
    let last = state.database.read(move |conn| last_change(conn, &asking, Changed::Thing(id.0, CHANGES))).await?;
    let offered = offered(by, &merged.form, state).await?;
    let words = |field: &str, text: &str| match field {
        "organisation" if text == fresh.organisation_id.to_string() => fresh.organisation.clone(),
        "organisation" => offered
            .iter()
            .find(|organisation| organisation.id.to_string() == text)
            .map(|organisation| organisation.path.clone())
            .unwrap_or_default(),
        _ => text.to_owned(),
    };
    let told = Meanwhile::new("this learning experience", last.as_ref(), by.by().viewer(), &merged, words);
    let told = if fresh.archived { told.and("It is archived now: nobody else can be enrolled.") } else { told };
    let target = Target::Existing(id);
    let page = page_of(by, target, &merged.form, &Problems::default(), Some(told), &offered);
    page::html(StatusCode::CONFLICT, &page)
}

/// The form as typed, with what is wrong.
async fn answer(
    by: &Allowed<EditExperiences>,
    target: Target,
    form: &ExperienceForm,
    status: StatusCode,
    problems: Problems,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let offered = offered(by, form, state).await?;
    page::html(status, &page_of(by, target, form, &problems, None, &offered))
}

fn page_of(
    by: &Allowed<EditExperiences>,
    target: Target,
    form: &ExperienceForm,
    problems: &Problems,
    meanwhile: Option<Meanwhile>,
    offered: &[Offered],
) -> FormPage {
    let title = problems.title(target.title());
    let title = if meanwhile.is_some() { format!("Error: {title}") } else { title };
    let chrome = Chrome::new(&title, by.by().viewer(), Section::Experiences);
    FormPage::new(chrome, target, form, problems, meanwhile, offered)
}

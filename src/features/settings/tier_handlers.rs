//! The tiers that licenses are sold in.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::forms::TierForm;
use super::queries::{self, TierRow};
use super::tier_commands::{self as commands, NotSaved};
use super::tier_pages::{ListPage, TierPage};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::ids::TierId;
use crate::web::form::{Asked, Problems, Sent};
use crate::web::guards::{Allowed, ChangeInstanceSettings};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};

/// The query of the list: what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    saved: String,
}

/// GET `/settings/tiers`.
pub async fn list(
    by: Allowed<ChangeInstanceSettings>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let asking = by.clone();
    let tiers = state.database.read(move |conn| queries::tiers(conn, &asking)).await?;
    page::ok(&ListPage::new(Chrome::new("Tiers", by.by().viewer(), Section::Settings), tiers, &query.saved))
}

/// GET `/settings/tiers/new`.
pub async fn new_form(by: Allowed<ChangeInstanceSettings>) -> Result<HttpResponse, AppError> {
    page::ok(&page_of(&by, None, &TierForm::default(), &Problems::default()))
}

/// POST `/settings/tiers`.
pub async fn create(
    by: Allowed<ChangeInstanceSettings>,
    Sent(form): Sent<TierForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let wrong = |problems| page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(&by, None, &form, &problems));
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return wrong(problems),
    };
    let (asking, actor) = (by.clone(), by.by().actor());
    match state.database.write(actor, move |conn| commands::create(conn, &asking, &wanted)).await? {
        Ok(()) => Ok(page::see_other("/settings/tiers?saved=added")),
        Err(problems) => wrong(problems),
    }
}

/// GET `/settings/tiers/{tier_id}`.
pub async fn edit_form(
    by: Allowed<ChangeInstanceSettings>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let tier = read(&by, page::id(&path)?, &state).await?;
    page::ok(&page_of(&by, Some(&tier), &TierForm::of(&tier), &Problems::default()))
}

/// POST `/settings/tiers/{tier_id}`.
pub async fn update(
    by: Allowed<ChangeInstanceSettings>,
    path: web::Path<String>,
    Sent(form): Sent<TierForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let tier = read(&by, page::id(&path)?, &state).await?;
    let wrong = |problems| page::html(StatusCode::UNPROCESSABLE_ENTITY, &page_of(&by, Some(&tier), &form, &problems));
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return wrong(problems),
    };
    let (asking, actor, id, version) = (by.clone(), by.by().actor(), tier.id, form.version.clone());
    match state.database.write(actor, move |conn| commands::update(conn, &asking, id, &wanted, &version)).await? {
        Ok(()) => Ok(page::see_other("/settings/tiers?saved=edited")),
        Err(NotSaved::Problems(problems)) => wrong(problems),
        Err(NotSaved::Outdated(now)) => {
            let merged = meanwhile::merged(&form, &TierForm::of(&now));
            let asking = by.clone();
            let last = state
                .database
                .read(move |conn| last_change(conn, &asking, Changed::Thing(id.0, &["tier.edited", "tier.retired"])))
                .await?;
            let told = Meanwhile::new("this tier", last.as_ref(), by.by().viewer(), &merged, |_, text| text.to_owned());
            let mut page = page_of(&by, Some(&now), &merged.form, &Problems::default());
            page.chrome.title = format!("Error: {}", page.chrome.title);
            page.meanwhile =
                Some(if now.is_retired { told.and("It is retired now: it is no longer sold.") } else { told });
            page::html(StatusCode::CONFLICT, &page)
        }
    }
}

/// POST `/settings/tiers/{tier_id}/retire`.
pub async fn retire(
    by: Allowed<ChangeInstanceSettings>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, actor) = (page::id(&path)?, state.clock.now(), by.by().actor());
    state.database.write(actor, move |conn| commands::retire(conn, &by, id, now)).await?;
    Ok(page::see_other("/settings/tiers?saved=retired"))
}

async fn read(by: &Allowed<ChangeInstanceSettings>, id: TierId, state: &AppState) -> Result<TierRow, AppError> {
    let asking = by.clone();
    state.database.read(move |conn| queries::tier(conn, &asking, id)).await
}

fn page_of(
    by: &Allowed<ChangeInstanceSettings>,
    tier: Option<&TierRow>,
    form: &TierForm,
    problems: &Problems,
) -> TierPage {
    let title = problems.title(if tier.is_some() { "Edit a tier" } else { "Add a tier" });
    TierPage::new(Chrome::new(&title, by.by().viewer(), Section::Settings), tier, form, problems)
}

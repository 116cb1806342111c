//! The settings screen.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::commands::{self, NotSet};
use super::forms::SettingsForm;
use super::pages::{InstanceSettings, ShowPage, Volume};
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::features::audit::queries::{Changed, last_change};
use crate::features::organisations::queries::{self as organisations, PAGE_SIZE, Wanted};
use crate::web::form::{Asked, Problems, Sent};
use crate::web::guards::{Allowed, ChangeInstanceSettings, SeeSettings};
use crate::web::meanwhile::{self, Meanwhile};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::{Pager, page_number};

/// The query of the settings screen.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    page: Option<String>,
    saved: Option<String>,
}

/// GET `/settings`.
pub async fn show(
    by: Allowed<SeeSettings>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let number = page_number(query.page.as_deref());
    let shown = shown(&by, number, None, &Problems::default(), query.saved.is_some(), &state).await?;
    page::ok(&shown)
}

/// POST `/settings`.
pub async fn update(
    by: Allowed<ChangeInstanceSettings>,
    Sent(form): Sent<SettingsForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (actor, acting, wanted) = (by.by().actor(), by.clone(), form.clone());
    let Err(why) = state.database.write(actor, move |conn| commands::set(conn, &acting, &wanted)).await? else {
        return Ok(page::see_other("/settings?saved=1"));
    };
    let seeing = Allowed::<SeeSettings>::new(by.by().clone()).ok_or(AppError::Forbidden)?;
    match why {
        NotSet::Problems(problems) => {
            let shown = shown(&seeing, 1, Some(form), &problems, false, &state).await?;
            page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
        NotSet::Outdated(now) => {
            let merged = meanwhile::merged(&form, &SettingsForm::of(&now));
            let asking = seeing.clone();
            let last = state.database.read(move |conn| last_change(conn, &asking, Changed::Only("settings.changed")));
            let told =
                Meanwhile::new("the settings", last.await?.as_ref(), by.by().viewer(), &merged, |field, text| {
                    match (field, text) {
                        ("vertical_navigation", "") => "not ticked".to_owned(),
                        ("vertical_navigation", _) => "ticked".to_owned(),
                        _ => text.to_owned(),
                    }
                });
            let mut shown = shown(&seeing, 1, Some(merged.form), &Problems::default(), false, &state).await?;
            shown.meanwhile = Some(told);
            shown.chrome.title = format!("Error: {}", shown.chrome.title);
            page::html(StatusCode::CONFLICT, &shown)
        }
    }
}

async fn shown(
    by: &Allowed<SeeSettings>,
    number: u32,
    typed: Option<SettingsForm>,
    problems: &Problems,
    saved: bool,
    state: &AppState,
) -> Result<ShowPage, AppError> {
    let (asking, now) = (by.clone(), state.clock.now());
    let changing = Allowed::<ChangeInstanceSettings>::new(by.by().clone());
    let wanted = Wanted { search: None, tops_only: true, page: number };
    let ((tops, total), settings) = state
        .database
        .read(move |conn| {
            let settings = changing.map(|changing| queries::settings(conn, &changing)).transpose()?;
            Ok((organisations::organisations(conn, &asking, &wanted, now)?, settings))
        })
        .await?;
    let form = settings.map(|settings| typed.unwrap_or_else(|| SettingsForm::of(&settings)));
    Ok(ShowPage {
        chrome: Chrome::new(&problems.title("Settings"), by.by().viewer(), Section::Settings),
        volumes: tops.into_iter().map(Volume::from).collect(),
        pager: Pager::new("/settings", "", number, PAGE_SIZE, total),
        instance: form.map(|form| InstanceSettings::new(&form, problems)),
        problems: problems.clone(),
        saved,
        meanwhile: None,
    })
}

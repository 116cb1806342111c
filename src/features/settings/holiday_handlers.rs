//! The days on which nobody works, for the whole instance.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::rt::time::timeout;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Datelike, NaiveDate};
use futures_util::StreamExt;
use serde::Deserialize;

use super::holiday_commands as commands;
use super::holiday_file::{self, MOST_BYTES};
use super::holiday_pages::{HolidayForm, HolidaysPage};
use super::queries;
use crate::app::AppState;
use crate::error::AppError;
use crate::web::form::{Asked, Problems, Sent};
use crate::web::guards::{Allowed, ChangeInstanceSettings};
use crate::web::page::{self, Chrome, Section};

/// How long nothing may come before an upload is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    year: String,
    saved: String,
    added: String,
    known: String,
    others: String,
}

/// GET `/settings/holidays`.
pub async fn list(
    by: Allowed<ChangeInstanceSettings>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let year = query.year.parse().ok().filter(|year| (1900..=9998).contains(year));
    let year = year.unwrap_or_else(|| state.clock.now().date_naive().year());
    let count = |text: &str| text.parse::<u64>().unwrap_or(0);
    let done = match query.saved.as_str() {
        "file" => Some(HolidaysPage::uploaded(count(&query.added), count(&query.known), count(&query.others))),
        "added" => Some(("The holiday is added".to_owned(), String::new())),
        "known" => Some(("That day is a holiday already".to_owned(), String::new())),
        "removed" => Some(("The holiday is removed".to_owned(), String::new())),
        _ => None,
    };
    let mut shown = shown(&by, year, &HolidayForm::default(), &Problems::default(), &state).await?;
    shown.done = done;
    page::ok(&shown)
}

/// POST `/settings/holidays`.
pub async fn add(
    by: Allowed<ChangeInstanceSettings>,
    Sent(form): Sent<HolidayForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (day, name) = match form.parse() {
        Ok(wanted) => wanted,
        Err(problems) => return wrong(&by, &form, &problems, &state).await,
    };
    let (actor, days) = (by.by().actor(), BTreeMap::from([(day, name)]));
    let added = state.database.write(actor, move |conn| commands::add(conn, &by, &days)).await?;
    let saved = if added > 0 { "added" } else { "known" };
    Ok(page::see_other(&format!("/settings/holidays?year={}&saved={saved}", day.year())))
}

/// The field of the buttons that remove.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    day: String,
}

/// POST `/settings/holidays/remove`.
pub async fn remove(
    by: Allowed<ChangeInstanceSettings>,
    Sent(form): Sent<RemoveForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let day: NaiveDate = form.day.parse().map_err(|_| AppError::Unusable("The form names no day.".into()))?;
    let actor = by.by().actor();
    state.database.write(actor, move |conn| commands::remove(conn, &by, day)).await?;
    Ok(page::see_other(&format!("/settings/holidays?year={}&saved=removed", day.year())))
}

/// POST `/settings/holidays/file`.
pub async fn upload(
    by: Allowed<ChangeInstanceSettings>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let today = state.clock.now().date_naive();
    let found = match receive(&mut Multipart::new(request.headers(), payload)).await {
        Ok(bytes) => web::block(move || holiday_file::read(&bytes, today)).await.map_err(AppError::internal)?,
        Err(problem) => Err(problem),
    };
    let found = match found {
        Ok(found) => found,
        Err(problem) => return wrong(&by, &HolidayForm::default(), &Problems::one("file", problem), &state).await,
    };
    let (all, others, actor) = (found.days.len(), found.others, by.by().actor());
    let added = state.database.write(actor, move |conn| commands::add(conn, &by, &found.days)).await?;
    let known = all - added;
    Ok(page::see_other(&format!("/settings/holidays?saved=file&added={added}&known={known}&others={others}")))
}

/// The bytes of the file; what is wrong is for the person.
async fn receive(parts: &mut Multipart) -> Result<Vec<u8>, &'static str> {
    const CUT_OFF: &str = "The upload was cut off. Choose the file again.";
    let mut bytes = Vec::new();
    let mut all = 0;
    while let Some(part) = timeout(SILENCE, parts.next()).await.map_err(|_| CUT_OFF)? {
        let mut part = part.map_err(|_| CUT_OFF)?;
        let is_file = part.name() == Some("file");
        while let Some(chunk) = timeout(SILENCE, part.next()).await.map_err(|_| CUT_OFF)? {
            let chunk = chunk.map_err(|_| CUT_OFF)?;
            all += chunk.len();
            if all > MOST_BYTES {
                return Err("The file has more than 1 MB. Choose a calendar of public holidays.");
            }
            if is_file {
                bytes.extend_from_slice(&chunk);
            }
        }
    }
    if bytes.is_empty() { Err("Choose an iCalendar file.") } else { Ok(bytes) }
}

async fn wrong(
    by: &Allowed<ChangeInstanceSettings>,
    form: &HolidayForm,
    problems: &Problems,
    state: &AppState,
) -> Result<HttpResponse, AppError> {
    let year = state.clock.now().date_naive().year();
    page::html(StatusCode::UNPROCESSABLE_ENTITY, &shown(by, year, form, problems, state).await?)
}

async fn shown(
    by: &Allowed<ChangeInstanceSettings>,
    year: i32,
    form: &HolidayForm,
    problems: &Problems,
    state: &AppState,
) -> Result<HolidaysPage, AppError> {
    let asking = by.clone();
    let days = state.database.read(move |conn| queries::holidays(conn, &asking, year)).await?;
    let chrome = Chrome::new(&problems.title(&format!("Holidays {year}")), by.by().viewer(), Section::Settings);
    Ok(HolidaysPage::new(chrome, year, days, form, problems))
}

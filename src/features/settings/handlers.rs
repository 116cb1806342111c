//! The settings screen.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::commands::{self, NavigationBar};
use super::pages::{InstanceSettings, ShowPage, Volume};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::organisations::queries::{self, PAGE_SIZE, Wanted};
use crate::web::guards::{Allowed, ChangeInstanceSettings, SeeSettings};
use crate::web::page::{self, Chrome, Section};
use crate::web::pager::{Pager, page_number};

/// The query of the settings screen.
#[derive(Deserialize)]
pub struct ShowQuery {
    page: Option<String>,
    saved: Option<String>,
}

/// The fields of the form; a box that is not ticked is not sent.
#[derive(Deserialize)]
pub struct SettingsForm {
    vertical_navigation: Option<String>,
}

/// GET `/settings`.
pub async fn show(
    by: Allowed<SeeSettings>,
    query: web::Query<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, number, now) = (by.clone(), page_number(query.page.as_deref()), state.clock.now());
    let wanted = Wanted { search: None, tops_only: true, page: number };
    let (tops, total) = state.database.read(move |conn| queries::organisations(conn, &asking, &wanted, now)).await?;

    let viewer = by.by().viewer();
    let may_change = Allowed::<ChangeInstanceSettings>::new(by.by().clone()).is_some();
    page::ok(&ShowPage {
        chrome: Chrome::new("Settings", viewer, Section::Settings),
        volumes: tops.into_iter().map(Volume::from).collect(),
        pager: Pager::new("/settings", "", number, PAGE_SIZE, total),
        instance: may_change.then_some(InstanceSettings { vertical_navigation: viewer.vertical_navigation }),
        saved: query.saved.is_some(),
    })
}

/// POST `/settings`.
pub async fn update(
    by: Allowed<ChangeInstanceSettings>,
    form: web::Form<SettingsForm>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let bar = match form.vertical_navigation {
        Some(_) => NavigationBar::Vertical,
        None => NavigationBar::Horizontal,
    };
    let actor = by.by().actor();
    state.database.write(actor, move |conn| commands::set_vertical_navigation(conn, &by, bar)).await?;
    Ok(page::see_other("/settings?saved=1"))
}

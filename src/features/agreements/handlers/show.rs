//! What is agreed on with a root organisation.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::address;
use crate::app::AppState;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::features::agreements::commands;
use crate::features::agreements::pages::show::{May, ShowPage, Shown};
use crate::features::agreements::queries;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, ChangeAgreements, SeeAgreements};
use crate::web::page::{self, Chrome, Section};

/// The query: what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    saved: String,
}

/// GET `/organisations/{root_id}/agreement`.
pub async fn show(
    by: Allowed<SeeAgreements>,
    path: web::Path<String>,
    Asked(query): Asked<ShowQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, id, now) = (by.clone(), page::id(&path)?, state.clock.now());
    let shown = state
        .database
        .read(move |conn| {
            let root = queries::root(conn, &asking, id, now)?;
            let years = queries::years(conn, id)?;
            let fair_use = years.current.as_ref().map(|year| queries::fair_use(conn, &root, year)).transpose()?;
            let holidays = years.running(&root).map(|year| queries::holidays(conn, &root, year)).transpose()?;
            Ok(Shown { changes: queries::changes(conn, id)?, root, years, fair_use, holidays })
        })
        .await?;
    let viewer = by.by().viewer();
    let chrome = Chrome::new(&format!("License agreement: {}", shown.root.name), viewer, Section::Organisations);
    let may = May {
        change: viewer.scope_of(Action::ChangeAgreements).is_some(),
        see_settings: viewer.scope_of(Action::ChangeInstanceSettings).is_some(),
    };
    page::ok(&ShowPage::new(chrome, shown, may, &query.saved))
}

/// POST `/organisations/{root_id}/agreement/renewal/withdraw`.
pub async fn withdraw(
    by: Allowed<ChangeAgreements>,
    path: web::Path<String>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (id, now, actor) = (page::id(&path)?, state.clock.now(), by.by().actor());
    let done = state.database.write(actor, move |conn| commands::withdraw(conn, &by, id, now)).await?;
    let saved = if done { "withdrawn" } else { "begun" };
    Ok(page::see_other(&format!("{}?saved={saved}", address(id))))
}

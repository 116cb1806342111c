//! Enrolments > All of a learning experience.

use actix_web::{HttpResponse, web};

use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::list_query::ListQuery;
use crate::features::enrolments::pages::list::{ListPage, Shown};
use crate::features::enrolments::queries;
use crate::features::organisations::queries::choices;
use crate::features::users::queries::Ground;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, Enrol};
use crate::web::page::{self, Chrome, Section};

/// GET `/experiences/{experience_id}/enrolments`.
pub async fn list(
    by: Allowed<Enrol>,
    path: web::Path<String>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (experience, now, asking) = (page::id(&path)?, state.clock.now(), by.clone());
    let (filter, order, number, selection) = (query.filter(), query.order(), query.page(), query.selection()?);
    let shown = state
        .database
        .read(move |conn| {
            let header = queries::header(conn, &asking, experience, now)?;
            let ground = Ground::on(conn, &asking, filter.organisation, header.today, now)?;
            let matching = || queries::matching(&ground, experience, &filter, header.today);
            let total = queries::total(conn, matching())?;
            let rows = queries::page(conn, matching(), order, number, header.today)?;
            let organisations = choices(conn, &asking, filter.organisation)?;
            let notice = queries::notice(conn, &asking, query.done())?;
            Ok(Shown { header, filter, order, number, selection, total, rows, organisations, notice })
        })
        .await?;
    if shown.rows.is_empty() && number > 1 {
        return Err(AppError::NotFound);
    }
    let title = format!("Enrolments: {}", shown.header.title);
    let viewer = by.by().viewer();
    page::ok(&ListPage::new(Chrome::new(&title, viewer, Section::Experiences), shown, now, viewer.time_zone))
}

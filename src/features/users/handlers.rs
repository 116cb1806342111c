//! The list of users.

use actix_web::{HttpResponse, web};

use super::bulk;
use super::pages::{ListPage, Shown};
use super::queries::{self, Days, ListQuery, Sought};
use crate::app::AppState;
use crate::error::AppError;
use crate::features::enrolments::queries as enrolments;
use crate::features::organisations::queries as organisations;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, SeeUsers};
use crate::web::page::{self, Chrome, Section};

/// GET `/users`.
pub async fn list(
    by: Allowed<SeeUsers>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (now, asking) = (state.clock.now(), by.clone());
    let (filter, order, page, selection) = (query.filter(), query.order(), query.page(), query.selection()?);
    let shown = state
        .database
        .read(move |conn| {
            let days: Days = queries::days(conn, &asking, now)?;
            let people = queries::people(conn, &asking, filter.organisation, now)?;
            let total = queries::total(conn, &asking, &filter, days, people, now)?;
            let matching = || queries::matching(&asking, &filter, days, now);
            let sought = Sought { filter: &filter, now, matching, total };
            let rows = queries::page(conn, &asking, &sought, order, page)?;
            let organisations = organisations::choices(conn, &asking, filter.organisation)?;
            let experiences = enrolments::choices(conn, &asking, filter.experience)?;
            let notice = bulk::notice(conn, &asking, query.done())?;
            Ok(Shown { notice, filter, order, page, selection, people, total, rows, organisations, experiences })
        })
        .await?;
    if shown.rows.is_empty() && page.number > 1 {
        return Err(AppError::NotFound);
    }
    let chrome = Chrome::new("Users", by.by().viewer(), Section::Users);
    page::ok(&ListPage::new(chrome, shown, &by, now))
}

//! The list of users.

use actix_web::{HttpResponse, web};

use super::bulk;
use super::pages::{ListPage, Shown};
use super::queries::{self, Ground, ListQuery, Sought};
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
            let ground = Ground::of(conn, &asking, filter.organisation, now)?;
            let people = queries::people(conn, &asking, filter.organisation, now)?;
            let counted = queries::total(conn, &filter, &ground, people)?;
            let matching = || queries::matching(&ground, &filter);
            let counted = if query.counts_all() { queries::exactly(conn, counted, matching())? } else { counted };
            let sought = Sought { filter: &filter, ground: &ground, matching, counted: &counted };
            let rows = queries::page(conn, &asking, &sought, order, page)?;
            let organisations = organisations::choices(conn, &asking, filter.organisation)?;
            let experiences = enrolments::choices(conn, &asking, filter.experience)?;
            let notice = bulk::notice(conn, &asking, query.done())?;
            let total = counted.total;
            let counts_all = query.counts_all();
            Ok(Shown {
                notice,
                filter,
                order,
                page,
                selection,
                counts_all,
                people,
                total,
                rows,
                organisations,
                experiences,
            })
        })
        .await?;
    if shown.rows.is_empty() && page.number > 1 {
        return Err(AppError::NotFound);
    }
    let chrome = Chrome::new("Users", by.by().viewer(), Section::Users);
    page::ok(&ListPage::new(chrome, shown, &by, now))
}

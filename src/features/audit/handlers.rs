//! The audit log, one entry, and EXPORT TO CSV.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;

use super::list_query::ListQuery;
use super::pages::{EntryPage, ListPage, Shown};
use super::{commands, csv_export, queries};
use crate::app::AppState;
use crate::error::AppError;
use crate::ids::EntryId;
use crate::web::audit_words::ids_in;
use crate::web::download;
use crate::web::form::Asked;
use crate::web::guards::{Allowed, SeeAudit};
use crate::web::page::{self, Chrome, Section};

/// GET `/audit`.
pub async fn list(
    by: Allowed<SeeAudit>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let (asking, filter, after) = (by.clone(), query.filter(), query.after());
    let shown = state
        .database
        .read(move |conn| {
            let people = queries::people(conn, &asking, &filter.person)?;
            let ids = people.as_ref().map(|found| found.ids.as_slice());
            let page = queries::page(conn, &asking, &filter, ids, after)?;
            let mentioned = page.rows.iter().flat_map(|row| {
                row.subject_id.into_iter().chain(row.organisation_id.map(|id| id.0)).chain(ids_in(Some(&row.detail)))
            });
            let names = queries::names(conn, &asking, mentioned.collect())?;
            let too_many = people.is_some_and(|found| found.more);
            Ok(Shown { filter, page, names, is_first: after.is_none(), too_many })
        })
        .await?;
    let viewer = by.by().viewer();
    page::ok(&ListPage::new(Chrome::new("Audit log", viewer, Section::Audit), shown, viewer.time_zone))
}

/// The query of an entry's page.
#[derive(Deserialize)]
pub struct EntryQuery {
    #[serde(default)]
    after: String,
}

/// GET `/audit/{entry_id}`.
pub async fn show(
    by: Allowed<SeeAudit>,
    path: web::Path<String>,
    Asked(query): Asked<EntryQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let id: EntryId = page::id(&path)?;
    let after: Option<Uuid> = query.after.parse().ok();
    let asking = by.clone();
    let (entry, changes, names) = state
        .database
        .read(move |conn| {
            let entry = queries::entry(conn, &asking, id)?;
            let changes = queries::changes(conn, &asking, &entry, after)?;
            let mut mentioned: Vec<Uuid> = ids_in(Some(&entry.detail)).collect();
            mentioned.extend(entry.subject_id.into_iter().chain(entry.organisation_id.map(|id| id.0)));
            for thing in &changes.rows {
                mentioned.extend([thing.before.as_ref(), thing.after.as_ref()].into_iter().flat_map(ids_in));
                mentioned.extend(thing.person_id.map(|id| id.0).into_iter().chain([thing.subject_id]));
            }
            let names = queries::names(conn, &asking, mentioned)?;
            Ok((entry, changes, names))
        })
        .await?;
    let viewer = by.by().viewer();
    let chrome = |title: &str| Chrome::new(title, viewer, Section::Audit);
    page::ok(&EntryPage::new(chrome, &entry, &changes, &names, after, viewer))
}

/// GET `/audit.csv`: EXPORT TO CSV of everything that matches. It is written down before it begins.
pub async fn export(
    by: Allowed<SeeAudit>,
    Asked(query): Asked<ListQuery>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, AppError> {
    let filter = query.filter();
    let (recorded, home, actor) = (filter.clone(), by.by().viewer().home, by.by().actor());
    state.database.write(actor, move |_| Ok(commands::record_export(&recorded, home))).await?;
    let day = state.clock.now().with_timezone(&by.by().viewer().time_zone).date_naive();
    let body = state
        .database
        .stream(move |conn, pieces| {
            let people = queries::people(conn, &by, &filter.person)?.map(|found| found.ids);
            let mut file = csv_export::File::begin(pieces, by.scope_parameter().is_none())?;
            queries::export(conn, &by, &filter, people, |rows| rows.iter().try_for_each(|row| file.line(row)))?;
            file.end()
        })
        .await?;
    Ok(download::csv(&format!("audit-log-{day}.csv"), body))
}

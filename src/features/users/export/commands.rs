//! What the program writes down about a file of users.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::queries::{self, Organisation};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::users::queries::{Filter, ListQuery, filter_pairs, selected_ids};
use crate::ids::{ExportId, OrganisationId};
use crate::schema::exports;
use crate::web::guards::{Allowed, SeeUsers};
use crate::web::selection::Selection;

/// A file that begins.
#[derive(Debug)]
pub struct Begun {
    /// Its record.
    pub id: ExportId,
    /// Whose subtree it is about; none when it is about several trees.
    pub organisation: Option<Organisation>,
}

/// Somebody takes the users that the list shows, or those who are ticked in it, away as a file.
pub fn begin(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    list: &ListQuery,
    now: DateTime<Utc>,
) -> Result<Audited<Begun>, AppError> {
    let (filter, selection) = (list.filter(), list.selection()?);
    let organisation = queries::organisation(conn, by, filter.organisation)?;
    let ticked = match &selection {
        Selection::Ticked(ids) if !ids.is_empty() => Some(selected_ids(conn, by, list, now)?.len()),
        _ => None,
    };
    let whole = ticked.is_none() && filter == Filter { organisation: filter.organisation, ..Filter::default() };
    let id = ExportId(Uuid::now_v7());
    prepared(include_str!("begin.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .bind::<Nullable<SqlUuid>, _>(organisation.as_ref().map(|organisation| organisation.id))
        .bind::<Bool, _>(whole)
        .bind::<Jsonb, _>(recorded(&filter, ticked))
        .execute(conn)?;
    let mut filters: Vec<&str> = filter_pairs(&filter).into_iter().map(|(name, _)| name).collect();
    filters.extend(ticked.map(|_| "ids"));
    let entry = Entry::new("user.exported")
        .on(organisation.as_ref().map(|organisation| organisation.id))
        .detail(json!({ "export_id": id, "whole": whole, "filters": filters }));
    Ok(Audited::new(Begun { id, organisation }, entry))
}

/// The last row was sent.
pub fn finish(
    conn: &mut PgConnection,
    id: ExportId,
    organisation: Option<OrganisationId>,
    users: u64,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    diesel::update(exports::table.find(id))
        .set((exports::users.eq(i64::try_from(users).map_err(AppError::internal)?), exports::finished_at.eq(now)))
        .execute(conn)?;
    let entry = Entry::new("user.export_finished").on(organisation).detail(json!({ "export_id": id, "users": users }));
    Ok(Audited::new((), entry))
}

/// The filter as the record keeps it. That there was a search is kept, what for is not: names and
/// addresses are personal data.
fn recorded(filter: &Filter, ticked: Option<usize>) -> Value {
    let mut recorded: Map<String, Value> = filter_pairs(filter)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), if name == "q" { json!(true) } else { json!(value) }))
        .collect();
    recorded.extend(ticked.map(|ticked| ("ticked".to_owned(), json!(ticked))));
    Value::Object(recorded)
}

//! What the program writes down about a file of users.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Jsonb, Nullable, Timestamptz, Uuid as SqlUuid};
use serde_json::json;
use uuid::Uuid;

use super::queries::{self, Organisation, Wanted};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::users::queries::{ListQuery, selected_ids};
use crate::ids::{ExportId, OrganisationId};
use crate::schema::exports;
use crate::web::guards::{Allowed, SeeUsers};

/// A file that begins.
#[derive(Debug)]
pub struct Begun {
    /// Its record.
    pub id: ExportId,
    /// Whose subtree it is about; none when it is about several trees.
    pub organisation: Option<Organisation>,
    /// Who is to be in it.
    pub wanted: Wanted,
}

/// Somebody takes the users that the list shows, or those who are ticked in it, away as a file.
pub fn begin(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    list: &ListQuery,
    now: DateTime<Utc>,
) -> Result<Audited<Begun>, AppError> {
    let wanted = Wanted::of(list)?;
    if let Wanted::Ticked(_) = wanted {
        // somebody who is not there, or not for this person, is refused
        selected_ids(conn, by, list, now)?;
    }
    let organisation = queries::organisation(conn, by, wanted.filter().organisation)?;
    let (id, whole) = (ExportId(Uuid::now_v7()), wanted.is_whole());
    prepared(include_str!("begin.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .bind::<Nullable<SqlUuid>, _>(organisation.as_ref().map(|organisation| organisation.id))
        .bind::<Bool, _>(whole)
        .bind::<Jsonb, _>(wanted.recorded())
        .execute(conn)?;
    let entry = Entry::new("user.exported")
        .on(organisation.as_ref().map(|organisation| organisation.id))
        .detail(json!({ "export_id": id, "whole": whole, "filters": wanted.names() }));
    Ok(Audited::new(Begun { id, organisation, wanted }, entry))
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

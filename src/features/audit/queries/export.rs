//! Every entry that matches, in pieces, for EXPORT TO CSV.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::filter::{Conditions, Filter};
use crate::db::prepared::prepared;
use crate::db::stream::each_batch;
use crate::error::AppError;
use crate::ids::{EntryId, OrganisationId, UserId};
use crate::web::guards::{Allowed, SeeAudit};

/// An entry as a line of a file.
#[derive(Debug, QueryableByName)]
pub struct Exported {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: EntryId,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// `person`, `program` or `operator`.
    #[diesel(sql_type = Text)]
    pub actor_kind: String,
    /// Who, if a person.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub actor_id: Option<UserId>,
    /// What they are called now.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor_name: Option<String>,
    /// From where.
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    /// What.
    #[diesel(sql_type = Text)]
    pub action: String,
    /// Facts.
    #[diesel(sql_type = Jsonb)]
    pub detail: Value,
    /// In which organisation.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub organisation_id: Option<OrganisationId>,
    /// What it is called now, where the reader may see it.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// What kind of thing it was done to.
    #[diesel(sql_type = Nullable<Text>)]
    pub subject_kind: Option<String>,
    /// Which one.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub subject_id: Option<Uuid>,
    /// How many things it touched.
    #[diesel(sql_type = BigInt)]
    pub things: i64,
    /// What the thing was before, where it touched a single one and the reader may see it.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    /// And after.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
}

/// Hands every entry that matches over, newest first.
pub fn export(
    conn: &mut PgConnection,
    by: &Allowed<SeeAudit>,
    filter: &Filter,
    people: Option<Vec<UserId>>,
    each: impl FnMut(Vec<Exported>) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let viewer = by.by().viewer();
    let declare = prepared(include_str!("export.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .query(Conditions::new(filter, viewer.time_zone, None))
        .bind::<SqlUuid, _>(viewer.id)
        .bind::<Nullable<Array<SqlUuid>>, _>(people);
    each_batch(conn, declare, "fetch 2000 from audit_export", each)
}

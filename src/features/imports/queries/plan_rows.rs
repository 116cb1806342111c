//! The people behind the figures of a plan.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;

use super::Import;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Import as MayImport};

/// What would be done with somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Added.
    Create,
    /// Changed.
    Change,
    /// Deleted.
    Delete,
    /// Missing from the file, and kept.
    Protect,
    /// Nothing: they stay as they are.
    Unchanged,
}

impl Kind {
    /// The name in the database and in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Create => "create",
            Kind::Change => "change",
            Kind::Delete => "delete",
            Kind::Protect => "protect",
            Kind::Unchanged => "unchanged",
        }
    }
}

/// Somebody in the plan.
#[derive(Debug, QueryableByName)]
pub struct PlanRow {
    /// The line in the file; of people who are missing from it, their place by name.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Who.
    #[diesel(sql_type = SqlUuid)]
    pub person_id: UserId,
    /// First and last name, as they were when it was planned.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The username, likewise.
    #[diesel(sql_type = Text)]
    pub username: String,
    /// The fields that change, before: `username`, `email`, `first_name`, `last_name`, `organisation_id`, `roles`
    /// (codes joined by `;`), `expires_on`. Of people who are missing from the file: `organisation_id`, and in
    /// `held` all their roles with where these are held.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    /// And after.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
    /// Holds a license that becomes free.
    #[diesel(sql_type = Bool)]
    pub active: bool,
    /// Completion records that are lost.
    #[diesel(sql_type = BigInt)]
    pub records: i64,
    /// Why somebody is protected.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    /// The person has a page for the reader: not whoever is still to be added, is deleted, or is out of the scope now.
    #[diesel(sql_type = Bool)]
    pub there: bool,
    /// The path of the organisation that they are in, or come into, as far as the scope reaches.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// How many there are, of this kind and with this search; not counted of those who stay as they are.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub total: Option<i64>,
}

/// A page of the people of a kind, in the order of the file, or by name. `search`: part of the name or username.
/// `page` counts from 1.
pub fn plan_rows(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    import: &Import,
    kind: Kind,
    search: &str,
    page: u32,
    rows: u32,
) -> Result<Vec<PlanRow>, AppError> {
    let sql = match kind {
        Kind::Unchanged => include_str!("unchanged_rows.sql"),
        _ => include_str!("plan_rows.sql"),
    };
    Ok(prepared(sql)
        .bind::<SqlUuid, _>(import.id)
        .bind::<Text, _>(kind.code())
        .bind::<Text, _>(search.trim().to_lowercase())
        .bind::<BigInt, _>(i64::from(rows))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(rows))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .load(conn)?)
}

/// Somebody whom an import has deleted.
#[derive(Debug, QueryableByName)]
pub struct Restorable {
    /// Who.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// First and last name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The username.
    #[diesel(sql_type = Text)]
    pub username: String,
    /// How many people can still be restored.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

/// A page of the people whom an import has deleted and who can still be restored.
pub fn restorable(
    conn: &mut PgConnection,
    import: &Import,
    search: &str,
    page: u32,
    rows: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Restorable>, AppError> {
    let Some(entry) = import.deletion_entry_id else { return Ok(Vec::new()) };
    Ok(prepared(include_str!("restorable.sql"))
        .bind::<SqlUuid, _>(entry)
        .bind::<Text, _>(search.trim().to_lowercase())
        .bind::<BigInt, _>(i64::from(rows))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(rows))
        .bind::<Timestamptz, _>(now)
        .load(conn)?)
}

/// How many people can still be restored.
pub fn left_to_restore(conn: &mut PgConnection, import: &Import, now: DateTime<Utc>) -> Result<u64, AppError> {
    Ok(restorable(conn, import, "", 1, 1, now)?.first().map_or(0, |row| row.total.unsigned_abs()))
}

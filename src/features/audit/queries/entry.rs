//! One entry, and what it changed: a page of the things that it touched.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::listed::{self, Listed};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{EntryId, UserId};
use crate::web::guards::{Allowed, SeeAudit};

/// Things on a page.
pub const CHANGES_A_PAGE: usize = 50;

/// A thing that an entry touched.
#[derive(Debug, Clone, QueryableByName)]
pub struct Touched {
    /// What kind of thing.
    #[diesel(sql_type = Text)]
    pub subject_kind: String,
    /// Which one.
    #[diesel(sql_type = SqlUuid)]
    pub subject_id: Uuid,
    /// Whom it concerns.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub person_id: Option<UserId>,
    /// Its values before; none when it was created.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<Value>,
    /// Its values after; none when it was deleted.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<Value>,
}

/// A page of the things that an entry touched.
#[derive(Debug)]
pub struct Changes {
    /// The things.
    pub rows: Vec<Touched>,
    /// How many there are in all.
    pub total: u64,
    /// After which thing the next page begins, if there is one.
    pub next: Option<Uuid>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// An entry that the reader may see. Whatever else looks as if it did not exist.
pub fn entry(conn: &mut PgConnection, by: &Allowed<SeeAudit>, id: EntryId) -> Result<Listed, AppError> {
    let seen: Count = prepared(include_str!("entry_seen.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<SqlUuid, _>(by.by().viewer().id)
        .get_result(conn)?;
    let ids = if seen.count > 0 { vec![id] } else { Vec::new() };
    listed::listed(conn, by, ids)?.pop().ok_or(AppError::NotFound)
}

/// The things that an entry touched, after a certain one. Takes an entry that was read for this
/// reader. Who sees it only for having done it sees the things that are within the scope now.
pub fn changes(
    conn: &mut PgConnection,
    by: &Allowed<SeeAudit>,
    entry: &Listed,
    after: Option<Uuid>,
) -> Result<Changes, AppError> {
    let total: Count = prepared(include_str!("changes_count.sql"))
        .bind::<SqlUuid, _>(entry.id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)?;
    let mut rows: Vec<Touched> = prepared(include_str!("changes.sql"))
        .bind::<SqlUuid, _>(entry.id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<SqlUuid, _>(after.unwrap_or(Uuid::nil()))
        .bind::<BigInt, _>(CHANGES_A_PAGE as i64 + 1)
        .load(conn)?;
    let more = rows.len() > CHANGES_A_PAGE;
    rows.truncate(CHANGES_A_PAGE);
    let next = rows.last().filter(|_| more).map(|last| last.subject_id);
    Ok(Changes { rows, total: total.count.unsigned_abs(), next })
}

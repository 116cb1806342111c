//! Whom a filter by person means.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::guards::{Allowed, SeeAudit};

/// How many people a filter may mean.
const MOST: i64 = 50;

/// The people whom some text finds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Their ids.
    pub ids: Vec<UserId>,
    /// There are more of them than the filter takes.
    pub more: bool,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
}

/// `None` when nobody is asked for. An ID finds people who were deleted too. The vendor's people
/// are found by everybody: they act in every organisation.
pub fn people(conn: &mut PgConnection, by: &Allowed<SeeAudit>, text: &str) -> Result<Option<Found>, AppError> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = text.parse() {
        return Ok(Some(Found { ids: vec![id], more: false }));
    }
    let patterns = text.to_lowercase().split_whitespace().map(|word| format!("%{}%", literal(word))).collect();
    let rows: Vec<Row> = prepared(include_str!("people.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Array<Text>, Vec<String>>(patterns)
        .bind::<Text, _>(text.to_lowercase())
        .bind::<BigInt, _>(MOST + 1)
        .load(conn)?;
    let more = rows.len() as i64 > MOST;
    Ok(Some(Found { ids: rows.into_iter().take(MOST as usize).map(|row| row.id).collect(), more }))
}

/// A word whose own `%` and `_` mean themselves.
fn literal(word: &str) -> String {
    word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

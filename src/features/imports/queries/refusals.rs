//! The rows that cannot be taken.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;

use super::Import;
use crate::db::prepared::{Prepared, prepared};
use crate::error::AppError;
use crate::features::imports::planning::Cause;

/// Why a row cannot be taken.
#[derive(Debug, QueryableByName)]
pub struct Refused {
    /// The line in the file.
    #[diesel(sql_type = BigInt)]
    pub line: i64,
    /// The column.
    #[diesel(sql_type = Nullable<Text>)]
    pub column_name: Option<String>,
    /// What stands there.
    #[diesel(sql_type = Nullable<Text>)]
    pub found: Option<String>,
    /// What is wrong with it.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// The row by columns.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub cells: Option<Value>,
    /// How many reasons there are, in all rows.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

/// A page of the refusals, or of those with one cause, in the order of the file; `page` counts from 1.
pub fn refused(
    conn: &mut PgConnection,
    import: &Import,
    cause: Option<&Cause>,
    page: u32,
    rows: u32,
) -> Result<Vec<Refused>, AppError> {
    Ok(prepared(include_str!("refused.sql"))
        .bind::<SqlUuid, _>(import.id)
        .bind::<BigInt, _>(i64::from(rows))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(rows))
        .bind::<Nullable<Text>, _>(cause.map(|cause| cause.cause.clone()))
        .bind::<Nullable<Text>, _>(cause.and_then(|cause| cause.column_name.clone()))
        .load(conn)?)
}

/// A refused row for the file of them.
#[derive(Debug, QueryableByName)]
pub struct RefusedCells {
    /// The values by column.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub cells: Option<Value>,
    /// All that is wrong with it.
    #[diesel(sql_type = Text)]
    pub reasons: String,
}

/// The cursor over all refused rows, for [`crate::db::stream::each_batch`].
pub fn refused_cells(import: &Import) -> Prepared {
    prepared(include_str!("refused_cells.sql")).bind::<SqlUuid, _>(import.id)
}

//! Why rows are refused, and how many for each reason.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::imports::queries::Import;

/// How many causes are told. A file with more of them is no users file.
const MOST: i64 = 20;

/// A cause and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, QueryableByName)]
pub struct Cause {
    /// The column.
    #[diesel(sql_type = Nullable<Text>)]
    pub column_name: Option<String>,
    /// What the reasons have in common, for finding the rows.
    #[diesel(sql_type = Text)]
    pub cause: String,
    /// The reason; what differs from row to row is left out.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// How many rows.
    #[diesel(sql_type = BigInt)]
    pub rows: i64,
}

/// The causes of an import's refused rows, the most frequent first.
pub(super) fn causes(conn: &mut PgConnection, import: &Import) -> Result<Vec<Cause>, AppError> {
    Ok(prepared(include_str!("causes.sql")).bind::<SqlUuid, _>(import.id).bind::<BigInt, _>(MOST).load(conn)?)
}

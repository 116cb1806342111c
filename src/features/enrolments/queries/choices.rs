//! Learning experiences to choose from.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::ExperienceId;
use crate::web::guards::{Allowed, Permission};

/// How many fit into a list to choose from.
const MOST: i64 = 200;

/// A learning experience to choose.
#[derive(Debug, Clone, QueryableByName)]
pub struct Offered {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: ExperienceId,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
}

/// Those that are open to the scope, as many as fit, the chosen one first.
pub fn choices<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    chosen: Option<ExperienceId>,
) -> Result<Vec<Offered>, AppError> {
    Ok(prepared(include_str!("choices.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(chosen)
        .bind::<BigInt, _>(MOST)
        .load(conn)?)
}

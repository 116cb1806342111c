//! What things are called now, as far as the reader may see them.

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::web::audit_words::{Named, Names};
use crate::web::guards::{Allowed, Permission};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
}

/// The names of users, organisations, learning experiences, enrolments, imports, agreements and tiers; all in one go.
pub fn names<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, ids: Vec<Uuid>) -> Result<Names, AppError> {
    let rows: Vec<Row> = prepared(include_str!("names.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Array<SqlUuid>, _>(ids)
        .load(conn)?;
    let named = |row: Row| (row.id, Named { name: row.name, address: row.address });
    Ok(Names(rows.into_iter().map(named).collect()))
}

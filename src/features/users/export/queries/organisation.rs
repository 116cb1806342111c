//! Whose subtree a file holds.

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, SeeUsers};

/// An organisation with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Organisation {
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
}

/// The organisation that is asked for, or else the one that all of the scope lies below; none when
/// there are several. One that is out of scope is refused: an empty file would say that it is empty.
pub fn organisation(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    asked: Option<OrganisationId>,
) -> Result<Option<Organisation>, AppError> {
    let mut tops: Vec<Organisation> = prepared(include_str!("organisation.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Nullable<SqlUuid>, _>(asked)
        .load(conn)?;
    match (asked, tops.len()) {
        (Some(id), 0) => Err(by.refusal(conn, id)),
        (_, 1) => Ok(tops.pop()),
        _ => Ok(None),
    }
}

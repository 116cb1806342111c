//! What somebody else did to users meanwhile.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::users::queries::ListQuery;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Permission};
use crate::web::selection::Selection;

/// How many changes are told.
const SOME: i64 = 8;

/// What somebody did to a user, or to what is theirs.
#[derive(Debug, QueryableByName)]
pub struct ChangedSince {
    /// To whom; none when that person is deleted.
    #[diesel(sql_type = Nullable<Text>)]
    pub person: Option<String>,
    /// Who did it, when the reader may know; none for the program itself too.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// `user`, `enrolment`, `role`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// The values before.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<serde_json::Value>,
    /// The values after; none when it was deleted.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<serde_json::Value>,
    /// The path of the organisation afterwards, if that changed and the reader may see it.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
}

/// What was done since a time to users who are meant, or were, and to what is theirs: with a filter, those who were changed may
/// not match any more. The latest first, some of it. `gone`: who was ticked and is deleted.
pub fn changes_since<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    (list, chosen, gone): (&ListQuery, &[UserId], &[Uuid]),
    since: DateTime<Utc>,
) -> Result<Vec<ChangedSince>, AppError> {
    let people: Vec<Uuid> = chosen.iter().map(|id| id.0).chain(gone.iter().copied()).collect();
    Ok(prepared(include_str!("changes_since.sql"))
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Timestamptz, _>(since)
        .bind::<BigInt, _>(SOME)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Bool, _>(list.selection()? == Selection::All)
        .load(conn)?)
}

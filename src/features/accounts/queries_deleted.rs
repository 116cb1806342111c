//! People who were deleted and can be restored.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::web::guards::{Allowed, Permission};

/// Somebody who was deleted and can be restored.
#[derive(Debug, QueryableByName)]
pub struct DeletedUser {
    /// The unique ID.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// First and last name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The username.
    #[diesel(sql_type = Text)]
    pub username: String,
    /// The path of the home organisation.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub deleted_at: DateTime<Utc>,
    /// By whom, when the reader may know.
    #[diesel(sql_type = Nullable<Text>)]
    pub deleted_by: Option<String>,
    /// Until when they can be restored.
    #[diesel(sql_type = Timestamptz)]
    pub restorable_until: DateTime<Utc>,
    /// How many enrolments would come back.
    #[diesel(sql_type = Integer)]
    pub enrolments: i32,
    /// How many such people there are in all.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

/// Rows on a page of deleted people.
pub const DELETED_PAGE: u32 = 20;

/// A page of the people who can be restored.
pub fn deleted<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    page: u32,
    now: DateTime<Utc>,
) -> Result<Vec<DeletedUser>, AppError> {
    Ok(prepared(include_str!("deleted.sql"))
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(DELETED_PAGE))
        .bind::<BigInt, _>(i64::from(page.saturating_sub(1)) * i64::from(DELETED_PAGE))
        .load(conn)?)
}

/// Was this person deleted, within the scope? Also where they are gone for good.
pub fn was_deleted<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, id: UserId) -> Result<bool, AppError> {
    is_deleted(conn, by, id, None)
}

/// Was this person deleted, within the scope, and can be restored still?
pub fn can_be_restored<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<bool, AppError> {
    is_deleted(conn, by, id, Some(now))
}

/// `now`: not if they cannot be restored any more.
fn is_deleted<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: UserId,
    now: Option<DateTime<Utc>>,
) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        deleted: bool,
    }
    let answer: Answer = prepared(
        "select exists (select from deleted_users d where d.user_id = $2
           and ($3 is null or d.restorable_until > $3) and ($1 is null or exists (
           select from organisation_closure s
           where s.descendant_id = d.organisation_id and s.ancestor_id = any ($1)))) as deleted",
    )
    .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
    .bind::<SqlUuid, _>(id)
    .bind::<Nullable<Timestamptz>, _>(now)
    .get_result(conn)?;
    Ok(answer.deleted)
}

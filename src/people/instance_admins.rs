//! There is always somebody who runs the deployment.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::schema::role_grants;

/// What to do where these people are needed.
pub const NEEDED: &str =
    "No other instance admin has an account without an end. Make somebody one first, or take the end off.";

/// Would nobody be instance admin any more, or one day, without these people? Asked by whoever is about to
/// change that, so the answer holds until the end of the transaction: others wait with the same
/// question.
pub fn would_be_gone(conn: &mut PgConnection, without: &[UserId], now: DateTime<Utc>) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        gone: bool,
    }
    let held = || role_grants::table.filter(role_grants::role.eq("instance_admin"));
    // Most people hold no such role, and whoever changes them has locked them, so they get none
    // meanwhile: then nobody has to wait.
    let holders: i64 = held().filter(role_grants::user_id.eq_any(without)).count().get_result(conn)?;
    if holders == 0 {
        return Ok(false);
    }
    let admins: Vec<UserId> = held().order(role_grants::id).select(role_grants::user_id).for_update().load(conn)?;
    if !admins.iter().any(|admin| without.contains(admin)) {
        return Ok(false);
    }
    let answer: Answer = prepared(include_str!("instance_admins.sql"))
        .bind::<Array<SqlUuid>, _>(without.to_vec())
        .bind::<Timestamptz, _>(now)
        .get_result(conn)?;
    Ok(answer.gone)
}

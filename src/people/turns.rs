//! Taking turns with others who change the same people.

use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::UserId;
use crate::schema::users;

/// Until the transaction ends, nobody else changes what makes these people active: every such change waits for their rows
/// of `license_spans`, in the order of their ids like this. Taken before anything of theirs is locked.
pub fn of_activity(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
    // counted, since rows that nobody asks for would not be locked
    prepared(
        "select count(*) from (
           select from license_spans where user_id = any ($1) order by user_id for no key update) locked",
    )
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .execute(conn)?;
    Ok(())
}

/// The same, and nobody else changes their accounts or roles.
pub fn of_accounts(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
    of_activity(conn, ids)?;
    users::table.filter(users::id.eq_any(ids)).order(users::id).select(users::id).for_no_key_update().execute(conn)?;
    Ok(())
}

/// The same, and nobody else enrols them or grants them a role, since they go.
pub fn of_existence(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
    of_activity(conn, ids)?;
    prepared("select count(*) from (select from users where id = any ($1) order by id for update) locked")
        .bind::<Array<SqlUuid>, _>(ids.to_vec())
        .execute(conn)?;
    Ok(())
}

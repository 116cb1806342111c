//! What signing in has to know.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::domain::throttle::{Counted, Failures};
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::{sign_in_failures, users};

/// What a password is checked against.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Credentials {
    /// Whose they are.
    pub id: UserId,
    /// The home organisation, for the audit log.
    pub organisation_id: Option<OrganisationId>,
    /// A PHC string; none while the person has not set a password.
    pub password_hash: Option<String>,
}

define_sql_function!(fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text);

/// The account of that name, written in whatever case. The database makes the lower case, as it
/// did for the stored key: others do it differently for some letters.
pub fn credentials(conn: &mut PgConnection, username: &str) -> Result<Option<Credentials>, AppError> {
    if username.contains('\0') {
        return Ok(None); // no text of PostgreSQL
    }
    Ok(users::table
        .filter(users::username_key.eq(lower(username)))
        .select(Credentials::as_select())
        .first(conn)
        .optional()?)
}

/// The key under which failures are counted.
pub fn failure_key(counted: Counted, name: &str) -> String {
    let (kind, name) = match counted {
        Counted::Account => ("account", name.trim().to_lowercase()),
        Counted::Address => ("address", name.to_owned()),
    };
    // long enough for any username, short enough for an index
    format!("{kind} {}", name.chars().filter(|c| !c.is_control()).take(200).collect::<String>())
}

/// Failed sign-ins under a key, which nobody else counts until the transaction ends.
pub fn lock_failures(conn: &mut PgConnection, key: &str) -> Result<Option<Failures>, AppError> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::key.eq(key),
            sign_in_failures::failures.eq(0),
            sign_in_failures::last_failed_at.eq(DateTime::UNIX_EPOCH),
        ))
        .on_conflict_do_nothing()
        .execute(conn)?;
    let row: Option<(i32, DateTime<Utc>)> = sign_in_failures::table
        .find(key)
        .select((sign_in_failures::failures, sign_in_failures::last_failed_at))
        .for_update()
        .first(conn)
        .optional()?;
    Ok(row.map(|(count, last)| Failures { count: count.unsigned_abs(), last }))
}

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

/// The account of that name, written in whatever case.
pub fn credentials(conn: &mut PgConnection, username: &str) -> Result<Option<Credentials>, AppError> {
    Ok(users::table
        .filter(users::username_key.eq(username.to_lowercase()))
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
    format!("{kind} {}", name.chars().take(200).collect::<String>())
}

/// Failed sign-ins under a key.
pub fn failures(conn: &mut PgConnection, key: &str) -> Result<Option<Failures>, AppError> {
    let row: Option<(i32, DateTime<Utc>)> = sign_in_failures::table
        .find(key)
        .select((sign_in_failures::failures, sign_in_failures::last_failed_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(count, last)| Failures { count: count.unsigned_abs(), last }))
}

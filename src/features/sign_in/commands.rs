//! What signing in writes down, and the creation of the first instance admin.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde_json::json;

use super::queries::Credentials;
use crate::db::attempts::{self, Keys};
use crate::db::audit::{Audited, Entry};
use crate::domain::email::is_sendable;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::{role_grants, users};
use crate::web::session::{self, Begun};

/// Counts an attempt before its password is looked at; the result is how long it has to wait instead.
pub fn count_attempt(
    conn: &mut PgConnection,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Audited<Option<Duration>>, AppError> {
    Ok(Audited::unchanged(attempts::count(conn, keys, now)?))
}

/// The password was right: the attempt was no failure, the account's count begins anew, and so does
/// a session; unless the password has changed since it was looked at. Whoever changes it takes turns
/// with this by the person's row, and ends the sessions that are there by then.
pub fn record_sign_in(
    conn: &mut PgConnection,
    person: &Credentials,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Audited<Option<Begun>>, AppError> {
    let unchanged = users::table.find(person.id).filter(users::password_hash.eq(&person.password_hash));
    if diesel::update(unchanged).set(users::last_signed_in_at.eq(now)).execute(conn)? == 0 {
        return Ok(Audited::unchanged(None));
    }
    let session = session::begin(conn, person.id, now)?;
    attempts::succeeded(conn, keys)?;
    let entry = Entry::new("user.signed_in").on(person.organisation_id).about("user", person.id.0);
    Ok(Audited::new(Some(session), entry))
}

/// The password was wrong, or there is no such account, or it has expired.
pub fn record_failure(person: Option<(UserId, Option<OrganisationId>)>) -> Audited<()> {
    let mut entry = Entry::new("user.sign_in_failed");
    if let Some((id, organisation)) = person {
        entry = entry.on(organisation).about("user", id.0);
    }
    Audited::new((), entry)
}

/// The person pressed "Sign out".
pub fn sign_out(
    conn: &mut PgConnection,
    person: UserId,
    organisation: Option<OrganisationId>,
    place: Option<&session::Place>,
) -> Result<Audited<()>, AppError> {
    session::end(conn, place)?;
    Ok(Audited::new((), Entry::new("user.signed_out").on(organisation).about("user", person.0)))
}

/// A new instance admin.
#[derive(Debug, Clone)]
pub struct NewInstanceAdmin {
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// A PHC string.
    pub password_hash: String,
}

/// Why there is no new instance admin.
#[derive(Debug, thiserror::Error)]
pub enum NotCreated {
    /// Somebody has that username.
    #[error("Somebody already has the username {0}.")]
    UsernameTaken(String),
    /// Somebody has that e-mail address.
    #[error("Somebody already has the e-mail address {0}.")]
    EmailTaken(String),
    /// No mail can be sent there.
    #[error("“{0}” is not an e-mail address like name@example.org.")]
    NotAnAddress(String),
    /// The database does not take the values.
    #[error("A username has 1 to 150 characters and no spaces around it; an e-mail address has one @.")]
    Unusable,
}

/// Creates an instance admin. The outer error is ours, the inner one the operator's.
pub fn create_instance_admin(
    conn: &mut PgConnection,
    admin: &NewInstanceAdmin,
) -> Result<Audited<Result<UserId, NotCreated>>, AppError> {
    if !is_sendable(&admin.email) {
        return Ok(Audited::unchanged(Err(NotCreated::NotAnAddress(admin.email.clone()))));
    }
    let inserted: Result<UserId, DieselError> = conn.transaction(|conn| {
        diesel::insert_into(users::table)
            .values((
                users::username.eq(&admin.username),
                users::email.eq(&admin.email),
                users::first_name.eq(&admin.first_name),
                users::last_name.eq(&admin.last_name),
                users::password_hash.eq(&admin.password_hash),
            ))
            .returning(users::id)
            .get_result(conn)
    });
    let id = match inserted {
        Ok(id) => id,
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info)) => {
            let refusal = match info.constraint_name() {
                Some("users_email_is_unique") => NotCreated::EmailTaken(admin.email.clone()),
                _ => NotCreated::UsernameTaken(admin.username.clone()),
            };
            return Ok(Audited::unchanged(Err(refusal)));
        }
        Err(DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, _)) => {
            return Ok(Audited::unchanged(Err(NotCreated::Unusable)));
        }
        Err(error) => return Err(error.into()),
    };
    diesel::insert_into(role_grants::table)
        .values((role_grants::user_id.eq(id), role_grants::role.eq("instance_admin")))
        .execute(conn)?;
    let entry = Entry::new("user.created").about("user", id.0).detail(json!({ "role": "instance_admin" }));
    Ok(Audited::new(Ok(id), entry))
}

//! What signing in has to know.

use diesel::prelude::*;

use crate::db::types::lower;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::{role_grants, users};

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

/// The account of that name, written in whatever case. The database makes the lower case, as it
/// did for the stored key: others do it differently for some letters.
pub fn credentials(conn: &mut PgConnection, username: &str) -> Result<Option<Credentials>, AppError> {
    Ok(users::table
        .filter(users::username_key.eq(lower(username)))
        .select(Credentials::as_select())
        .first(conn)
        .optional()?)
}

/// The instance admins and their usernames, by username; also those whose accounts have expired.
pub fn instance_admins(conn: &mut PgConnection) -> Result<Vec<(UserId, String)>, AppError> {
    Ok(role_grants::table
        .inner_join(users::table)
        .filter(role_grants::role.eq("instance_admin"))
        .order(users::username)
        .select((users::id, users::username))
        .load(conn)?)
}

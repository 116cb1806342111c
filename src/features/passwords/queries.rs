//! Whose password may be set.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz};

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::{password_links, users};

/// An account whose password may be set.
#[derive(Debug, Clone, Queryable, QueryableByName)]
#[diesel(table_name = users)]
pub struct Account {
    /// Which one.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// The home organisation, for the audit log.
    pub organisation_id: Option<OrganisationId>,
}

/// The account of a link that still works.
pub fn account_of_link(
    conn: &mut PgConnection,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<Account>, AppError> {
    Ok(password_links::table
        .inner_join(users::table)
        .filter(password_links::token_hash.eq(token_hash))
        .filter(password_links::used_at.is_null())
        .filter(password_links::expires_at.gt(now))
        .select((users::id, users::username, users::email, users::organisation_id))
        .first(conn)
        .optional()?)
}

/// The account of that username or e-mail address, in whatever case, unless it has expired; nobody
/// else makes or uses a link for it until the transaction ends. An e-mail address that is also
/// somebody's username means the person whose address it is.
pub fn lock_account_called(
    conn: &mut PgConnection,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<Account>, AppError> {
    let account = prepared(
        "select id, username, email, organisation_id from users
         where (email_key = lower($1) or username_key = lower($1))
           and (expires_on is null or expires_on >= today_in(organisation_id, $2))
         order by email_key = lower($1) desc limit 1
         for no key update",
    );
    Ok(account.bind::<Text, _>(name.to_owned()).bind::<Timestamptz, _>(now).get_result(conn).optional()?)
}

/// More than that nobody gets, so that nobody can fill somebody else's mailbox.
const LINKS_AN_HOUR: i64 = 3;

/// A person may be sent another link: not too many were within the last hour.
pub fn may_get_a_link(conn: &mut PgConnection, user: UserId, now: DateTime<Utc>) -> Result<bool, AppError> {
    let sent: i64 = password_links::table
        .filter(password_links::user_id.eq(user))
        .filter(password_links::created_at.gt(now - Duration::hours(1)))
        .count()
        .get_result(conn)?;
    Ok(sent < LINKS_AN_HOUR)
}

//! Sending a link, and using it.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

use super::queries;
use crate::db::attempts::{self, Keys};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::mail::password_links::{self as links, Purpose};
use crate::schema::{password_links, users};

/// Counts a request for a link; the result is how long it has to wait instead.
pub fn count_request(
    conn: &mut PgConnection,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Audited<Option<Duration>>, AppError> {
    Ok(Audited::unchanged(attempts::count(conn, keys, now)?))
}

/// Sends a link to whoever has that username or e-mail address, if somebody has.
pub fn send_link(
    conn: &mut PgConnection,
    origin: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    let Some(account) = queries::lock_account_called(conn, name, now)? else { return Ok(Audited::unchanged(())) };
    if !queries::may_get_a_link(conn, account.id, now)? {
        return Ok(Audited::unchanged(()));
    }
    links::send(conn, origin, account.id, Purpose::Forgotten, now)?;
    let entry = Entry::new("user.password_link_requested").on(account.organisation_id).about("user", account.id.0);
    Ok(Audited::new((), entry))
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The password is set, and no link of that person works any more.
    Used,
    /// It did not work, and nothing has changed.
    Gone,
}

/// Sets the password of the link's person, once however often it is sent. All their sessions end, and
/// so does their wait after failed sign-ins, which `keys` are counted under.
pub fn set_password(
    conn: &mut PgConnection,
    token_hash: &[u8],
    password_hash: &str,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<Audited<Link>, AppError> {
    let Some(account) = queries::account_of_link(conn, token_hash, now)? else {
        return Ok(Audited::unchanged(Link::Gone));
    };
    // the person before the link, as everybody does who makes or uses one
    let person = users::table.find(account.id);
    person.select(users::id).for_no_key_update().execute(conn)?;
    let link = password_links::table
        .find(token_hash)
        .filter(password_links::used_at.is_null())
        .filter(password_links::expires_at.gt(now));
    if diesel::update(link).set(password_links::used_at.eq(now)).execute(conn)? == 0 {
        return Ok(Audited::unchanged(Link::Gone));
    }
    links::end(conn, account.id, now)?;
    diesel::update(person).set(users::password_hash.eq(password_hash)).execute(conn)?;
    attempts::begin_anew(conn, keys)?;
    let entry = Entry::new("user.password_set").on(account.organisation_id).about("user", account.id.0);
    Ok(Audited::new(Link::Used, entry))
}

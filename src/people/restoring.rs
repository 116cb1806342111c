//! Bringing deleted people back, with everything that is still possible.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{against, in_steps};
use crate::db::audit::{self, Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::queries::{Effect, Exceeded, effect_of_return, exceeded_since};
use crate::ids::{EntryId, OrganisationId, UserId};
use crate::web::guards::{Allowed, DeleteUsers};

/// What came back; its audit entry tells the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Restored {
    /// Accounts.
    pub users: u64,
    /// Their enrolments.
    pub enrolments: u64,
    /// Their roles.
    pub roles: u64,
    /// Enrolments that are lost, because the learning experience is gone.
    pub lost_enrolments: u64,
    /// Roles that are lost, because the organisation is gone.
    pub lost_roles: u64,
    /// What that did to the licenses.
    #[serde(default)]
    pub effect: Effect,
    /// Limits that are exceeded since.
    #[serde(default)]
    pub exceeded: Vec<Exceeded>,
}

/// Why nobody was restored: it is all of them or none.
#[derive(Debug)]
pub enum NotRestored {
    /// So many cannot be restored any more, or are not within the scope.
    Elsewhere(u64),
    /// So many held a role that whoever restores could not grant.
    Beyond(u64),
    /// Something of these is taken or gone meanwhile; the first hundred.
    Conflicts(Vec<Conflict>),
}

/// Somebody who does not fit in any more.
#[derive(Debug, QueryableByName)]
pub struct Conflict {
    /// Who.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: UserId,
    /// First and last name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The username.
    #[diesel(sql_type = Text)]
    pub username: String,
    /// The e-mail address.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Somebody else has the username now.
    #[diesel(sql_type = Bool)]
    pub username_taken: bool,
    /// Somebody else has the e-mail address now.
    #[diesel(sql_type = Bool)]
    pub email_taken: bool,
    /// The home organisation is gone.
    #[diesel(sql_type = Bool)]
    pub organisation_gone: bool,
}

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = BigInt)]
    inside: i64,
    #[diesel(sql_type = BigInt)]
    beyond: i64,
    #[diesel(sql_type = BigInt)]
    enrolments: i64,
    #[diesel(sql_type = BigInt)]
    roles: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<OrganisationId>,
}

/// Restores people, all or none: accounts, enrolments with completion records, roles.
pub fn restore_users(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
) -> Result<Audited<Result<Restored, NotRestored>>, AppError> {
    Ok(match restore_as_part(conn, by, ids, now, &|_| {})? {
        Ok((restored, entry)) => {
            let entry = match ids {
                [only] => entry.about("user", only.0),
                _ => entry,
            };
            Audited::new(Ok(restored), entry)
        }
        Err(reason) => Audited::unchanged(Err(reason)),
    })
}

/// The same as a part of something larger, which the entry can tell. `progress` is told how many people are done, of
/// how many.
pub fn restore_as_part(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Result<(Restored, Entry), NotRestored>, AppError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    lock(conn, &ids)?;
    let checked = match check(conn, by, &ids, now)? {
        Ok(checked) => checked,
        Err(reason) => return Ok(Err(reason)),
    };
    let users = match bring_accounts_back(conn, &ids)? {
        Ok(users) => users,
        Err(conflicts) => return Ok(Err(NotRestored::Conflicts(conflicts))),
    };
    let entry = Entry::new("user.restored").on(checked.organisation_id);
    let mut restored = Restored {
        users,
        enrolments: 0,
        roles: 0,
        lost_enrolments: checked.enrolments.unsigned_abs(),
        lost_roles: checked.roles.unsigned_abs(),
        effect: Effect::default(),
        exceeded: Vec::new(),
    };
    in_steps(&ids, progress, |step| bring_back(conn, step, &mut restored, entry.id()))?;
    restored.effect = effect_of_return(conn, ids.clone())?;
    restored.exceeded = exceeded_since(conn, by, &restored.effect, now)?;
    let detail = json!(restored);
    Ok(Ok((restored, entry.detail(detail))))
}

/// What stands in the way of restoring people, if anything does. Changes nothing.
pub fn in_the_way(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
) -> Result<Option<NotRestored>, AppError> {
    if let Err(reason) = check(conn, by, ids, now)? {
        return Ok(Some(reason));
    }
    let conflicts: Vec<Conflict> =
        prepared(include_str!("restoring_conflicts.sql")).bind::<Array<SqlUuid>, _>(ids.to_vec()).load(conn)?;
    Ok((!conflicts.is_empty()).then_some(NotRestored::Conflicts(conflicts)))
}

/// They are there, within the scope, and held no role that whoever restores could not grant. Each id once.
fn check(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
) -> Result<Result<Checked, NotRestored>, AppError> {
    let checked: Checked = against(include_str!("restoring_check.sql"), by, ids, now).get_result(conn)?;
    let elsewhere = ids.len() as u64 - checked.inside.unsigned_abs();
    Ok(match (elsewhere, checked.beyond.unsigned_abs()) {
        (0, 0) => Ok(checked),
        (0, beyond) => Err(NotRestored::Beyond(beyond)),
        (elsewhere, _) => Err(NotRestored::Elsewhere(elsewhere)),
    })
}

/// What somebody brought back, from the audit entry of it; none for any other entry, or somebody else's.
pub fn brought_back(conn: &mut PgConnection, by: UserId, entry: EntryId) -> Result<Option<Restored>, AppError> {
    let found = audit::done_by(conn, by, entry)?.filter(|(action, _)| action == "user.restored");
    Ok(found.and_then(|(_, detail)| serde_json::from_value(detail).ok()))
}

/// Nobody else restores or forgets them from here on.
pub fn lock(conn: &mut PgConnection, ids: &[UserId]) -> Result<(), AppError> {
    // counted, since rows that nobody asks for would not be locked
    prepared(
        "select count(*) from (select from deleted_users where user_id = any ($1) order by user_id for update) locked",
    )
    .bind::<Array<SqlUuid>, _>(ids.to_vec())
    .execute(conn)?;
    Ok(())
}

/// The accounts, or why some of them do not fit in any more. All at once: two of them may be in the way of each other.
fn bring_accounts_back(conn: &mut PgConnection, ids: &[UserId]) -> Result<Result<u64, Vec<Conflict>>, AppError> {
    let of = |sql: &'static str| prepared(sql).bind::<Array<SqlUuid>, _>(ids.to_vec());
    let conflicts = |conn: &mut PgConnection| of(include_str!("restoring_conflicts.sql")).load(conn);
    let found = conflicts(conn)?;
    if !found.is_empty() {
        return Ok(Err(found));
    }
    match conn.transaction(|conn| of(include_str!("restoring_users.sql")).execute(conn)) {
        Ok(users) => Ok(Ok(users as u64)),
        // taken since the look at the conflicts, so a second look finds it
        Err(error @ DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
            let found = conflicts(conn)?;
            if found.is_empty() { Err(error.into()) } else { Ok(Err(found)) }
        }
        Err(error) => Err(error.into()),
    }
}

/// What else was theirs, of people whose accounts are there again.
fn bring_back(
    conn: &mut PgConnection,
    ids: &[UserId],
    restored: &mut Restored,
    entry: EntryId,
) -> Result<(), AppError> {
    let of = |sql: &'static str| prepared(sql).bind::<Array<SqlUuid>, _>(ids.to_vec());
    let logged = |sql| of(sql).bind::<SqlUuid, _>(entry);
    let enrolments = logged(include_str!("restoring_enrolments.sql")).execute(conn)? as u64;
    let roles = logged(include_str!("restoring_roles.sql")).execute(conn)? as u64;
    logged(
        "insert into audit_changes (entry_id, subject_kind, subject_id, person_id, after)
        select $2, 'user', u.id, u.id, account_fields(u) from users u where u.id = any ($1)",
    )
    .execute(conn)?;
    of("delete from deleted_users where user_id = any ($1)").execute(conn)?;
    restored.enrolments += enrolments;
    restored.roles += roles;
    restored.lost_enrolments -= enrolments;
    restored.lost_roles -= roles;
    Ok(())
}

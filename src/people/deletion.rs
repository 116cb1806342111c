//! Deleting people with everything that is theirs. For a while they are kept as documents, from
//! which `restoring` brings them back.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use serde_json::json;

use super::{against, in_steps, instance_admins, turns};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::schema::{instance_settings, users};
use crate::web::guards::{Allowed, DeleteUsers};

/// What went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Accounts.
    pub users: u64,
    /// Their enrolments.
    pub enrolments: u64,
    /// How many of these had a completion record.
    pub completion_records: u64,
    /// Roles that they held.
    pub roles: u64,
    /// How many of them were active today.
    pub licenses_freed: u64,
    /// Until when they can be restored; none: not at all.
    pub restorable_until: Option<DateTime<Utc>>,
}

/// Why nobody was deleted: it is all of them or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDeleted {
    /// So many are not there, or not within the scope.
    Elsewhere(u64),
    /// Whoever deletes is among them.
    Yourself,
    /// So many hold a role that whoever deletes could not grant.
    Beyond(u64),
    /// Nobody would run the deployment any more.
    LastInstanceAdmin,
}

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = BigInt)]
    inside: i64,
    #[diesel(sql_type = BigInt)]
    beyond: i64,
    #[diesel(sql_type = BigInt)]
    active: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<OrganisationId>,
}

#[derive(QueryableByName)]
struct Removed {
    #[diesel(sql_type = BigInt)]
    enrolments: i64,
    #[diesel(sql_type = BigInt)]
    completion_records: i64,
    #[diesel(sql_type = BigInt)]
    roles: i64,
}

/// Deletes people, all or none: their accounts, enrolments, completion records and roles. Sessions
/// end, and licenses become free, in the same moment. `progress` is told how many people are done.
pub fn delete_users(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Result<Deleted, NotDeleted>>, AppError> {
    if ids.is_empty() {
        return Ok(Audited::unchanged(Ok(Deleted::nobody())));
    }
    Ok(match delete_as_part(conn, by, ids, now, progress)? {
        Ok((deleted, entry)) => Audited::new(Ok(deleted), entry),
        Err(refused) => Audited::unchanged(Err(refused)),
    })
}

/// The same as a part of a larger change, which has entries of its own beside the one of the deletion.
pub fn delete_as_part(
    conn: &mut PgConnection,
    by: &Allowed<DeleteUsers>,
    ids: &[UserId],
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Result<(Deleted, Entry), NotDeleted>, AppError> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    turns::of_existence(conn, &ids)?;
    let checked: Checked = against(include_str!("deletion_check.sql"), by, &ids, now).get_result(conn)?;
    let elsewhere = ids.len() as u64 - checked.inside.unsigned_abs();
    let refused = if elsewhere > 0 {
        Some(NotDeleted::Elsewhere(elsewhere))
    } else if ids.contains(&by.by().viewer().id) {
        Some(NotDeleted::Yourself)
    } else if checked.beyond > 0 {
        Some(NotDeleted::Beyond(checked.beyond.unsigned_abs()))
    } else if instance_admins::would_be_gone(conn, &ids, now)? {
        Some(NotDeleted::LastInstanceAdmin)
    } else {
        None
    };
    match refused {
        Some(refused) => Ok(Err(refused)),
        None => Ok(Ok(remove(conn, &ids, &checked, now, progress)?)),
    }
}

impl Deleted {
    fn nobody() -> Deleted {
        Deleted { users: 0, enrolments: 0, completion_records: 0, roles: 0, licenses_freed: 0, restorable_until: None }
    }
}

/// For how many days deleted people can be restored; 0: not at all.
pub fn restore_window_days(conn: &mut PgConnection) -> Result<i32, AppError> {
    Ok(instance_settings::table.select(instance_settings::restore_window_days).first(conn)?)
}

fn remove(
    conn: &mut PgConnection,
    ids: &[UserId],
    checked: &Checked,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<(Deleted, Entry), AppError> {
    let days = restore_window_days(conn)?;
    let until = now + chrono::Duration::days(i64::from(days));
    let entry = Entry::new("user.deleted").on(checked.organisation_id);
    // With a window of no days the archive keeps the ids only, until housekeeping has taken the people out of the audit
    // log too.
    let mut deleted = Deleted {
        licenses_freed: checked.active.unsigned_abs(),
        restorable_until: (days > 0).then_some(until),
        ..Deleted::nobody()
    };
    in_steps(ids, progress, |step| {
        let removed: Removed = prepared(include_str!("deletion_remove.sql"))
            .bind::<Array<SqlUuid>, _>(step.to_vec())
            .bind::<SqlUuid, _>(entry.id())
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(until)
            .get_result(conn)?;
        // in a statement of its own: the figures are told what is gone while the people are still there
        deleted.users += diesel::delete(users::table.filter(users::id.eq_any(step))).execute(conn)? as u64;
        deleted.enrolments += removed.enrolments.unsigned_abs();
        deleted.completion_records += removed.completion_records.unsigned_abs();
        deleted.roles += removed.roles.unsigned_abs();
        Ok(())
    })?;
    let entry = match ids {
        [only] => entry.about("user", only.0),
        _ => entry,
    };
    let detail = json!({
        "users": deleted.users,
        "enrolments": deleted.enrolments,
        "completion_records": deleted.completion_records,
        "roles": deleted.roles,
        "licenses_freed": deleted.licenses_freed,
        "restorable_until": deleted.restorable_until,
    });
    Ok((deleted, entry.detail(detail)))
}

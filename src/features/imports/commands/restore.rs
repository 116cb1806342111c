//! Bringing back whom an import has deleted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::db::audit::Audited;
use crate::error::AppError;
use crate::features::imports::queries::lock_import;
use crate::ids::{ImportId, UserId};
use crate::people::restoring::{NotRestored, Restored, restore_users};
use crate::schema::deleted_users;
use crate::web::guards::{Allowed, DeleteUsers, Import as MayImport};

/// Restores the chosen people, or all whom the import has deleted and who can still be restored.
pub fn restore(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    chosen: Option<&[UserId]>,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Restored, NotRestored>>, AppError> {
    let import = lock_import(conn, by, id)?;
    let deleting = Allowed::<DeleteUsers>::new(by.by().clone()).ok_or(AppError::Forbidden)?;
    let mut theirs = deleted_users::table
        .filter(deleted_users::entry_id.nullable().eq(import.deletion_entry_id))
        .filter(deleted_users::restorable_until.gt(now))
        .select(deleted_users::user_id)
        .into_boxed();
    if let Some(chosen) = chosen {
        theirs = theirs.filter(deleted_users::user_id.eq_any(chosen));
    }
    let ids: Vec<UserId> = theirs.load(conn)?;
    if let Some(chosen) = chosen
        && ids.len() < chosen.len()
    {
        return Ok(Audited::unchanged(Err(NotRestored::Elsewhere((chosen.len() - ids.len()) as u64))));
    }
    restore_users(conn, &deleting, &ids, now)
}

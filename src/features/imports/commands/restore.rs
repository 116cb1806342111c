//! Bringing back whom an import has deleted.

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::db::audit::Audited;
use crate::error::AppError;
use crate::features::imports::queries::lock_import;
use crate::ids::{ImportId, UserId};
use crate::people::restoring::{NotRestored, Restored, restore_users};
use crate::schema::deleted_users;
use crate::web::guards::{Allowed, DeleteUsers, Import as MayImport};

/// Who is to come back.
#[derive(Debug, Clone)]
pub enum Whom {
    /// Everybody who can still be restored.
    Everybody,
    /// These people.
    These(Vec<UserId>),
    /// Everybody but these people.
    AllBut(Vec<UserId>),
}

/// Restores people whom the import has deleted and who can still be restored; nobody when nobody is left.
pub fn restore(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    whom: &Whom,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Restored, NotRestored>>, AppError> {
    // as many as an import has deleted
    conn.batch_execute("set local statement_timeout to '5min'")?;
    let import = lock_import(conn, by, id)?;
    let deleting = Allowed::<DeleteUsers>::new(by.by().clone()).ok_or(AppError::Forbidden)?;
    let mut theirs = deleted_users::table
        .filter(deleted_users::entry_id.nullable().eq(import.deletion_entry_id))
        .filter(deleted_users::restorable_until.gt(now))
        .select(deleted_users::user_id)
        .into_boxed();
    match whom {
        Whom::Everybody => {}
        Whom::These(chosen) => theirs = theirs.filter(deleted_users::user_id.eq_any(chosen)),
        Whom::AllBut(others) => theirs = theirs.filter(deleted_users::user_id.ne_all(others)),
    }
    let ids: Vec<UserId> = theirs.load(conn)?;
    if let Whom::These(chosen) = whom
        && ids.len() < chosen.len()
    {
        return Ok(Audited::unchanged(Err(NotRestored::Elsewhere((chosen.len() - ids.len()) as u64))));
    }
    if ids.is_empty() {
        return Ok(Audited::unchanged(Ok(Restored::nobody())));
    }
    restore_users(conn, &deleting, &ids, now)
}

//! Bringing back whom an import has deleted.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::audit::Audited;
use crate::error::AppError;
use crate::features::imports::queries::{Import, lock_import};
use crate::ids::{EntryId, ImportId, JobId, UserId};
use crate::jobs::work::{FROM, Payload, Work};
use crate::people::restoring::{self, NotRestored};
use crate::schema::deleted_users;
use crate::web::guards::{Allowed, DeleteUsers, Import as MayImport};

/// Who is to come back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Everybody who can still be restored.
    Everybody,
    /// These people.
    These(Vec<UserId>),
    /// Everybody but these people.
    AllBut(Vec<UserId>),
}

/// What came of asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// They are back; the audit entry has the facts. None: nobody was left.
    Done(Option<EntryId>),
    /// They will be brought back in the background.
    Queued(JobId),
}

/// Restores people whom the import has deleted and who can still be restored: a few at once, many in the background,
/// when nothing stands in the way now.
pub fn begin_restoring(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    whom: &Whom,
    now: DateTime<Utc>,
) -> Result<Audited<Result<Begun, NotRestored>>, AppError> {
    let import = lock_import(conn, by, id)?;
    let ids = match chosen(conn, &import, whom, now)? {
        Ok(ids) if ids.len() >= FROM => ids,
        _ => return Ok(restore(conn, by, id, whom, now, &|_| {})?.map(|restored| restored.map(Begun::Done))),
    };
    if let Some(reason) = restoring::in_the_way(conn, &deleting(by)?, &ids, now)? {
        return Ok(Audited::unchanged(Err(reason)));
    }
    let work = Work::RestoreImport { import: id, whom: whom.clone() };
    let payload = Payload::new(work, by.by(), format!("/imports/{id}"));
    let job = payload.enqueue(conn, by.by().viewer().id, ids.len(), now)?;
    Ok(job.map(|job| Ok(Begun::Queued(job))))
}

/// Restores people whom the import has deleted and who can still be restored. Returns the audit entry; none when
/// nobody is left. `progress` is told how many are done.
pub fn restore(
    conn: &mut PgConnection,
    by: &Allowed<MayImport>,
    id: ImportId,
    whom: &Whom,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Result<Option<EntryId>, NotRestored>>, AppError> {
    let import = lock_import(conn, by, id)?;
    let ids = match chosen(conn, &import, whom, now)? {
        Ok(ids) if ids.is_empty() => return Ok(Audited::unchanged(Ok(None))),
        Ok(ids) => ids,
        Err(reason) => return Ok(Audited::unchanged(Err(reason))),
    };
    Ok(match restoring::restore_as_part(conn, &deleting(by)?, &ids, now, progress)? {
        Ok((_, entry)) => Audited::new(Ok(Some(entry.id())), entry.about("import", id.0)),
        Err(reason) => Audited::unchanged(Err(reason)),
    })
}

fn deleting(by: &Allowed<MayImport>) -> Result<Allowed<DeleteUsers>, AppError> {
    Allowed::new(by.by().clone()).ok_or(AppError::Forbidden)
}

/// Who that is, of those who can still be restored. People who are named have to be among these.
fn chosen(
    conn: &mut PgConnection,
    import: &Import,
    whom: &Whom,
    now: DateTime<Utc>,
) -> Result<Result<Vec<UserId>, NotRestored>, AppError> {
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
    Ok(match whom {
        Whom::These(chosen) if ids.len() < chosen.len() => {
            Err(NotRestored::Elsewhere((chosen.len() - ids.len()) as u64))
        }
        _ => Ok(ids),
    })
}

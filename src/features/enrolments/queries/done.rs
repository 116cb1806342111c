//! What a bulk change did, from its audit entry.

use diesel::prelude::*;

use super::matching::Matching;
use crate::db::audit;
use crate::error::AppError;
use crate::features::enrolments::commands::Facts;
use crate::features::enrolments::words;
use crate::features::users::queries::count_up_to;
use crate::ids::{EntryId, ExperienceId};
use crate::schema::{audit_entries, enrolments};
use crate::web::guards::{Allowed, Permission};
use crate::web::list::Total;
use crate::web::notice::Notice;

/// Enrolments are counted up to here.
const MOST_COUNTED: u64 = 100_000;

/// An entry of the audit log about enrolments.
#[derive(Debug)]
pub struct Done {
    /// The entry.
    pub entry: EntryId,
    /// Its action.
    pub action: String,
    /// What it tells.
    pub facts: Facts,
}

/// What the person did: none for somebody else's entry, or one that tells of something else.
fn done<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, entry: EntryId) -> Result<Option<Done>, AppError> {
    let found = audit::done_by(conn, by.by().viewer().id, entry)?;
    Ok(found.filter(|(action, _)| action.starts_with("enrolment.")).and_then(|(action, detail)| {
        let facts = serde_json::from_value(detail).ok()?;
        Some(Done { entry, action, facts })
    }))
}

/// The notice about what the person just did; `done` is from the address: an audit entry, `nothing`, or
/// `kept` when undoing left everything as it is.
pub fn notice<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, done: &str) -> Result<Option<Notice>, AppError> {
    if done == "nothing" {
        return Ok(Some(Notice { heading: "There was nothing to change".to_owned(), ..Notice::default() }));
    }
    if done == "kept" {
        return Ok(Some(Notice { heading: words::ALL_KEPT.to_owned(), ..Notice::default() }));
    }
    let Ok(entry) = done.parse() else { return Ok(None) };
    if is_undone(conn, by, entry)? {
        return Ok(None);
    }
    Ok(self::done(conn, by, entry)?.map(words::notice))
}

/// The person has taken it back since, so that the notice of it, in an address that is gone back to, is not true any more.
fn is_undone<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, entry: EntryId) -> Result<bool, AppError> {
    // ids are in the order of time
    let since = audit_entries::table
        .filter(audit_entries::id.gt(entry))
        .filter(audit_entries::actor_id.eq(by.by().viewer().id))
        .filter(audit_entries::action.eq("enrolment.expiry_undone"))
        .filter(audit_entries::detail.retrieve_as_text("undone").eq(entry.to_string()));
    Ok(diesel::select(diesel::dsl::exists(since)).get_result(conn)?)
}

/// How many enrolments match.
pub fn total(conn: &mut PgConnection, matching: Matching) -> Result<Total, AppError> {
    let limited = matching.select(enrolments::id).limit(i64::try_from(MOST_COUNTED).unwrap_or(i64::MAX) + 1);
    count_up_to(conn, limited, MOST_COUNTED)
}

/// The learning experience that an entry is about.
pub fn experience_of(conn: &mut PgConnection, entry: EntryId) -> Result<Option<ExperienceId>, AppError> {
    let found = audit_entries::table
        .find(entry)
        .filter(audit_entries::subject_kind.eq("experience"))
        .select(audit_entries::subject_id)
        .first::<Option<ExperienceId>>(conn)
        .optional()?;
    Ok(found.flatten())
}

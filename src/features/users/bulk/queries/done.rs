//! What a change of users did, from its audit entry.

use diesel::prelude::*;

use crate::db::audit;
use crate::error::AppError;
use crate::features::enrolments::queries as enrolments;
use crate::features::users::bulk::words;
use crate::web::guards::{Allowed, Permission};
use crate::web::notice::Notice;

/// The notice about what the person just did from the list of users; `done` is from the address: an audit
/// entry about users or their enrolments, or `nothing`.
pub fn notice<P: Permission>(conn: &mut PgConnection, by: &Allowed<P>, done: &str) -> Result<Option<Notice>, AppError> {
    let viewer = by.by().viewer();
    if let Ok(entry) = done.parse()
        && let Some((action, detail)) = audit::done_by(conn, viewer.id, entry)?
        && action.starts_with("user.")
    {
        return Ok(words::notice(&action, detail, viewer.time_zone));
    }
    enrolments::notice(conn, by, done)
}

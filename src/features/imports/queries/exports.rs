//! The exports that a file says it comes from.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::{Import, Reading};
use crate::domain::sync::guards::ExportOf;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::exports;

/// The heading of the column that says what is wrong, in a file of refused rows.
pub const PROBLEM: &str = "problem";

/// What the program remembers of the file's exports, as far as the import's organisation goes. Exports that
/// nobody remembers are of another deployment, and speak neither for the file nor against it.
pub fn exports_of(conn: &mut PgConnection, import: &Import, reading: &Reading) -> Result<Vec<ExportOf>, AppError> {
    let known: Vec<(Option<OrganisationId>, bool, Option<DateTime<Utc>>)> = exports::table
        .filter(exports::id.eq_any(&reading.export_ids))
        .select((exports::organisation_id, exports::whole, exports::finished_at))
        .load(conn)?;
    // the refused rows of another import, to be corrected: a few of many
    let of_refused_rows = reading.ignored.iter().any(|heading| heading == PROBLEM).then_some(ExportOf::Filtered);
    Ok(known
        .into_iter()
        .map(|(organisation, whole, finished_at)| match (whole, finished_at) {
            (_, None) => ExportOf::Unfinished,
            (false, _) => ExportOf::Filtered,
            (true, _) if organisation == Some(import.organisation_id) => ExportOf::ThisWhole,
            (true, _) => ExportOf::Other,
        })
        .chain(of_refused_rows)
        .collect())
}

/// Whoever joined after this could not be in the file: the oldest of its exports, else the oldest time that it
/// tells, else the beginning of the upload; never later than that.
pub fn joined_after(conn: &mut PgConnection, import: &Import, reading: &Reading) -> Result<DateTime<Utc>, AppError> {
    let exported: Option<DateTime<Utc>> = exports::table
        .filter(exports::id.eq_any(&reading.export_ids))
        .select(diesel::dsl::min(exports::complete_until))
        .first(conn)?;
    let oldest = exported.into_iter().chain(reading.exported_at).min();
    Ok(oldest.map_or(import.created_at, |at| at.min(import.created_at)))
}

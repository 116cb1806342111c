//! What somebody has deleted since a person looked at it. The person is told so, and goes on with the rest; a thing that never
//! was there for them stays one that does not exist (`domain.md` section 6).

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::web::format::grouped_count;
use crate::web::guards::{Allowed, Permission};
use crate::web::selection::Selection;

/// Since when a change of what was looked at is told: the time that a form says, and no longer ago than a week, since all
/// changes of that time may have to be read.
pub fn looked_at(said: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    said.map_or(at_most_a_day_before(now), |said| said.max(now - Duration::weeks(1)).min(now))
}

/// The outcome of a change; where something is not found that was there a moment before, somebody has deleted it, and the
/// outcome is `moved`.
pub fn or_moved<T>(outcome: Result<T, AppError>, moved: T) -> Result<T, AppError> {
    match outcome {
        Err(AppError::NotFound) => Ok(moved),
        other => other,
    }
}

/// Who or what is meant, and that the rest of what was ticked is deleted: "1 person. 2 that you ticked were deleted
/// meanwhile".
pub fn without_the_deleted(lede: String, gone: u64) -> String {
    match gone {
        0 => lede,
        1 => format!("{lede}. 1 that you ticked was deleted meanwhile"),
        gone => format!("{lede}. {} that you ticked were deleted meanwhile", grouped_count(gone)),
    }
}

#[derive(QueryableByName)]
struct Gone {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Since when somebody may have looked at a list whose rows are ticked: a selection stays in an address.
pub fn at_most_a_day_before(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::days(1)
}

/// Which of the ticked users or enrolments were deleted since a time, as far as they were within the scope.
pub fn deleted_since<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    selection: &Selection,
    since: DateTime<Utc>,
) -> Result<Vec<Uuid>, AppError> {
    let Selection::Ticked(ids) = selection else { return Ok(Vec::new()) };
    let gone: Vec<Gone> = prepared(include_str!("gone.sql"))
        .bind::<Array<SqlUuid>, _>(ids.clone())
        .bind::<Timestamptz, _>(since)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .load(conn)?;
    Ok(gone.into_iter().map(|row| row.id).collect())
}

//! Taking people's access away without losing anything: all their enrolments expire, accounts and records stay.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Timestamptz, Uuid as SqlUuid};
use serde_json::json;

use super::in_steps;
use crate::db::audit::Entry;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};

#[derive(QueryableByName)]
struct Yesterday {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
}

#[derive(QueryableByName)]
struct Expired {
    #[diesel(sql_type = BigInt)]
    enrolments: i64,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// Sets the expiry date of everything that still gives these people access to the day before today, as a part of
/// a larger change. They are locked, and within the subtree of the organisation. The entry is like that of SET
/// EXPIRY DATE, so that it can be undone likewise; none when nothing gave access. `progress` is told how many people
/// are done.
pub fn expire_everything(
    conn: &mut PgConnection,
    ids: &[UserId],
    within: OrganisationId,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Option<Entry>, AppError> {
    let Yesterday { day } = prepared("select today_in($1, $2) - 1 as day")
        .bind::<SqlUuid, _>(within)
        .bind::<Timestamptz, _>(now)
        .get_result(conn)?;
    let entry = Entry::new("enrolment.expiry_set").on(Some(within));
    let (mut enrolments, mut people) = (0, 0);
    in_steps(ids, progress, |step| {
        let expired: Expired = prepared(include_str!("expiring.sql"))
            .bind::<Array<SqlUuid>, _>(step.to_vec())
            .bind::<Date, _>(day)
            .bind::<SqlUuid, _>(entry.id())
            .get_result(conn)?;
        enrolments += expired.enrolments;
        people += expired.people;
        Ok(())
    })?;
    if enrolments == 0 {
        return Ok(None);
    }
    Ok(Some(entry.detail(json!({
        "enrolments": enrolments,
        "unchanged": 0,
        "people": people,
        "records": 0,
        "change": { "change": "expiry", "date": day },
        "effect": null,
    }))))
}

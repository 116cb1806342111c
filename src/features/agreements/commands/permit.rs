//! More users than the limit, for some days, as permitted in writing.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::agree::{Saved, locked};
use super::record::{self, Kind};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::features::agreements::queries::Year;
use crate::ids::OrganisationId;
use crate::schema::agreements;
use crate::web::form::Problems;
use crate::web::format::day;
use crate::web::guards::{Allowed, ChangeAgreements};
use crate::web::meanwhile;

/// So many users more, from a day to a day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    /// How many.
    pub extra_users: i32,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

impl Permit {
    /// What is permitted in a year.
    fn of(year: &Year) -> Option<Permit> {
        let (from, until) = year.extra_users_from.zip(year.extra_users_until)?;
        Some(Permit { extra_users: year.extra_users, from, until })
    }
}

/// Permits an overage in the current license year, instead of what was permitted before; `None`: no longer.
pub fn permit(
    conn: &mut PgConnection,
    by: &Allowed<ChangeAgreements>,
    root: OrganisationId,
    wanted: Option<Permit>,
    version: &str,
    now: DateTime<Utc>,
) -> Result<Audited<Saved>, AppError> {
    let (root, years) = locked(conn, by, root, now)?;
    let Some(year) = years.running(&root) else { return Ok(Audited::unchanged(Saved::Outdated)) };
    if wanted == Permit::of(year) {
        return Ok(Audited::unchanged(Saved::Done));
    }
    if !meanwhile::is_current(version, &year.permitted()) {
        return Ok(Audited::unchanged(Saved::Outdated));
    }
    if let Some(permit) = wanted {
        let mut problems = Problems::default();
        let outside = format!("The license year lasts from {} to {}.", day(year.starts_on), day(year.ends_on));
        if !(year.starts_on..=year.ends_on).contains(&permit.from) {
            problems.add("from", &outside);
        }
        if !(year.starts_on..=year.ends_on).contains(&permit.until) {
            problems.add("until", &outside);
        }
        if !problems.is_empty() {
            return Ok(Audited::unchanged(Saved::Refused(problems)));
        }
    }
    let before = record::values(conn, year.id)?;
    diesel::update(agreements::table.find(year.id))
        .set((
            agreements::extra_users.eq(wanted.map_or(0, |permit| permit.extra_users)),
            agreements::extra_users_from.eq(wanted.map(|permit| permit.from)),
            agreements::extra_users_until.eq(wanted.map(|permit| permit.until)),
        ))
        .execute(conn)?;
    let after = record::values(conn, year.id)?;
    if before == after {
        return Ok(Audited::unchanged(Saved::Done));
    }
    record::record(conn, year.id, Kind::OveragePermitted, now, by.by().viewer().id)?;
    let entry = Entry::new("agreement.overage_permitted").on(Some(root.id)).about("agreement", year.id.0).change(
        "agreement",
        year.id.0,
        None,
        Some(before),
        Some(after),
    );
    Ok(Audited::new(Saved::Done, entry))
}

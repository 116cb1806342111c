//! What the report writes down.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::queries::{self, Report};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::schema::report_subscriptions as subscriptions;
use crate::web::guards::{Allowed, SeeLicenses};

/// The report left the program as a file.
pub fn record_export(report: Report) -> Audited<Report> {
    let entry = Entry::new("license_report.exported")
        .on(Some(report.total.id))
        .about("organisation", report.total.id.0)
        .detail(json!({ "day": report.day, "rows": report.rows.len() + 1 }));
    Audited::new(report, entry)
}

/// The person wants the report of this organisation by mail every month, or no longer does.
pub fn subscribe(
    conn: &mut PgConnection,
    by: &Allowed<SeeLicenses>,
    organisation: OrganisationId,
    wanted: bool,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    let person = by.by().viewer().id;
    queries::within(conn, by, organisation)?;
    let changed = if wanted {
        diesel::insert_into(subscriptions::table)
            .values((
                subscriptions::user_id.eq(person),
                subscriptions::organisation_id.eq(organisation),
                subscriptions::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(conn)?
    } else {
        diesel::delete(subscriptions::table.find((person, organisation))).execute(conn)?
    };
    if changed == 0 {
        return Ok(Audited::unchanged(()));
    }
    let action = if wanted { "license_report.subscribed" } else { "license_report.unsubscribed" };
    Ok(Audited::new((), Entry::new(action).on(Some(organisation)).about("user", person.0)))
}

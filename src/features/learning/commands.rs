//! What learners do with their own enrolments.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use serde_json::json;

use super::queries::{self, Access};
use crate::db::audit::{Audited, Entry};
use crate::error::AppError;
use crate::ids::ExperienceId;
use crate::schema::enrolments;
use crate::web::guards::SignedIn;

/// How exactly the last access is known: writing it down more often tells nothing more.
const EXACT_TO: Duration = Duration::minutes(1);

/// The last access is worth writing down again.
pub fn is_due(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    last.is_none_or(|last| now - last >= EXACT_TO)
}

/// The person opened it. That is no change of anybody's data, so the audit log has no entry of it.
pub fn record_access(
    conn: &mut PgConnection,
    by: &SignedIn,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    let own = enrolments::table
        .filter(enrolments::user_id.eq(by.viewer().id))
        .filter(enrolments::experience_id.eq(experience));
    diesel::update(own).set(enrolments::last_accessed_at.eq(now)).execute(conn)?;
    Ok(Audited::unchanged(()))
}

/// Completes the person's own enrolment today, if it is live and not completed yet.
pub fn complete(
    conn: &mut PgConnection,
    by: &SignedIn,
    experience: ExperienceId,
    now: DateTime<Utc>,
) -> Result<Audited<()>, AppError> {
    let viewer = by.viewer();
    enrolments::table
        .filter(enrolments::user_id.eq(viewer.id))
        .filter(enrolments::experience_id.eq(experience))
        .select(enrolments::id)
        .for_update()
        .load::<crate::ids::EnrolmentId>(conn)?;
    let own = queries::own_enrolment(conn, by, experience, now)?.enrolment;
    if own.access() != Access::Open || own.completed_on.is_some() {
        return Ok(Audited::unchanged(()));
    }
    diesel::update(enrolments::table.find(own.id)).set(enrolments::completed_on.eq(own.today)).execute(conn)?;
    let values = |on: Option<chrono::NaiveDate>| Some(json!({ "completed_on": on }));
    let entry = Entry::new("enrolment.completed").on(viewer.home).about("experience", experience.0).change(
        "enrolment",
        own.id.0,
        Some(viewer.id),
        values(None),
        values(Some(own.today)),
    );
    Ok(Audited::new((), entry))
}

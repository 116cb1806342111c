//! Enrolling many people at once.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::apply::{Facts, STEP};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::change::Dates;
use crate::features::enrolments::queries::{self, EnrolPlan};
use crate::features::users::queries::ListQuery;
use crate::ids::{EntryId, ExperienceId};
use crate::people::turns;
use crate::schema::experiences;
use crate::web::guards::{Allowed, Enrol};

/// Who is to be enrolled on what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The learning experience.
    pub experience: ExperienceId,
    /// The people: what is selected in this list.
    pub people: ListQuery,
    /// From when to when, and by when it should be completed.
    pub dates: Dates,
    /// The fingerprint of what the person saw; none: whoever it is.
    pub seen: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// Done; the audit entry has the facts.
    Done(EntryId),
    /// Everybody was enrolled already.
    Nothing,
    /// It would be others now, or other licenses; nothing was done.
    Moved,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Enrols the people who are not enrolled yet. A user limit does not keep anybody out: how overage is
/// handled is a matter of the license terms. The entry tells where a limit is exceeded now. `progress` is told how many people
/// are done.
pub fn enrol(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    request: &Request,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Enrolled>, AppError> {
    // until the transaction ends, nobody archives it
    experiences::table.find(request.experience).select(experiences::id).for_share().execute(conn)?;
    let plan = queries::enrol_plan(conn, by, request.experience, &request.people, &request.dates, now)?;
    turns::of_activity(conn, &plan.people)?;
    // again, now that nobody else changes what makes them active
    let EnrolPlan { people, effect, organisation, exceeded, seen, today } =
        queries::enrol_plan(conn, by, request.experience, &request.people, &request.dates, now)?;
    if request.seen.as_ref().is_some_and(|before| *before != seen) {
        return Ok(Audited::unchanged(Enrolled::Moved));
    }
    let entry = Entry::new("enrolment.created");
    let (mut added, mut passed) = (0, 0);
    for step in people.chunks(STEP) {
        let counted: Counted = prepared(include_str!("enrol.sql"))
            .bind::<Array<SqlUuid>, _>(step.to_vec())
            .bind::<SqlUuid, _>(request.experience)
            .bind::<Date, _>(request.dates.starts_on)
            .bind::<Nullable<Date>, _>(request.dates.expires_on)
            .bind::<Nullable<Date>, _>(request.dates.due_on)
            .bind::<SqlUuid, _>(entry.id())
            .get_result(conn)?;
        added += counted.count.unsigned_abs();
        passed += step.len();
        progress(passed);
    }
    if added == 0 {
        return Ok(Audited::unchanged(Enrolled::Nothing));
    }
    let id = entry.id();
    let facts = Facts {
        enrolments: added,
        unchanged: (people.len() as u64).saturating_sub(added),
        people: added,
        records: 0,
        change: None,
        effect: Some(effect),
        exceeded,
        takes_effect_on: (request.dates.starts_on > today).then_some(request.dates.starts_on),
    };
    let entry = entry.on(organisation).about("experience", request.experience.0).detail(json!(facts));
    Ok(Audited::new(Enrolled::Done(id), entry))
}

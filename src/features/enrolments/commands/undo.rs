//! Putting expiry dates back.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use serde_json::json;

use super::apply::{Facts, STEP};
use crate::db::audit::{Audited, Entry};
use crate::db::prepared::{plan_for_many, prepared};
use crate::error::AppError;
use crate::features::enrolments::queries;
use crate::ids::{EntryId, UserId};
use crate::people::turns;
use crate::web::guards::{Allowed, Enrol};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// The audit entry of the undoing; none when there was nothing to put back.
    pub entry: Option<EntryId>,
    /// Enrolments that somebody has changed since, which stay as they are.
    pub kept: u64,
}

#[derive(QueryableByName)]
struct PutBack {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Array<SqlUuid>)]
    people: Vec<UserId>,
}

/// Restores the former expiry dates of the enrolments that an entry of the audit log changed. All of them
/// have to be within the scope.
pub fn undo(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    of: EntryId,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Undone>, AppError> {
    plan_for_many(conn)?;
    let ids = queries::changed_by(conn, by, of)?;
    let people = queries::people_of(conn, &ids)?;
    turns::of_activity(conn, &people)?;
    let touched = queries::touched(conn, ids.clone())?;
    let entry = Entry::new("enrolment.expiry_undone");
    let (mut changed, mut passed, mut whose) = (0, 0, HashSet::new());
    for step in ids.chunks(STEP) {
        let put_back: PutBack = prepared(include_str!("undo.sql"))
            .bind::<Array<SqlUuid>, _>(step.to_vec())
            .bind::<SqlUuid, _>(of)
            .bind::<SqlUuid, _>(entry.id())
            .get_result(conn)?;
        changed += put_back.count.unsigned_abs();
        whose.extend(put_back.people);
        passed += step.len();
        progress(passed);
    }
    let kept = (ids.len() as u64).saturating_sub(changed);
    if changed == 0 {
        return Ok(Audited::unchanged(Undone { entry: None, kept }));
    }
    let places: BTreeMap<_, _> = touched.iter().filter_map(|row| Some((row.organisation?, row.people))).collect();
    let organisation = queries::common_organisation(conn, places.keys().copied().collect())?;
    let effect = queries::done_effect(conn, places)?;
    let exceeded = queries::exceeded_since(conn, by, &effect, now)?;
    let facts = Facts {
        enrolments: changed,
        unchanged: kept,
        people: whose.len() as u64,
        records: touched.iter().map(|row| row.completed.unsigned_abs()).sum(),
        change: None,
        effect: Some(effect),
        exceeded,
        takes_effect_on: None,
    };
    let undone = Undone { entry: Some(entry.id()), kept };
    let mut detail = json!(facts);
    detail["undone"] = json!(of);
    let entry = entry.on(organisation).detail(detail);
    let entry = match queries::experience_of(conn, of)? {
        Some(experience) => entry.about("experience", experience.0),
        None => entry,
    };
    Ok(Audited::new(undone, entry))
}

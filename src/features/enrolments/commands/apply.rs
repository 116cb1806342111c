//! A change of the enrolments that were chosen.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::audit::{Audited, Entry};
use crate::db::prepared::{Prepared, plan_for_many, prepared};
use crate::error::AppError;
use crate::features::enrolments::change::Change;
use crate::features::enrolments::queries::{self, Effect, Exceeded};
use crate::features::enrolments::target::{Before, Target};
use crate::ids::{EnrolmentId, EntryId};
use crate::web::guards::{Allowed, Enrol};

/// How many enrolments are changed by one statement: so few that PostgreSQL still has in memory what it counts again
/// afterwards, and that there is progress to tell.
pub(super) const STEP: usize = 20_000;

/// What somebody asks for: it can be written down, and done in the background.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Which enrolments.
    pub target: Target,
    /// What becomes of them.
    pub change: Change,
    /// The fingerprint of what the person saw; none: whatever there is.
    pub seen: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Done; the audit entry has the facts.
    Done(EntryId),
    /// There was nothing to change.
    Nothing,
    /// Somebody has changed the enrolments since the person saw them; nothing was done.
    Moved,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Applies the change, in one transaction. `progress` is told how many enrolments are done.
pub fn apply(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    request: &Request,
    now: DateTime<Utc>,
    progress: &dyn Fn(usize),
) -> Result<Audited<Applied>, AppError> {
    plan_for_many(conn)?;
    // Nobody else changes the activity of these people until the end, so what is told afterwards is a fact.
    let chosen = request.target.lock(conn, by, now)?;
    if request.seen.as_ref().is_some_and(|seen| *seen != chosen.seen) {
        return Ok(Audited::unchanged(Applied::Moved));
    }
    let entry = Entry::new(request.change.action());
    let (mut changed, mut passed) = (0, 0);
    for (step, before) in chosen.ids.chunks(STEP).zip(chosen.before.chunks(STEP)) {
        let counted: Counted = statement(&request.change, step, before, entry.id()).get_result(conn)?;
        changed += counted.count.unsigned_abs();
        passed += step.len();
        progress(passed);
    }
    if changed == 0 {
        return Ok(Audited::unchanged(Applied::Nothing));
    }
    let id = entry.id();
    let organisation = queries::common_organisation(conn, chosen.places.keys().copied().collect())?;
    let effect = match request.change {
        Change::Expiry { .. } | Change::Delete => Some(queries::done_effect(conn, chosen.places)?),
        Change::Due { .. } | Change::Completion { .. } | Change::Reset => None,
    };
    let exceeded = match &effect {
        Some(effect) => queries::exceeded_since(conn, by, effect, now)?,
        None => Vec::new(),
    };
    let facts = Facts {
        enrolments: changed,
        unchanged: (chosen.ids.len() as u64).saturating_sub(changed),
        people: whose(&chosen.before, &request.change).unwrap_or(changed),
        records: chosen.records,
        change: Some(request.change.clone()),
        effect,
        exceeded,
        takes_effect_on: None,
    };
    let entry = entry.on(organisation).detail(json!(facts));
    let entry = match request.target.experience() {
        Some(experience) => entry.about("experience", experience.0),
        None => entry,
    };
    Ok(Audited::new(Applied::Done(id), entry))
}

/// How many people the enrolments are of that get another expiry date. Of any other change none: it is of one learning
/// experience, on which everybody is enrolled once.
fn whose(before: &[Before], change: &Change) -> Option<u64> {
    let Change::Expiry { date } = change else { return None };
    let mut people: Vec<_> = before.iter().filter(|row| row.expires_on != *date).map(|row| row.person).collect();
    people.dedup(); // those of one user stand together
    Some(people.len() as u64)
}

/// What the audit entry of a bulk change tells.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Facts {
    /// How many enrolments were changed.
    pub enrolments: u64,
    /// How many were as wanted already.
    pub unchanged: u64,
    /// How many people those are of that were changed.
    pub people: u64,
    /// How many of the chosen enrolments had a completion record.
    pub records: u64,
    /// What was done.
    pub change: Option<Change>,
    /// What it did to the licenses, if it could.
    pub effect: Option<Effect>,
    /// Limits that are exceeded since, or will be.
    #[serde(default)]
    pub exceeded: Vec<Exceeded>,
    /// The day from which on it does that, where that is not the day when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_effect_on: Option<NaiveDate>,
}

fn statement(change: &Change, ids: &[EnrolmentId], before: &[Before], entry: EntryId) -> Prepared {
    let of = |sql| prepared(sql).bind::<Array<SqlUuid>, _>(ids.to_vec());
    match change {
        Change::Expiry { date } => {
            let people: Vec<_> = before.iter().map(|row| row.person).collect();
            let experiences: Vec<_> = before.iter().map(|row| row.experience).collect();
            let expiries: Vec<_> = before.iter().map(|row| row.expires_on).collect();
            of(include_str!("expiry.sql"))
                .bind::<Array<SqlUuid>, _>(people)
                .bind::<Array<SqlUuid>, _>(experiences)
                .bind::<Array<Nullable<Date>>, _>(expiries)
                .bind::<Nullable<Date>, _>(*date)
                .bind::<SqlUuid, _>(entry)
        }
        Change::Due { date } => of(include_str!("due.sql")).bind::<Nullable<Date>, _>(*date).bind::<SqlUuid, _>(entry),
        Change::Completion { date, result } => of(include_str!("completion.sql"))
            .bind::<Date, _>(*date)
            .bind::<SqlUuid, _>(entry)
            .bind::<Nullable<Text>, _>(result.clone()),
        Change::Reset => of(include_str!("reset.sql")).bind::<SqlUuid, _>(entry),
        Change::Delete => of(include_str!("delete.sql")).bind::<SqlUuid, _>(entry),
    }
}

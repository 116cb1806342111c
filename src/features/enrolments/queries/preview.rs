//! What the page of a change shows before it is done.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::people::names;
use crate::db::prepared::prepared;
use crate::error::AppError;
use crate::features::enrolments::change::Change;
use crate::features::enrolments::target::{Chosen, Target};
use crate::features::experiences::queries::Header;
use crate::ids::EnrolmentId;
use crate::web::guards::{Allowed, Enrol};
use crate::web::selection::Selection;

/// How many changes are told.
const TOLD: i64 = 8;

/// The enrolments that are chosen.
#[derive(Debug)]
pub struct Preview {
    /// The learning experience, if they are of one.
    pub header: Option<Header>,
    /// How many they are.
    pub enrolments: u64,
    /// How many people they are of.
    pub people: u64,
    /// How many have a completion record.
    pub records: u64,
    /// How many have the expiry date already.
    pub already: u64,
    /// How many give access for longer than they would have.
    pub longer: u64,
    /// How many begin after the day on which they would end, be completed or due.
    pub not_begun: u64,
    /// How many have ended on another day before today, and would have ended on this one then.
    pub ended: u64,
    /// The day where they are.
    pub today: NaiveDate,
    /// Some of the people.
    pub sample: Vec<String>,
    /// A fingerprint of the enrolments as they are.
    pub seen: String,
}

/// What is chosen, in figures and a few names.
pub fn preview(
    conn: &mut PgConnection,
    chosen: Chosen,
    header: Option<Header>,
    change: Option<&Change>,
    today: NaiveDate,
) -> Result<Preview, AppError> {
    let count = |is: &dyn Fn(Option<NaiveDate>, Option<NaiveDate>) -> bool| match change {
        Some(Change::Expiry { date }) => chosen.before.iter().filter(|row| is(row.expires_on, *date)).count() as u64,
        _ => 0,
    };
    let (already, longer, ended) = (
        count(&|was, date| was == date),
        count(&|was, date| was.is_some_and(|was| date.is_none_or(|date| was < date && today <= date))),
        count(&|was, date| was.zip(date).is_some_and(|(was, date)| was != date && was < today && date < today)),
    );
    let not_begun = match change {
        Some(
            Change::Completion { date, .. } | Change::Due { date: Some(date) } | Change::Expiry { date: Some(date) },
        ) => chosen.before.iter().filter(|row| row.starts_on > *date).count() as u64,
        _ => 0,
    };
    Ok(Preview {
        header,
        enrolments: chosen.ids.len() as u64,
        people: chosen.people.len() as u64,
        records: chosen.records,
        already,
        longer,
        not_begun,
        ended,
        today,
        sample: names(conn, &chosen.people)?,
        seen: chosen.seen,
    })
}

/// What somebody did to one of the enrolments meanwhile.
#[derive(Debug, QueryableByName)]
pub struct ChangedSince {
    /// Whose enrolment.
    #[diesel(sql_type = Nullable<Text>)]
    pub learner: Option<String>,
    /// Who changed it, if the reader may see that person.
    #[diesel(sql_type = Nullable<Text>)]
    pub actor: Option<String>,
    /// The program changed it by itself.
    #[diesel(sql_type = Bool)]
    pub by_program: bool,
    /// When.
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
    /// The values before.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub before: Option<serde_json::Value>,
    /// The values after; none when it was deleted.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub after: Option<serde_json::Value>,
}

/// What was done since a time to enrolments that are meant, or were: with a filter, those that were changed may not match
/// any more. The latest first, some of it. `gone`: what was ticked and is deleted.
pub fn changes_since(
    conn: &mut PgConnection,
    by: &Allowed<Enrol>,
    (target, chosen, gone): (&Target, &[EnrolmentId], &[Uuid]),
    since: DateTime<Utc>,
) -> Result<Vec<ChangedSince>, AppError> {
    let selection = target.selection()?;
    let ids: Vec<Uuid> = chosen.iter().map(|id| id.0).chain(gone.iter().copied()).collect();
    let (people, experience, everybody) = match (target, selection) {
        (Target::Experience { .. }, Selection::Ticked(_)) => (Vec::new(), None, false),
        (Target::Experience { experience, .. }, Selection::All) => (Vec::new(), Some(experience.to_string()), false),
        (Target::Users { .. }, Selection::Ticked(ticked)) => ([&ticked[..], gone].concat(), None, false),
        (Target::Users { .. }, Selection::All) => (Vec::new(), None, true),
    };
    Ok(prepared(include_str!("changes_since.sql"))
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(since)
        .bind::<BigInt, _>(TOLD)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Nullable<Text>, _>(experience)
        .bind::<Bool, _>(everybody)
        .load(conn)?)
}

//! What a change of enrolments does to the licenses: who becomes inactive or active by it, how many licenses that frees
//! in each organisation, and how the number of active users changes on the coming days.

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::{Deserialize, Serialize};

use crate::db::prepared::{plan_for_many, prepared};
use crate::domain::forecast::DAYS_AHEAD;
use crate::error::AppError;
use crate::features::enrolments::change::Change;
use crate::features::enrolments::target::Chosen;
use crate::ids::OrganisationId;

/// The licenses of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, QueryableByName)]
pub struct Freed {
    /// The organisation; the people are in it directly.
    #[diesel(sql_type = SqlUuid)]
    pub organisation: OrganisationId,
    /// Its name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// People who become inactive.
    #[diesel(sql_type = BigInt)]
    pub freed: i64,
    /// People who become active.
    #[diesel(sql_type = BigInt)]
    pub taken: i64,
    /// People whose enrolments change.
    #[diesel(sql_type = BigInt)]
    pub people: i64,
}

/// What a change does on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// By organisation, most licenses first; those where nothing is freed or taken too.
    pub organisations: Vec<Freed>,
}

impl Effect {
    /// People whose enrolments change.
    pub fn people(&self) -> u64 {
        self.organisations.iter().map(|row| row.people.unsigned_abs()).sum()
    }

    /// People who become inactive, and so licenses that are freed.
    pub fn freed(&self) -> u64 {
        self.organisations.iter().map(|row| row.freed.unsigned_abs()).sum()
    }

    /// People who become active.
    pub fn taken(&self) -> u64 {
        self.organisations.iter().map(|row| row.taken.unsigned_abs()).sum()
    }
}

/// What a change does, today and later.
#[derive(Debug, Default)]
pub struct Effects {
    /// Today, on the day that it is now in each tree; and from a later day on, in the trees where it is later. None for a
    /// change that has to do with no license.
    pub by_day: Vec<(Option<NaiveDate>, Effect)>,
    /// On which day the number of active users of all organisations changes, and by how much; as far ahead as a
    /// forecast looks in any zone. What changes today may stand under the day before.
    pub changes: Vec<(NaiveDate, i64)>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    part: i32,
    #[diesel(embed)]
    freed: Option<Freed>,
    #[diesel(embed)]
    changed: Option<Changed>,
}

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = BigInt)]
    delta: i64,
}

/// What a change of these enrolments does to the licenses: today, and from the day on when it takes effect, where that
/// comes later.
pub fn effects(
    conn: &mut PgConnection,
    chosen: &Chosen,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Effects, AppError> {
    let (date, gone) = match change {
        Change::Expiry { date } => (*date, false),
        Change::Delete => (None, true),
        Change::Due { .. } | Change::Completion { .. } | Change::Reset => return Ok(Effects::default()),
    };
    let later = date.and_then(|date| date.succ_opt());
    // whatever the zone, it is one of three days there
    let in_utc = now.date_naive();
    let first = in_utc.pred_opt().unwrap_or(in_utc);
    let last = in_utc.checked_add_days(Days::new(DAYS_AHEAD + 1)).unwrap_or(in_utc).max(later.unwrap_or(in_utc));
    plan_for_many(conn)?;
    let rows: Vec<Row> = prepared(include_str!("effects.sql"))
        .bind::<Array<SqlUuid>, _>(chosen.ids.clone())
        .bind::<Array<SqlUuid>, _>(chosen.people.clone())
        .bind::<Nullable<Date>, _>(date)
        .bind::<Bool, _>(gone)
        .bind::<Nullable<Date>, _>(later)
        .bind::<Date, _>(first)
        .bind::<Date, _>(last)
        .bind::<Timestamptz, _>(now)
        .load(conn)?;
    let mut by_day = vec![(None, Effect::default())];
    by_day.extend(later.map(|later| (Some(later), Effect::default())));
    let mut changes = Vec::new();
    for row in rows {
        changes.extend(row.changed.map(|changed| (changed.day, changed.delta)));
        let effect = usize::try_from(row.part).ok().and_then(|part| by_day.get_mut(part));
        if let (Some((_, effect)), Some(freed)) = (effect, row.freed) {
            effect.organisations.push(freed);
        }
    }
    by_day.retain(|(from, effect)| from.is_none() || !effect.organisations.is_empty());
    Ok(Effects { by_day, changes })
}

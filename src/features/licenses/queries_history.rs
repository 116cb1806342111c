//! What was and what is coming: an organisation's licenses day by day. Only days on which something changed have a
//! value; it holds until the next one. The cost goes with the number of days, not of users.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::db::prepared::prepared;
use crate::domain::forecast::{self, Crossing, DAYS_AHEAD};
use crate::domain::license::Used;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::guards::{Allowed, Permission};

/// A day that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Active users at its end.
    pub closing: i64,
    /// At most during it.
    pub peak: i64,
}

/// An organisation's licenses day by day, with its whole subtree.
#[derive(Debug, Clone)]
pub struct History {
    /// The first day that is shown.
    pub first: NaiveDate,
    /// Today, in the root's time zone.
    pub today: NaiveDate,
    /// The last day that is looked at.
    pub last: NaiveDate,
    /// The first day of which anything is recorded.
    pub begins_on: NaiveDate,
    /// It is shown from the beginning of the license year on.
    pub is_license_year: bool,
    /// Days that are over.
    pub closed: BTreeMap<NaiveDate, Closed>,
    /// Active users now.
    pub used: Used,
    /// The changes that are scheduled after today.
    pub coming: Vec<(NaiveDate, i64)>,
    /// From when on which limit is in force; none: no limit of its own.
    limits: BTreeMap<NaiveDate, Option<i64>>,
    /// More users, permitted in writing from a day until another.
    pub permitted: Vec<(NaiveDate, NaiveDate, i64)>,
}

#[derive(QueryableByName)]
struct Frame {
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Date)]
    today: NaiveDate,
    #[diesel(sql_type = Date)]
    begins_on: NaiveDate,
    #[diesel(sql_type = Date)]
    closed_until: NaiveDate,
    #[diesel(sql_type = Date)]
    first_day: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    year_starts_on: Option<NaiveDate>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = Date)]
    day: NaiveDate,
    #[diesel(sql_type = Nullable<BigInt>)]
    amount: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    peak: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
    until: Option<NaiveDate>,
}

/// The history of an organisation that has `used` active users now.
pub fn history<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    organisation: OrganisationId,
    used: Used,
    now: DateTime<Utc>,
) -> Result<History, AppError> {
    let frame: Option<Frame> = prepared(include_str!("history_frame.sql"))
        .bind::<SqlUuid, _>(organisation)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .get_result(conn)
        .optional()?;
    let Some(frame) = frame else { return Err(by.refusal(conn, organisation)) };
    let last = frame.today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(frame.today);
    let rows: Vec<Row> = prepared(include_str!("history.sql"))
        .bind::<SqlUuid, _>(organisation)
        .bind::<Date, _>(frame.first_day)
        .bind::<Date, _>(frame.today)
        .bind::<Date, _>(last)
        .bind::<Date, _>(frame.closed_until)
        .bind::<Text, _>(frame.time_zone.clone())
        .load(conn)?;
    Ok(History::from_rows(&frame, last, used, rows))
}

impl History {
    fn from_rows(frame: &Frame, last: NaiveDate, used: Used, rows: Vec<Row>) -> History {
        let mut history = History {
            first: frame.first_day,
            today: frame.today,
            last,
            begins_on: frame.begins_on,
            is_license_year: frame.year_starts_on.is_some(),
            closed: BTreeMap::new(),
            used,
            coming: Vec::new(),
            limits: BTreeMap::new(),
            permitted: Vec::new(),
        };
        let mut since_closed = Vec::new();
        for Row { kind, day, amount, peak, until } in rows {
            match (kind, amount) {
                (1, Some(closing)) => {
                    history.closed.insert(day, Closed { closing, peak: peak.unwrap_or(closing) });
                }
                (2, Some(delta)) if day > frame.today => history.coming.push((day, delta)),
                (2, Some(delta)) => since_closed.push((day, delta)),
                (3, limit) => drop(history.limits.insert(day, limit)),
                (_, Some(more)) => history.permitted.push((day, until.unwrap_or(day), more)),
                _ => {}
            }
        }
        history.add_days_without_record(frame, &since_closed);
        history
    }

    /// Days that are over and were not closed yet, since nothing has happened after them: each ended with what
    /// is active now, less what changed since by the calendar alone.
    fn add_days_without_record(&mut self, frame: &Frame, changes: &[(NaiveDate, i64)]) {
        let begin = frame.closed_until.succ_opt().unwrap_or(frame.today).max(self.first);
        for day in begin.iter_days().take_while(|day| *day < frame.today) {
            let since: i64 = changes.iter().filter(|(on, _)| *on > day).map(|(_, delta)| delta).sum();
            let closing = self.used_now() - since;
            let before = self.closed.values().next_back().map(|closed| closed.closing);
            if before != Some(closing) {
                self.closed.insert(day, Closed { closing, peak: closing });
            }
        }
    }

    fn used_now(&self) -> i64 {
        i64::try_from(self.used.0).unwrap_or(i64::MAX)
    }

    /// The number of active users from today on, on each day on which it changes.
    pub fn forecast(&self) -> Vec<(NaiveDate, i64)> {
        let mut used = self.used_now();
        let changes = self.coming.iter().map(|(day, delta)| {
            used += delta;
            (*day, used)
        });
        std::iter::once((self.today, self.used_now())).chain(changes.collect::<Vec<_>>()).collect()
    }

    /// How many will be active on a coming day.
    pub fn used_on(&self, day: NaiveDate) -> Used {
        let delta: i64 = self.coming.iter().filter(|(on, _)| *on <= day).map(|(_, delta)| delta).sum();
        Used(u64::try_from(self.used_now() + delta).unwrap_or(0))
    }

    /// How many may be active on a day, permitted ones included; none without a limit of its own.
    pub fn allowed_on(&self, day: NaiveDate) -> Option<i64> {
        let limit = self.limits.range(..=day).next_back().and_then(|(_, limit)| *limit)?;
        let permitted = self.permitted.iter().filter(|(from, until, _)| (*from..=*until).contains(&day));
        Some(limit + permitted.map(|(_, _, more)| more).sum::<i64>())
    }

    /// What is allowed from each day on which that changes.
    pub fn allowed(&self) -> Vec<(NaiveDate, Option<i64>)> {
        let mut days: Vec<NaiveDate> = self.limits.keys().copied().collect();
        days.push(self.first);
        days.extend(self.permitted.iter().flat_map(|(from, until, _)| [Some(*from), until.succ_opt()]).flatten());
        days.retain(|day| (self.first..=self.last).contains(day));
        days.sort_unstable();
        days.dedup();
        days.into_iter().map(|day| (day, self.allowed_on(day))).collect()
    }

    /// The first coming day on which more will be active than allowed, if it is not so already.
    pub fn crossing(&self) -> Option<Crossing> {
        let allowed = |day| self.allowed_on(day).map(|allowed| u64::try_from(allowed).unwrap_or(0));
        forecast::crossing(self.today, self.used, &self.coming, allowed, self.last)
    }

    /// The same with other changes and another number of today: what if.
    #[must_use]
    pub fn with(&self, used: Used, changes: &[(NaiveDate, i64)]) -> History {
        let mut coming: BTreeMap<NaiveDate, i64> = self.coming.iter().copied().collect();
        for (day, delta) in changes.iter().filter(|(day, _)| *day > self.today && *day <= self.last) {
            *coming.entry(*day).or_default() += delta;
        }
        History { used, coming: coming.into_iter().collect(), ..self.clone() }
    }
}

//! When the enrolments that are already scheduled will exceed what is allowed (`domain.md` section 5).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::license::Used;

/// How many days ahead is looked: charts, what a change would do, and warnings.
pub const DAYS_AHEAD: u64 = 90;

/// The first coming day with more active users than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    /// The day.
    pub on: NaiveDate,
    /// Active users then.
    pub used: Used,
    /// How many are allowed then.
    pub allowed: u64,
}

/// Looks at the days after today up to and including `last`. None when there is too much already today: that is
/// an overage, not a forecast.
///
/// `deltas` are the scheduled changes, in any order; those up to today are in `today_used` already. What is
/// allowed may change from day to day, too: an overage that was permitted in writing ends. None: no limit.
pub fn crossing(
    today: NaiveDate,
    today_used: Used,
    deltas: &[(NaiveDate, i64)],
    allowed_on: impl Fn(NaiveDate) -> Option<u64>,
    last: NaiveDate,
) -> Option<Crossing> {
    let exceeds = |on: NaiveDate, used: i128| {
        let used = Used(u64::try_from(used).unwrap_or(0));
        allowed_on(on).filter(|allowed| used.0 > *allowed).map(|allowed| Crossing { on, used, allowed })
    };
    let mut used = i128::from(today_used.0);
    if exceeds(today, used).is_some() {
        return None;
    }
    let mut by_day: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for (day, delta) in deltas {
        *by_day.entry(*day).or_default() += delta;
    }
    today.iter_days().skip(1).take_while(|day| *day <= last).find_map(|day| {
        used += i128::from(by_day.get(&day).copied().unwrap_or(0));
        exceeds(day, used)
    })
}

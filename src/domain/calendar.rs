//! The days of an organisation tree: which day a moment falls on in its time zone, when a day begins,
//! and which days are business days (`domain.md` sections 2 and 5).
//!
//! At the ends of the calendar, a quarter of a million years away, results stop there instead of failing.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// A root organisation's time zone and the days on which its instance does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// Monday to Friday, less the holidays, in a time zone.
    pub fn new(zone: Tz, holidays: BTreeSet<NaiveDate>) -> Calendar {
        Calendar { zone, holidays }
    }

    /// The day that a moment falls on: `start_of(day) <= at < end_of(day)`.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        let at = at.clamp(DateTime::<Utc>::MIN_UTC + MARGIN, DateTime::<Utc>::MAX_UTC - MARGIN);
        let day = at.with_timezone(&self.zone).date_naive();
        // where clocks go back shortly after midnight, the evening before comes twice; the day has begun all the same
        if at >= self.end_of(day) { next(day) } else { day }
    }

    /// Monday to Friday and no holiday.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        is_weekday(day) && !self.holidays.contains(&day)
    }

    /// How many business days there are after `day0`, up to and including `day`.
    pub fn business_days_since(&self, day0: NaiveDate, day: NaiveDate) -> u32 {
        let days = day0.iter_days().skip(1).take_while(|one| *one <= day);
        u32::try_from(days.filter(|one| self.is_business_day(*one)).count()).unwrap_or(u32::MAX)
    }

    /// The n-th business day after `day0`, for n from 1 on.
    pub fn business_day(&self, day0: NaiveDate, n: u32) -> NaiveDate {
        let ahead = day0.iter_days().skip(1).filter(|day| self.is_business_day(*day));
        ahead.take(n as usize).last().unwrap_or(if n == 0 { day0 } else { NaiveDate::MAX })
    }

    /// The first moment of a day. Where clocks skip midnight it is the first moment that exists; where
    /// midnight comes twice, the first one.
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let day = day.clamp(NaiveDate::MIN + MARGIN, NaiveDate::MAX - MARGIN);
        let midnight = day.and_time(NaiveTime::MIN);
        match self.zone.from_local_datetime(&midnight).earliest() {
            Some(start) => start.to_utc(),
            None => self.after_gap(midnight.and_utc(), |at| at.naive_local() >= midnight),
        }
    }

    /// The first moment after a day.
    pub fn end_of(&self, day: NaiveDate) -> DateTime<Utc> {
        self.start_of(next(day))
    }

    /// The first second around `near` that a local time has `reached`, found by halving.
    fn after_gap(&self, near: DateTime<Utc>, reached: impl Fn(&DateTime<Tz>) -> bool) -> DateTime<Utc> {
        let (mut before, mut after) = (near - FARTHEST_OFFSET, near + FARTHEST_OFFSET);
        while after - before > TimeDelta::seconds(1) {
            let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
            if reached(&middle.with_timezone(&self.zone)) { after = middle } else { before = middle }
        }
        after
    }
}

/// No local time is farther from UTC than this.
const FARTHEST_OFFSET: TimeDelta = TimeDelta::hours(26);
/// How near to its ends the calendar is used, so that a local time is never beyond them.
const MARGIN: Days = Days::new(4);

/// Monday to Friday.
pub fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

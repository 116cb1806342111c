//! Usage since a check, put together from what is recorded, against a history that is known.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use headroom::domain::calendar::Calendar;
use headroom::domain::license::Used;
use headroom::domain::usage_history::{Change, Recorded, usage};
use proptest::prelude::*;

/// What happened: on each day first what was scheduled for it, then changes at hours of the day.
#[derive(Debug, Clone)]
struct Day {
    scheduled: i64,
    changes: Vec<(u32, i64)>,
}

fn day() -> impl Strategy<Value = Day> {
    let changes = prop::collection::vec((1..23_u32, -4..5_i64), 0..4);
    (prop_oneof![3 => Just(0), 1 => -5..6_i64], changes).prop_map(|(scheduled, changes)| Day { scheduled, changes })
}

fn zone() -> impl Strategy<Value = chrono_tz::Tz> {
    use chrono_tz::{America::New_York, Asia::Kathmandu, Europe::London, Pacific::Auckland};
    prop::sample::select(vec![London, New_York, Auckland, Kathmandu])
}

/// The figure after each change, as somebody wrote it down who was always there.
fn lived(first: NaiveDate, days: &[Day], calendar: &Calendar) -> Vec<(DateTime<Utc>, i64)> {
    let (mut used, mut figures) = (1_000, Vec::new());
    for (index, day) in days.iter().enumerate() {
        let on = first + Days::new(index as u64);
        used += day.scheduled;
        figures.push((calendar.start_of(on), used));
        let mut changes = day.changes.clone();
        changes.sort_by_key(|(hour, _)| *hour);
        for (hour, delta) in changes {
            used += delta;
            figures.push((calendar.start_of(on) + TimeDelta::hours(i64::from(hour)), used));
        }
    }
    figures
}

fn at_moment(figures: &[(DateTime<Utc>, i64)], at: DateTime<Utc>) -> i64 {
    figures.iter().rev().find(|(when, _)| *when <= at).map_or(1_000, |(_, used)| *used)
}

proptest! {
    #[test]
    fn it_is_what_somebody_wrote_down_who_was_always_there(
        days in prop::collection::vec(day(), 1..12), zone in zone(), start in 0..400_u64, checked in 0..300_u32, last in 0..24_u32,
    ) {
        let calendar = Calendar::new(zone, Default::default());
        let first = NaiveDate::from_ymd_opt(2027, 1, 10).unwrap() + Days::new(start);
        let figures = lived(first, &days, &calendar);
        let end = calendar.start_of(first + Days::new(days.len() as u64 - 1)) + TimeDelta::hours(i64::from(last));
        let checked_until = (calendar.start_of(first) + TimeDelta::hours(i64::from(checked))).min(end);

        // what a database keeps: changes that were not seen, closing figures where they are not like the day before, the figure now
        let changes: Vec<Change> = days.iter().enumerate().flat_map(|(index, day)| {
            let start = calendar.start_of(first + Days::new(index as u64));
            day.changes.iter().map(move |(hour, delta)| Change { at: start + TimeDelta::hours(i64::from(*hour)), delta: *delta })
        }).filter(|change| change.at > checked_until && change.at <= end).collect();
        let mut closings: BTreeMap<NaiveDate, u64> = (0..days.len() as u64).map(|index| {
            let on = first + Days::new(index);
            let last_moment = calendar.end_of(on) - TimeDelta::microseconds(1);
            (on, u64::try_from(at_moment(&figures, last_moment)).unwrap())
        }).collect();
        let known = closings.clone();
        closings.retain(|day, closing| day.pred_opt().and_then(|before| known.get(&before)) != Some(closing));
        let used = |at| Used(u64::try_from(at_moment(&figures, at)).unwrap());
        let recorded = Recorded {
            checked_until, used_then: used(checked_until), changes: &changes, closings: &closings, used_now: used(end), now: end,
        };

        let told: Vec<(DateTime<Utc>, i64)> =
            usage(&recorded, &calendar).into_iter().map(|(at, used)| (at, i64::try_from(used.0).unwrap())).collect();
        let mut hour = checked_until;
        while hour <= end {
            let figure = told.iter().rev().find(|(at, _)| *at <= hour).map_or(at_moment(&figures, checked_until), |(_, used)| *used);
            prop_assert_eq!(figure, at_moment(&figures, hour), "at {} of {:?}", hour, told);
            hour += TimeDelta::minutes(30);
        }
        prop_assert!(told.is_sorted_by_key(|(at, _)| *at));
    }
}

#[test]
fn a_change_that_was_recorded_late_counts_right_after_the_check() {
    let calendar = Calendar::new(chrono_tz::Tz::UTC, Default::default());
    let checked_until: DateTime<Utc> = "2027-03-01T10:00:05Z".parse().unwrap();
    let now = checked_until + TimeDelta::seconds(10);
    // its transaction began before the check and ended after it
    let changes = [Change { at: "2027-03-01T10:00:00Z".parse().unwrap(), delta: 3 }];
    let recorded = Recorded {
        checked_until,
        used_then: Used(10),
        changes: &changes,
        closings: &BTreeMap::new(),
        used_now: Used(13),
        now,
    };
    assert_eq!(usage(&recorded, &calendar), [(checked_until + TimeDelta::microseconds(1), Used(13))]);
}

#[test]
fn whatever_was_not_recorded_counts_from_now_on() {
    let calendar = Calendar::new(chrono_tz::Tz::UTC, Default::default());
    let checked_until: DateTime<Utc> = "2027-03-01T10:00:00Z".parse().unwrap();
    let now = checked_until + TimeDelta::hours(1);
    let recorded = Recorded {
        checked_until,
        used_then: Used(10),
        changes: &[],
        closings: &BTreeMap::new(),
        used_now: Used(12),
        now,
    };
    assert_eq!(usage(&recorded, &calendar), [(now, Used(12))]);
}

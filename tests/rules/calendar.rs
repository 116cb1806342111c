//! Days, their beginnings and business days, in every time zone there is.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use chrono_tz::{TZ_VARIANTS, Tz};
use headroom::domain::calendar::Calendar;
use proptest::prelude::*;

use crate::moments::{day, moment};

fn calendar(zone: Tz) -> Calendar {
    Calendar::new(zone, BTreeSet::new())
}

/// Days from 1970 on; time zones before knew stranger things, like the same day twice.
fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0..50_000u64).prop_map(|days| day("1970-01-03") + Days::new(days))
}

/// Days on which some clocks change are as many as all others.
fn near_a_change() -> impl Strategy<Value = (Tz, NaiveDate)> {
    let known = prop::sample::select(vec![
        (Tz::America__Sao_Paulo, "2017-10-15"),
        (Tz::America__Sao_Paulo, "2018-02-18"),
        (Tz::Asia__Beirut, "2023-03-30"),
        (Tz::Asia__Beirut, "2022-03-27"),
        (Tz::America__Havana, "2022-11-06"),
        (Tz::America__St_Johns, "2005-10-30"),
        (Tz::America__St_Johns, "2010-11-07"),
        (Tz::America__Moncton, "2000-10-29"),
        (Tz::America__St_Johns, "2006-04-02"),
        (Tz::Atlantic__Azores, "2024-10-27"),
        (Tz::Pacific__Apia, "2011-12-30"),
        (Tz::Africa__Cairo, "2024-04-26"),
        (Tz::Australia__Lord_Howe, "2024-04-07"),
        (Tz::Asia__Pyongyang, "2018-05-05"),
    ]);
    let known = (known, -2..=2i64).prop_map(|((zone, on), by)| (zone, day(on) + TimeDelta::days(by)));
    prop_oneof![known, (prop::sample::select(TZ_VARIANTS.to_vec()), any_day())]
}

/// Around the beginning of a day, above all in the hours beside it.
fn second() -> impl Strategy<Value = i64> {
    prop_oneof![-5_000..5_000i64, -100_000..100_000i64]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_day_is_what_lies_between_its_start_and_its_end((zone, on) in near_a_change(), second in second()) {
        let calendar = calendar(zone);
        let at = calendar.start_of(on) + TimeDelta::seconds(second);
        let found = calendar.day_of(at);
        prop_assert!(calendar.start_of(found) <= at && at < calendar.end_of(found), "{at} {found}");
        prop_assert!(calendar.start_of(on) <= calendar.end_of(on));
        // and its clock says that day, but for clocks that went back over midnight
        let clock = at.with_timezone(&zone).date_naive();
        prop_assert!(found == clock || found.pred_opt() == Some(clock));
    }

    #[test]
    fn a_day_starts_at_the_first_minute_whose_clock_says_it_or_a_later_one((zone, on) in near_a_change()) {
        let minutes = (0..4000i64).map(|minute| on.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::minutes(minute - 2000));
        let slow = minutes.into_iter().find(|at| at.with_timezone(&zone).date_naive() >= on);
        let start = calendar(zone).start_of(on);
        // Liberia's clocks were 44.5 minutes behind until 1972
        prop_assert!(slow.is_some_and(|slow| (slow - start).num_seconds().abs() < 60), "{slow:?} {start}");
    }

    #[test]
    fn business_days_are_counted_one_by_one(
        day0 in any_day(), ahead in 0..60u64, holidays in prop::collection::btree_set(0..70u64, 0..12), n in 1..30u32,
    ) {
        let holidays: BTreeSet<_> = holidays.into_iter().map(|days| day0 + Days::new(days)).collect();
        let calendar = Calendar::new(Tz::UTC, holidays.clone());
        let works = |on: NaiveDate| on.weekday().num_days_from_monday() < 5 && !holidays.contains(&on);
        let mut since = 0;
        for days in 1..=ahead {
            since += u32::from(works(day0 + Days::new(days)));
        }
        prop_assert_eq!(calendar.business_days_since(day0, day0 + Days::new(ahead)), since);
        let nth = calendar.business_day(day0, n);
        prop_assert!(nth > day0 && works(nth) && calendar.is_business_day(nth));
        prop_assert_eq!(calendar.business_days_since(day0, nth), n);
        prop_assert_eq!(calendar.business_days_since(day0, nth.pred_opt().unwrap()), n - 1);
    }
}

#[test]
fn a_weekend_and_a_holiday_do_not_count() {
    let calendar = Calendar::new(Tz::Europe__Vienna, BTreeSet::from([day("2026-12-08"), day("2026-12-26")]));
    assert_eq!(calendar.business_day(day("2026-12-04"), 1), day("2026-12-07"));
    assert_eq!(calendar.business_day(day("2026-12-04"), 2), day("2026-12-09"));
    assert_eq!(calendar.business_days_since(day("2026-12-04"), day("2026-12-09")), 2);
    // a holiday at the weekend takes nothing away
    assert_eq!(calendar.business_day(day("2026-12-24"), 2), day("2026-12-28"));
    assert_eq!(day("2026-12-28").weekday(), Weekday::Mon);
    // day 0 may be no business day
    assert_eq!(calendar.business_day(day("2026-12-05"), 1), day("2026-12-07"));
    assert_eq!(calendar.business_days_since(day("2026-12-09"), day("2026-12-04")), 0);
}

#[test]
fn where_clocks_skip_midnight_the_day_starts_at_one() {
    let brazil = calendar(Tz::America__Sao_Paulo);
    assert_eq!(brazil.start_of(day("2017-10-15")), moment("2017-10-15T03:00:00Z"));
    assert_eq!(brazil.day_of(moment("2017-10-15T02:59:59Z")), day("2017-10-14"));
    let lebanon = calendar(Tz::Asia__Beirut);
    assert_eq!(lebanon.start_of(day("2022-03-27")), moment("2022-03-26T22:00:00Z"));
    // a gap that begins before midnight and ends after it
    let newfoundland = calendar(Tz::America__St_Johns);
    assert_eq!(newfoundland.start_of(day("2006-04-02")), moment("2006-04-02T03:30:00Z"));
}

#[test]
fn where_midnight_comes_twice_the_day_starts_at_the_first() {
    let cuba = calendar(Tz::America__Havana);
    assert_eq!(cuba.start_of(day("2022-11-06")), moment("2022-11-06T04:00:00Z"));
    assert_eq!(cuba.end_of(day("2022-11-06")) - cuba.start_of(day("2022-11-06")), TimeDelta::hours(25));
    // at one minute past midnight clocks go back to 23:01, but the day has begun
    let newfoundland = calendar(Tz::America__St_Johns);
    assert_eq!(newfoundland.start_of(day("2005-10-30")), moment("2005-10-30T02:30:00Z"));
    assert_eq!(newfoundland.day_of(moment("2005-10-30T02:45:00Z")), day("2005-10-30"));
}

#[test]
fn a_day_that_a_country_left_out_has_no_moment() {
    let samoa = calendar(Tz::Pacific__Apia);
    assert_eq!(samoa.start_of(day("2011-12-30")), samoa.end_of(day("2011-12-30")));
    assert_eq!(samoa.day_of(samoa.start_of(day("2011-12-30"))), day("2011-12-31"));
}

#[test]
fn the_ends_of_the_calendar_are_no_trouble() {
    for zone in [Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Pago_Pago] {
        let calendar = calendar(zone);
        for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            calendar.start_of(calendar.day_of(end));
        }
        for end in [NaiveDate::MIN, NaiveDate::MAX] {
            assert!(calendar.start_of(end) <= calendar.end_of(end));
        }
        assert_eq!(calendar.business_day(NaiveDate::MAX, 21), NaiveDate::MAX);
        assert_eq!(calendar.business_days_since(NaiveDate::MAX, NaiveDate::MAX), 0);
    }
}

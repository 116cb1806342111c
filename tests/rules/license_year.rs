//! The license year and the re-use of licenses.

use std::collections::BTreeSet;

use chrono::{Datelike, Days};
use headroom::domain::license::UserLimit;
use headroom::domain::license_year::{LicenseYear, capacity, reuses, reuses_used};
use proptest::prelude::*;

use crate::moments::day;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn years_follow_each_other_without_a_gap_and_each_is_one_year_long(begins in 0..40_000u64) {
        let first = day("1980-01-01") + Days::new(begins);
        let year = LicenseYear::beginning(first);
        let days: Vec<_> = first.iter_days().take_while(|on| year.contains(*on)).collect();
        prop_assert_eq!(days.len(), year.days() as usize);
        prop_assert_eq!(days.last().copied(), Some(year.ends_on()));
        prop_assert!(!year.contains(first - Days::new(1)));
        prop_assert_eq!(year.next().starts_on(), year.ends_on() + Days::new(1));
        prop_assert_eq!(year.next().starts_on().year(), first.year() + 1);
        prop_assert_eq!(year.next().starts_on().month(), first.month());
        for (passed, on) in days.iter().enumerate() {
            prop_assert_eq!(year.days_from(*on), Some(year.days() - u32::try_from(passed).unwrap()));
        }
        prop_assert_eq!(year.days_from(year.next().starts_on()), None);
    }

    #[test]
    fn whoever_uses_a_license_after_its_first_use_uses_it_again(limit in 0..50u32, people in prop::collection::vec(0..80u32, 0..100)) {
        // hand the licenses out one after another; when all were used once, each new holder is a re-use
        let (mut unused, mut again, mut holders) = (limit, 0u64, BTreeSet::new());
        for person in people {
            if holders.insert(person) {
                if unused > 0 { unused -= 1 } else { again += 1 }
            }
        }
        prop_assert_eq!(reuses_used(holders.len() as u64, UserLimit(limit)), again);
    }
}

#[test]
fn an_ordinary_year_and_one_with_a_leap_day() {
    let year = LicenseYear::beginning(day("2026-07-01"));
    assert_eq!((year.ends_on(), year.days()), (day("2027-06-30"), 365));
    let year = LicenseYear::beginning(day("2027-07-01"));
    assert_eq!((year.ends_on(), year.days()), (day("2028-06-30"), 366));
    let year = LicenseYear::beginning(day("2027-03-01"));
    assert_eq!((year.ends_on(), year.days()), (day("2028-02-29"), 366));
}

#[test]
fn a_year_from_a_leap_day_ends_on_the_27th_and_the_next_begins_on_the_28th() {
    let year = LicenseYear::beginning(day("2028-02-29"));
    assert_eq!((year.ends_on(), year.days()), (day("2029-02-27"), 365));
    assert_eq!(year.next(), LicenseYear::beginning(day("2029-02-28")));
    let in_four_years = year.next().next().next().next();
    assert_eq!(in_four_years.starts_on(), day("2032-02-28"));
}

#[test]
fn three_cohorts_of_a_thousand_use_two_thousand_of_three_thousand_re_uses() {
    let limit = UserLimit(1000);
    assert_eq!((reuses_used(3000, limit), reuses(limit, 3), capacity(limit, 3)), (2000, 3000, 4000));
    assert_eq!((reuses_used(1000, limit), reuses_used(1001, limit)), (0, 1));
    assert_eq!((reuses(limit, 0), capacity(limit, 0)), (0, 1000));
}

#[test]
fn the_largest_figures_fit() {
    assert_eq!(capacity(UserLimit(u32::MAX), u32::MAX), u64::from(u32::MAX) << 32);
}

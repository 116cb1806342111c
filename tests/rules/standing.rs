use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use headroom::domain::calendar::Calendar;
use headroom::domain::overage::{Left, Standing};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// In Berlin, with 1 December off.
fn calendar() -> Calendar {
    Calendar::new(chrono_tz::Europe::Berlin, BTreeSet::from([day("2026-12-01")]))
}

#[test]
fn a_stored_stage_stands_with_the_day_or_the_moment_that_counts() {
    let stands = |stage, due_at: Option<&str>| Standing::of(stage, day("2026-11-24"), due_at.map(at), &calendar());
    assert_eq!(stands("minor", None), Standing::Minor { due_on: day("2026-12-09") });
    assert_eq!(stands("overdue", None), Standing::Overdue { major_on: day("2026-12-24") });
    let due_at = "2026-11-25T12:00:00Z";
    assert_eq!(stands("major", Some(due_at)), Standing::Major { due_at: at(due_at) });
    assert_eq!(stands("no_higher_tier", None), Standing::NoHigherTier);
    assert_eq!(stands("something new", None), Standing::Minor { due_on: day("2026-12-09") });
}

#[test]
fn what_is_left_is_counted_in_business_days_of_the_root_and_in_hours_begun() {
    let left = |stands: Standing, now| stands.left(at(now), &calendar());
    let minor = Standing::Minor { due_on: day("2026-12-09") };
    assert_eq!(left(minor, "2026-11-24T12:00:00Z"), Some(Left::BusinessDays(10)));
    // after midnight in Berlin
    assert_eq!(left(minor, "2026-12-07T23:30:00Z"), Some(Left::BusinessDays(1)));
    assert_eq!(left(minor, "2026-12-09T12:00:00Z"), Some(Left::BusinessDays(0)));
    assert_eq!(left(minor, "2026-12-11T12:00:00Z"), Some(Left::BusinessDays(0)));
    let major = Standing::Major { due_at: at("2026-11-25T12:00:00Z") };
    assert_eq!(left(major, "2026-11-24T12:00:00Z"), Some(Left::Hours(24)));
    assert_eq!(left(major, "2026-11-25T11:59:00Z"), Some(Left::Hours(1)));
    assert_eq!(left(major, "2026-11-25T12:00:01Z"), Some(Left::Hours(0)));
    assert_eq!(left(Standing::NoHigherTier, "2026-11-25T12:00:01Z"), None);
    assert_eq!(left(Standing::Within, "2026-11-25T12:00:01Z"), None);
}

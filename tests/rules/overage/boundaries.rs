//! Each state and each boundary, by name. Day 0 is Monday, 2 November 2026, unless said otherwise.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use headroom::domain::calendar::Calendar;
use headroom::domain::license::{Used, UserLimit};
use headroom::domain::overage::{
    Account, Overage, Permitted, Situation, Stage, Step, advance, next_deadline, situation,
};

use super::root::{MONDAY, Root, back, closed, major, opened, overdue, root, too_long, upgraded};
use crate::moments::moment;

#[test]
fn a_hundred_percent_is_within_one_more_is_minor_and_106_percent_still_is() {
    let of_100 = |used| situation(Used(used), 100);
    assert_eq!([0, 99, 100].map(of_100), [Situation::Within; 3]);
    assert_eq!([101, 105, 106].map(of_100), [Situation::Minor; 3]);
    assert_eq!([107, 200, u64::MAX].map(of_100), [Situation::Major; 3]);
}

#[test]
fn where_106_percent_falls_between_two_users_the_lower_is_minor_and_the_upper_major() {
    // 16.96 of 16, 18.02 of 17, 53 of 50 exactly
    assert_eq!((situation(Used(16), 16), situation(Used(17), 16)), (Situation::Within, Situation::Major));
    assert_eq!((situation(Used(18), 17), situation(Used(19), 17)), (Situation::Minor, Situation::Major));
    assert_eq!((situation(Used(53), 50), situation(Used(54), 50)), (Situation::Minor, Situation::Major));
    assert_eq!((situation(Used(0), 0), situation(Used(1), 0)), (Situation::Within, Situation::Major));
    assert_eq!(situation(Used(u64::MAX), u64::MAX), Situation::Within);
}

#[test]
fn one_more_than_allowed_opens_an_episode_at_once_and_one_less_closes_it() {
    let root = root().uses(MONDAY, 101).uses("2026-11-05T10:00:00Z", 100);
    assert_eq!(root.stage("2026-11-02T08:59:59Z"), None);
    assert_eq!(root.stage(MONDAY), Some(Stage::Minor));
    assert_eq!(
        root.steps("2027-01-01T00:00:00Z"),
        [opened(MONDAY, "2026-11-16"), closed("2026-11-05T10:00:00Z", false)]
    );
    let (_, steps) = root.until(MONDAY);
    assert_eq!((steps[0].used, steps[0].allowed), (Used(101), Some(100)));
}

#[test]
fn the_tenth_business_day_belongs_to_the_time_given_and_the_moment_after_does_not() {
    let root = root().uses(MONDAY, 106);
    assert_eq!(root.stage("2026-11-16T23:59:59.999Z"), Some(Stage::Minor));
    assert_eq!(root.stage("2026-11-17T00:00:00Z"), Some(Stage::Overdue));
    let expected = [opened(MONDAY, "2026-11-16"), overdue("2026-11-17T00:00:00Z", "2026-12-01")];
    assert_eq!(root.steps("2026-11-30T23:59:59.999Z"), expected);
}

#[test]
fn a_due_day_on_friday_leaves_no_weekend() {
    // day 0 is Friday, 30 October: day 10 is Friday, 13 November
    let mut root = root().uses("2026-10-30T23:59:00Z", 101);
    root.account.checked_until = moment("2026-10-30T00:00:00Z");
    let expected = [opened("2026-10-30T23:59:00Z", "2026-11-13"), overdue("2026-11-14T00:00:00Z", "2026-11-30")];
    assert_eq!(root.steps("2026-11-29T23:59:59Z"), expected);
}

#[test]
fn the_twentieth_business_day_is_minor_to_its_end_and_the_21st_major_from_its_beginning() {
    let root = root().uses(MONDAY, 101).tiers(&[200]);
    assert_eq!(root.stage("2026-11-30T23:59:59.999Z"), Some(Stage::Overdue));
    let found = root.steps("2026-12-02T00:00:00Z");
    let (on_21, upgrade) = ("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z");
    assert_eq!(found[2..], [too_long(on_21, upgrade), upgraded(upgrade, 100, 200), closed(upgrade, true)]);
}

#[test]
fn weekends_and_holidays_after_the_twentieth_business_day_do_not_make_it_major() {
    // three holidays: day 20 is Thursday, 3 December; then a holiday and a weekend; day 21 is Monday
    let root = root().uses(MONDAY, 101).holidays(&["2026-11-10", "2026-11-11", "2026-11-25", "2026-12-04"]);
    let found = root.steps("2026-12-07T00:00:00Z");
    let (on_21, upgrade) = ("2026-12-07T00:00:00Z", "2026-12-08T00:00:00Z");
    assert_eq!(
        found,
        [opened(MONDAY, "2026-11-18"), overdue("2026-11-19T00:00:00Z", "2026-12-07"), too_long(on_21, upgrade)]
    );
    assert_eq!(root.stage("2026-12-06T23:59:59Z"), Some(Stage::Overdue));
}

#[test]
fn an_episode_may_begin_as_major_and_ends_in_an_upgrade_after_24_hours_exactly() {
    let root = root().uses(MONDAY, 107).tiers(&[500, 200, 100, 50]);
    let upgrade = "2026-11-03T09:00:00Z";
    assert_eq!(root.steps("2026-11-03T08:59:59.999Z"), [major(MONDAY, upgrade)]);
    let (account, steps) = root.until(upgrade);
    assert_eq!((account.limit, account.overage), (Some(UserLimit(200)), Overage::Within));
    assert_eq!(root.steps(upgrade)[1..], [upgraded(upgrade, 100, 200), closed(upgrade, true)]);
    assert_eq!(steps.iter().map(|step| step.allowed).collect::<Vec<_>>(), [Some(100), Some(100), Some(200)]);
}

#[test]
fn falling_back_in_the_last_moment_and_at_it_cancels_the_upgrade() {
    for at in ["2026-11-03T08:59:59.999Z", "2026-11-03T09:00:00Z"] {
        let root = root().uses(MONDAY, 107).uses(at, 106).tiers(&[200]);
        assert_eq!(root.steps("2026-11-10T00:00:00Z"), [major(MONDAY, "2026-11-03T09:00:00Z"), back(at)]);
        assert_eq!(root.stage("2026-11-10T00:00:00Z"), Some(Stage::Minor));
    }
    let late = root().uses(MONDAY, 107).uses("2026-11-03T09:00:00.001Z", 106).tiers(&[200]);
    assert_eq!(late.until("2026-11-10T00:00:00Z").0.limit, Some(UserLimit(200)));
}

#[test]
fn rising_again_is_a_new_24_hours_in_the_same_episode() {
    let root = root().uses(MONDAY, 101).uses("2026-11-04T10:00:00Z", 107).uses("2026-11-04T20:00:00Z", 106);
    let root = root.uses("2026-11-05T01:00:00Z", 110).uses("2026-11-05T02:00:00Z", 120).tiers(&[200]);
    let upgrade = "2026-11-06T01:00:00Z";
    let expected = [
        opened(MONDAY, "2026-11-16"),
        major("2026-11-04T10:00:00Z", "2026-11-05T10:00:00Z"),
        back("2026-11-04T20:00:00Z"),
        major("2026-11-05T01:00:00Z", upgrade),
        upgraded(upgrade, 100, 200),
        closed(upgrade, true),
    ];
    assert_eq!(root.steps("2026-12-31T00:00:00Z"), expected);
}

#[test]
fn falling_within_ends_it_and_the_next_episode_has_its_own_day_0() {
    let root = root().uses(MONDAY, 101).uses("2026-11-12T00:00:00Z", 100).uses("2026-11-13T00:00:00Z", 101);
    let found = root.steps("2026-11-27T00:00:00Z");
    assert_eq!(found[2..], [opened("2026-11-13T00:00:00Z", "2026-11-27")]);
}

#[test]
fn who_falls_back_after_the_due_day_is_overdue_without_another_reminder() {
    let (rise, fall) = ("2026-11-16T12:00:00Z", "2026-11-17T11:00:00Z");
    let root = root().uses(MONDAY, 101).uses(rise, 107).uses(fall, 106);
    let expected = [opened(MONDAY, "2026-11-16"), major(rise, "2026-11-17T12:00:00Z"), back(fall)];
    assert_eq!(root.steps("2026-11-30T00:00:00Z"), expected);
    assert_eq!(root.stage("2026-11-30T00:00:00Z"), Some(Stage::Overdue));
    assert_eq!(
        root.steps("2026-12-01T00:00:00Z").last(),
        Some(&too_long("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"))
    );
}

#[test]
fn who_falls_back_in_the_moment_after_the_due_day_is_overdue_too() {
    let fall = "2026-11-17T00:00:00Z";
    let root = root().uses(MONDAY, 101).uses("2026-11-16T12:00:00Z", 107).uses(fall, 106);
    assert_eq!(root.steps(fall)[2..], [back(fall)]);
    assert_eq!(root.stage(fall), Some(Stage::Overdue));
}

#[test]
fn from_the_21st_business_day_on_falling_to_106_percent_cancels_nothing() {
    // still major when day 21 begins, and due later on that day
    let rise = "2026-11-30T12:00:00Z";
    let due_at = "2026-12-01T12:00:00Z";
    let rises = || root().uses(MONDAY, 101).uses(rise, 107).tiers(&[200]);
    let in_time = rises().uses("2026-11-30T23:59:59Z", 106);
    assert_eq!(in_time.steps("2026-11-30T23:59:59Z").last(), Some(&back("2026-11-30T23:59:59Z")));
    let too_late = rises().uses("2026-12-01T00:00:00Z", 106);
    assert_eq!(too_late.steps(due_at)[2..], [major(rise, due_at), upgraded(due_at, 100, 200), closed(due_at, true)]);
    // closing is possible all the same
    let closes = rises().uses("2026-12-01T11:00:00Z", 100);
    assert_eq!(closes.steps(due_at).last(), Some(&closed("2026-12-01T11:00:00Z", false)));
}

#[test]
fn too_long_is_not_made_longer_by_rising_or_falling() {
    let root =
        root().uses(MONDAY, 101).uses("2026-12-01T06:00:00Z", 120).uses("2026-12-01T07:00:00Z", 101).tiers(&[200]);
    let found = root.steps("2026-12-02T00:00:00Z");
    assert_eq!(
        found[2..4],
        [too_long("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"), upgraded("2026-12-02T00:00:00Z", 100, 200)]
    );
    // rising in the very moment in which day 21 begins comes first
    let rises = self::root().uses(MONDAY, 101).uses("2026-12-01T00:00:00Z", 120);
    let last = rises.steps("2026-12-01T00:00:00Z").pop();
    assert_eq!(last, Some(major("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z")));
}

#[test]
fn an_upgrade_that_is_not_enough_opens_the_next_episode_at_the_same_moment() {
    let upgrade = "2026-11-03T09:00:00Z";
    let minor = root().uses(MONDAY, 115).tiers(&[110, 200]);
    assert_eq!(minor.steps("2026-11-04T00:00:00Z")[1..], [upgraded(upgrade, 100, 110), opened(upgrade, "2026-11-17")]);
    let still_major = root().uses(MONDAY, 130).tiers(&[110, 120, 200]);
    let (second, third) = ("2026-11-04T09:00:00Z", "2026-11-05T09:00:00Z");
    let expected = [
        upgraded(upgrade, 100, 110),
        major(upgrade, second),
        upgraded(second, 110, 120),
        major(second, third),
        upgraded(third, 120, 200),
        closed(third, true),
    ];
    assert_eq!(still_major.steps("2026-12-31T00:00:00Z")[1..], expected);
}

#[test]
fn without_a_higher_tier_it_is_said_once_and_nothing_else_changes() {
    let due_at = "2026-11-03T09:00:00Z";
    let stuck = || root().uses(MONDAY, 107).tiers(&[100, 50]);
    let said = (moment(due_at), Step::NoHigherTier);
    assert_eq!(stuck().steps("2027-12-31T00:00:00Z"), [major(MONDAY, due_at), said]);
    assert_eq!(stuck().stage("2027-12-31T00:00:00Z"), Some(Stage::NoHigherTier { since: moment(due_at) }));
    assert_eq!(stuck().until("2027-12-31T00:00:00Z").0.limit, Some(UserLimit(100)));
    // falling back, rising again: once more
    let again = stuck().uses("2026-11-05T00:00:00Z", 106).uses("2026-11-06T00:00:00Z", 107);
    let expected = [
        back("2026-11-05T00:00:00Z"),
        major("2026-11-06T00:00:00Z", "2026-11-07T00:00:00Z"),
        (moment("2026-11-07T00:00:00Z"), Step::NoHigherTier),
    ];
    assert_eq!(again.steps("2026-12-31T00:00:00Z")[2..], expected);
    // from day 21 on only closing is left
    let late = stuck().uses("2026-12-01T00:00:00Z", 106).uses("2026-12-02T00:00:00Z", 120);
    assert_eq!(late.steps("2027-12-31T00:00:00Z").len(), 2);
    let closes = late.uses("2026-12-03T00:00:00Z", 100);
    assert_eq!(closes.steps("2027-12-31T00:00:00Z")[2..], [closed("2026-12-03T00:00:00Z", false)]);
}

#[test]
fn a_permitted_overage_counts_from_its_first_day_to_the_end_of_its_last() {
    let root = root().uses(MONDAY, 110).permitted("2026-11-02", "2026-11-06", 10);
    assert_eq!(root.steps("2026-11-06T23:59:59.999Z"), []);
    let ends = "2026-11-07T00:00:00Z";
    assert_eq!(root.steps(ends), [major(ends, "2026-11-08T00:00:00Z")]);
    // two of them add up, and the next one begins as the first ends
    let two = root.permitted("2026-11-07", "2026-11-30", 4).permitted("2026-11-07", "2026-11-09", 6);
    assert_eq!(two.steps("2026-11-09T23:59:59Z"), []);
    assert_eq!(two.steps("2026-11-10T00:00:00Z"), [opened("2026-11-10T00:00:00Z", "2026-11-24")]);
}

#[test]
fn a_permitted_overage_that_begins_closes_an_episode_at_midnight() {
    let root = root().uses(MONDAY, 105).permitted("2026-11-04", "2026-11-30", 5);
    let begins = "2026-11-04T00:00:00Z";
    assert_eq!(root.steps("2026-11-05T00:00:00Z"), [opened(MONDAY, "2026-11-16"), closed(begins, false)]);
}

#[test]
fn limits_change_the_state_like_usage_does() {
    let root = root().may_use(MONDAY, 89).may_use("2026-11-02T10:00:00Z", 80).may_use("2026-11-02T11:00:00Z", 90);
    let expected = [
        opened(MONDAY, "2026-11-16"),
        major("2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"),
        closed("2026-11-02T11:00:00Z", false),
    ];
    assert_eq!(root.steps("2026-12-31T00:00:00Z"), expected);
}

#[test]
fn what_happens_at_the_same_moment_is_judged_once() {
    let root = root().uses(MONDAY, 150).may_use(MONDAY, 150);
    assert_eq!(root.steps("2026-12-31T00:00:00Z"), []);
    let wavers = self::root().uses(MONDAY, 150).uses(MONDAY, 100);
    assert_eq!(wavers.steps("2026-12-31T00:00:00Z"), []);
    // falling within at the end of the due day comes before the reminder
    let root = self::root().uses(MONDAY, 101).uses("2026-11-17T00:00:00Z", 100);
    assert_eq!(root.steps("2026-12-31T00:00:00Z")[1..], [closed("2026-11-17T00:00:00Z", false)]);
}

#[test]
fn the_24_hours_are_clock_hours_also_when_clocks_change() {
    // in New York the day has 25 hours; usage rises at 12:00 EDT, the upgrade is at 11:00 EST
    let zone = Tz::America__New_York;
    let mut root = root().uses("2026-10-31T16:00:00Z", 107).tiers(&[200]);
    root.account.checked_until = moment("2026-10-31T00:00:00Z");
    root.calendar = Calendar::new(zone, BTreeSet::new());
    let upgrade = "2026-11-01T16:00:00Z";
    let local = moment(upgrade).with_timezone(&zone).format("%H:%M %Z").to_string();
    assert_eq!(local, "11:00 EST");
    assert_eq!(root.steps(upgrade).last(), Some(&closed(upgrade, true)));
    assert_eq!(root.steps("2026-11-01T15:59:59Z").len(), 1);
}

#[test]
fn day_0_and_the_due_day_are_days_of_the_roots_zone() {
    // half past midnight of Tuesday in Auckland is Monday noon in UTC
    let mut root = root().uses("2026-11-02T11:30:00Z", 101);
    root.calendar = Calendar::new(Tz::Pacific__Auckland, BTreeSet::new());
    let expected = [opened("2026-11-02T11:30:00Z", "2026-11-17"), overdue("2026-11-17T11:00:00Z", "2026-12-02")];
    assert_eq!(root.steps("2026-11-30T00:00:00Z"), expected);
}

#[test]
fn the_first_check_judges_what_it_finds_and_so_does_one_with_other_terms() {
    let mut root = root();
    root.account.used = Used(101);
    let (account, steps) = root.until("2026-11-01T00:00:00Z");
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].at, root.account.checked_until);
    let mut root = Root { account, ..root }.permitted("2026-10-01", "2026-12-31", 1);
    assert_eq!(root.steps("2026-11-01T00:00:00Z"), [closed("2026-11-01T00:00:00Z", false)]);
    // an agreement that has ended
    (root.account.limit, root.terms.permitted) = (None, Vec::new());
    let (account, steps) = root.until("2026-11-01T00:00:00Z");
    assert_eq!((account.overage, steps[0].allowed), (Overage::Within, None));
}

#[test]
fn a_check_that_comes_before_the_last_one_changes_nothing() {
    let root = root().uses("2026-10-31T00:00:00Z", 200);
    assert_eq!(root.until("2026-10-31T12:00:00Z"), (root.account, Vec::new()));
    // and what happened up to the last check, and at it, has been judged
    let root = root.uses("2026-11-01T00:00:00Z", 200);
    assert_eq!(root.steps("2026-12-31T00:00:00Z"), []);
}

#[test]
fn the_next_deadline_is_the_next_thing_that_happens_by_itself() {
    let root = root().uses(MONDAY, 101).permitted("2026-11-10", "2026-11-10", 1);
    let next = |until: &str| next_deadline(&root.until(until).0, &root.terms, &root.calendar);
    assert_eq!(next("2026-11-01T12:00:00Z"), Some(moment("2026-11-10T00:00:00Z")), "it begins");
    assert_eq!(next("2026-11-10T00:00:00Z"), Some(moment("2026-11-11T00:00:00Z")), "it ends");
    assert_eq!(next("2026-11-11T00:00:00Z"), Some(moment("2026-11-26T00:00:00Z")), "overdue");
    assert_eq!(next("2026-11-26T00:00:00Z"), Some(moment("2026-12-10T00:00:00Z")), "major");
    assert_eq!(next("2026-12-10T00:00:00Z"), Some(moment("2026-12-11T00:00:00Z")), "24 hours");
    assert_eq!(next("2026-12-11T00:00:00Z"), None, "no higher tier");
}

#[test]
fn the_end_of_the_calendar_is_no_trouble() {
    let end = DateTime::<Utc>::MAX_UTC;
    let mut root = root().tiers(&[110, 120]);
    root.account = Account { used: Used(200), checked_until: end, ..root.account };
    root.terms.permitted.push(Permitted { from: NaiveDate::MIN, until: NaiveDate::MAX, extra: u32::MAX });
    assert_eq!(advance(&root.account, &[], &root.terms, &root.calendar, end).1, []);
    root.terms.permitted.clear();
    let (account, _) = advance(&root.account, &[], &root.terms, &root.calendar, end);
    assert_eq!(account.limit, Some(UserLimit(120)));
}

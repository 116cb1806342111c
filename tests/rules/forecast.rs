//! The first day with too many, against a model that sums everything up for each day.

use chrono::{Days, NaiveDate};
use headroom::domain::forecast::{Crossing, crossing};
use headroom::domain::license::Used;
use proptest::prelude::*;

use crate::moments::day;

fn at(days: u64) -> NaiveDate {
    day("2026-11-20") + Days::new(days)
}

const TODAY: u64 = 4;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_day_on_which_the_sum_exceeds_what_is_allowed(
        used in 0..12u64,
        deltas in prop::collection::vec((0..30u64, -3..4i64), 0..20),
        allowed in prop::collection::vec(prop::option::weighted(0.9, 4..12u64), 40),
        last in 0..30u64,
    ) {
        let allowed_on = |on: NaiveDate| allowed[usize::try_from((on - at(0)).num_days()).unwrap()];
        let dated: Vec<_> = deltas.iter().map(|(days, delta)| (at(*days), *delta)).collect();
        let sum = |days: u64| {
            let coming = deltas.iter().filter(|(on, _)| TODAY < *on && *on <= days);
            i64::try_from(used).unwrap() + coming.map(|(_, delta)| *delta).sum::<i64>()
        };
        let over = |days: &u64| allowed_on(at(*days)).is_some_and(|allowed| sum(*days) > allowed.try_into().unwrap());
        let slow = if over(&TODAY) { None } else { (TODAY + 1..=last).find(over) };
        let slow = slow.map(|days| Crossing {
            on: at(days),
            used: Used(sum(days).try_into().unwrap()),
            allowed: allowed_on(at(days)).unwrap(),
        });
        prop_assert_eq!(crossing(at(TODAY), Used(used), &dated, allowed_on, at(last)), slow);
    }
}

#[test]
fn a_permitted_overage_that_ends_is_a_crossing_though_nobody_joins() {
    let allowed_on = |on: NaiveDate| Some(if on < at(9) { 110 } else { 100 });
    let found = crossing(at(TODAY), Used(105), &[], allowed_on, at(30));
    assert_eq!(found, Some(Crossing { on: at(9), used: Used(105), allowed: 100 }));
}

#[test]
fn exactly_all_that_is_allowed_is_no_crossing_and_neither_is_what_is_over_already() {
    let deltas = [(at(6), 5), (at(6), 5), (at(8), -3), (at(9), 4)];
    assert_eq!(crossing(at(TODAY), Used(90), &deltas, |_| Some(100), at(30)).map(|one| one.on), Some(at(9)));
    assert_eq!(crossing(at(TODAY), Used(90), &deltas, |_| Some(100), at(8)), None);
    assert_eq!(crossing(at(TODAY), Used(101), &deltas, |_| Some(100), at(30)), None);
    assert_eq!(crossing(at(TODAY), Used(90), &deltas, |_| None, at(30)), None);
}

use chrono::{DateTime, Duration, Utc};
use headroom::domain::throttle::{Counted, FORGOTTEN_AFTER, LONGEST_PAUSE, after_failure, pause};
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn failed_by(counted: Counted, times: u32) -> Option<headroom::domain::throttle::Failures> {
    (0..times).fold(None, |failures, _| Some(after_failure(counted, failures, start())))
}

fn failed(times: u32) -> Option<headroom::domain::throttle::Failures> {
    failed_by(Counted::Account, times)
}

#[test]
fn the_first_attempts_are_free_then_the_pause_doubles_up_to_a_minute() {
    let pauses: Vec<_> =
        (0..13).map(|times| pause(Counted::Account, failed(times), start()).map(|pause| pause.num_seconds())).collect();
    let expected =
        [None, None, None, None, None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(60), Some(60)];
    assert_eq!(pauses, expected);
    assert_eq!(pause(Counted::Address, failed(29), start()), None);
    assert!(pause(Counted::Address, failed(30), start()).is_some());
}

proptest! {
    #[test]
    fn whoever_waits_as_told_may_try(times in 0..2000u32) {
        let failures = failed(times);
        let wait = pause(Counted::Account, failures, start()).unwrap_or_default();
        prop_assert!(wait <= LONGEST_PAUSE);
        prop_assert_eq!(pause(Counted::Account, failures, start() + wait), None);
    }

    #[test]
    fn quiet_is_rewarded(times in 1..2000u32, seconds in 0..100_000i64) {
        let later = start() + FORGOTTEN_AFTER + Duration::seconds(seconds);
        prop_assert_eq!(pause(Counted::Account, failed(times), later), None);
        prop_assert_eq!(after_failure(Counted::Account, failed(times), later).count, 1);
    }
}

#[test]
fn an_address_forgets_failures_one_by_one_so_that_a_few_a_minute_never_add_up() {
    let failures = failed_by(Counted::Address, 40);
    assert_eq!(pause(Counted::Address, failures, start()), Some(LONGEST_PAUSE));
    let mut failures = failures;
    let mut now = start();
    for _ in 0..1000 {
        now += Duration::minutes(1);
        failures = Some(after_failure(Counted::Address, failures, now));
    }
    assert_eq!(pause(Counted::Address, failures, now), None);
}

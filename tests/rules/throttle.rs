use chrono::{DateTime, Duration, Utc};
use headroom::domain::throttle::{
    Counted, FORGOTTEN_AFTER, Failures, LONGEST_PAUSE, LONGEST_PAUSE_OF_ALL, after_failure, after_refusal, pause,
};
use proptest::prelude::*;

fn start() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn failed_by(counted: Counted, times: u32) -> Option<Failures> {
    (0..times).fold(None, |failures, _| Some(after_failure(counted, failures, start())))
}

fn failed(times: u32) -> Option<Failures> {
    failed_by(Counted::AccountFromAddress, times)
}

const ALL: [Counted; 3] = [Counted::AccountFromAddress, Counted::Account, Counted::Address];

/// Somebody who tries at one account from one address, at times of their own choice.
#[derive(Default)]
struct Guesser {
    /// As in `ALL`.
    failures: [Option<Failures>; 3],
}

impl Guesser {
    fn wait(&self, counted: Counted, now: DateTime<Utc>) -> Option<Duration> {
        ALL.iter()
            .zip(self.failures)
            .find(|(one, _)| **one == counted)
            .and_then(|(_, failures)| pause(counted, failures, now))
    }

    /// Tries; true when it was looked at.
    fn tries(&mut self, now: DateTime<Utc>) -> bool {
        let refused = ALL.iter().any(|counted| self.wait(*counted, now).is_some());
        for (counted, failures) in ALL.into_iter().zip(&mut self.failures) {
            let after = if refused {
                after_refusal(counted, *failures, now)
            } else {
                Some(after_failure(counted, *failures, now))
            };
            *failures = after.or(*failures);
        }
        !refused
    }
}

#[test]
fn the_first_attempts_are_free_then_the_pause_doubles_up_to_a_minute() {
    let pauses: Vec<_> = (0..13)
        .map(|times| pause(Counted::AccountFromAddress, failed(times), start()).map(|pause| pause.num_seconds()))
        .collect();
    let expected =
        [None, None, None, None, None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(32), Some(60), Some(60)];
    assert_eq!(pauses, expected);
    assert_eq!(pause(Counted::Address, failed_by(Counted::Address, 29), start()), None);
    assert!(pause(Counted::Address, failed_by(Counted::Address, 30), start()).is_some());
    assert_eq!(pause(Counted::Account, failed_by(Counted::Account, 49), start()), None);
    assert!(pause(Counted::Account, failed_by(Counted::Account, 50), start()).is_some());
}

proptest! {
    #[test]
    fn whoever_waits_as_told_may_try(times in 0..2000u32, counted in prop::sample::select(&ALL)) {
        let failures = failed_by(counted, times);
        let wait = pause(counted, failures, start()).unwrap_or_default();
        prop_assert!(wait <= LONGEST_PAUSE);
        prop_assert_eq!(pause(counted, failures, start() + wait), None);
    }

    #[test]
    fn quiet_is_rewarded(times in 1..2000u32, seconds in 0..100_000i64, counted in prop::sample::select(&ALL)) {
        let later = start() + FORGOTTEN_AFTER + Duration::seconds(seconds);
        prop_assert_eq!(pause(counted, failed_by(counted, times), later), None);
        prop_assert_eq!(after_failure(counted, failed_by(counted, times), later).count, 1);
    }

    /// The owner of the account comes from elsewhere.
    #[test]
    fn guesses_from_wherever_delay_the_owner_by_two_seconds_at_most(times in 0..2000u32) {
        let wait = pause(Counted::Account, failed_by(Counted::Account, times), start()).unwrap_or_default();
        prop_assert!(wait <= LONGEST_PAUSE_OF_ALL && LONGEST_PAUSE_OF_ALL <= Duration::seconds(2));
    }

    #[test]
    fn asking_before_the_pause_is_over_does_not_make_it_longer(
        times in 0..200u32, milliseconds in 0..60_000i64, counted in prop::sample::select(&ALL),
    ) {
        let failures = failed_by(counted, times);
        let now = start() + Duration::milliseconds(milliseconds);
        prop_assume!(pause(counted, failures, now).is_some());
        prop_assert_eq!(after_refusal(counted, failures, now), None);
    }

    #[test]
    fn one_address_alone_neither_delays_others_at_the_account_nor_gets_far(pace in 20..5000i64) {
        let mut guesser = Guesser::default();
        let (mut looked_at, mut within_its_limit) = (0, 0);
        let minutes = 20;
        for step in 0..minutes * 60_000 / pace {
            let now = start() + Duration::milliseconds(step * pace);
            within_its_limit += i64::from(guesser.wait(Counted::Address, now).is_none());
            looked_at += i64::from(guesser.tries(now));
            prop_assert_eq!(guesser.wait(Counted::Account, now), None);
        }
        prop_assert!(looked_at <= 12 + minutes, "{} guesses", looked_at);
        prop_assert!(within_its_limit <= 30 + 13 * minutes, "{} requests", within_its_limit);
    }
}

#[test]
fn whoever_does_not_wait_for_one_account_has_to_wait_for_all() {
    let mut guesser = Guesser::default();
    assert_eq!((0..100).filter(|_| guesser.tries(start())).count(), 5);
    assert!(guesser.wait(Counted::Address, start()).is_some());
    let mut patient = Guesser::default();
    assert_eq!((0..6).filter(|_| patient.tries(start())).count(), 5);
    assert_eq!(patient.wait(Counted::Address, start()), None);
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

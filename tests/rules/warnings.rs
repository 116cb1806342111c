//! Early warnings, as usage goes up and down.

use headroom::domain::license::{Used, UserLimit};
use headroom::domain::warnings::{THRESHOLDS, Warning, warned};
use proptest::prelude::*;

/// What is warned about as usage takes these values, from none known.
fn told(usage: &[u64], limit: u32, allowed: u64) -> Vec<Option<u8>> {
    let mut before = None;
    let each = usage.iter().map(|used| {
        let (after, warning) = warned(before, Used(*used), Some(UserLimit(limit)), allowed, &THRESHOLDS);
        before = after;
        warning.map(|warning| warning.percent)
    });
    each.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The model keeps for each threshold on its own whether it is armed.
    #[test]
    fn a_threshold_is_told_when_it_is_reached_the_first_time_since_usage_was_clearly_below(
        limit in 1..300u32, thresholds in prop::collection::vec(50..=100u8, 0..5),
        usage in prop::collection::vec(0..320u64, 1..40), near in any::<bool>(),
    ) {
        let mut armed: std::collections::BTreeMap<u8, bool> = thresholds.iter().map(|one| (*one, true)).collect();
        let mut before = None;
        for used in usage {
            let used = if near { u64::from(limit) * 3 / 4 + used % (u64::from(limit) / 3 + 2) } else { used };
            let percent = used as f64 * 100.0 / f64::from(limit);
            let mut news = None;
            for (threshold, armed) in &mut armed {
                if percent >= f64::from(*threshold) {
                    news = if *armed { Some(*threshold) } else { news };
                    *armed = false;
                } else if percent < f64::from(*threshold) - 5.0 {
                    *armed = true;
                }
            }
            // a lower one that is reached again while a higher one still counts tells nothing new
            let highest = armed.iter().filter(|(_, armed)| !**armed).map(|(one, _)| *one).max();
            let expected = news.filter(|one| Some(*one) == highest && used <= u64::from(limit));
            let (after, warning) = warned(before, Used(used), Some(UserLimit(limit)), limit.into(), &thresholds);
            prop_assert_eq!(warning, expected.map(|percent| Warning { percent }), "{} of {}", used, limit);
            prop_assert_eq!(after, highest);
            before = after;
        }
    }
}

#[test]
fn each_threshold_is_told_once_on_the_way_up() {
    let usage = [79, 80, 80, 84, 89, 90, 94, 95, 99, 100, 100];
    let expected = [0, 80, 0, 0, 0, 90, 0, 95, 0, 100, 0].map(|percent| Some(percent).filter(|one| *one > 0));
    assert_eq!(told(&usage, 100, 100), expected);
    // only the highest of several
    assert_eq!(told(&[96], 100, 100), [Some(95)]);
}

#[test]
fn usage_that_wavers_is_not_told_every_day() {
    assert_eq!(told(&[80, 79, 80, 75, 80], 100, 100), [Some(80), None, None, None, None]);
    assert_eq!(told(&[80, 74, 80], 100, 100), [Some(80), None, Some(80)]);
    // 86 is clearly below 95 but not below 90
    assert_eq!(told(&[95, 86, 90, 95], 100, 100), [Some(95), None, None, Some(95)]);
}

#[test]
fn thresholds_between_two_users_are_reached_by_the_next_one() {
    assert_eq!(told(&[5, 6, 7], 7, 7), [None, Some(80), Some(100)]);
    assert_eq!(told(&[0, 1], 1, 1), [None, Some(100)]);
}

#[test]
fn what_is_over_is_told_by_the_overage_alone_but_counts() {
    assert_eq!(told(&[101, 100, 96], 100, 100), [None, None, None]);
    assert_eq!(told(&[99, 101, 99], 100, 100), [Some(95), None, None]);
    // permitted in writing: the limit itself is reached without an overage
    assert_eq!(told(&[105, 111], 100, 110), [Some(100), None]);
}

#[test]
fn without_a_limit_or_with_limit_0_there_is_nothing_to_warn_about() {
    assert_eq!(warned(Some(90), Used(5), None, 0, &THRESHOLDS), (None, None));
    assert_eq!(warned(None, Used(0), Some(UserLimit(0)), 0, &THRESHOLDS), (None, None));
    assert_eq!(warned(None, Used(3), Some(UserLimit(0)), 5, &THRESHOLDS), (None, None));
}

#[test]
fn a_higher_limit_starts_anew_and_a_changed_setting_does_not_repeat() {
    let (after, warning) = warned(Some(95), Used(96), Some(UserLimit(200)), 200, &THRESHOLDS);
    assert_eq!((after, warning), (None, None));
    // 85 was a threshold when it was told
    assert_eq!(warned(Some(85), Used(86), Some(UserLimit(100)), 100, &THRESHOLDS), (Some(85), None));
    assert_eq!(
        warned(Some(85), Used(86), Some(UserLimit(100)), 100, &[70, 86]),
        (Some(86), Some(Warning { percent: 86 }))
    );
}

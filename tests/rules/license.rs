use headroom::domain::license::{Percentage, Used, UserLimit, over_by, percentage, remaining};
use proptest::prelude::*;

fn shown(limit: u32, used: u64) -> String {
    percentage(UserLimit(limit), Used(used)).to_string()
}

#[test]
fn percentages_have_one_decimal_rounded_half_up() {
    assert_eq!(shown(5000, 4312), "86.2");
    assert_eq!(shown(900, 934), "103.8");
    assert_eq!(shown(800, 1), "0.1"); // 0.125
    assert_eq!(shown(2000, 1), "0.1"); // 0.05, half up
    assert_eq!(shown(2001, 1), "0.0"); // just below
    assert_eq!(shown(3, 2), "66.7");
}

#[test]
fn a_limit_that_is_not_reached_never_shows_as_100() {
    assert_eq!(shown(10_000, 9_999), "99.9");
    assert_eq!(shown(10_000, 10_000), "100.0");
    assert_eq!(shown(10_000, 10_001), "100.0");
}

#[test]
fn a_limit_of_0_is_either_empty_or_over() {
    assert_eq!(shown(0, 0), "0.0");
    assert_eq!(percentage(UserLimit(0), Used(1)), Percentage::Over);
    assert_eq!(over_by(UserLimit(0), Used(1)), Some(1));
}

proptest! {
    #[test]
    fn a_percentage_is_the_nearest_tenth(limit in 1..2_000_000_000u32, used in 0..4_000_000_000u64) {
        let Percentage::Tenths(tenths) = percentage(UserLimit(limit), Used(used)) else { panic!("a limit above 0") };
        // the tenth below and its distance, by long division
        let (limit, used) = (u128::from(limit), u128::from(used));
        let below = 1000 * used / limit;
        let rest = 1000 * used % limit;
        let mut expected = if 2 * rest >= limit { below + 1 } else { below };
        if used < limit && expected == 1000 {
            expected = 999;
        }
        prop_assert_eq!(u128::from(tenths), expected);
    }

    #[test]
    fn remaining_is_negative_exactly_when_over(limit in 0..1000u32, used in 0..2000u64) {
        let left = remaining(UserLimit(limit), Used(used));
        prop_assert_eq!(over_by(UserLimit(limit), Used(used)), u64::try_from(-left).ok().filter(|over| *over > 0));
    }
}

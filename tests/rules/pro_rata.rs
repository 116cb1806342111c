//! The price of an upgrade, against whole cents.

use chrono::Days;
use headroom::domain::license_year::LicenseYear;
use headroom::domain::pro_rata::{Currency, price};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::moments::day;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Half up by size, in whole numbers.
fn rounded(numerator: i128, denominator: i128) -> i128 {
    let size = (2 * numerator.abs() + denominator) / (2 * denominator);
    size * numerator.signum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_price_is_exact_to_the_cent(
        old in 0..1_000_000_000i64, new in 0..1_000_000_000i64, begins in 0..3000u64, after in 0..366u64,
    ) {
        let year = LicenseYear::beginning(day("2024-02-29") + Days::new(begins));
        let on = year.starts_on() + Days::new(after);
        let Some(days) = year.days_from(on) else { return Ok(()) };
        let found = price(Decimal::new(old, 2), Decimal::new(new, 2), on, &year).unwrap();
        let cents = rounded(i128::from(new - old) * i128::from(days), i128::from(year.days()));
        prop_assert_eq!(found.amount, Decimal::from_i128_with_scale(cents, 2));
        prop_assert_eq!(found.amount.scale(), 2);
        prop_assert_eq!(found.difference, Decimal::new(new - old, 2));
        prop_assert_eq!((found.days, found.days_of_year), (days, year.days()));
    }

    #[test]
    fn half_a_cent_goes_up(quarters in -10_000..10_000i64) {
        // a year of 366 days with 183 left: half of the difference
        let year = LicenseYear::beginning(day("2027-07-01"));
        let on = day("2027-12-31");
        let found = price(Decimal::ZERO, Decimal::new(quarters, 2), on, &year).unwrap();
        prop_assert_eq!((found.days, found.days_of_year), (183, 366));
        let half_cents_up = (quarters.abs() + 1) / 2 * quarters.signum();
        prop_assert_eq!(found.amount, Decimal::new(half_cents_up, 2));
    }
}

#[test]
fn the_first_day_costs_the_whole_difference_and_the_last_one_day_of_it() {
    let year = LicenseYear::beginning(day("2026-07-01"));
    let on = |on| price(decimal("1000"), decimal("2460.00"), day(on), &year).map(|price| price.amount.to_string());
    assert_eq!(on("2026-07-01").as_deref(), Some("1460.00"));
    assert_eq!(on("2027-06-30").as_deref(), Some("4.00"));
    assert_eq!(on("2026-11-24").as_deref(), Some("876.00"), "219 of 365 days");
    assert_eq!((on("2026-06-30"), on("2027-07-01")), (None, None), "other years");
}

#[test]
fn a_larger_tier_that_is_cheaper_gives_back_what_the_opposite_would_cost() {
    let year = LicenseYear::beginning(day("2027-07-01"));
    let of = |old, new| price(decimal(old), decimal(new), day("2027-12-31"), &year).unwrap().amount.to_string();
    assert_eq!((of("10.00", "10.05"), of("10.05", "10.00")), ("0.03".into(), "-0.03".into()));
    assert_eq!(of("10.00", "10.00"), "0.00");
}

#[test]
fn figures_beyond_all_decimals_have_no_price() {
    let year = LicenseYear::beginning(day("2026-07-01"));
    assert_eq!(price(Decimal::MIN, Decimal::MAX, day("2026-07-01"), &year), None);
    assert_eq!(price(Decimal::ZERO, Decimal::MAX, day("2026-07-01"), &year), None);
}

#[test]
fn a_currency_is_three_capital_letters() {
    let currency: Currency = "EUR".parse().unwrap();
    assert_eq!((currency.as_str(), currency.to_string()), ("EUR", "EUR".to_owned()));
    for wrong in ["", "EU", "EURO", "eur", "E1R", "€", "É1", " EUR"] {
        assert!(wrong.parse::<Currency>().is_err(), "{wrong}");
    }
}

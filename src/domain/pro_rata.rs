//! What an upgrade costs for the rest of a license year (`domain.md` section 5), in decimals.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::license_year::LicenseYear;

/// A currency by its three capital letters, like `EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A currency is three capital letters, like EUR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three capital letters, like EUR")]
pub struct NoCurrency;

impl std::str::FromStr for Currency {
    type Err = NoCurrency;
    fn from_str(text: &str) -> Result<Self, NoCurrency> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| NoCurrency)?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Currency(letters)).ok_or(NoCurrency)
    }
}

/// An amount in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

/// The price of an upgrade, and how it comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProRata {
    /// New yearly price less the old one.
    pub difference: Decimal,
    /// Days from the upgrade to the year's end, both included.
    pub days: u32,
    /// Days of the whole year.
    pub days_of_year: u32,
    /// `difference * days / days_of_year`, to the cent.
    pub amount: Decimal,
}

/// What going from one yearly price to another costs on a day of the year; none on other days, or when the
/// figures are beyond what decimals hold.
///
/// Half a cent is rounded away from zero. So a tier that is larger and cheaper gives back exactly what the
/// opposite change would cost, as a negative amount.
pub fn price(old_yearly: Decimal, new_yearly: Decimal, on: NaiveDate, year: &LicenseYear) -> Option<ProRata> {
    let (days, days_of_year) = (year.days_from(on)?, year.days());
    let difference = new_yearly.checked_sub(old_yearly)?;
    // multiplied first: the division is the only step that is not exact
    let exact = difference.checked_mul(Decimal::from(days))?.checked_div(Decimal::from(days_of_year))?;
    let mut amount = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    amount.rescale(2);
    Some(ProRata { difference, days, days_of_year, amount })
}

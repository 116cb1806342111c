//! The offer of an upgrade: the next tier, and what it costs for the rest of the license year.

use rust_decimal::Decimal;

use super::{Root, Tier, Years};
use crate::domain::license_year::LicenseYear;
use crate::domain::pro_rata::{self, ProRata};

/// The next tier and its price.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The tier.
    pub tier: Tier,
    /// The limit now.
    pub user_limit: i32,
    /// The yearly price now.
    pub yearly_price: Decimal,
    /// How the price comes about.
    pub price: ProRata,
}

/// Why there is no offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoOffer {
    /// Nothing is agreed on.
    NoAgreement,
    /// The license year is over.
    Ended,
    /// The agreement has no price to compare with.
    NoPrice,
    /// Nothing larger is sold in the currency of the agreement.
    NoHigherTier,
}

/// The smallest tier above the limit, in the currency of the agreement.
pub fn offer(root: &Root, years: &Years, tiers: &[Tier]) -> Result<Offer, NoOffer> {
    let year = match (years.running(root), &years.current) {
        (Some(year), _) => year,
        (None, Some(_)) => return Err(NoOffer::Ended),
        (None, None) => return Err(NoOffer::NoAgreement),
    };
    let (yearly_price, currency) = year.price().ok_or(NoOffer::NoPrice)?;
    let higher = tiers.iter().filter(|tier| tier.user_limit > year.user_limit && tier.currency == currency);
    let tier = higher.min_by_key(|tier| tier.user_limit).ok_or(NoOffer::NoHigherTier)?.clone();
    let days = LicenseYear::beginning(year.starts_on);
    let price = pro_rata::price(yearly_price, tier.yearly_price, root.today, &days).ok_or(NoOffer::NoPrice)?;
    Ok(Offer { tier, user_limit: year.user_limit, yearly_price, price })
}

//! The terms of a license year as they are typed, and as somebody wants them.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::queries::{Tier, Year};
use crate::domain::pro_rata::Currency;
use crate::ids::TierId;
use crate::web::form::{self, Problems};
use crate::web::format;
use crate::web::meanwhile::{self, Versioned};

/// Chosen for a limit that is no tier's.
pub const OWN_LIMIT: &str = "own";

/// The fields as they are sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsForm {
    /// The first day of the license year, of a first agreement.
    pub starts_on: String,
    /// A tier's id, or [`OWN_LIMIT`].
    pub tier: String,
    /// The limit, when it is no tier's.
    pub user_limit: String,
    /// The agreed price.
    pub yearly_price: String,
    /// Its currency.
    pub currency: String,
    /// How often a license may be used again.
    pub re_uses: String,
    /// What was edited.
    pub version: String,
}

/// Terms as somebody wants them.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The tier; none: a limit of its own.
    pub tier: Option<TierId>,
    /// The limit.
    pub user_limit: i32,
    /// The price of a year.
    pub price: Option<(Decimal, Currency)>,
    /// How often a license may be used again.
    pub re_uses_per_license: i32,
}

impl Versioned for TermsForm {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("tier", "Tier"),
        ("user_limit", "User limit"),
        ("yearly_price", "Agreed yearly price"),
        ("currency", "Currency"),
        ("re_uses", "Re-uses per license"),
    ];
    const TOGETHER: &'static [&'static str] = &["tier", "user_limit", "yearly_price", "currency"];

    fn version(&self) -> &str {
        &self.version
    }

    fn normal(field: &str, text: String) -> String {
        form::normal_money(field, text)
    }
}

impl Terms {
    /// The year has these terms already.
    pub fn are_of(&self, year: &Year) -> bool {
        let price = self.price.map(|(amount, currency)| (amount, currency.to_string()));
        self.tier == year.tier_id
            && self.user_limit == year.user_limit
            && self.re_uses_per_license == year.re_uses_per_license
            && price == year.yearly_price.zip(year.currency.clone())
    }
}

impl TermsForm {
    /// For a first agreement.
    pub fn first(today: NaiveDate, user_limit: Option<i32>) -> TermsForm {
        TermsForm {
            starts_on: today.to_string(),
            user_limit: user_limit.map(|limit| limit.to_string()).unwrap_or_default(),
            tier: if user_limit.is_some() { OWN_LIMIT.to_owned() } else { String::new() },
            re_uses: "3".to_owned(),
            ..TermsForm::default()
        }
    }

    /// What is agreed on now. A price that is the tier's stays empty, so that it follows when another is chosen.
    pub fn of(year: &Year, tiers: &[Tier]) -> TermsForm {
        let tier = year.tier_id.and_then(|id| tiers.iter().find(|tier| tier.id == id));
        let is_usual = tier.is_some_and(|tier| year.price() == Some((tier.yearly_price, tier.currency.as_str())));
        let price = year.yearly_price.filter(|_| !is_usual);
        let mut form = TermsForm {
            tier: tier.map_or_else(|| OWN_LIMIT.to_owned(), |tier| tier.id.to_string()),
            user_limit: if tier.is_some() { String::new() } else { year.user_limit.to_string() },
            yearly_price: price.map(format::amount).unwrap_or_default(),
            currency: price.and(year.currency.clone()).unwrap_or_default(),
            re_uses: year.re_uses_per_license.to_string(),
            ..TermsForm::default()
        };
        form.version = meanwhile::version(&form, &year.terms());
        form
    }

    /// The first day, with what is wrong with it.
    pub fn first_day(&self, today: NaiveDate, problems: &mut Problems) -> Option<NaiveDate> {
        match form::date(&self.starts_on) {
            Err(problem) => problems.add("starts_on", problem),
            Ok(None) => problems.add("starts_on", "Enter the first day of the license year."),
            Ok(Some(day)) if (day - today).num_days() > 3 * 366 => {
                problems.add("starts_on", "The first day is at most three years ahead.");
            }
            Ok(Some(day))
                if day < today && crate::domain::license_year::LicenseYear::beginning(day).ends_on() < today =>
            {
                problems.add("starts_on", "That license year is over already. Enter the first day of the current one.");
            }
            Ok(Some(day)) => return Some(day),
        }
        None
    }

    /// The terms, with all that is wrong at once.
    pub fn terms(&self, tiers: &[Tier], problems: &mut Problems) -> Option<Terms> {
        let before = problems.iter().count();
        let tier = tiers.iter().find(|tier| tier.id.to_string() == self.tier);
        if tier.is_none() && self.tier != OWN_LIMIT {
            problems.add("tier", "Choose a tier, or a limit of its own.");
        }
        let typed_limit = form::count(&self.user_limit).unwrap_or_else(|problem| {
            problems.add("user_limit", problem);
            None
        });
        let user_limit = match (tier, typed_limit) {
            (Some(tier), Some(limit)) if limit != tier.user_limit => {
                let count = format::grouped(i64::from(tier.user_limit));
                problems.add(
                    "user_limit",
                    format!("{} has {count} users. Leave this empty, or choose a limit of its own.", tier.name),
                );
                None
            }
            (Some(tier), _) => Some(tier.user_limit),
            (None, None) if problems.of("user_limit").is_none() && self.tier == OWN_LIMIT => {
                problems.add("user_limit", "Enter how many users may be active at once.");
                None
            }
            (None, limit) => limit,
        };
        let price = self.price(tier, problems);
        let re_uses = match form::count(&self.re_uses) {
            Ok(Some(times)) if times <= 1000 => Some(times),
            Ok(None) => {
                problems.add("re_uses", "Enter how often a license may be used again; 0 when it may not.");
                None
            }
            _ => {
                problems.add("re_uses", "Enter a whole number from 0 to 1,000.");
                None
            }
        };
        if problems.iter().count() > before {
            return None;
        }
        Some(Terms { tier: tier.map(|tier| tier.id), user_limit: user_limit?, price, re_uses_per_license: re_uses? })
    }

    fn price(&self, tier: Option<&Tier>, problems: &mut Problems) -> Option<(Decimal, Currency)> {
        let amount = form::amount(&self.yearly_price).unwrap_or_else(|problem| {
            problems.add("yearly_price", problem);
            None
        });
        let typed = self.currency.trim().to_uppercase();
        let currency: Option<Currency> = match (typed.as_str(), tier) {
            ("", Some(tier)) => tier.currency.parse().ok(),
            ("", None) if amount.is_some() => {
                problems.add("currency", "Enter the currency of the price, such as GBP.");
                None
            }
            ("", None) => None,
            (typed, _) => {
                typed.parse().map_err(|_| problems.add("currency", "A currency is three letters, such as GBP.")).ok()
            }
        };
        let usual = tier.map(|tier| (tier.yearly_price, tier.currency.as_str()));
        match (amount, currency, usual) {
            (Some(amount), Some(currency), _) => Some((amount, currency)),
            (None, Some(currency), Some((usual, its))) if currency.as_str() == its => Some((usual, currency)),
            (None, Some(_), _) if problems.of("yearly_price").is_none() => {
                problems.add("yearly_price", "Enter the price in this currency, or leave both empty.");
                None
            }
            _ => None,
        }
    }
}

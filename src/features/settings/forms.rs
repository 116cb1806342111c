//! What is typed about settings and tiers, and what becomes of it.

use lettre::message::Mailbox;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::queries::{Settings, TierRow};
use crate::domain::pro_rata::Currency;
use crate::web::form::{self, Problems};
use crate::web::format;
use crate::web::meanwhile::{self, Versioned};

/// The fields as they are sent. A box that is not ticked is not sent; another field that is not sent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    /// "Admin vertical navigation bar": empty where the box is not ticked.
    pub vertical_navigation: String,
    /// Days.
    pub restore_window: Option<String>,
    /// Percent.
    pub import_threshold: Option<String>,
    /// Percentages, with commas between them.
    pub warnings: Option<String>,
    /// "Name <address>".
    pub mail_sender: Option<String>,
    /// What the form was filled with; empty for whoever does not care.
    pub version: String,
}

impl Versioned for SettingsForm {
    const FIELDS: &'static [(&'static str, &'static str)] = &[
        ("vertical_navigation", "Admin vertical navigation bar"),
        ("restore_window", "Days to restore deleted users"),
        ("import_threshold", "Percent of users a synchronization may delete"),
        ("warnings", "Percentages of a limit to warn at"),
        ("mail_sender", "Mail is from"),
    ];

    fn version(&self) -> &str {
        &self.version
    }
}

impl SettingsForm {
    /// What is stored now.
    pub fn of(settings: &Settings) -> SettingsForm {
        let percents: Vec<String> = settings.warning_percents.iter().flatten().map(i32::to_string).collect();
        let mut form = SettingsForm {
            vertical_navigation: if settings.vertical_navigation { "on".to_owned() } else { String::new() },
            restore_window: Some(settings.restore_window_days.to_string()),
            import_threshold: Some(settings.import_threshold_percent.to_string()),
            warnings: Some(percents.join(", ")),
            mail_sender: Some(settings.mail_sender.clone().unwrap_or_default()),
            version: String::new(),
        };
        form.version = meanwhile::version(&form, &settings.named());
        form
    }

    /// The settings as wanted, or everything that is wrong at once.
    pub fn parse(&self, now: &Settings) -> Result<Settings, Problems> {
        let mut problems = Problems::default();
        let mut wanted = Settings { vertical_navigation: !self.vertical_navigation.is_empty(), ..now.clone() };
        if let Some(text) = &self.restore_window {
            match form::count(text) {
                Ok(Some(days)) if days <= 30 => wanted.restore_window_days = days,
                _ => problems.add("restore_window", "Enter a number of days from 0 to 30."),
            }
        }
        if let Some(text) = &self.import_threshold {
            match form::count(text) {
                Ok(Some(percent)) if percent <= 100 => wanted.import_threshold_percent = percent,
                _ => problems.add("import_threshold", "Enter a percentage from 0 to 100, without decimals."),
            }
        }
        if let Some(text) = &self.warnings {
            match percents(text) {
                Some(percents) => wanted.warning_percents = percents.into_iter().map(Some).collect(),
                None => {
                    problems
                        .add("warnings", "Enter up to ten whole percentages from 1 to 100, such as 80, 90, 95, 100.");
                }
            }
        }
        match self.mail_sender.as_deref().map(str::trim) {
            None => {}
            Some("") => wanted.mail_sender = None,
            Some(sender) => match sender.parse::<Mailbox>() {
                Ok(mailbox) if sender.chars().count() <= 300 && !sender.contains(char::is_control) => {
                    wanted.mail_sender = Some(mailbox.to_string());
                }
                _ => problems.add("mail_sender", "Enter an address such as Licenses <licenses@example.com>."),
            },
        }
        if problems.is_empty() { Ok(wanted) } else { Err(problems) }
    }
}

/// Percentages in order, each once.
fn percents(text: &str) -> Option<Vec<i32>> {
    let mut percents: Vec<i32> = text
        .split([',', ' ', ';'])
        .filter(|part| !part.is_empty())
        .map(|part| part.trim_end_matches('%').parse().ok().filter(|percent| (1..=100).contains(percent)))
        .collect::<Option<_>>()?;
    percents.sort_unstable();
    percents.dedup();
    (percents.len() <= 10).then_some(percents)
}

/// The fields of a tier.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TierForm {
    /// Its name.
    pub name: String,
    /// Its limit.
    pub user_limit: String,
    /// For a year.
    pub yearly_price: String,
    /// Of the price.
    pub currency: String,
    /// What the form was filled with; empty for whoever does not care.
    pub version: String,
}

/// A tier as somebody wants it.
#[derive(Debug, Clone)]
pub struct WantedTier {
    /// Its name.
    pub name: String,
    /// Its limit.
    pub user_limit: i32,
    /// For a year.
    pub yearly_price: Decimal,
    /// Of the price.
    pub currency: Currency,
}

impl Versioned for TierForm {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("name", "Name"), ("user_limit", "User limit"), ("yearly_price", "Yearly price"), ("currency", "Currency")];
    const TOGETHER: &'static [&'static str] = &["yearly_price", "currency"];

    fn version(&self) -> &str {
        &self.version
    }

    fn normal(field: &str, text: String) -> String {
        form::normal_money(field, text)
    }
}

impl TierForm {
    /// What is stored now.
    pub fn of(tier: &TierRow) -> TierForm {
        let mut form = TierForm {
            name: tier.name.clone(),
            user_limit: tier.user_limit.to_string(),
            yearly_price: format::amount(tier.yearly_price),
            currency: tier.currency.clone(),
            version: String::new(),
        };
        form.version = meanwhile::version(&form, &tier.state());
        form
    }

    /// Everything that is wrong at once, or what is wanted.
    pub fn parse(&self) -> Result<WantedTier, Problems> {
        let mut problems = Problems::default();
        let name = form::line(&self.name);
        if name.is_empty() || name.chars().count() > 100 {
            problems.add("name", "Enter a name of at most 100 characters.");
        }
        let user_limit = form::count(&self.user_limit).and_then(|limit| limit.ok_or("Enter the user limit."));
        let user_limit = user_limit.map_err(|problem| problems.add("user_limit", problem));
        let price = form::amount(&self.yearly_price).and_then(|price| price.ok_or("Enter the yearly price."));
        let price = price.map_err(|problem| problems.add("yearly_price", problem));
        let currency = self.currency.trim().to_uppercase().parse();
        let currency = currency.map_err(|_| problems.add("currency", "A currency is three letters, such as GBP."));
        match (user_limit, price, currency) {
            (Ok(user_limit), Ok(yearly_price), Ok(currency)) if problems.is_empty() => {
                Ok(WantedTier { name, user_limit, yearly_price, currency })
            }
            _ => Err(problems),
        }
    }
}

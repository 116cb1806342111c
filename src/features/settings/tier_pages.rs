//! Tiers as they are shown.

use askama::Template;

use super::forms::TierForm;
use super::queries::TierRow;
use crate::web::form::{Field, Problems};
use crate::web::format::{counted, grouped, money};
use crate::web::meanwhile::{Meanwhile, Versioned};
use crate::web::page::Chrome;

/// GET `/settings/tiers`.
#[derive(Template)]
#[template(path = "settings/tiers.html")]
pub struct ListPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What was just done.
    pub done: Option<&'static str>,
    /// The tiers.
    pub rows: Vec<Row>,
}

/// A tier.
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its limit.
    pub user_limit: String,
    /// Its price.
    pub price: String,
    /// "3 license years".
    pub agreements: String,
    /// It is no longer sold.
    pub retired: bool,
    /// Its page.
    pub address: String,
}

impl ListPage {
    /// The list.
    pub fn new(chrome: Chrome, tiers: Vec<TierRow>, saved: &str) -> ListPage {
        let done = match saved {
            "added" => Some("The tier is added"),
            "edited" => Some("The tier is saved"),
            "retired" => Some("The tier is retired"),
            _ => None,
        };
        ListPage { chrome, done, rows: tiers.into_iter().map(Row::from).collect() }
    }
}

impl From<TierRow> for Row {
    fn from(tier: TierRow) -> Row {
        Row {
            address: format!("/settings/tiers/{}", tier.id),
            user_limit: grouped(i64::from(tier.user_limit)),
            price: money(tier.yearly_price, &tier.currency),
            agreements: match tier.agreements.unsigned_abs() {
                0 => "no license year".to_owned(),
                years => counted(years, "license year", "license years"),
            },
            retired: tier.is_retired,
            name: tier.name,
        }
    }
}

/// GET `/settings/tiers/new`, GET and POST `/settings/tiers/{tier_id}`.
#[derive(Template)]
#[template(path = "settings/tier.html")]
pub struct TierPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// Somebody else has edited it since the form was made.
    pub meanwhile: Option<Meanwhile>,
    /// What the form is filled with.
    pub version: String,
    /// Above the form.
    pub heading: &'static str,
    /// Where the form goes.
    pub action: String,
    /// The fields.
    pub fields: [Field; 4],
    /// It can be retired, by this address.
    pub retire: Option<String>,
}

impl TierPage {
    /// The form as typed, or as it is filled at first.
    pub fn new(chrome: Chrome, tier: Option<&TierRow>, form: &TierForm, problems: &Problems) -> TierPage {
        let field = |name| form.field(name).required().with(problems);
        let address = tier.map(|tier| format!("/settings/tiers/{}", tier.id));
        TierPage {
            chrome,
            problems: problems.clone(),
            meanwhile: None,
            version: form.version.clone(),
            heading: if tier.is_some() { "Edit a tier" } else { "Add a tier" },
            retire: address
                .as_ref()
                .filter(|_| tier.is_some_and(|tier| !tier.is_retired))
                .map(|to| format!("{to}/retire")),
            action: address.unwrap_or_else(|| "/settings/tiers".to_owned()),
            fields: [
                field("name"),
                field("user_limit").hint("How many users may be active at once."),
                field("yearly_price").hint("Such as 31,200.00. License years that are agreed on keep their price."),
                field("currency").hint("Three letters, such as GBP."),
            ],
        }
    }
}

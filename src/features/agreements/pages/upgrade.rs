//! The offer of an upgrade, worked out line by line.

use askama::Template;

use crate::features::agreements::queries::{NoOffer, Offer, Root};
use crate::web::format::{day, grouped, grouped_count, money};
use crate::web::page::Chrome;

/// GET and POST `/organisations/{root_id}/upgrade`.
#[derive(Template)]
#[template(path = "agreements/upgrade.html")]
pub struct UpgradePage {
    /// The page chrome.
    pub chrome: Chrome,
    /// The root's name.
    pub name: String,
    /// Its report.
    pub report: String,
    /// The agreement.
    pub back: String,
    /// Where the form goes.
    pub action: String,
    /// Another offer was shown before.
    pub changed: bool,
    /// The offer.
    pub offer: Option<OfferShown>,
    /// Why there is none.
    pub none: Option<(&'static str, &'static str)>,
    /// The reader may accept it.
    pub may_accept: bool,
}

/// An offer as it is shown.
pub struct OfferShown {
    /// The tier.
    pub tier: String,
    /// Its limit.
    pub user_limit: String,
    /// The limit now.
    pub old_limit: String,
    /// Lines of the calculation: what, and how much.
    pub lines: Vec<(String, String)>,
    /// What it costs.
    pub amount: String,
    /// What the form carries.
    pub carried: [(&'static str, String); 3],
}

impl OfferShown {
    fn new(root: &Root, offer: &Offer) -> OfferShown {
        let currency = offer.tier.currency.as_str();
        let price = &offer.price;
        let lines = vec![
            (format!("New yearly price, {}", offer.tier.name), money(offer.tier.yearly_price, currency)),
            ("Yearly price now".to_owned(), money(offer.yearly_price, currency)),
            ("Difference for a year".to_owned(), money(price.difference, currency)),
            (
                format!("Days left, {} included", day(root.today)),
                format!("{} of {}", grouped_count(price.days.into()), grouped_count(price.days_of_year.into())),
            ),
        ];
        OfferShown {
            tier: offer.tier.name.clone(),
            user_limit: grouped(i64::from(offer.tier.user_limit)),
            old_limit: grouped(i64::from(offer.user_limit)),
            lines,
            amount: money(price.amount, currency),
            carried: [
                ("tier", offer.tier.id.to_string()),
                ("price", price.amount.to_string()),
                ("on", root.today.to_string()),
            ],
        }
    }
}

impl UpgradePage {
    /// The page.
    pub fn new(
        chrome: Chrome,
        root: &Root,
        offer: Result<Offer, NoOffer>,
        may_accept: bool,
        changed: bool,
    ) -> UpgradePage {
        let (offer, none) = match offer {
            Ok(offer) => (Some(OfferShown::new(root, &offer)), None),
            Err(none) => (None, Some(why(none))),
        };
        UpgradePage {
            chrome,
            name: root.name.clone(),
            report: format!("/organisations/{}/licenses", root.id),
            back: format!("/organisations/{}/agreement", root.id),
            action: format!("/organisations/{}/upgrade", root.id),
            changed,
            offer,
            none,
            may_accept,
        }
    }
}

fn why(none: NoOffer) -> (&'static str, &'static str) {
    match none {
        NoOffer::NoAgreement => {
            ("There is no license year to upgrade", "Nothing is agreed on yet, or it has not begun.")
        }
        NoOffer::Ended => {
            ("The license year is over", "An upgrade is for the rest of a license year. Renew the agreement instead.")
        }
        NoOffer::NoPrice => (
            "No price was agreed on",
            "What an upgrade costs is worked out from the yearly price now, and this agreement has none.",
        ),
        NoOffer::NoHigherTier => (
            "There is no larger tier",
            "The agreement has the largest limit that is sold in its currency. More is a matter of the agreement itself.",
        ),
    }
}

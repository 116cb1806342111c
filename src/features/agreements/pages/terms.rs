//! The form of terms.

use askama::Template;

use crate::features::agreements::queries::{Root, Tier, Years};
use crate::features::agreements::terms::{OWN_LIMIT, TermsForm};
use crate::web::form::{Choice, Field, Problems};
use crate::web::format::{day, grouped, money};
use crate::web::meanwhile::{Meanwhile, Versioned};
use crate::web::page::Chrome;

/// Which license year the form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The current one, or the first one.
    Current,
    /// The one after it.
    Next,
}

impl Target {
    /// Above the form.
    pub fn heading(self, is_first: bool) -> &'static str {
        match (self, is_first) {
            (Target::Current, true) => "Agree on a license year",
            (Target::Current, false) => "Change the terms",
            (Target::Next, _) => "Renew the agreement",
        }
    }

    /// What the next page says.
    pub fn saved(self, is_first: bool) -> &'static str {
        match (self, is_first) {
            (Target::Current, true) => "agreed",
            (Target::Current, false) => "changed",
            (Target::Next, _) => "renewed",
        }
    }
}

/// GET and POST `/organisations/{root_id}/agreement/terms` and `…/renewal`.
#[derive(Template)]
#[template(path = "agreements/terms.html")]
pub struct TermsPage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// Somebody else changed the terms since the form was filled.
    pub meanwhile: Option<Meanwhile>,
    /// Above the form.
    pub heading: &'static str,
    /// What the button says.
    pub button: &'static str,
    /// Whose, and from when on it counts.
    pub lede: String,
    /// The root's name.
    pub name: String,
    /// Its report.
    pub report: String,
    /// The agreement.
    pub back: String,
    /// Where the form goes.
    pub action: String,
    /// The first day, of a first agreement.
    pub starts_on: Option<Field>,
    /// A tier or a limit of its own.
    pub tier: Choice,
    /// The rest.
    pub fields: [Field; 4],
    /// What was edited.
    pub version: String,
}

impl TermsPage {
    /// The form as typed, or as it is filled at first.
    pub fn new(
        chrome: Chrome,
        target: Target,
        (root, years): (&Root, &Years),
        tiers: &[Tier],
        form: &TermsForm,
        problems: &Problems,
        meanwhile: Option<Meanwhile>,
    ) -> TermsPage {
        let is_first = years.current.is_none() && years.coming.is_none();
        let back = format!("/organisations/{}/agreement", root.id);
        let action = if target == Target::Current { format!("{back}/terms") } else { format!("{back}/renewal") };
        TermsPage {
            chrome,
            problems: problems.clone(),
            heading: target.heading(is_first),
            button: if meanwhile.is_some() { "Save my version" } else { target.heading(is_first) },
            lede: lede(target, root, years),
            name: root.name.clone(),
            report: format!("/organisations/{}/licenses", root.id),
            action,
            back,
            starts_on: is_first.then(|| {
                Field::new("starts_on", "First day of the license year", &form.starts_on)
                    .kind("date")
                    .required()
                    .hint("The license year lasts one year. Its days cannot be changed later.")
                    .with(problems)
            }),
            tier: choice(tiers, &form.tier).with(problems),
            fields: [
                form.field("user_limit").hint("Only for a limit of its own; a tier brings its limit.").with(problems),
                form.field("yearly_price")
                    .hint("Empty: the price of the tier; with a limit of its own: no price.")
                    .with(problems),
                form.field("currency").hint("Three letters, such as GBP.").with(problems),
                form.field("re_uses")
                    .required()
                    .hint("How often a license may pass to another person in the license year.")
                    .with(problems),
            ],
            version: form.version.clone(),
            meanwhile,
        }
    }
}

const OWN_LIMIT_WORDS: &str = "A limit of its own";

fn tier_words(tier: &Tier) -> String {
    let limit = grouped(i64::from(tier.user_limit));
    format!("{}: {limit} users, {} a year", tier.name, money(tier.yearly_price, &tier.currency))
}

/// What stands in a field, for people.
pub fn words(tiers: &[Tier], field: &str, text: &str) -> String {
    match field {
        "tier" if text == OWN_LIMIT => OWN_LIMIT_WORDS.to_owned(),
        "tier" => tiers.iter().find(|tier| tier.id.to_string() == text).map(tier_words).unwrap_or_default(),
        _ => text.to_owned(),
    }
}

fn choice(tiers: &[Tier], chosen: &str) -> Choice {
    let head = [(String::new(), "Choose a tier".to_owned())];
    let rest = tiers.iter().map(|tier| (tier.id.to_string(), tier_words(tier)));
    let own = [(OWN_LIMIT.to_owned(), OWN_LIMIT_WORDS.to_owned())];
    Choice::new("tier", TermsForm::label("tier"), head.into_iter().chain(rest).chain(own), chosen)
}

fn lede(target: Target, root: &Root, years: &Years) -> String {
    let name = &root.name;
    match (target, &years.current, &years.coming) {
        (Target::Next, Some(current), _) => {
            let first = crate::domain::license_year::LicenseYear::beginning(current.starts_on).next();
            format!("{name}: license year {} to {}", day(first.starts_on()), day(first.ends_on()))
        }
        (_, Some(year), _) if year.ends_on < root.today => {
            format!("{name}: the license year ended on {}; its limit is still in force", day(year.ends_on))
        }
        (_, Some(year), _) => format!("{name}: from now on until {}", day(year.ends_on)),
        (_, None, Some(year)) => format!("{name}: license year {} to {}", day(year.starts_on), day(year.ends_on)),
        (_, None, None) => name.clone(),
    }
}

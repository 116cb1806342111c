//! The form of a permitted overage.

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::features::agreements::commands::Permit;
use crate::features::agreements::queries::{Root, Year};
use crate::web::form::{self, Field, Problems};
use crate::web::format::{day, grouped};
use crate::web::meanwhile::{self, Meanwhile, Versioned};
use crate::web::page::Chrome;

/// The fields as they are sent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OverageForm {
    extra_users: String,
    from: String,
    until: String,
    /// What was edited.
    pub version: String,
}

impl Versioned for OverageForm {
    const FIELDS: &'static [(&'static str, &'static str)] =
        &[("extra_users", "Users above the limit"), ("from", "From"), ("until", "Up to and including")];
    const TOGETHER: &'static [&'static str] = &["extra_users", "from", "until"];

    fn version(&self) -> &str {
        &self.version
    }
}

impl OverageForm {
    /// What is permitted now.
    pub fn of(year: &Year) -> OverageForm {
        let text = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let mut form = OverageForm {
            extra_users: if year.extra_users > 0 { year.extra_users.to_string() } else { String::new() },
            from: text(year.extra_users_from),
            until: text(year.extra_users_until),
            version: String::new(),
        };
        form.version = meanwhile::version(&form, &year.permitted());
        form
    }

    /// What is wanted; none: no overage is permitted.
    pub fn parse(&self) -> Result<Option<Permit>, Problems> {
        let mut problems = Problems::default();
        let extra = form::count(&self.extra_users).map_err(|problem| problems.add("extra_users", problem));
        let from = form::date(&self.from).map_err(|problem| problems.add("from", problem));
        let until = form::date(&self.until).map_err(|problem| problems.add("until", problem));
        let (Ok(extra), Ok(from), Ok(until)) = (extra, from, until) else { return Err(problems) };
        let Some(extra_users) = extra.filter(|extra| *extra > 0) else { return Ok(None) };
        match (from, until) {
            (Some(from), Some(until)) if from <= until => return Ok(Some(Permit { extra_users, from, until })),
            (Some(_), Some(_)) => problems.add("until", "The last day is before the first."),
            (from, until) => {
                if from.is_none() {
                    problems.add("from", "Enter the first day.");
                }
                if until.is_none() {
                    problems.add("until", "Enter the last day.");
                }
            }
        }
        Err(problems)
    }
}

/// GET and POST `/organisations/{root_id}/agreement/overage`.
#[derive(Template)]
#[template(path = "agreements/overage.html")]
pub struct OveragePage {
    /// The page chrome.
    pub chrome: Chrome,
    /// What is wrong.
    pub problems: Problems,
    /// Somebody else changed the terms since the form was filled.
    pub meanwhile: Option<Meanwhile>,
    /// Whose, and the license year.
    pub lede: String,
    /// The root's name.
    pub name: String,
    /// Its report.
    pub report: String,
    /// The agreement.
    pub back: String,
    /// The fields.
    pub fields: [Field; 3],
    /// What was edited.
    pub version: String,
}

impl OveragePage {
    /// The form as typed, or as it is filled at first.
    pub fn new(
        chrome: Chrome,
        root: &Root,
        year: &Year,
        form: &OverageForm,
        problems: &Problems,
        meanwhile: Option<Meanwhile>,
    ) -> OveragePage {
        let limit = grouped(i64::from(year.user_limit));
        OveragePage {
            chrome,
            problems: problems.clone(),
            meanwhile,
            lede: format!(
                "{}: user limit {limit}, license year {} to {}",
                root.name,
                day(year.starts_on),
                day(year.ends_on)
            ),
            name: root.name.clone(),
            report: format!("/organisations/{}/licenses", root.id),
            back: format!("/organisations/{}/agreement", root.id),
            fields: [
                form.field("extra_users").or_else().hint("Empty or 0: no overage is permitted.").with(problems),
                form.field("from").kind("date").or_else().with(problems),
                form.field("until").kind("date").or_else().with(problems),
            ],
            version: form.version.clone(),
        }
    }
}

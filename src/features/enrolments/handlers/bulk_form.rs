//! What is sent with a change of many enrolments, beside the list.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::AppError;
use crate::features::enrolments::change::{Change, Kind};
use crate::features::enrolments::pages::bulk::Typed;
use crate::web::form::{Problems, date, line, number};
use crate::web::looked::Looked;
use crate::web::selection::says_yes;

/// The longest result of a completion, in characters.
const LONGEST_RESULT: usize = 100;

/// The fields beside those of the list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    expires_on: Option<String>,
    due_on: Option<String>,
    completed_on: Option<String>,
    result: String,
    /// The number of completion records that are lost, typed to confirm.
    confirm: String,
    /// No date at all.
    never: String,
    /// There is no choice of no date at all.
    #[serde(skip)]
    ends: bool,
    /// See [`Looked`].
    seen: Option<String>,
    /// The date whose effect the person saw.
    pub(super) previewed: Option<String>,
}

impl ChangeForm {
    fn date_text(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Expiry => self.expires_on.as_deref(),
            Kind::Due => self.due_on.as_deref(),
            Kind::Completion => self.completed_on.as_deref(),
            Kind::Reset | Kind::Delete => None,
        }
    }

    /// A date was sent, as opposed to the page being opened.
    pub(super) fn says_date(&self, kind: Kind) -> bool {
        self.date_text(kind).is_some()
    }

    /// As typed; a page that was just opened proposes yesterday for an expiry date, today for a completion.
    pub(super) fn typed(&self, kind: Kind, today: NaiveDate) -> Typed {
        let proposed = match kind {
            Kind::Expiry => today.pred_opt(),
            Kind::Completion => Some(today),
            Kind::Due | Kind::Reset | Kind::Delete => None,
        };
        Typed {
            date: match self.date_text(kind) {
                Some(text) => text.to_owned(),
                None => proposed.map(|date| date.to_string()).unwrap_or_default(),
            },
            never: !self.never.is_empty(),
            ends: self.ends,
            result: self.result.clone(),
        }
    }
}

impl ChangeForm {
    /// The number that was typed to confirm.
    pub(super) fn confirmed(&self) -> Option<u64> {
        number(&self.confirm)
    }

    /// All enrolments of somebody expire: there is no box for "no end" then.
    pub(super) fn with_an_end(self) -> ChangeForm {
        ChangeForm { never: String::new(), ends: true, ..self }
    }

    /// A script that says which enrolments and which date it means need not have looked at a page before.
    pub(super) fn says_all(&self, kind: Kind) -> bool {
        self.seen.is_none() && kind == Kind::Expiry
    }

    /// The date has to be said: what a page would propose ends access at once.
    pub(super) fn proposing_nothing(self) -> ChangeForm {
        ChangeForm { expires_on: self.expires_on.or_else(|| Some(String::new())), ..self }
    }

    /// What the person has looked at.
    pub(super) fn looked(&self) -> Option<Looked> {
        self.seen.as_deref()?.parse().ok()
    }
}

/// What a script sends that says which enrolments it means, and has looked at no page before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Unseen {
    ids: Vec<String>,
    all: String,
    // what narrows down the list of users, and not this one
    status: String,
    role: String,
    experience: String,
    signed_in: String,
    idle: String,
}

impl Unseen {
    /// Filters that would be left out.
    fn foreign(&self) -> Option<&'static str> {
        let filters = [
            ("status", &self.status),
            ("role", &self.role),
            ("experience", &self.experience),
            ("signed_in", &self.signed_in),
            ("idle", &self.idle),
        ];
        filters.into_iter().find(|(_, value)| !value.is_empty()).map(|(name, _)| name)
    }

    /// Refuses what cannot be meant.
    pub(super) fn check(&self) -> Result<(), AppError> {
        let refused = if let Some(name) = self.foreign() {
            format!("\u{201c}{name}\u{201d} does not narrow down the enrolments: \u{201c}state\u{201d} does.")
        } else if says_yes(&self.all) == Some(true) && !self.ids.is_empty() {
            "Say either which enrolments by \u{201c}ids\u{201d}, or \u{201c}all\u{201d} that match, not both."
                .to_owned()
        } else {
            return Ok(());
        };
        Err(AppError::Unusable(format!("{refused} Nothing was changed.")))
    }
}

impl Typed {
    /// What the effect that is shown is for.
    pub fn previewed(&self) -> String {
        if self.never { "never".to_owned() } else { self.date.trim().to_owned() }
    }

    /// The change that was typed, or what is wrong with it.
    pub fn change(&self, kind: Kind, today: NaiveDate) -> Result<Change, Problems> {
        let Some(field) = kind.date_field() else {
            return Ok(if kind == Kind::Reset { Change::Reset } else { Change::Delete });
        };
        let date = match date(&self.date) {
            _ if self.never => None,
            Ok(date) => date,
            Err(problem) => return Err(Problems::one(field, problem)),
        };
        match (kind, date) {
            (Kind::Expiry, None) if self.ends => Err(Problems::one(field, "Enter the last day of access.")),
            (Kind::Expiry, None) if !self.never => {
                Err(Problems::one(field, "Enter the last day of access, or tick \u{201c}No end\u{201d}."))
            }
            (Kind::Due, None) if !self.never => {
                Err(Problems::one(field, "Enter the due date, or tick \u{201c}No due date\u{201d}."))
            }
            (Kind::Expiry, date) => Ok(Change::Expiry { date }),
            (Kind::Due, date) => Ok(Change::Due { date }),
            (_, None) => Err(Problems::one(field, "Enter the day on which it was completed.")),
            (_, Some(date)) if date > today => Err(Problems::one(field, "A completion date cannot lie in the future.")),
            (_, Some(date)) => {
                let result = line(&self.result);
                if result.chars().count() > LONGEST_RESULT {
                    let text = format!("A result has at most {LONGEST_RESULT} characters.");
                    return Err(Problems::one("result", text));
                }
                Ok(Change::Completion { date, result: (!result.is_empty()).then_some(result) })
            }
        }
    }
}

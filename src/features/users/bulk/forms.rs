//! The fields beside those of the list.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::PgConnection;
use serde::Deserialize;

use super::{Change, Kind};
use crate::error::AppError;
use crate::features::accounts::organisation_field::{Chosen, choose};
use crate::features::users::queries::earliest_day;
use crate::web::form::{Problems, date, number};
use crate::web::guards::{Allowed, Permission};
use crate::web::looked::Looked;

/// As sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangeForm {
    expires_on: Option<String>,
    /// No expiry.
    never: String,
    /// The organisation to move to: its id or path. "organisation" is a filter of the list.
    move_to: Option<String>,
    /// The number of users, typed to confirm.
    confirm: Option<String>,
    /// Go on without those who cannot be changed.
    leave_out: String,
    /// See [`Looked`].
    seen: Option<String>,
    /// The values whose effect the person saw.
    pub previewed: Option<String>,
}

impl ChangeForm {
    /// The account's last day as typed; a page that was just opened proposes yesterday, which ends it at once.
    pub fn date_text(&self, today: NaiveDate) -> String {
        match &self.expires_on {
            Some(text) => text.clone(),
            None => today.pred_opt().map(|date| date.to_string()).unwrap_or_default(),
        }
    }

    /// The box "No expiry" is ticked.
    pub fn never(&self) -> bool {
        !self.never.is_empty()
    }

    /// The organisation as typed or chosen.
    pub fn organisation_text(&self) -> &str {
        self.move_to.as_deref().unwrap_or_default()
    }

    /// The number as typed.
    pub fn confirm_text(&self) -> &str {
        self.confirm.as_deref().unwrap_or_default()
    }

    /// Those who cannot be changed are left out.
    pub fn leaves_out(&self) -> bool {
        !self.leave_out.is_empty()
    }

    /// The number that was typed to confirm.
    pub fn confirmed(&self) -> Option<u64> {
        number(self.confirm_text())
    }

    /// Values were sent, not only asked for.
    pub fn is_filled(&self) -> bool {
        self.previewed.is_some()
    }

    /// What the person has looked at.
    pub fn looked(&self) -> Option<Looked> {
        self.seen.as_deref()?.parse().ok()
    }

    /// The change that was typed, or what is wrong with it.
    pub fn change<P: Permission>(
        &self,
        conn: &mut PgConnection,
        by: &Allowed<P>,
        kind: Kind,
        now: DateTime<Utc>,
    ) -> Result<Result<Change, Problems>, AppError> {
        let today = earliest_day(conn, by, now)?;
        Ok(match kind {
            Kind::Delete => Ok(Change::Delete),
            Kind::Expiry if self.never() => Ok(Change::Expiry { date: None }),
            Kind::Expiry => match date(&self.date_text(today)) {
                Ok(None) => Err(Problems::one(
                    "expires_on",
                    "Enter the account\u{2019}s last day, or tick \u{201c}No expiry\u{201d}.",
                )),
                Ok(date) => Ok(Change::Expiry { date }),
                Err(problem) => Err(Problems::one("expires_on", problem)),
            },
            Kind::Move => match choose(conn, by, Some(self.organisation_text()))? {
                Chosen::Organisation(organisation) => Ok(Change::Move { to: organisation.id }),
                Chosen::Problem(problem) => Err(Problems::one("move_to", problem)),
                Chosen::NoOrganisation | Chosen::NotAsked => Err(Problems::one("move_to", "Choose an organisation.")),
            },
        })
    }
}

//! The changes and their values.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::OrganisationId;

/// A change of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// The account's last day; none for an account that does not expire.
    Expiry {
        /// The account ends after this day.
        date: Option<NaiveDate>,
    },
    /// Another home organisation.
    Move {
        /// Which one.
        to: OrganisationId,
    },
    /// The people go, and everything that is theirs with them.
    Delete,
}

/// A change without its values: a button of the list, and the page behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SET ACCOUNT EXPIRY.
    Expiry,
    /// MOVE.
    Move,
    /// DELETE.
    Delete,
}

impl Kind {
    /// Where its page is.
    pub fn address(self) -> &'static str {
        match self {
            Kind::Expiry => "/users/account-expiry",
            Kind::Move => "/users/move",
            Kind::Delete => "/users/delete",
        }
    }

    /// The heading of its page.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Expiry => "Set the account expiry",
            Kind::Move => "Move users",
            Kind::Delete => "Delete users",
        }
    }
}

impl Change {
    /// Its values as the form sends them back, so that it is known what the person saw the effect of.
    pub fn key(&self) -> String {
        match self {
            Change::Expiry { date: Some(date) } => date.to_string(),
            Change::Expiry { date: None } => "never".to_owned(),
            Change::Move { to } => to.to_string(),
            Change::Delete => String::new(),
        }
    }
}

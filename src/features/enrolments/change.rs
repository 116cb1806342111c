//! What can be done with many enrolments at once.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A change of enrolments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// The last day of access; none for access without end.
    Expiry {
        /// Access ends after this day.
        date: Option<NaiveDate>,
    },
    /// When the learning experience should be completed.
    Due {
        /// None takes the date away.
        date: Option<NaiveDate>,
    },
    /// A completion record.
    Completion {
        /// When it was completed.
        date: NaiveDate,
        /// With which result; none keeps what there is.
        result: Option<String>,
    },
    /// To begin anew: without completion record and last access.
    Reset,
    /// The enrolments go, and their completion records with them.
    Delete,
}

/// A change without its values: a button, and the page behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SET EXPIRY DATE.
    Expiry,
    /// SET DUE DATE.
    Due,
    /// SET COMPLETION DATE.
    Completion,
    /// RESET.
    Reset,
    /// DELETE.
    Delete,
}

impl Kind {
    /// In the order of the buttons.
    pub const ALL: [Kind; 5] = [Kind::Due, Kind::Expiry, Kind::Completion, Kind::Reset, Kind::Delete];

    /// The last segment of the address.
    pub fn segment(self) -> &'static str {
        match self {
            Kind::Expiry => "expiry",
            Kind::Due => "due",
            Kind::Completion => "completion",
            Kind::Reset => "reset",
            Kind::Delete => "delete",
        }
    }

    /// The button.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Expiry => "SET EXPIRY DATE",
            Kind::Due => "SET DUE DATE",
            Kind::Completion => "SET COMPLETION DATE",
            Kind::Reset => "RESET",
            Kind::Delete => "DELETE",
        }
    }

    /// The heading of its page.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::Expiry => "Set the expiry date",
            Kind::Due => "Set the due date",
            Kind::Completion => "Set the completion date",
            Kind::Reset => "Reset enrolments",
            Kind::Delete => "Delete enrolments",
        }
    }

    /// The name of the field with its date, if it has one.
    pub fn date_field(self) -> Option<&'static str> {
        match self {
            Kind::Expiry => Some("expires_on"),
            Kind::Due => Some("due_on"),
            Kind::Completion => Some("completed_on"),
            Kind::Reset | Kind::Delete => None,
        }
    }

    /// Completion records are lost by it.
    pub fn loses_records(self) -> bool {
        matches!(self, Kind::Reset | Kind::Delete)
    }
}

impl Change {
    /// Which one.
    pub fn kind(&self) -> Kind {
        match self {
            Change::Expiry { .. } => Kind::Expiry,
            Change::Due { .. } => Kind::Due,
            Change::Completion { .. } => Kind::Completion,
            Change::Reset => Kind::Reset,
            Change::Delete => Kind::Delete,
        }
    }

    /// The action in the audit log.
    pub fn action(&self) -> &'static str {
        match self {
            Change::Expiry { .. } => "enrolment.expiry_set",
            Change::Due { .. } => "enrolment.due_set",
            Change::Completion { .. } => "enrolment.completion_set",
            Change::Reset => "enrolment.reset",
            Change::Delete => "enrolment.deleted",
        }
    }

    /// Its date, if it has one.
    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Change::Expiry { date } | Change::Due { date } => *date,
            Change::Completion { date, .. } => Some(*date),
            Change::Reset | Change::Delete => None,
        }
    }
}

/// The dates of a new enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The first day of access.
    pub starts_on: NaiveDate,
    /// The last day of access; none: no end.
    pub expires_on: Option<NaiveDate>,
    /// When it should be completed.
    pub due_on: Option<NaiveDate>,
}

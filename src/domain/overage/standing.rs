//! How a root stands, for those who look after it: the stage of its open episode with the day or the moment that
//! counts, and how long that is to go.

use chrono::{DateTime, NaiveDate, Utc};

use super::{DUE_BUSINESS_DAY, MAJOR_BUSINESS_DAY};
use crate::domain::calendar::Calendar;

/// Within what is allowed, or how far an open episode has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No episode is open.
    Within,
    /// Up to 106 %.
    Minor {
        /// To be dealt with until the end of this day.
        due_on: NaiveDate,
    },
    /// Up to 106 %, past the due day.
    Overdue {
        /// With this day it is major.
        major_on: NaiveDate,
    },
    /// To be upgraded.
    Major {
        /// When.
        due_at: DateTime<Utc>,
    },
    /// Major, and there is no tier to upgrade to.
    NoHigherTier,
}

/// How long there is to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Business days after today.
    BusinessDays(u32),
    /// Clock hours, the last one begun counting as one.
    Hours(u32),
}

impl Standing {
    /// From an episode as it is stored; none: no episode is open. A stage that is not known counts as minor.
    pub fn of(stage: &str, notice_on: NaiveDate, major_due_at: Option<DateTime<Utc>>, calendar: &Calendar) -> Standing {
        match (stage, major_due_at) {
            ("major", Some(due_at)) => Standing::Major { due_at },
            ("no_higher_tier", _) => Standing::NoHigherTier,
            ("overdue", _) => Standing::Overdue { major_on: calendar.business_day(notice_on, MAJOR_BUSINESS_DAY) },
            _ => Standing::Minor { due_on: calendar.business_day(notice_on, DUE_BUSINESS_DAY) },
        }
    }

    /// Until the due day is over, until it is major, until the upgrade.
    pub fn left(&self, now: DateTime<Utc>, calendar: &Calendar) -> Option<Left> {
        let days_until = |day| Left::BusinessDays(calendar.business_days_since(calendar.day_of(now), day));
        match self {
            Standing::Within | Standing::NoHigherTier => None,
            Standing::Minor { due_on } => Some(days_until(*due_on)),
            Standing::Overdue { major_on } => Some(days_until(*major_on)),
            Standing::Major { due_at } => {
                let minutes = (*due_at - now).num_minutes().max(0).unsigned_abs();
                Some(Left::Hours(u32::try_from(minutes.div_ceil(60)).unwrap_or(u32::MAX)))
            }
        }
    }
}

//! What account managers and org admins are told about a root's licenses (`domain.md` section 5): the kinds of
//! notices, with their facts. How they are said is `features::notices`.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A larger tier, and what it costs for the rest of the license year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The tier's name.
    pub tier: String,
    /// Its limit.
    pub limit: u32,
    /// The pro-rata price on the day of the notice.
    pub price: Decimal,
    /// Of the price: three capital letters.
    pub currency: String,
}

/// Why an overage is major.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// More than 106 % of what is allowed.
    Above106,
    /// For more than 20 business days.
    TooLong,
}

/// One piece of news. The figures are those of the moment that it tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// A percentage of the limit was reached.
    LimitWarning {
        /// Which.
        percent: u8,
        /// Active users.
        used: u64,
        /// The limit.
        limit: u32,
    },
    /// Enrolments that are scheduled will exceed what is allowed.
    LimitCrossing {
        /// The first day of that.
        on: NaiveDate,
        /// Active users then.
        used: u64,
        /// Allowed then.
        allowed: u64,
    },
    /// More are used than allowed, by at most 6 %.
    OverageMinor {
        /// Active users.
        used: u64,
        /// Allowed.
        allowed: u64,
        /// To be dealt with until the end of this day.
        due_on: NaiveDate,
    },
    /// That has not been dealt with in time.
    OverageOverdue {
        /// Active users.
        used: u64,
        /// Allowed.
        allowed: u64,
        /// The day on which it will be major.
        major_on: NaiveDate,
        /// The way out; none: there is no larger tier.
        offer: Option<Offer>,
    },
    /// A major overage: the agreement will be upgraded.
    OverageMajor {
        /// Active users.
        used: u64,
        /// Allowed.
        allowed: u64,
        /// Why it is one.
        because: Because,
        /// When.
        due_at: DateTime<Utc>,
        /// To what; none: there is no larger tier.
        offer: Option<Offer>,
    },
    /// Minor again: it will not be upgraded.
    OverageMinorAgain {
        /// Active users.
        used: u64,
        /// Allowed.
        allowed: u64,
        /// The due day, which may have passed.
        due_on: NaiveDate,
    },
    /// No more are used than allowed.
    OverageClosed {
        /// Active users.
        used: u64,
        /// Allowed; none: there is no limit any more.
        allowed: Option<u64>,
    },
    /// The agreement was upgraded after a major overage.
    Upgraded {
        /// Active users.
        used: u64,
        /// The limit before.
        from_limit: u32,
        /// The tier from now on, with the price of the change.
        to: Offer,
    },
    /// It would have been, but there is no larger tier.
    NoHigherTier {
        /// Active users.
        used: u64,
        /// Allowed.
        allowed: u64,
    },
    /// A percentage of the license year's re-uses was reached.
    ReUsesWarning {
        /// Which.
        percent: u8,
        /// Re-uses so far.
        re_uses: u64,
        /// As many as the year allows.
        of: u64,
        /// The year's last day.
        year_ends_on: NaiveDate,
    },
}

/// What a notice is about, to look for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// More are active than allowed.
    Overage,
    /// It may come to that, or re-uses run out.
    Warning,
    /// The agreement was upgraded.
    Upgrade,
}

impl Topic {
    /// All of them.
    pub const ALL: [Topic; 3] = [Topic::Overage, Topic::Warning, Topic::Upgrade];

    /// The name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Topic::Overage => "overage",
            Topic::Warning => "warning",
            Topic::Upgrade => "upgrade",
        }
    }

    /// The topic of that name.
    pub fn from_code(code: &str) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| topic.code() == code)
    }

    /// The kinds of news about it.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Topic::Overage => &[
                "overage_minor",
                "overage_overdue",
                "overage_major",
                "overage_minor_again",
                "overage_closed",
                "no_higher_tier",
            ],
            Topic::Warning => &["limit_warning", "limit_crossing", "re_uses_warning"],
            Topic::Upgrade => &["upgraded"],
        }
    }
}

impl News {
    /// The name of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            News::LimitWarning { .. } => "limit_warning",
            News::LimitCrossing { .. } => "limit_crossing",
            News::OverageMinor { .. } => "overage_minor",
            News::OverageOverdue { .. } => "overage_overdue",
            News::OverageMajor { .. } => "overage_major",
            News::OverageMinorAgain { .. } => "overage_minor_again",
            News::OverageClosed { .. } => "overage_closed",
            News::Upgraded { .. } => "upgraded",
            News::NoHigherTier { .. } => "no_higher_tier",
            News::ReUsesWarning { .. } => "re_uses_warning",
        }
    }
}

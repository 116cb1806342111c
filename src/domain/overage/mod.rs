//! More users than the license agreement allows (`domain.md` section 5): what an episode of overage is,
//! what can happen in it, and when. `advance` is the rule itself.

mod machine;
mod standing;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::license::{Used, UserLimit};
use crate::ids::TierId;

pub use machine::{advance, next_deadline};
pub use standing::{Left, Standing};

/// A minor overage is to be dealt with until the end of this business day.
pub const DUE_BUSINESS_DAY: u32 = 10;
/// With this business day a minor overage has lasted for more than 20 and is major.
pub const MAJOR_BUSINESS_DAY: u32 = 21;
/// Clock hours from a major overage to the upgrade.
pub const HOURS_TO_UPGRADE: i64 = 24;

/// How the usage of a root stands to what is allowed, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Situation {
    /// Up to all that is allowed.
    Within,
    /// Beyond, up to and including 106 %.
    Minor,
    /// More than 106 %.
    Major,
}

/// Compares as integers, never as rounded percentages.
pub fn situation(used: Used, allowed: u64) -> Situation {
    let (used, allowed) = (u128::from(used.0), u128::from(allowed));
    if used <= allowed {
        Situation::Within
    } else if 100 * used <= 106 * allowed {
        Situation::Minor
    } else {
        Situation::Major
    }
}

/// Something changed at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// From now on so many users are active.
    Used(Used),
    /// From now on this is the limit.
    Limit(UserLimit),
}

/// An overage that was permitted in writing, for days in the root's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permitted {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// How many users more than the limit.
    pub extra: u32,
}

/// A step of the ladder that upgrades climb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Which one.
    pub id: TierId,
    /// How many active users it allows.
    pub limit: UserLimit,
}

/// What was agreed upon, apart from the limit itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Overages permitted in writing; those of the same day add up.
    pub permitted: Vec<Permitted>,
    /// The tiers, in any order.
    pub ladder: Vec<Tier>,
}

impl Terms {
    /// The smallest tier above a limit.
    pub fn next_tier(&self, limit: UserLimit) -> Option<Tier> {
        self.ladder.iter().filter(|tier| tier.limit > limit).min_by_key(|tier| (tier.limit, tier.id)).copied()
    }

    /// How many users may be active on a day.
    pub fn allowed_on(&self, limit: UserLimit, day: NaiveDate) -> u64 {
        let lasting = self.permitted.iter().filter(|one| one.from <= day && day <= one.until);
        lasting.fold(u64::from(limit.0), |sum, one| sum.saturating_add(u64::from(one.extra)))
    }
}

/// What is kept of a root between two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Active users at `checked_until`.
    pub used: Used,
    /// The limit at `checked_until`; without one nothing is ever too much.
    pub limit: Option<UserLimit>,
    /// All that happened up to this moment, and at it, has been judged.
    pub checked_until: DateTime<Utc>,
    /// Whether an episode is open.
    pub overage: Overage,
}

/// Whether an episode is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overage {
    /// No.
    Within,
    /// Yes.
    Over(Episode),
}

/// From the moment that usage exceeds what is allowed to the moment that it does no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episode {
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// The day of the notice, which is day 0.
    pub notice_on: NaiveDate,
    /// How far it has come.
    pub stage: Stage,
}

/// How far an episode has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Up to 106 %, not due yet.
    Minor,
    /// Up to 106 %, past the due day.
    Overdue,
    /// To be upgraded.
    Major {
        /// From when on.
        since: DateTime<Utc>,
        /// When the agreement is upgraded, if it is still major then.
        due_at: DateTime<Utc>,
        /// Why.
        cause: Cause,
    },
    /// Major, and the largest tier is not enough.
    NoHigherTier {
        /// When the upgrade would have been.
        since: DateTime<Utc>,
    },
}

/// Why an overage is major.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// More than 106 % of what is allowed.
    Above106,
    /// Minor for more than 20 business days.
    TooLong,
}

/// What happened in an episode. Each is told once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An episode began as a minor one.
    Opened {
        /// The day until whose end it is to be dealt with.
        due_on: NaiveDate,
    },
    /// The due day has passed.
    Overdue {
        /// The day on which it will be major.
        major_on: NaiveDate,
    },
    /// It became major, or began so.
    Major {
        /// Why.
        cause: Cause,
        /// When the agreement will be upgraded.
        due_at: DateTime<Utc>,
    },
    /// It fell back to 106 % or less in time: no upgrade.
    BackToMinor {
        /// The due day of the episode, which may have passed.
        due_on: NaiveDate,
    },
    /// The agreement has another tier now. Closed, Opened or Major follow at the same moment.
    Upgraded {
        /// The limit before.
        from: UserLimit,
        /// The tier from now on.
        to: Tier,
    },
    /// It would have been upgraded, but there is no larger tier.
    NoHigherTier,
    /// No more is used than is allowed.
    Closed {
        /// Because of the upgrade, not because usage fell.
        by_upgrade: bool,
    },
}

/// A step with its moment and the figures of that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated<T> {
    /// When it happened, whenever that was found.
    pub at: DateTime<Utc>,
    /// Active users.
    pub used: Used,
    /// How many were allowed (of an upgrade: before it); none: no limit any more.
    pub allowed: Option<u64>,
    /// What happened.
    pub what: T,
}

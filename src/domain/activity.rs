//! Why a person holds a license today or does not (`domain.md` sections 2 and 3): active on the
//! days on which the account has not expired and an enrolment is live.

use chrono::NaiveDate;

/// Where an enrolment stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Gives access.
    Live,
    /// Begins later.
    Coming,
    /// Has ended, or ends before it would begin and so never gives access.
    Expired,
}

/// The days and the completion of an enrolment, as far as they matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// First day of access.
    pub starts_on: NaiveDate,
    /// Last day of access; none: it does not end.
    pub expires_on: Option<NaiveDate>,
    /// There is a completion record.
    pub completed: bool,
}

impl Term {
    /// Where it stands on a day.
    pub fn standing(&self, today: NaiveDate) -> Standing {
        match self.expires_on {
            Some(end) if end < today || end < self.starts_on => Standing::Expired,
            _ if self.starts_on > today => Standing::Coming,
            _ => Standing::Live,
        }
    }
}

/// What is known about a person's enrolments, summed up, and the account's own last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Live today.
    pub live: u32,
    /// Live today and completed.
    pub completed_live: u32,
    /// Over.
    pub expired: u32,
    /// Not begun yet.
    pub coming: u32,
    /// Last day of the unbroken run of active days that today is in; none: it does not end.
    pub until: Option<NaiveDate>,
    /// First day of the next enrolment that has not begun yet.
    pub next_start: Option<NaiveDate>,
    /// The account's last day.
    pub account_expires_on: Option<NaiveDate>,
}

impl Facts {
    /// Sums the enrolments of one person up.
    pub fn of(terms: &[Term], account_expires_on: Option<NaiveDate>, today: NaiveDate) -> Facts {
        let standing = |wanted: Standing| terms.iter().filter(move |term| term.standing(today) == wanted);
        let count = |wanted| u32::try_from(standing(wanted).count()).unwrap_or(u32::MAX);
        let completed = standing(Standing::Live).filter(|term| term.completed).count();
        Facts {
            live: count(Standing::Live),
            completed_live: u32::try_from(completed).unwrap_or(u32::MAX),
            expired: count(Standing::Expired),
            coming: count(Standing::Coming),
            until: end_of_run(terms, account_expires_on, today),
            next_start: standing(Standing::Coming).map(|term| term.starts_on).min(),
            account_expires_on,
        }
    }
}

/// The last day of the run that begins today: each enrolment that begins during it, or on the day
/// after, may prolong it.
fn end_of_run(terms: &[Term], account_expires_on: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let mut ahead: Vec<&Term> = terms.iter().filter(|term| term.standing(today) != Standing::Expired).collect();
    ahead.sort_unstable_by_key(|term| term.starts_on);
    let mut reached = today.pred_opt();
    for term in ahead {
        let Some(end) = reached else { break };
        if end.succ_opt().is_some_and(|next| term.starts_on > next) {
            break;
        }
        reached = term.expires_on.map(|expires_on| end.max(expires_on));
    }
    match (reached, account_expires_on) {
        (Some(end), Some(last)) => Some(end.min(last)),
        (end, last) => end.or(last),
    }
}

/// Whether a person counts as active, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activity {
    /// Holds a license.
    Active {
        /// Live enrolments; at least one.
        live: u32,
        /// How many of them are completed.
        completed: u32,
        /// The last active day for now; none: no end.
        until: Option<NaiveDate>,
    },
    /// Cannot sign in any more.
    AccountExpired {
        /// The first day without the account.
        since: NaiveDate,
    },
    /// Will hold a license.
    Coming {
        /// Enrolments that have not begun.
        coming: u32,
        /// When the first of them begins.
        on: NaiveDate,
    },
    /// Would hold a license later, but the account ends before.
    ExpiresBefore {
        /// Enrolments that have not begun.
        coming: u32,
        /// When the first of them begins.
        on: NaiveDate,
    },
    /// All enrolments are over.
    Over {
        /// How many; at least one.
        expired: u32,
    },
    /// There is no enrolment.
    NeverEnrolled,
}

impl Activity {
    /// What the facts mean on a day.
    pub fn of(facts: &Facts, today: NaiveDate) -> Activity {
        if let Some(last) = facts.account_expires_on.filter(|last| *last < today) {
            return Activity::AccountExpired { since: last.succ_opt().unwrap_or(last) };
        }
        if facts.live > 0 {
            return Activity::Active { live: facts.live, completed: facts.completed_live, until: facts.until };
        }
        match facts.next_start {
            Some(on) if facts.account_expires_on.is_some_and(|last| last < on) => {
                Activity::ExpiresBefore { coming: facts.coming, on }
            }
            Some(on) => Activity::Coming { coming: facts.coming, on },
            None if facts.expired > 0 => Activity::Over { expired: facts.expired },
            None => Activity::NeverEnrolled,
        }
    }

    /// Holds a license.
    pub fn is_active(&self) -> bool {
        matches!(self, Activity::Active { .. })
    }
}
